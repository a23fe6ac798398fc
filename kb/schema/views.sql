-- The interface for meta-analysts. Views hold nothing, so they are made anew whenever a database is opened for writing.

-- One row a figure, with what was joined to it. speaks = 1: it stands for its study, arm, outcome and time window.
-- Every standing has its figure; it is a left join, and what hangs on it a query of its own, because SQLite leaves these
-- out where a count or a facet asks nothing of them: at a million figures that makes the page.
create view evidence as
select
  t.figure, t.speaks, t.study, t.cohort, t.intervention, t.intervention_class, t.design,
  coalesce(t.study_arm, f.arm) as arm, t.outcome, f.timepoint, t.months, t.window, t.kind, f.value, f.unit, f.sd, f.se,
  t.n, t.events, t.percent, f.ci_low, f.ci_high, f.effect_measure, f.p_op, f.p_value, f.estimator, t.derived, f.quote,
  case
    when f.reader = 'sheet' then 'sheet'
    else (select case
      when s.kind = 'statement' then 'sheet'
      when s.kind in ('title', 'abstract') then 'abstract'
      when d.kind = 'registry' then 'registry'
      else 'full text'
    end from sections s join documents d on d.id = s.document where s.id = f.section)
  end as source,
  f.secondary, t.basis, f.confidence,
  (select v.verdict from verdicts v where v.figure = t.figure
   order by case v.verdict when 'impossible' then 0 when 'doubtful' then 1 when 'passed' then 2 else 3 end limit 1) as worst_verdict,
  coalesce(
    (select r.decision from reviews r where r.figure = t.figure
     order by case r.role when 'adjudicator' then 0 else 1 end, r.rowid desc limit 1),
    (select case when p.said like 'corrected%' then 'correct' else 'add' end from decided_figures p where p.figure = t.figure)
  ) as decision,
  coalesce((select d.pmid from documents d where d.id = f.document), (select y.pmid from studies y where y.id = t.study)) as pmid,
  '/-/figure/' || t.figure as url
from standings t
left join figures f on f.id = t.figure;

-- What a person should look at first: it feeds an estimate, or a check doubts it; then the rest. In parts, each without
-- those before it, so that whoever asks for the first rows does not sort all figures; of what feeds an estimate, that which
-- feeds most stands first.
create view figures_to_review as
with fed as materialized (
  select ef.figure, count(distinct l.estimate) as estimates from estimate_effects l join effect_figures ef on ef.effect = l.effect
  where l.weight is not null group by ef.figure
),
parts as (
  select * from (
    select fed.figure, fed.estimates from fed
    order by fed.estimates desc,
      (select min(case v.verdict when 'impossible' then 0 when 'doubtful' then 1 else 2 end) from verdicts v where v.figure = fed.figure),
      (select f.confidence from figures f where f.id = fed.figure), fed.figure)
  union all
  select v.figure, 0 from verdicts v where v.verdict = 'impossible' and v.figure not in (select figure from fed)
    and v."check" = (select min(w."check") from verdicts w where w.figure = v.figure and w.verdict = 'impossible')
  union all
  select v.figure, 0 from verdicts v where v.verdict = 'doubtful' and v.figure not in (select figure from fed)
    and v."check" = (select min(w."check") from verdicts w where w.figure = v.figure and w.verdict = 'doubtful')
    and not exists (select 1 from verdicts w where w.figure = v.figure and w.verdict = 'impossible')
  union all
  select t.figure, 0 from standings t where t.figure not in (select figure from fed)
    and not exists (select 1 from verdicts w where w.figure = t.figure and w.verdict in ('doubtful', 'impossible'))
)
select
  p.figure, e.study, e.outcome, e.timepoint, e.quote, e.source, e.worst_verdict, e.basis, e.confidence, p.estimates as estimates_fed,
  (select f.unbound from figures f where f.id = p.figure) as unbound, e.url
from parts p cross join evidence e on e.figure = p.figure
where e.decision is null and not exists (select 1 from figures f where f.id = p.figure and f.drifted = 1);

-- Every verdict that is not a pass, with the sum shown.
create view doubtful_figures as
select
  v.figure, t.study, f.outcome, f.arm, f.timepoint, f.quote, v."check", v.verdict, v.reason, '/-/figure/' || v.figure as url
from verdicts v
left join figures f on f.id = v.figure
left join standings t on t.figure = v.figure
where v.verdict in ('doubtful', 'impossible');

-- What the text of today does not say any more: figures that stand in an earlier text, and decisions on texts not stored here.
create view drifted_figures as
with gone as (
  select f.id, f.id as figure, f.document, coalesce(d.study, d.id) as study, f.outcome, f.arm, f.timepoint, f.quote,
    s.sha256 as section_sha256, f.start, f."end", f.reader,
    (select group_concat(r.reviewer || ': ' || r.decision, '; ') from reviews r where r.figure = f.id) as decided
  from figures f join sections s on s.id = f.section join documents d on d.id = f.document where f.drifted = 1
  union all
  select r.id, null, null, null, null, null, null, r.quote, r.section_sha256, r.start, r."end", null,
    r.reviewer || ': ' || r.decision
  from reviews r where r.state = 'drifted' and r.figure is null
)
select
  g.id, g.figure, g.document, g.study, g.outcome, g.arm, g.timepoint, g.quote, g.section_sha256, g.start, g."end", g.reader,
  g.decided, iif(a.decision = 'set aside', 'set aside', 'open') as state, a.decision as last_said, a.reason,
  a.reviewer as said_by, a.decided_at as said_at, '/-/figure/' || g.figure as url
from gone g
left join set_aside a on a.rowid = (
  select max(b.rowid) from set_aside b where b.section_sha256 = g.section_sha256 and b.start = g.start and b."end" = g."end");

-- The same result read twice: by a person into a sheet, and by the machine from the text.
create view double_extraction as
select
  ts.study, ts.study_arm as arm, fs.outcome, fs.timepoint, ts.months, fs.kind,
  fs.id as sheet_figure, fm.id as text_figure,
  coalesce(fs.value, fs.percent, fs.events) as sheet_number, coalesce(fm.value, fm.percent, fm.events) as text_number,
  v.verdict, v.reason,
  case v.verdict when 'passed' then 'agreement' when 'doubtful' then 'conflict' else 'only in the sheet' end as outcome_of_comparison
from figures fs
join standings ts on ts.figure = fs.id
left join verdicts v on v.figure = fs.id and v."check" = 'sheet agrees with text'
left join figures fm on fm.id = (
  -- one of the same standing first: SQLite's ORDER BY cannot see ts, so the least of marked ids is taken
  select substr(min((t2.basis <> ts.basis) || f2.id), 2) from standings t2 cross join figures f2 on f2.id = t2.figure
  where f2.reader = 'machine' and t2.study = ts.study and +t2.outcome = fs.outcome and t2.kind = fs.kind
    and coalesce(t2.study_arm, '') = coalesce(ts.study_arm, '') and coalesce(t2.months, -1) = coalesce(ts.months, -1))
where fs.reader = 'sheet';

create view mrss_over_time as
select e.study, e.cohort, e.intervention_class, e.design, e.arm, e.months, e.timepoint, e.value as mean, e.sd, e.se, e.n, e.basis, e.worst_verdict, e.figure, e.url
from evidence e
where e.outcome = 'mRSS' and e.kind = 'mean' and e.speaks = 1
order by e.study, e.arm, e.months;

create view survival as
select e.study, e.cohort, e.intervention_class, e.design, e.arm, e.outcome, e.months, e.timepoint, coalesce(e.percent, e.value) as percent, e.events as survivors, e.n, e.ci_low, e.ci_high, e.estimator, e.basis, e.worst_verdict, e.figure, e.url
from evidence e
where e.outcome in ('overall survival', 'event-free survival', 'progression-free survival') and e.kind = 'proportion' and e.speaks = 1;

create view adverse_events as
select e.study, e.cohort, e.intervention_class, e.design, e.arm, e.outcome, e.months, e.timepoint, e.events, e.n, e.percent, e.derived, e.secondary, e.basis, e.figure, e.url
from evidence e
where e.outcome in ('adverse events', 'treatment-related adverse events', 'serious adverse events', 'death', 'treatment-related mortality')
  and e.kind = 'proportion' and e.speaks = 1;

-- What a forest plot draws: every effect of an estimate, with its weight or why it was left out.
create view forest_rows as
select
  m.id as estimate, m.outcome, m.window, m."set", m.measure, m.intervention_class, x.study, x.arm, x.cohort, x.months,
  x.yi, x.vi, x.estimate as effect_size, x.ci_low, x.ci_high, x.scale, x.ni, l.weight, l.left_out, x.basis, x.doubtful, x.derived, x.id as effect,
  (select group_concat(figure) from (select distinct ef.figure from effect_figures ef where ef.effect = x.id order by ef.figure)) as figures
from estimates m
join estimate_effects l on l.estimate = m.id
join effects x on x.id = l.effect;

-- Studies that share patients, or may.
create view overlaps as
select c.id as cohort, c.centre, c.registration, c.years, c.overlap, c.reason, count(distinct p.study) as studies, group_concat(distinct p.study) as which
from cohorts c
join (select id as study, cohort from studies union select study, cohort from arms where cohort is not null) p on p.cohort = c.id
group by c.id having count(distinct p.study) > 1;

-- The neighbourhood: every document that a source links, fetched or not.
create view literature as
select
  l.to_document as document, coalesce(d.title, l.title) as title, d.year, d.journal, l.kind, l.from_document as linked_from, l.source, l.score,
  l.first_seen, l.last_seen, d.id is not null as fetched, coalesce(d.retracted, 0) as retracted, d.study
from links l
left join documents d on d.id = l.to_document
where l.kind <> 'reports';

create view what_changed as
select noticed_at, run, document, field as what, before, after from changes
union all
select noticed_at, run, document, event as what, case state when 'withdrawn' then text end as before, case state when 'appeared' then text end as after from events
order by noticed_at desc;

-- Records as PRISMA 2020 counts them, as of the last build. What enters a box leaves it: identified = duplicates removed + removed + records;
-- records = screened + not screened yet; screened = excluded + sought; sought = not retrieved + not assessed yet + assessed;
-- assessed = excluded at full text + included reports.
create view prisma_flow as
select 'identified' as stage, method || ': ' || source as what, count(*) as records from identified group by method, source
union all
select 'duplicates removed', 'found again by another search or link', count(*) - (select count(*) from (select distinct document from identified)) from identified
union all
select 'duplicates removed', 'possible duplicate of another record', count(*) from record_works where document <> record
having exists (select 1 from record_works)
union all
select 'removed before screening', 'withdrawn by its source', count(*) from record_works where withdrawn = 1 and document = record
union all
select 'records', 'to be screened', count(*) from records
union all
select 'not screened yet',
  case when title_abstract = 'conflict' then 'screeners disagree' when readable = 0 then 'neither title nor abstract is loaded' else 'waiting for screeners' end,
  sum(records)
from (  -- first in the order of the index, for there are as many as the literature is large
  select title_abstract, readable, count(*) as records from records
  where coalesce(title_abstract, 'conflict') = 'conflict' group by title_abstract, readable)
group by 2
union all
select 'screened', 'title and abstract', count(*) from records where title_abstract in ('include', 'exclude')
union all
select 'excluded', coalesce(title_abstract_reason, 'no reason stated'), count(*) from records where title_abstract = 'exclude' group by 2
union all
select 'sought', 'reports sought for retrieval', count(*) from records where title_abstract = 'include'
union all
select 'not retrieved', 'reports not retrieved', count(*) from records
where title_abstract = 'include' and coalesce(full_text, 'conflict') = 'conflict' and retrieval = 'not retrieved'
union all
select 'not assessed yet', case when full_text = 'conflict' then 'screeners disagree' else 'waiting for screeners' end, count(*)
from records where title_abstract = 'include' and coalesce(full_text, 'conflict') = 'conflict' and coalesce(retrieval, '') <> 'not retrieved'
group by 2
union all
select 'assessed', 'reports assessed for eligibility', count(*) from records where title_abstract = 'include' and full_text in ('include', 'exclude')
union all
select 'excluded at full text', coalesce(full_text_reason, 'no reason stated'), count(*) from records
where title_abstract = 'include' and full_text = 'exclude' group by 2
union all
select 'included reports', 'by screening', count(*) from records where title_abstract = 'include' and full_text = 'include'
union all
select 'included studies', 'by screening', count(distinct coalesce(d.study, r.document)) from records r
left join documents d on d.id = r.document where r.title_abstract = 'include' and r.full_text = 'include'
union all
select 'studies known before', y.role || ', ' || y.design, count(*) from studies y
where not exists (
  select 1 from records r join documents d on d.id = r.document where d.study = y.id and r.title_abstract = 'include' and r.full_text = 'include')
group by y.role, y.design;

-- How sure: the newest rating of each estimate, stale where its numbers are others now.
create view certainty as
select
  m.id as estimate, r.certainty,
  case
    when r.id is null then 'not rated'
    when r.k = m.k and abs(r.value - m.estimate) < 1e-9 and coalesce(abs(r.ci_low - m.ci_low) < 1e-9, r.ci_low is m.ci_low)
      and coalesce(abs(r.ci_high - m.ci_high) < 1e-9, r.ci_high is m.ci_high) then 'rated'
    else 'stale'
  end as state,
  r.reason, r.rated_by, r.rated_at,
  (select said from certainty_inputs c where c.estimate = m.id and c.domain = 'risk of bias') as risk_of_bias,
  (select said from certainty_inputs c where c.estimate = m.id and c.domain = 'inconsistency') as inconsistency,
  (select said from certainty_inputs c where c.estimate = m.id and c.domain = 'indirectness') as indirectness,
  (select said from certainty_inputs c where c.estimate = m.id and c.domain = 'imprecision') as imprecision,
  (select said from certainty_inputs c where c.estimate = m.id and c.domain = 'small-study effects') as small_study_effects
from estimates m
left join ratings r on r.id = (select id from ratings where estimate = m.id order by rowid desc limit 1);

-- Summary of findings: for each outcome, comparison and time window the first set that holds a study, what it says, and
-- what GRADE asks of it. The certainty is blank until a named person rates it.
create view summary_of_findings as
select
  o.title as outcome_title, m.outcome, m.comparison, m.role, m.intervention_class, m.design, m.window,
  (select min(x.months) from estimate_effects l join effects x on x.id = l.effect where l.estimate = m.id and l.weight is not null) as months,
  m.measure, m."set", m.k,
  (select sum(x.ni) from estimate_effects l join effects x on x.id = l.effect where l.estimate = m.id and l.weight is not null) as patients,
  m.scale, m.estimate, m.ci_low, m.ci_high, m.level, m.tau2, m.i2, m.reviewed,
  c.certainty, c.state as rating, c.reason, c.rated_by, c.rated_at,
  c.risk_of_bias, c.inconsistency, c.indirectness, c.imprecision, c.small_study_effects,
  m.id as estimate_id, '/-/estimate/' || m.id as url
from estimates m
join outcomes o on o.id = m.outcome
join certainty c on c.estimate = m.id
where m.k > 0 and m."set" in ('main', 'with-secondary', 'with-machine') and not exists (
  select 1 from estimates b
  where b.comparison = m.comparison and b.outcome = m.outcome and b.window = m.window and b.measure = m.measure and b.k > 0
    and b."set" in ('main', 'with-secondary', 'with-machine')
    and instr('main with-secondary with-machine', b."set") < instr('main with-secondary with-machine', m."set"));
