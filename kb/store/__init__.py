"""The only writer. Records in, rows out; nothing here reads a text, weighs a figure or draws a page.

connection.py   opens a database, asserts that it is ours and that its append-only tables are protected
documents.py    payloads, documents and everything that comes from payloads
changes.py      what a new version changes, and what happened: field by field, events once
asked.py        what was asked of the services and what came; rounds and the watermark
neighbours.py   what iCite, the registry, PMC and searches say        resolved.py  references and possible duplicates
derived.py      figures, verdicts, standings, effects, estimates, reanalyses: replaced, never edited
decisions.py    the file of decisions beside the database: append only, never served
history.py      runs, changes, events
status.py       what is there, counted

Every function writes within the caller's transaction (``with db.atomic():``), so a stage happens or does not.
"""
