-- Full-text search hears of an update only where searched words changed: most touch other columns (the study, a flag),
-- and each word heard of is a segment of the index.

drop trigger documents_au;
create trigger documents_au after update on documents
when old.title is not new.title or old.journal is not new.journal
begin
  insert into documents_fts (documents_fts, rowid, title, journal) values ('delete', old.rowid, old.title, old.journal);
  insert into documents_fts (rowid, title, journal) values (new.rowid, new.title, new.journal);
end;

drop trigger sections_au;
create trigger sections_au after update on sections
when old.text is not new.text
begin
  insert into sections_fts (sections_fts, rowid, text) values ('delete', old.rowid, old.text);
  insert into sections_fts (rowid, text) values (new.rowid, new.text);
end;
