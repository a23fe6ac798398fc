"""What the pages ask: each a named question over tables and views.

Questions that others may ask too are views in kb/schema/views.sql.
"""

from kb.store.resolved import NAMED

TOPIC_SEED = "select * from studies where pmid in (select value from json_each(:pmids)) order by id limit 1"
OUTCOMES = "select * from outcomes where in_topic = 1 order by title"
OUTCOME = "select * from outcomes where id = :id"
STUDIES = "select id, title, design, year, role, cohort, pmid from studies order by role desc, year desc, id"
RETRACTED = "select distinct coalesce(study, id) as id, title from documents where retracted = 1 order by 1"
LAST_RUN = "select command, finished_at, ok, message from runs order by rowid desc limit 1"

COUNTS = """select
  (select count(*) from studies) as studies,
  (select count(*) from documents) - (select count(*) from documents where kind = 'sheet') as documents,
  (select count(*) from figures) as figures,
  (select count(*) from verdicts where verdict in ('doubtful', 'impossible')) as doubtful,
  (select count(*) from reviews) as reviews"""

#: What is linked from what was asked for by name and from studies, not from every article.
NEIGHBOURHOOD = f"""select
  l.kind, l.source, count(*) as linked, count(d.id) as fetched
from (
  select distinct l.kind, l.source, l.to_document from ({NAMED}) f cross join links l on l.from_document = f.id
  where l.kind <> 'reports') l
left join documents d on d.id = l.to_document group by l.kind, l.source order by l.kind desc, l.source"""

FINDINGS = "select * from summary_of_findings order by outcome_title, role desc, comparison, months"

SPEAKING_OF_STUDY = """select e.*, o.id as outcome_id, o.title as outcome_title
from evidence e left join outcomes o on o.name = e.outcome
where e.study = :study and +e.speaks = 1  -- the plus: found by study, not among all that speak
order by coalesce(o.title, e.outcome), e.arm, e.months is null, e.months, e.figure"""

#: Figures of known studies first; of the others only so many as are asked for, found in the order of an index.
SPEAKING_OF_OUTCOME = """select * from (
  select e.* from studies y cross join evidence e on e.study = y.id
  where +e.outcome = :name and +e.speaks = 1
  order by y.role desc, e.study, e.arm, e.months is null, e.months, e.figure limit :limit)
union all
select * from (
  select e.* from evidence e
  where e.outcome = :name and e.speaks = 1 and not exists (select 1 from studies y where y.id = e.study)
  order by e.study, e.arm, e.months is null, e.months, e.figure limit :limit)
limit :limit"""

COUNTS_OF_OUTCOME = """select coalesce(sum(speaks), 0) as speaking, coalesce(sum(1 - speaks), 0) as silent
from standings where outcome = :name"""

REANALYSES = "select * from reanalyses where outcome = :outcome order by study, arm, months, analysis, parameter"

#: How sure: the newest rating and what GRADE asks; :ids is a JSON list of estimates.
CERTAINTY = "select * from certainty where estimate in (select value from json_each(:ids))"

OVER_R = "select * from estimates_over_r where estimate = :id order by r"

FIGURE = """select
  f.*, s.label as section_label, s.kind as section_kind, s.text as section_text, s.current as section_current,
  s.sha256 as section_sha256, d.title as document_title, d.pmid, d.year, d.retracted, d.payload,
  d.study as document_study,
  t.study as standing_study, t.study_arm, t.cohort, t.window, t.n as joined_n, t.events as joined_events,
  t.percent as joined_percent, t.derived, t.basis, t.speaks, o.id as outcome_id, o.title as outcome_title
from figures f
join sections s on s.id = f.section
join documents d on d.id = f.document
left join standings t on t.figure = f.id
left join outcomes o on o.name = f.outcome
where f.id = :id"""

FIGURES_OF_SECTION = 'select id, start, "end", quote from figures where section = :section order by start, "end", id'

VERDICTS = """select "check", verdict, reason from verdicts where figure = :id
order by case verdict when 'impossible' then 0 when 'doubtful' then 1 when 'passed' then 2 else 3 end, "check" """

REVIEWS = """select decision, note, reviewer, role, decided_at, state, section_sha256, start, "end" from reviews
where figure = :id or figure = (select judged from decided_figures where figure = :id) order by rowid"""

#: The newest sightings of a payload.
SIGHTINGS = """select source, url, fetched_at from fetches where payload = :payload
order by fetched_at desc, id desc limit 3"""

PAYLOAD_SIZE = "select size from payloads where sha256 = :payload"

FED_BY_FIGURE = """select distinct
  m.id as estimate, m.window, m."set", m.comparison, m.scale, m.estimate as value, m.ci_low, m.ci_high, m.k, ef.role,
  l.weight, l.left_out
from effect_figures ef
join estimate_effects l on l.effect = ef.effect
join estimates m on m.id = l.estimate
where ef.figure = :id
order by m."set" <> 'main', m.id"""

SAME_RESULT = """select e.figure, e.quote, e.source, e.basis, e.url from evidence e
where e.study = :study and e.outcome = :outcome and e.kind = :kind and coalesce(e.arm, '') = coalesce(:arm, '')
  and coalesce(e.window, '') = coalesce(:window, '') and e.figure <> :id
order by e.speaks desc, e.figure"""

#: Figures with their places, for a walk back; :ids is a JSON list.
PLACES = """select
  f.*, s.label as section_label, s.kind as section_kind, d.id as document_id, d.payload, t.n as joined_n,
  t.events as joined_events, t.percent as joined_percent,
  (select min(fetched_at) from fetches where payload = d.payload) as fetched_at
from json_each(:ids) wanted
join figures f on f.id = wanted.value
join sections s on s.id = f.section
join documents d on d.id = f.document
left join standings t on t.figure = f.id"""

MADE = """select m.versions, m.run, r.finished_at, r.vocabulary_sha256
from estimates m left join runs r on r.id = m.run where m.id = :id"""

STUDY = "select * from studies where id = :id"
DOCUMENT = "select * from documents where id = :id"
DOCUMENTS_OF_STUDY = "select * from documents where study = :study order by kind = 'sheet', year, id"
ARMS = "select * from arms where study = :study order by role = 'other', role desc, name"
SECTIONS = """select id, kind, label, text, language from sections
where document = :document and current = 1 and kind <> 'title' order by position"""

COHORTS_OF_STUDY = """select c.*, p.arm from cohorts c
join (
  select cohort, null as arm from studies where id = :study
  union select cohort, name from arms where study = :study and cohort is not null
) p on p.cohort = c.id
order by p.arm is not null, p.arm"""

SHARING = """select o.cohort, y.id, y.title, y.year
from (select id as study, cohort from studies union select study, cohort from arms) o
join studies y on y.id = o.study
where y.id <> :study
  and o.cohort in (select cohort from studies where id = :study union select cohort from arms where study = :study)
group by o.cohort, y.id
order by y.year, y.id"""

RISK_OF_BIAS = """select instrument, domain, judgement, support from risk_of_bias where study = :study
order by instrument, domain"""

REGISTRATIONS = """select
  r.registry, r.accession, max(r.evidence = 'strong') as strong, e.document as entry, e.status, e.study_type, e.phases,
  e.allocation, e.masking, e.enrolment, e.enrolment_kind, e.start, e.completion, e.updated, e.sponsor, e.arms,
  e.outcomes, e.has_results
from registrations r left join registry_entries e on e.document = 'nct-' || lower(r.accession)
where r.document in (select value from json_each(:documents))
group by r.registry, r.accession
order by strong desc, r.accession"""

#: Figures that are quoted in an earlier text only, and what people said of them.
DRIFTED = """select f.id, f.quote, coalesce(o.title, f.outcome) as outcome, f.timepoint, f.document, g.state, g.reason,
  (select group_concat(distinct r.decision) from reviews r where r.figure = f.id) as decided
from figures f join drifted_figures g on g.id = f.id left join outcomes o on o.name = f.outcome
where f.drifted = 1 and f.document in (select value from json_each(:documents)) order by f.document, f.rowid"""

SET_ASIDE = """select decision, reason, reviewer, decided_at from set_aside
where section_sha256 = :section_sha256 and start = :start and "end" = :end order by rowid"""

#: Records that PubMed did not have when it was asked last, and that are not withdrawn yet.
MISSING = """select a.document, a.since from absences a join documents d on d.id = a.document
where d.withdrawn = 0 and a.document in (select value from json_each(:documents)) order by 1"""

NOTICES = """select ref_type, text, note from notices
where document in (select value from json_each(:documents)) order by document, position"""

EVENTS = """select document, event, state, text, noticed_at from events
where document in (select value from json_each(:documents)) order by noticed_at desc, id desc"""

LINKS = """select
  l.kind, l.to_document as id, max(coalesce(d.title, l.title)) as title, max(d.year) as year, max(d.study) as study,
  max(d.id is not null) as known, max(coalesce(d.retracted, 0)) as retracted, max(l.score) as score
from links l
left join documents d on d.id = l.to_document
where l.from_document in (select value from json_each(:documents)) and +l.kind in ('similar', 'cited_by')
group by l.kind, l.to_document
order by l.kind desc, score desc, year desc, l.to_document"""

REFERENCES = """select
  r.text, r.matched_document as id, r.method, d.id is not null as known, d.study, coalesce(d.retracted, 0) as retracted
from references_text r
left join documents d on d.id = r.matched_document
where r.document in (select value from json_each(:documents))
order by r.document, r.position"""

FED_BY_STUDY = """select
  m.id as estimate, m.outcome, o.title as outcome_title, m.comparison, m.window, m."set", x.arm, x.scale,
  x.estimate as estimate_value, x.ci_low, x.ci_high, l.weight, l.left_out, m.k
from effects x
join estimate_effects l on l.effect = x.id
join estimates m on m.id = l.estimate
join outcomes o on o.id = m.outcome
where x.study = :study
order by o.title, m.comparison, x.months, m."set" """

FLOW = "select stage, what, records from prisma_flow"

CHANGED = """select noticed_at, run, document, what, before, after from what_changed
order by noticed_at desc, document, what limit :limit"""
