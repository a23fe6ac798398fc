"""The only writer. Records in, rows out; nothing here reads a text, weighs a figure or draws a page.

connection.py   opens a database, asserts that it is ours and that its append-only tables are protected
documents.py    payloads, documents and everything that comes from payloads
document_rows.py, canonical.py   its pure half: rows of a document, and the print that tells whether it changed
bulk/           the same rows, thousands at a time          parquet/   a folder of Parquet instead of a database
changes.py      what a new version changes, and what happened: field by field, events once
asked.py        what was asked of the services and what came; rounds and the watermark
neighbours.py   what iCite, the registry, PMC and searches say        resolved.py  references and possible duplicates
derived.py      figures, verdicts, standings, effects, estimates, reanalyses: replaced, never edited
decisions.py    the file of decisions beside the database: append only, never served
reviewing.py    figures that people made, how estimates moved, texts read to the end
screening.py    records to screen, what was decided of them, what was learned
history.py      runs, changes, events                       watching.py  missing records, notices of registries
alone.py        one fetching command at a time on a database
status.py       what is there, counted

Every function writes within the caller's transaction (``with db.atomic():``), so a stage happens or does not.
"""
