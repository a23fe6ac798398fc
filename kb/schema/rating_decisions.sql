-- Certainty as named people rated it: beside the decisions on figures, never served, append only. The newest one counts.
create table certainty_ratings (
  id text primary key,
  estimate text not null,    -- id of the estimate: it names the question, so it survives rebuilds
  certainty text not null check (certainty in ('high', 'moderate', 'low', 'very low')),
  reason text not null check (trim(reason) <> ''),
  k integer not null,        -- the numbers that were rated
  value real,
  ci_low real,
  ci_high real,
  rated_by text not null check (trim(rated_by) <> ''),
  rated_at text not null
);
create index certainty_ratings_estimate on certainty_ratings(estimate, rated_at);
