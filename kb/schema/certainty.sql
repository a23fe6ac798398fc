-- How sure an estimate is: what can be computed for GRADE, and copies of what named people concluded from it.

-- Estimates that rest on an assumed correlation between baseline and follow-up, pooled again at each of the range.
create table estimates_over_r (
  estimate text not null references estimates(id),
  r real not null,
  k integer not null,
  value real not null,       -- as a reader wants it, like estimates.estimate
  ci_low real not null,
  ci_high real not null,
  tau2 real not null,
  i2 real not null,
  run text not null,
  primary key (estimate, r)
) without rowid;

create table certainty_inputs (
  estimate text not null references estimates(id),
  domain text not null,      -- risk of bias, inconsistency, indirectness, imprecision, small-study effects
  said text not null,        -- numbers and facts, no judgement
  run text not null,
  primary key (estimate, domain)
) without rowid;

-- Served copies. The ratings themselves live beside the decisions, append only. No foreign key: a rating outlives rebuilds.
create table ratings (
  id text primary key,
  estimate text not null,
  certainty text not null,
  reason text not null,
  k integer not null,        -- the numbers that were rated: another estimate needs another rating
  value real,
  ci_low real,
  ci_high real,
  rated_by text not null,
  rated_at text not null
);
create index ratings_estimate on ratings(estimate);
