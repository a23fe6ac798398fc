-- What waits for screeners, and why, is counted from an index alone.
drop index records_title_abstract;
create index records_title_abstract on records(title_abstract, readable);
