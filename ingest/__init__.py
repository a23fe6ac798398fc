"""From bytes to Documents: a leaf that knows neither SQL, nor a terminal, nor the web, nor analysis or kb.

records.py, errors.py        the nouns, and what can go wrong
payload.py, text.py, xml.py  gzip and encodings, verbatim text, safe streaming XML
formats.py                   which format a payload is, by its content: one row a format
pubmed_xml.py, pubmed_page.py, medline.py, ris.py, …   one file a source, the same face: bytes in, Documents out
sheets.py, shape.py          our own curated sheets, and the whitelist of keys that sheets and vocabulary share
"""
