"""One verb a service: what is wanted and has no answer yet is asked for, batch by batch, and each batch is stored.

The network is never inside a transaction; a batch is stored in one, its account with it. What has its answer is not
asked again, so a run that was cut goes on where it was, and one that failed asks for what it lacks.
"""

from collections.abc import Mapping, Sequence

from ingest.http.exchange import Reply
from ingest.records import Tombstone
from ingest.services import clinicaltrials, eutils, eutils_links, icite, pmc
from ingest.services.accounting import Failure, ask, batches
from ingest.services.eutils_match import CitationMatch, match_doi
from kb.stages.fetching.keeping import Asking, State
from kb.store import asked, documents, neighbours, watching
from kb.store.payloads import sha256_of

#: What a service says of a DOI or a full text -> the state of the request; what is not here has failed.
_DOI_STATES = {"found": "returned", "not found": "absent", "another paper": "absent"}
_PMC_STATES = {"full": "returned", "front only": "returned", "absent": "absent", "invalid": "absent"}


def records(at: Asking, pmids: Sequence[str]) -> None:
    """PubMed records; what PubMed has not, and says so again, is withdrawn here, never deleted."""
    todo = at.open("record", pmids)
    done = 0
    at.say("records", done, len(todo))
    for fetched in eutils.fetch(at.sender, at.services.eutils, todo):
        merged = _merged(at, asked.with_records(at.db, sorted(fetched.accounted.absent)))
        save_records(at, fetched, merged)
        done += len(fetched.accounted.requested)
        at.say("records", done, len(todo))


def dois(at: Asking, wanted: Sequence[str]) -> None:
    """The PubMed records that have these DOIs; a hit whose own DOI is another one is not taken."""
    todo = at.open("doi", wanted)
    for done, doi in enumerate(todo):
        at.say("DOIs", done, len(todo))
        save_doi(at, doi, match_doi(at.sender, at.services.eutils, doi))


def save_doi(at: Asking, doi: str, found: CitationMatch) -> None:
    """Store what became of a DOI; its record is wanted from now on."""
    state = _DOI_STATES.get(found.state, "failed")
    with at.db.atomic():
        at.states("doi", {doi: (state, found.reason or (None if state == "returned" else found.state))})
        if found.pmid and state == "returned":
            asked.want(at.db, "record", [found.pmid], at.run.id)


def save_records(at: Asking, fetched: eutils.Fetched, merged: Mapping[str, str]) -> None:
    """Store a batch of records with its account; `merged` names the survivors of those that are gone."""
    with at.db.atomic():
        at.settle("record", fetched.accounted)
        for answer in fetched.answers:
            sha256 = sha256_of(answer.reply.body)
            for document in answer.documents:
                documents.save_document(at.db, document, sha256, at.run.id)
        watching.there(at.db, fetched.accounted.returned)
        for gone in sorted(fetched.accounted.absent):
            # PubMed's word that it merged a record is sure; that it has none is believed when it is said again
            if gone in merged or watching.missed(at.db, gone, at.sender.round.since, at.run.id):
                documents.bury(at.db, Tombstone(gone), at.run.id, merged.get(gone))
        asked.drop_unknown_links(at.db)


def links(at: Asking, edge: str, pmids: Sequence[str]) -> None:
    """Neighbours of records that are here, asked for by id; an id without an answer has failed, not none."""
    todo = asked.with_records(at.db, at.open(edge, pmids))
    for done, batch in enumerate(batches(todo, eutils_links.LINK_BATCH)):
        at.say(f"{edge} links", done * eutils_links.LINK_BATCH, len(todo))
        save_links(at, eutils_links.links(at.sender, at.services.eutils, edge, batch))


def save_links(at: Asking, linked: eutils_links.Linked) -> None:
    """Store the links of a batch; links that are missing this time stay, only not seen again."""
    states: dict[str, State] = dict.fromkeys(linked.answered, ("returned", None))
    with at.db.atomic():
        at.states(linked.edge, states | {one: ("failed", why) for one, why in linked.unanswered.items()})
        for one in linked.answered:
            documents.save_links(at.db, f"pmid-{one}", linked.links(one))
        asked.drop_unknown_links(at.db)


def counts(at: Asking, pmids: Sequence[str]) -> None:
    """Counts of records that are here, from iCite; where edges are wanted also those that it knows."""
    todo = asked.with_records(at.db, at.open("counts", pmids))
    for done, batch in enumerate(batches(todo, icite.CITE_BATCH)):
        at.say("citation counts", done * icite.CITE_BATCH, len(todo))
        save_counts(at, icite.citations(at.sender, at.services.icite, batch))


def save_counts(at: Asking, counted: icite.Counted) -> None:
    """Store a batch of counts, and the wanted edges."""
    with at.db.atomic():
        at.settle("counts", counted.accounted)
        if counted.replies:
            sha256 = sha256_of(counted.replies[0].body)
            neighbours.save_counts(at.db, counted.found.values(), sha256)
        for one, told in counted.found.items():
            wanted = asked.edges_wanted(at.db, one)
            documents.save_links(at.db, f"pmid-{one}", (link for link in told.links() if link.kind in wanted))
        asked.drop_unknown_links(at.db)


def registry(at: Asking, numbers: Sequence[str]) -> None:
    """Registry entries, one question each."""
    todo = at.open("registry", numbers)
    for done, number in enumerate(todo):
        at.say("registry entries", done, len(todo))
        save_study(at, clinicaltrials.study(at.sender, at.services.ctgov, number))


def save_study(at: Asking, answer: clinicaltrials.StudyAnswer) -> None:
    """Store one registry entry: its texts as a document, its facts beside it."""
    with at.db.atomic():
        at.settle("registry", clinicaltrials.account_for([answer]))
        if answer.document and answer.reply:
            saved = documents.save_document(at.db, answer.document, sha256_of(answer.reply.body), at.run.id)
            if answer.document.registry:
                neighbours.save_registry_entry(at.db, saved.id, answer.document.registry, at.run.id)


def full_texts(at: Asking, pmcids: Sequence[str]) -> None:
    """Full texts of PMC; only one whose licence lets it be passed on becomes a document."""
    todo = at.open("full text", pmcids)
    for done, number in enumerate(todo):
        at.say("full texts", done, len(todo))
        text = pmc.full_text(at.sender, at.services.eutils, number)
        licence, version = text.licence, None
        if text.state in {"full", "front only"} and (licence is None or licence.code is None):
            licence, version = _licence_in_store(at, number, licence)
        save_full_text(at, text, licence, version)


def save_full_text(at: Asking, text: pmc.FullText, licence: pmc.Licence | None, version: int | None) -> None:
    """Store what PMC gives of one article, its licence, and its text where the licence allows that."""
    with at.db.atomic():
        at.states("full text", {text.pmcid: (_PMC_STATES.get(text.state, "failed"), text.reason)})
        if text.state not in _PMC_STATES:
            return
        stored = None
        if text.state == "full" and text.document and text.reply and licence and licence.free:
            stored = documents.save_document(at.db, text.document, sha256_of(text.reply.body), at.run.id).id
        neighbours.save_full_text(at.db, text, licence, stored, version)


def _licence_in_store(at: Asking, number: str, stated: pmc.Licence | None) -> tuple[pmc.Licence | None, int | None]:
    """The licence by the object store's newest version; what the article says itself where the store says nothing."""
    listed = ask(at.sender, pmc.versions_request(at.services.pmc_oa, number))
    versions = () if isinstance(listed, Failure) else pmc.parse_versions(listed.body, number)
    if not versions:
        return stated, None
    told = ask(at.sender, pmc.stored_request(at.services.pmc_oa, number, versions[0]))
    if isinstance(told, Failure):
        return stated, versions[0]
    return pmc.parse_stored(told.body).licence, versions[0]


def _merged(at: Asking, gone: Sequence[str]) -> dict[str, str]:
    """The survivors of records that PubMed gave before and now does not; the one answer that names them is text."""
    found: dict[str, str] = {}
    for one in gone:
        reply = ask(at.sender, eutils.merged_request(at.services.eutils, one))
        if isinstance(reply, Reply):
            found |= eutils.parse_merged(reply.body)
    return found
