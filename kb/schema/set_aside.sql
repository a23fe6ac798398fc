-- Served copies of what people said of figures and decisions that have drifted, oldest first; the newest one at a place
-- counts. No foreign key: they outlive rebuilds.
create table set_aside (
  id text primary key,
  figure text,                     -- id at the time
  section_sha256 text not null,
  start integer not null,
  "end" integer not null,
  quote text not null,
  decision text not null,          -- set aside, open again
  reason text not null,
  reviewer text not null,
  decided_at text not null
);
create index set_aside_place on set_aside(section_sha256, start, "end");
