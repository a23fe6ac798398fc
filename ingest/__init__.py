"""From bytes to Documents: a leaf that knows neither SQL, nor a terminal, nor the web, nor analysis or kb.

records.py, errors.py        the nouns, and what can go wrong
payload.py, text.py, xml.py  gzip and encodings, verbatim text, safe streaming XML
formats.py                   which format a payload is, by its content: one row a format
pubmed_xml.py, pubmed_page.py, medline.py, ris.py, …   one file a source, the same face: bytes in, Documents out
eutils*.py, idconv.py, clinicaltrials.py, pmc.py, icite.py, europepmc.py, bioc.py   one file a service, the same face:
                             build requests, send them through the client given in, parse the bytes, account for each id
http.py                      one polite client for all services: services.py who is asked and how, exchange.py nouns,
                             pacing.py, classify.py what is an answer, retry.py, redact.py secrets, clock.py
accounting.py, edges.py      what became of every id that was asked for; edges of several sources as one list
citations.py, duplicates.py  a printed reference -> the record that it means; records that may be one work
sheets.py, shape.py          our own curated sheets, and the whitelist of keys that sheets and vocabulary share
"""
