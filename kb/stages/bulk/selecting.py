"""What of a bulk file belongs to a topic: hits of its rule, and the neighbourhood that the database knows.

The rule is the topic's own searches, asked of the records themselves; the neighbourhood are the ends of all links and
matched references of the topic's seeds, so that a file from which they were missing so far brings them.
"""

import json
from dataclasses import replace
from hashlib import sha256

from sqlite_utils import Database

from ingest.printed.identifiers import pmid
from ingest.queries import Selection, parse_query
from kb.store.rows import fetch
from kb.vocabulary import Topic

#: Ids of documents, fetched or not, that a link or a reference joins to a seed.
NEIGHBOURS = """
with seeds as (select id from documents where pmid in (select value from json_each(:seeds)))
select to_document as id from links where from_document in seeds
union select from_document from links where to_document in seeds
union select matched_document from references_text where document in seeds and matched_document is not null
union select document from references_text where matched_document in seeds
"""
#: A DOI as printed, for ids that are made of one.
DOIS = (
    "select lower(value) as doi from identifiers where scheme = 'doi' and document in (select value from json_each(?))"
)


def named_by(topic: Topic) -> Selection:
    """What the topic itself names: hits of its searches, its seeds and their neighbours, and who cites a seed.

    Raises Misconfigured where a search cannot be asked of files.
    """
    names = (*topic.seeds, *topic.similar, *topic.citers, *topic.references)
    return Selection(
        queries=tuple(parse_query(query) for query in topic.queries),
        pmids=frozenset(one for one in names if pmid(one)),
        dois=frozenset(one.lower() for one in names if not pmid(one)),
        cited=frozenset(topic.seeds),
    )


def selection_of(db: Database, topic: Topic) -> Selection:
    """What belongs to the topic by its rule, by name, and by what the database knows of its seeds' neighbours.

    Raises Misconfigured where a search of the topic cannot be asked of files.
    """
    named = named_by(topic)
    ids = [row["id"] for row in fetch(db, NEIGHBOURS, {"seeds": json.dumps(list(topic.seeds))})]
    pmids = {one.removeprefix("pmid-") for one in ids if one.startswith("pmid-")}
    # an id is the DOI in lower case with its slash as a low line; only the first slash is sure to be one
    unseen = {one.removeprefix("doi-").replace("_", "/", 1) for one in ids if one.startswith("doi-")}
    seen = {row["doi"] for row in fetch(db, DOIS, [json.dumps(ids)])}
    return replace(named, pmids=named.pmids | pmids, dois=named.dois | unseen | seen)


def rule_of(selection: Selection) -> str:
    """A name for a selection: another neighbourhood is another rule, and the file is looked through again."""
    parts = (
        repr(selection.queries),
        *(repr(sorted(one)) for one in (selection.pmids, selection.dois, selection.cited)),
    )
    return sha256("\n".join(parts).encode()).hexdigest()
