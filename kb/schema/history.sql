-- What happened. Append only; rows keep their rowid, which tells the order when two fall on one millisecond.

create table runs (
  id text primary key,
  command text not null,
  started_at text not null,
  finished_at text not null,
  ok integer not null check (ok in (0, 1)),
  version text not null,           -- of evidence-kb
  vocabulary_sha256 text,
  requested integer not null default 0,
  returned integer not null default 0,
  absent integer not null default 0,
  failed integer not null default 0,
  message text
);

create table changes (
  id integer primary key,
  run text not null,
  document text not null,
  field text not null,
  before text,
  after text,
  noticed_at text not null
);
create index changes_document on changes(document);
create index changes_run on changes(run);

create table events (
  id integer primary key,
  run text not null,
  document text not null,
  event text not null,             -- retraction, concern, erratum, republication, withdrawal
  state text not null check (state in ('appeared', 'withdrawn')),
  text text not null,
  noticed_at text not null
);
create index events_document on events(document);

-- Served copies of what people decided, once it may be seen. The decisions themselves live in a file of their own.
create table reviews (
  id text primary key,
  figure text,
  section_sha256 text not null,
  start integer not null,
  "end" integer not null,
  quote text not null,
  reading text not null,           -- the reading that was judged, as JSON
  decision text not null,
  correction text,
  note text,
  reviewer text not null,
  role text not null,
  decided_at text not null,
  state text not null              -- stands, re-confirm (the machine reads this place differently now)
);
create index reviews_figure on reviews(figure);

create table screenings (
  id text primary key,
  document text not null,
  stage text not null,             -- identified, title-abstract, full-text
  decision text not null,          -- identified, include, exclude, unsure
  reason text,
  source text,                     -- search or link that identified it
  run text,
  reviewer text,
  decided_at text not null
);
create index screenings_document on screenings(document);
