-- What can never be had again: the bytes as they came, and when they were seen. Append only (see append_only.sql).

-- A table with rowids, so that a foreign key to it looks into a small index: without them each check would read the body.
create table payloads (
  sha256 text primary key not null check (length(sha256) = 64),  -- of the bytes as they came
  size integer not null check (size > 0),                        -- bytes before compression
  body blob not null                                             -- zlib; what came packed is only wrapped
);

-- One payload may be seen often: every sighting is a row.
create table fetches (
  id integer primary key,
  payload text not null references payloads(sha256),
  source text not null,      -- file, sheet, eutils, ctgov, pmc, icite, europepmc
  url text not null,         -- where it was read, without secrets; for a file its name
  fetched_at text not null   -- UTC, ISO 8601
);
create index fetches_payload on fetches(payload);
