-- Bulk files are loaded in short transactions. How far each came, and what tells an unchanged record without parsing it.

create table bulk_files (
  payload text not null references payloads(sha256),
  rule text not null,        -- hash of what was kept of it (load --topic); empty: all
  version text not null,     -- of evidence-kb: another version may read more from the same bytes
  records integer not null default 0,      -- that are done: a run that was killed goes on behind them
  state text not null check (state in ('open', 'done', 'broken')),
  reason text,               -- of broken
  run text not null,         -- that worked on it last
  primary key (payload, rule, version)
) without rowid;

create table record_prints (
  document text primary key references documents(id),
  print blob not null        -- hash of the record's bytes in its bulk file, with the document's content_sha256
) without rowid;
