-- Who read a text to its end and found no figure missing in it: beside the decisions, never served, append only.
create table finished_texts (
  id text primary key,
  document text not null,
  section_sha256 text not null,
  reviewer text not null,    -- from the server
  finished_at text not null  -- from the server
);
create index finished_texts_section on finished_texts(section_sha256);
