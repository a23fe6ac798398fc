"""From the services into the database: pull, refresh, searches.

pulling.py      what is wanted, asked and kept, the seeds first      refreshing.py   what changed since last time
searching.py    the topic's queries, their hits as identified        gathering.py    registry, full text, counts
keeping.py      each answer kept as a payload before anything is made of it
"""
