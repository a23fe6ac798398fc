"""From bytes to Documents: a leaf that knows neither SQL, nor a terminal, nor the web, nor analysis or kb.

records.py, errors.py   the nouns, and what can go wrong
formats.py              which format a payload is, by its content: one row a format
files/                  saved files, one module a format        services/   PubMed and its neighbours
markup/, printed/       bytes to text; what is printed to records        http/   the one polite client
sheets.py, shape.py     our own curated sheets, and the whitelist of keys that sheets and vocabulary share
citations.py, duplicates.py   a free-text reference and the record it means; records that may be one
"""
