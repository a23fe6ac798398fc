-- What is computed from sections, vocabulary and decisions. Rebuilt at will; each row names its run.

-- The topic's outcomes, as the vocabulary files describe them.
create table outcomes (
  id text primary key,
  name text not null unique,
  title text not null,
  type text not null,
  unit text,
  scale_low real,
  scale_high real,
  better text not null,
  mcid real,
  mcid_source text,
  in_topic integer not null default 0
) without rowid;

-- The review question that this database answers; its folder is where topic.toml and the sheets were read.
create table topics (
  id text primary key,
  place text not null,       -- name of a bundled topic, or the path of its folder
  title text not null,
  question text not null,
  protocol_version text not null,
  seeds text not null        -- PMIDs, one a line
) without rowid;

-- What a document was read with: unchanged text and vocabulary are not read again.
create table readings (
  document text primary key references documents(id),
  key text not null
) without rowid;

-- One numeric result and its place: substr(section.text, start + 1, end - start) = quote.
create table figures (
  id text primary key,
  section text not null references sections(id),
  document text not null references documents(id),
  start integer not null,
  "end" integer not null,
  quote text not null,
  reader text not null check (reader in ('sheet', 'machine', 'proposed', 'reviewer')),
  outcome text,
  kind text not null check (kind in ('mean', 'median', 'proportion', 'change', 'effect')),
  arm text,
  timepoint text,
  months real,
  value real,
  unit text,
  sd real,
  se real,
  iqr_low real,
  iqr_high real,
  range_low real,
  range_high real,
  ci_low real,
  ci_high real,
  ci_level real,
  n integer,
  events integer,
  percent real,
  p_op text,
  p_value real,
  effect_measure text,
  confidence real,
  unbound text,              -- what could not be bound, and why
  place text,                -- of a keyed figure: where in the paper it stands
  secondary integer not null default 0,  -- read in somebody else's review
  estimator text,            -- survival: crude, kaplan-meier, unknown
  drifted integer not null default 0,    -- its text changed and the quote is no longer there
  run text not null,
  check ("end" > start)
);
create index figures_section on figures(section);
create index figures_document on figures(document);
create index figures_outcome on figures(outcome);
create index figures_kind on figures(kind);
create index figures_arm on figures(arm);
create index figures_timepoint on figures(timepoint);
create index figures_reader on figures(reader);

create table verdicts (
  figure text not null references figures(id),
  "check" text not null,
  verdict text not null check (verdict in ('passed', 'doubtful', 'impossible', 'not applicable')),
  reason text not null,
  run text not null,
  primary key (figure, "check")
) without rowid;
create index verdicts_check on verdicts("check");
create index verdicts_verdict on verdicts(verdict);

-- What a figure stands for: its study and arm, the numbers joined to it, and whether it is the one that speaks.
create table standings (
  figure text primary key references figures(id),
  study text not null,       -- a study, or the document itself where no study is known
  study_arm text,            -- the study's arm, where the figure's label could be told
  cohort text not null,
  design text,
  intervention text,
  intervention_class text,
  window text,               -- time window of the topic
  months real,               -- the figure's own time, or the one joined from the sheet
  n integer,
  events integer,
  percent real,
  derived text,              -- which numbers were joined or computed, and how
  basis text not null,       -- adjudicated, two reviewers, one reviewer, agreement, primary sheet, secondary sheet,
                             -- machine, conflict, rejected, retracted
  speaks integer not null check (speaks in (0, 1)),
  run text not null
) without rowid;
create index standings_study on standings(study);
create index standings_speaks on standings(speaks);

create table effects (
  id text primary key,
  outcome text not null,     -- outcomes.id
  study text not null,
  arm text not null,         -- an arm, or "A vs B"
  cohort text not null,
  intervention_class text not null,
  design text not null,
  window text not null,
  months real,
  measure text not null,     -- metafor's name
  yi real,                   -- on the measure's analysis scale; null where that is infinite
  vi real,                   -- null where no variance can be had: shown, never pooled
  estimate real not null,    -- as a reader wants it: points, percent or ratio
  ci_low real,               -- exact for a single proportion
  ci_high real,
  scale text not null check (scale in ('points', 'percent', 'ratio')),
  ni integer,
  basis text not null,
  doubtful integer not null check (doubtful in (0, 1)),
  part integer not null check (part in (0, 1)),  -- a part of a group, or the groups before matching
  derived text,
  run text not null
) without rowid;
create index effects_outcome on effects(outcome);
create index effects_study on effects(study);

create table effect_figures (
  effect text not null references effects(id),
  figure text not null references figures(id),
  role text not null,        -- baseline, follow-up, events, experimental, control, printed
  primary key (effect, figure, role)
) without rowid;
create index effect_figures_figure on effect_figures(figure);

create table estimates (
  id text primary key,
  comparison text not null,  -- of the topic
  outcome text not null,
  measure text not null,
  intervention_class text not null,  -- or "A vs B"
  design text not null,
  window text not null,
  "set" text not null,       -- main, with-secondary, with-machine, without-doubtful, low-risk
  role text not null,        -- evidence or comparator
  method text not null,
  test text not null,
  level real not null,
  k integer not null,
  scale text not null,       -- of estimate and intervals: points, percent or ratio
  beta real,                 -- pooled value on the measure's analysis scale
  se real,                   -- its standard error there
  estimate real,             -- as a reader wants it; null where nothing could be pooled
  ci_low real,
  ci_high real,
  p real,
  tau2 real,
  i2 real,
  q real,
  q_p real,
  pi_low real,
  pi_high real,
  pi_distribution text,
  reviewed text not null,    -- unreviewed, partly reviewed, reviewed
  assumptions text,          -- the correlation assumed, and other things said aloud
  versions text not null,
  run text not null
) without rowid;
create index estimates_outcome on estimates(outcome);

create table estimate_effects (
  estimate text not null references estimates(id),
  effect text not null references effects(id),
  weight real,               -- percent; null where left out
  left_out text,             -- why, where it was
  primary key (estimate, effect)
) without rowid;
create index estimate_effects_effect on estimate_effects(effect);

-- What else can be computed from printed numbers, and over which assumption: intervals, correlations, attrition.
create table reanalyses (
  study text not null,
  arm text not null,
  outcome text not null,
  window text not null,
  months real,               -- null for the whole follow-up
  analysis text not null,    -- interval, correlation, attrition, responders, allowed correlations
  parameter text not null,   -- the method, the correlation, the bound
  estimate real,
  se real,
  ci_low real,
  ci_high real,
  note text not null,
  run text not null,
  primary key (study, arm, outcome, window, analysis, parameter)
) without rowid;
