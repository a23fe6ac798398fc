-- What is watched from one round of questions to the next, so that it is told for sure, and once.

-- Records that PubMed did not have when it was asked last. One such answer proves nothing: a record is withdrawn only
-- when several rounds in a row missed it.
create table absences (
  document text primary key references documents(id),
  since text not null,       -- start of the first round that missed it
  last text not null,        -- start of the latest round that missed it
  times integer not null     -- rounds in a row that missed it
) without rowid;

-- Retractions and expressions of concern that registry entries name of the papers they cite.
create table registry_notices (
  registry text not null references documents(id),
  pmid text not null,        -- of the paper, which may not be here
  event text not null check (event in ('retraction', 'concern')),
  notice text not null,      -- PMID of the notice, or where it was printed
  told integer not null check (told in (0, 1)),  -- 0: PubMed had said so before, or the paper is only background
  primary key (registry, pmid, event, notice)
) without rowid;
