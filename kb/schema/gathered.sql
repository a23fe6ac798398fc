-- What records were gathered from, so that a build gathers again only what has other ground now.

alter table record_works add column content text;  -- documents.content_sha256 as it was gathered; null where not loaded
create index record_works_others on record_works(document) where record <> document or withdrawn = 1;

-- How far what is only ever added to was looked through: one row, none before the first build.
create table gathered (
  screenings integer not null,     -- largest rowid of a search's hit
  fetches integer not null         -- largest id of a sighting
);

create index documents_withdrawn on documents(id) where withdrawn = 1;
create index duplicates_same on duplicates(one, other) where kind in ('same identifier', 'near duplicate');
create index records_decided on records(document)
  where title_abstract is not null or retrieval is not null or full_text is not null or settled is not null;

-- what waits, for the flow of records and the queue of screening
drop index records_title_abstract;
create index records_title_abstract on records(title_abstract, readable);
