"""The services, one module a source with the same verbs: build a request, send it, parse the reply, verify.

addresses.py      where they are, from the environment      accounting.py  ids accounted for
eutils*.py        PubMed: fetch, search, links, summaries, citation matching      idconv.py  identifiers
clinicaltrials.py, ctgov_text.py   the registry      pmc.py, europepmc.py, bioc.py  full text      icite.py  counts
edges.py          who says that one paper cites another      loose_json.py  JSON as services really send it
"""
