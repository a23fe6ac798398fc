"""What the review pages ask of the served tables. :away, :only and :settle are JSON lists of figure ids."""

#: What may be listed: not what was made by correcting another, not what drifted, not what is :away.
_LISTED = """f.drifted = 0 and f.id not in (select figure from decided_figures where judged is not null)
  and (:outcome = '' or f.outcome = :outcome)
  and f.id not in (select value from json_each(:away))"""

_FED = """fed as (
  select ef.figure, count(distinct l.estimate) as estimates
  from estimate_effects l join effect_figures ef on ef.effect = l.effect where l.weight is not null group by ef.figure
)"""

#: Tiers of the queue, what matters most first, each without those before it, walked only as far as is asked.
_WEIGHED = """select f.id from ({which}) i
join figures f on f.id = i.figure join standings t on t.figure = f.id left join fed on fed.figure = f.id
where {listed}
order by f.id in (select value from json_each(:settle)) desc, coalesce(fed.estimates, 0) desc,
  (select min(case v.verdict when 'impossible' then 0 when 'doubtful' then 1 else 2 end) from verdicts v
   where v.figure = f.id), t.basis = 'conflict' desc, f.confidence, f.id"""
_EFFECTIVE = "select figure from effect_figures union select value from json_each(:settle)"
_NOT_WEIGHED = """not exists (select 1 from effect_figures e where e.figure = f.id)
  and f.id not in (select value from json_each(:settle))"""
_VERDICT = """select f.id from verdicts v join figures f on f.id = v.figure join standings t on t.figure = f.id
where v.verdict = '{verdict}' and {listed} and {earlier}
  and v."check" = (select min(w."check") from verdicts w where w.figure = v.figure and w.verdict = '{verdict}')"""
_NOT = "not exists (select 1 from verdicts n where n.figure = f.id and n.verdict = '{}')"
_BEFORE_DOUBTFUL = f"{_NOT_WEIGHED} and {_NOT.format('impossible')}"
_BEFORE_REST = f"{_BEFORE_DOUBTFUL} and {_NOT.format('doubtful')}"
_REST = """select f.id from standings t join figures f on f.id = t.figure
where t.basis {conflict} 'conflict' and {listed} and {earlier}"""

IDS = f"""with {_FED}
select * from ({_WEIGHED.format(which=_EFFECTIVE, listed=_LISTED)})
union all {_VERDICT.format(verdict="impossible", listed=_LISTED, earlier=_NOT_WEIGHED)}
union all {_VERDICT.format(verdict="doubtful", listed=_LISTED, earlier=_BEFORE_DOUBTFUL)}
union all {_REST.format(conflict="=", listed=_LISTED, earlier=_BEFORE_REST)}
union all {_REST.format(conflict="<>", listed=_LISTED, earlier=_BEFORE_REST)}
limit :limit offset :offset"""

#: Figures of a study or a state, by their ids in :only, in the same order.
_CHOSEN = "select value as figure from json_each(:only)"
CHOSEN_IDS = f"""with {_FED} {_WEIGHED.format(which=_CHOSEN, listed=_LISTED)} limit :limit offset :offset"""
OF_STUDY = "select figure from standings where study = :study"

#: The rows of :ids, and why each matters.
ROWS = f"""with {_FED}
select f.*, t.study, t.study_arm, t.basis, t.n as joined_n, t.events as joined_events, t.percent as joined_percent,
  t.months as joined_months, coalesce(fed.estimates, 0) as fed,
  (select max(v.verdict = 'impossible') from verdicts v
   where v.figure = f.id and v.verdict in ('doubtful', 'impossible')) as impossible
from json_each(:ids) i join figures f on f.id = i.value join standings t on t.figure = f.id
left join fed on fed.figure = f.id order by i.key"""

#: How many are listed, and for which reason; without filters from the indexes alone.
TALLY = """select (select count(*) from figures) - (select count(*) from figures where drifted = 1)
  - (select count(*) from decided_figures where judged is not null)
  - (select count(*) from json_each(:away) a join figures f on f.id = a.value) as listed,
  (select count(distinct figure) from verdicts where verdict in ('doubtful', 'impossible')) - (
    select count(distinct v.figure) from json_each(:away) a
    join verdicts v on v.figure = a.value and v.verdict in ('doubtful', 'impossible')) as doubted,
  (select count(*) from standings where basis = 'conflict') - (
    select count(*) from json_each(:away) a
    join standings t on t.figure = a.value and t.basis = 'conflict') as conflicting"""
TALLY_FILTERED = f"""select count(*) as listed,
  coalesce(sum(exists (select 1 from verdicts v where v.figure = f.id and v.verdict in ('doubtful', 'impossible'))), 0)
    as doubted, coalesce(sum(t.basis = 'conflict'), 0) as conflicting
from figures f join standings t on t.figure = f.id
where {_LISTED}"""
TALLY_CHOSEN = TALLY_FILTERED.replace(
    "from figures f join", f"from ({_CHOSEN}) i join figures f on f.id = i.figure join"
)  # fmt: skip
FEEDING = f"""with {_FED} select count(*) as feeding from fed join figures f on f.id = fed.figure
join standings t on t.figure = f.id
where {_LISTED} and (:only is null or f.id in (select value from json_each(:only)))"""

STUDIES = "select id from studies order by id"

OUTCOMES = "select distinct outcome from figures where outcome is not null order by outcome collate nocase"

#: All texts of a document in which figures stand.
TEXTS = """select id, kind, label, text, sha256 from sections
where document = :document and current = 1 and kind in ('title', 'abstract', 'statement', 'body', 'table')
order by position"""

SPANS = """select f.id, f.start, f."end", f.section from figures f
where f.document = :document and f.drifted = 0
  and f.id not in (select figure from decided_figures where judged is not null) order by f.start, f."end", f.id"""

#: Headings of a document, or of its study's papers where the document is a sheet.
MESH = """select m.descriptor, group_concat(m.qualifier, ', ') as qualifiers, max(m.major) as major
from mesh_headings m where m.document = :document
  or m.document in (select id from documents where study = :study) group by m.descriptor order by m.descriptor"""

ARMS = "select name from arms where study = :study order by role = 'other', role desc, name"

DOCUMENT = "select * from documents where id = :id and withdrawn = 0"

CORRECTED = """select p.figure, p.said, f.quote from decided_figures p join figures f on f.id = p.figure
where p.judged = :id"""

#: The correction that a figure was made by leads to the figure that was judged.
JUDGED_FROM = "select judged from decided_figures where figure = :id"

#: How estimates moved for the latest decision on a figure.
MOVES = """select * from moves
where decision = (select decision from moves where figure = :id order by id desc limit 1)
order by estimate not like '%.main', estimate"""

THERE = "select id from estimates where id in (select value from json_each(:ids))"

OUTCOME_TITLES = "select id, title from outcomes"

#: What drifted, what nobody has looked at first.
DRIFTED = """select * from drifted_figures
order by state = 'set aside', document is null, document, start, "end", id limit :limit offset :offset"""
DRIFTED_TALLY = """select count(*) as "all", coalesce(sum(state = 'open'), 0) as open from drifted_figures"""
