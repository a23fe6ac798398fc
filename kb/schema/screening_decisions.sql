-- Screening decisions carry a note and the role of whoever decided; whether a report could be had is a fact of its own.

alter table screening_decisions add column note text;
alter table screening_decisions add column role text not null default 'reviewer' check (role in ('reviewer', 'adjudicator'));

create table retrievals (
  id text primary key,
  document text not null,
  retrieval text not null check (retrieval in ('retrieved', 'not retrieved')),
  note text,
  reviewer text not null,    -- from the server
  decided_at text not null   -- from the server
);
create index retrievals_document on retrievals(document);
