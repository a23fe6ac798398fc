"""New documents of bulk files, thousands at a time; what is stored already goes the way of every document.

In a parsing process: worker.py (its share of a file), entries.py (what is new, and what must be compared), rows.py (new
documents as rows), image.py (rows as a small database), known.py (what is stored, and from which bytes).
In the writer: writing.py (from an image into the tables), files.py (how far each file came).
Between them goes what parsed.py holds.
"""
