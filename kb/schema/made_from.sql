-- What derived rows were made from: a build makes again only what has other ground now.

-- The code, the vocabulary and the topic that all derived rows were made with. Where they are others, all is made again.
create table made_with (
  key text not null
);

-- What each document was when it was last read, and the study that its figures were weighed in.
drop table readings;
create table readings (
  document text primary key references documents(id),
  reader text not null,      -- hash of the vocabulary and of the reading code
  content text not null,     -- documents.content_sha256 as it was read
  proposals text not null,   -- hash of what other readers proposed; empty where nobody did
  study text,                -- that its figures were weighed in; null before, and where the document is withdrawn
  weighed integer not null default 0 check (weighed in (0, 1))  -- 0: read since it was weighed
) without rowid;
create index readings_study on readings(study);

-- What a study was weighed with beside its figures; only where there is something.
create table weighings (
  study text primary key,
  facts text,                -- hash of what its sheet and the registries say
  decisions text             -- hash of the decisions that people made in its texts
) without rowid;

-- What each document was when references and possible duplicates were last looked for.
create table matchings (
  document text primary key references documents(id),
  content text not null      -- documents.content_sha256 at that time
) without rowid;

-- By what titles are put side by side: how they begin, and their longest words.
create table title_keys (
  key text not null,
  document text not null references documents(id),
  primary key (key, document)
) without rowid;
create index title_keys_document on title_keys(document);

alter table references_text add column tried integer not null default 0;  -- 1: looked for among all documents

create index sections_sha256 on sections(sha256);
-- what a build asks of every document, without reading the rows
create index documents_made_from on documents(id, content_sha256, withdrawn, study);

-- the few that can be pooled, however many figures there are
create index standings_speaking on standings(study) where speaks = 1 and study_arm is not null;
