-- What people say of a figure or a decision that has drifted (its text does not say it any more): beside the decisions,
-- never served, append only. The newest one at a place counts. Nothing speaks because of it: it only says that somebody looked.
create table drift_decisions (
  id text primary key,
  figure text,                     -- id at the time; a hint, not a key
  section_sha256 text not null,    -- the place in the earlier text
  start integer not null,
  "end" integer not null,
  quote text not null,
  decision text not null check (decision in ('set aside', 'open again')),
  reason text not null check (trim(reason) <> ''),
  reviewer text not null,          -- from the server
  decided_at text not null,        -- from the server
  check ("end" > start)
);
