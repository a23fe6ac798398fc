"""Saved files, one module a format with the same face: ``iter_documents(stream, name)``.

PubMed XML (pubmed_xml, pubmed_parts, pubmed_book), its page as text (pubmed_page, page_blocks), its other exports
(pubmed_text, pubmed_csv, medline, pmid_list), RIS (ris) and full text (jats, jats_body).
``ingest.formats`` tells them apart.
"""
