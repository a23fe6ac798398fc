-- What people decided: a file of its own beside the database, never served, append only; the rowid tells the order when two fall on one millisecond.
-- No foreign key to derived rows: a decision survives every rebuild because it names the place and the reading it judged.

create table decisions (
  id text primary key,
  figure text,                     -- id at the time; a hint, not a key
  section_sha256 text not null,
  start integer not null,
  "end" integer not null,
  quote text not null,
  reading text not null,           -- the figure's JSON as it was judged
  decision text not null check (decision in ('accept', 'correct', 'reject', 'unsure', 'add', 'adjudicate')),
  correction text,                 -- the figure's JSON as it should be
  note text,
  reviewer text not null,          -- from the server
  role text not null check (role in ('reviewer', 'adjudicator')),
  decided_at text not null,        -- from the server
  check ("end" > start),
  check (decision <> 'correct' or correction is not null)
);
create index decisions_place on decisions(section_sha256, start, "end");

create table screening_decisions (
  id text primary key,
  document text not null,
  stage text not null check (stage in ('title-abstract', 'full-text')),
  decision text not null check (decision in ('include', 'exclude', 'unsure')),
  reason text,
  reviewer text not null,
  decided_at text not null,
  check (decision <> 'exclude' or reason is not null)
);
create index screening_decisions_document on screening_decisions(document);
