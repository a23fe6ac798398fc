"""Loading PubMed's bulk files: parsing processes beside one writer.

loading.py     one file, in short transactions, resumed where it stopped
crew.py        the processes that parse, and the bounded queue between
selecting.py   which records belong to a topic: its searches, its named ids, its links
"""
