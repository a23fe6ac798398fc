"""What the pages of screening ask: each a named question. What nobody may see yet is not in these tables."""

#: The next record for a person; :mine is a JSON list of the records that he or she has decided on at this stage.
NEXT = {
    "title-abstract": """select document from records
where title_abstract is null and readable = 1 and document not in (select value from json_each(:mine))
order by rank is null, rank, position limit 1""",
    "full-text": """select document from records
where title_abstract = 'include' and full_text is null and coalesce(retrieval, '') <> 'not retrieved'
  and document not in (select value from json_each(:mine))
order by settled limit 1""",
}

#: How many records wait, for a person and at all; conflicts wait for an adjudicator.
COUNTS = {
    "title-abstract": """select
  coalesce(sum(title_abstract is null and readable = 1), 0) as open,
  coalesce(sum(title_abstract is null and readable = 1
    and document not in (select value from json_each(:mine))), 0) as waiting,
  coalesce(sum(title_abstract in ('include', 'exclude')), 0) as settled,
  coalesce(sum(title_abstract = 'conflict'), 0) as conflicts,
  coalesce(sum(readable = 0 and title_abstract is null), 0) as unreadable from records""",
    "full-text": """select
  coalesce(sum(full_text is null and coalesce(retrieval, '') <> 'not retrieved'), 0) as open,
  coalesce(sum(full_text is null and coalesce(retrieval, '') <> 'not retrieved'
    and document not in (select value from json_each(:mine))), 0) as waiting,
  coalesce(sum(full_text in ('include', 'exclude')), 0) as settled,
  coalesce(sum(full_text = 'conflict'), 0) as conflicts,
  coalesce(sum(coalesce(full_text, 'conflict') = 'conflict' and retrieval = 'not retrieved'), 0) as unreadable
from records where title_abstract = 'include'""",
}

CONFLICTS = """select r.document, coalesce(d.title, r.document) as title, case when r.title_abstract = 'conflict' then
  'title-abstract' else 'full-text' end as stage from records r left join documents d on d.id = r.document
where r.title_abstract = 'conflict' or (r.title_abstract = 'include' and r.full_text = 'conflict')
order by r.settled, r.position"""

RECORD = """select r.*, d.id as loaded, d.title, d.journal, d.year, d.pmid, d.doi, d.language, d.retracted
from record_works w join records r on r.document = w.record left join documents d on d.id = r.document
where w.document = :id"""

#: What a source printed of a record that nobody has loaded.
PRINTED = "select title from links where to_document = :id and title is not null limit 1"

TEXTS = """select label, text, kind from sections where document = :id and current = 1
  and kind in ('abstract', 'statement') order by position"""

HEADINGS = """select descriptor, max(major) as major from mesh_headings where document = :id group by descriptor
order by min(position)"""

KINDS = "select text from publication_types where document = :id order by position"

SOURCES = """select distinct i.method, i.source from identified i join record_works w on w.document = i.document
where w.record = :id order by i.method, i.source"""

TWINS = """select w.document, d.title from record_works w left join documents d on d.id = w.document
where w.record = :id and w.document <> :id order by w.document"""

FULL_TEXTS = """select t.pmcid, t.document, t.state, t.licence from full_texts t join documents d on d.pmcid = t.pmcid
where d.id = :id order by t.pmcid"""

#: Decisions that may be seen, oldest first.
SHOWN = """select s.stage, s.decision, s.reason, s.note, s.reviewer, s.role, s.decided_at from screenings s
join record_works w on w.document = s.document
where w.record = :id and s.stage <> 'identified'
order by s.stage <> 'title-abstract', s.stage <> 'retrieval', s.rowid"""

#: Everything that may be seen of two stages, for agreement: votes of a record stand in their order.
VOTES = """select w.record, s.stage, s.reviewer, s.decision, s.reason, s.role from screenings s
join record_works w on w.document = s.document where s.stage in ('title-abstract', 'full-text') order by s.rowid"""

RANKING = """select g.*, (select count(*) from records where title_abstract in ('include', 'exclude'))
  - g.included - g.excluded as newer from rankings g"""

UNSEEN = "select * from unseen"

WORKS = "select document, record from record_works where document in (select value from json_each(:ids))"
