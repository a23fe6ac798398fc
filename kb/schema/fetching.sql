-- What is asked of the services, id by id, and what came: a killed run goes on from here, and a failure stays visible.

create table requests (
  what text not null check (
    what in ('record', 'doi', 'similar', 'cited_by', 'cites', 'counts', 'registry', 'full text', 'search')),
  id text not null,          -- PMID, DOI, NCT number, PMCID, or the words of a query
  state text not null check (state in ('pending', 'returned', 'absent', 'failed', 'refused')),
  reason text,               -- of absent, failed and refused, in the service's words
  seed integer not null default 0 check (seed in (0, 1)),  -- a person or the topic asked for it by name
  most integer,              -- of its neighbours so many are fetched; NULL: all
  came integer,              -- how many links came, from all sources; NULL: nobody can say (which is not none)
  run text not null,         -- that asked last
  asked_at text not null,
  primary key (what, id)
) without rowid;
create index requests_state on requests(state);

-- How far it was asked again. A round that is open was interrupted; the mark moves only when everything came.
create table watermarks (
  what text primary key check (what in ('pull', 'refresh')),
  at text,                   -- all that is known was asked for again since then
  open_since text,           -- start of a round that has not ended
  run text not null          -- that moved the mark or opened the round last
) without rowid;

-- Which full texts PMC holds of our articles, and under which licence. Only a free one is loaded as a document.
create table full_texts (
  pmcid text primary key,
  document text references documents(id),  -- the full text, where it was loaded
  state text not null check (state in ('full', 'front only', 'not free', 'absent')),
  licence text,              -- CC BY, CC0, TDM, …
  free integer check (free in (0, 1)),     -- may be passed on
  statement text,            -- the licence as the article prints it
  version integer,           -- the newest in PMC's object store, where that was asked
  checked_at text not null
) without rowid;
create index full_texts_document on full_texts(document);

create table citation_counts (
  document text primary key references documents(id),
  source text not null,      -- icite
  citations integer,
  citations_per_year real,
  relative_citation_ratio real,
  nih_percentile real,
  clinical integer check (clinical in (0, 1)),
  payload text not null references payloads(sha256),
  counted_at text not null
) without rowid;
create index citation_counts_payload on citation_counts(payload);

-- The facts of a registry entry beside its texts.
create table registry_entries (
  document text primary key references documents(id),
  status text,
  study_type text,
  phases text,               -- with commas between
  allocation text,
  masking text,
  enrolment integer,         -- people, planned or counted
  enrolment_kind text,       -- ESTIMATED or ACTUAL
  start text,
  primary_completion text,
  completion text,
  updated text,
  sponsor text,
  conditions text,           -- one a line
  arms text,                 -- kind and label, one a line
  outcomes text,             -- rank, measure and time frame, one a line
  has_results integer check (has_results in (0, 1))
) without rowid;

-- Records that may be one work. Grouped for a person to look at; nothing is merged or deleted.
create table duplicates (
  one text not null references documents(id),
  other text not null references documents(id),
  kind text not null,        -- same identifier, near duplicate, preprint and article
  score real not null,
  evidence text not null,    -- what agrees, each 0 to 1, as JSON
  primary key (one, other)
) without rowid;
create index duplicates_other on duplicates(other);

alter table references_text add column evidence text;  -- what agreed in a match by text, each 0 to 1, as JSON

create index fetches_fetched_at on fetches(fetched_at);
