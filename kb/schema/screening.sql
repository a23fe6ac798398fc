-- Screening: which records there are, what people decided of each, and in which order the rest is worth reading.
-- All of it can be made again: from searches, links and files, from the decisions that may be seen, from a ranking.

alter table screenings add column note text;
alter table screenings add column role text;       -- reviewer, adjudicator

-- How each record was identified: by a search, by a link from a seed or a study, or, where by neither, as a file or by
-- its name. Registry entries, sheets and full texts are no records of their own.
create table identified (
  document text not null,
  method text not null check (method in ('database', 'citation searching', 'other')),
  source text not null,            -- the query, the kind of link, or where it came from
  primary key (document, method, source)
) without rowid;

-- Every record that was identified, and the one that stands for it: possible duplicates are screened once.
create table record_works (
  document text primary key,
  record text not null,
  withdrawn integer not null default 0 check (withdrawn in (0, 1))  -- the source took it back, so nobody screens it
) without rowid;
create index record_works_record on record_works(record);

-- One row a work. A document that was only linked to may not have been loaded yet, so document is no foreign key.
create table records (
  document text primary key,
  position integer not null,       -- in the order of identification: searches, links, files
  readable integer not null check (readable in (0, 1)),             -- title or abstract is here
  title_abstract text check (title_abstract in ('include', 'exclude', 'conflict')),
  title_abstract_reason text,
  settled integer,                 -- the how manieth whose title and abstract were settled
  retrieval text check (retrieval in ('retrieved', 'not retrieved')),
  full_text text check (full_text in ('include', 'exclude', 'conflict')),
  full_text_reason text,
  rank integer,                    -- by relevance among those not settled; NULL where nothing was learned yet
  score real,                      -- distance from the plane between excluded and included; larger is more relevant
  run text not null
);
create index records_title_abstract on records(title_abstract);
create index records_full_text on records(full_text);
create index records_rank on records(rank);

-- What the order was learned from. At most one row: the ranking that stands.
create table rankings (
  run text primary key,
  included integer not null,       -- records that it learned from
  excluded integer not null,
  ranked integer not null,
  model text not null,
  ground text not null,            -- sha256 of records and outcomes learned from: the same ground is not learned again
  made_at text not null
);

-- How much is likely still unseen: at most one row, made again with every settled record.
create table unseen (
  screened integer primary key,
  found integer not null,
  records integer not null,        -- not screened yet
  likely integer not null,
  most integer not null,           -- at the level given
  recall real,                     -- the least share found, at that level
  target real not null,
  p real not null,                 -- of the hypothesis that recall is below the target
  level real not null,
  urn integer not null,            -- records that were left when the deciding urn began
  drawn integer not null,          -- records drawn from it
  run text not null
);
