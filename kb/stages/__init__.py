"""The line, from payload to estimate: one short function a stage.

fetch   PubMed, registry, PMC, iCite (pulling, refreshing)   -> payloads, and what has no answer yet
keep    bytes, as they came                                  -> payload
parse   payload                                              -> Document
load    Document                                             -> rows, sections verbatim
read    section + vocabulary, or a sheet's keyed figures     -> figures with their places
check   figure in its study                                  -> verdicts, with the sum shown
weigh   speaking figures                                     -> effects, reanalyses
pool    effects of one class and design, one a cohort        -> estimates
show    kb.web, over the views

A command starts at one module: starting (init), loading (load), building (build), fetching (pull, refresh), bulk,
cluster, proposing, rating; topic says whose database it is. Nothing is imported here: each loads what it needs alone.
"""
