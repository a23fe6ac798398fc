"""Keeps, reads, judges, shows: composes the leaves ingest and analysis. Imports only point down.

cli          the command line
web          the Datasette plugin
stages       the line, payload to estimate, like a table of contents      export   the same, written to files
store        the only writer        extract  text → figures with places    checks   can the number be right?
evidence     figures → effects → estimates                                 frames   the views as DataFrames
vocabulary   outcomes and topics as data                                   migrations  the schema, in schema/*.sql
records, errors
"""
