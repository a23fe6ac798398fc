-- The interface for meta-analysts. Views hold nothing, so they are made anew whenever a database is opened for writing.

-- One row a figure, with what was joined to it. speaks = 1: it stands for its study, arm, outcome and time window.
create view evidence as
select
  f.id as figure, t.speaks, t.study, t.cohort, t.intervention, t.intervention_class, t.design,
  coalesce(t.study_arm, f.arm) as arm, f.outcome, f.timepoint, t.months, t.window, f.kind, f.value, f.unit, f.sd, f.se,
  t.n, t.events, t.percent, f.ci_low, f.ci_high, f.effect_measure, f.p_op, f.p_value, f.estimator, t.derived, f.quote,
  case
    when f.reader = 'sheet' then 'sheet'
    when s.kind in ('title', 'abstract') then 'abstract'
    when d.kind = 'registry' then 'registry'
    else 'full text'
  end as source,
  f.secondary, t.basis, f.confidence,
  (select v.verdict from verdicts v where v.figure = f.id
   order by case v.verdict when 'impossible' then 0 when 'doubtful' then 1 when 'passed' then 2 else 3 end limit 1) as worst_verdict,
  (select r.decision from reviews r where r.figure = f.id
   order by case r.role when 'adjudicator' then 0 else 1 end, r.rowid desc limit 1) as decision,
  coalesce(d.pmid, y.pmid) as pmid,
  '/-/figure/' || f.id as url
from figures f
join sections s on s.id = f.section
join documents d on d.id = f.document
join standings t on t.figure = f.id
left join studies y on y.id = t.study;

-- What a person should look at first: it feeds an estimate, a check doubts it, or the reader was unsure.
create view figures_to_review as
select
  e.figure, e.study, e.outcome, e.timepoint, e.quote, e.source, e.worst_verdict, e.basis, e.confidence,
  (select count(distinct ee.estimate) from effect_figures ef join estimate_effects ee on ee.effect = ef.effect
   where ef.figure = e.figure and ee.weight is not null) as estimates_fed,
  f.unbound, e.url
from evidence e
join figures f on f.id = e.figure
where e.decision is null and f.drifted = 0
order by estimates_fed desc, case e.worst_verdict when 'impossible' then 0 when 'doubtful' then 1 else 2 end, e.confidence, e.figure;

-- Every verdict that is not a pass, with the sum shown.
create view doubtful_figures as
select
  f.id as figure, t.study, f.outcome, f.arm, f.timepoint, f.quote, v."check", v.verdict, v.reason, '/-/figure/' || f.id as url
from verdicts v
join figures f on f.id = v.figure
left join standings t on t.figure = f.id
where v.verdict in ('doubtful', 'impossible');

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
  select substr(min((t2.basis <> ts.basis) || f2.id), 2) from figures f2 join standings t2 on t2.figure = f2.id
  where f2.reader = 'machine' and t2.study = ts.study and f2.outcome = fs.outcome and f2.kind = fs.kind
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
where e.outcome in ('overall survival', 'event-free survival', 'progression-free survival') and e.kind = 'proportion' and e.speaks = 1
order by e.outcome, e.months, e.study;

create view adverse_events as
select e.study, e.cohort, e.intervention_class, e.design, e.arm, e.outcome, e.months, e.timepoint, e.events, e.n, e.percent, e.derived, e.secondary, e.basis, e.figure, e.url
from evidence e
where e.outcome in ('adverse events', 'treatment-related adverse events', 'serious adverse events', 'death', 'treatment-related mortality')
  and e.kind = 'proportion' and e.speaks = 1
order by e.outcome, e.study, e.arm;

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

-- Records as PRISMA 2020 counts them: by source, by stage, by reason.
create view prisma_flow as
select 'identified' as stage, coalesce(source, 'search') as what, count(distinct document) as records from screenings where stage = 'identified' group by source
union all
select 'linked', l.kind || ' (' || l.source || ')', count(distinct l.to_document) from links l where l.kind <> 'reports' group by l.kind, l.source
union all
select 'fetched', d.source, count(*) from documents d where d.kind <> 'sheet' group by d.source
union all
select stage, decision || coalesce(': ' || reason, ''), count(distinct document) from screenings where stage <> 'identified' group by stage, decision, reason
union all
select 'included', y.role || ', ' || y.design, count(*) from studies y group by y.role, y.design;

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
