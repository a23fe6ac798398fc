"""Real files load whole: as many documents as their manifest counts, and the quirks that their README lists.

Only facts stand here: counts, ids, field values.
"""

import csv
from collections import Counter

import pytest

from ingest.errors import BadPayload, Truncated, UnknownFormat
from ingest.formats import read_documents
from ingest.records import Tombstone

READABLE = (
    "bulk/", "exports/", "eutils/efetch_", "eutils/biopython/pubmed", "eutils/biopython/efetch_pmc", "quirks/",
    "fulltext/jats/", "fulltext/evidence_inference/PMC", "neighbourhood/38206544", "fulltext/efetch_",
)  # fmt: skip
BROKEN = {"eutils/biopython/pubmed3.html", "quirks/jabref/MedlineImporterTestMalformedEntry.xml"}


@pytest.fixture(scope="session")
def corpus(shared):
    """Read one file of the corpus by its path there; each is read once."""
    read = {}

    def reading(path):
        if path not in read:
            with (shared / "corpus" / path).open("rb") as stream:
                read[path] = list(read_documents(stream, path))
        return read[path]

    return reading


@pytest.fixture
def by_pmid(corpus):
    """The documents of a file by their PMID (the last one where it stands twice)."""
    return lambda path: {one.identifier("pmid"): one for one in corpus(path) if not isinstance(one, Tombstone)}


def test_every_file_that_can_be_read_holds_as_many_documents_as_its_manifest_says(shared, corpus):
    with (shared / "corpus" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["path"].startswith(READABLE)]
    expected = {row["path"]: int(row["records"]) for row in rows if row["path"] not in BROKEN}
    found = {path: sum(not isinstance(one, Tombstone) for one in corpus(path)) for path in expected}
    assert len(expected) > 130
    assert found == expected


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("quirks/jabref/MedlineImporterTestMalformedEntry.xml", BadPayload),
        ("eutils/biopython/pubmed3.html", UnknownFormat),
        ("eutils/biopython/esearch1.xml", UnknownFormat),
        ("eutils/errors/rate_limit_429.json", UnknownFormat),
        ("europepmc/not_open_access_error.xml", UnknownFormat),
        ("fulltext/pmc_oa_not_open_access.xml", UnknownFormat),
        ("neighbourhood/NCT00962923.txt", UnknownFormat),
        ("trials/study_NCT03934567.json", UnknownFormat),
        ("README.md", UnknownFormat),
    ],
)
def test_what_is_no_record_is_refused_by_name(corpus, path, error):
    with pytest.raises(error, match=path) as caught:
        corpus(path)
    assert type(caught.value) is error


@pytest.mark.parametrize("path", ["bulk/medsamp2014.xml.gz", "bulk/pubmed_result_93.xml"])
def test_half_a_file_gives_its_whole_records_first(shared, path):
    data = (shared / "corpus" / path).read_bytes()
    got = []
    with pytest.raises(Truncated, match=r"after \d+ complete records"):
        got.extend(read_documents(_Cut(data[: len(data) // 2]), path))
    assert len(got) > 20


class _Cut:
    def __init__(self, data):
        self.data = data

    def read(self, size=-1):
        size = len(self.data) if size < 0 else size
        data, self.data = self.data[:size], self.data[size:]
        return data


@pytest.mark.parametrize(
    ("path", "pmids"),
    [
        ("bulk/medsamp2014.xml.gz", 7),
        ("bulk/pubmedsample_2019.xml.gz", 7),
        ("bulk/pubmed_sample_7.xml", 3),
    ],
)
def test_deletions_of_an_update_file(corpus, path, pmids):
    deleted = [one for one in corpus(path) if isinstance(one, Tombstone)]
    assert len(deleted) == pmids
    assert deleted[0].pmid in {"23203860", "30830050"}


def test_versions_and_a_pmid_that_stands_twice(corpus):
    documents = [one for one in corpus("bulk/pubmed_sample_7.xml") if not isinstance(one, Tombstone)]
    versions = {one.identifier("pmid"): one.version for one in documents}
    assert versions["31383387"] == 3
    assert Counter(one.identifier("pmid") for one in documents)["31383287"] == 2
    assert versions["1"] == 1


@pytest.mark.parametrize(
    ("path", "pmid", "field", "value"),
    [
        ("bulk/medsamp2014.xml.gz", "11034741", "published", (None, None)),
        ("bulk/medsamp2014.xml.gz", "1875346", "people_complete", False),
        ("bulk/medsamp2014.xml.gz", "11525160", "people", ()),
        ("bulk/pubmed_result_ortho_292.xml", "1111769", "people", ()),
        ("eutils/efetch_agr/2.xml", "2", "copyright", None),
    ],
)
def test_what_is_absent_is_none(by_pmid, path, pmid, field, value):
    found = getattr(by_pmid(path)[pmid], field)
    assert (found.month, found.day) == value if field == "published" else found == value


@pytest.mark.parametrize(
    ("path", "pmid"), [("bulk/medsamp2014.xml.gz", "11243089"), ("bulk/pubmed_result_ortho_292.xml", "25238468")]
)
def test_a_medline_date_keeps_its_words_and_gives_its_first_month(by_pmid, path, pmid):
    date = by_pmid(path)[pmid].published
    assert "-" in date.raw
    assert date.year is not None
    assert date.month is not None


@pytest.mark.parametrize("pmid", ["28304499", "28308877"])
def test_an_empty_title_is_none_and_the_vernacular_one_is_kept(by_pmid, pmid):
    document = by_pmid(f"eutils/efetch_agr/{pmid}.xml")[pmid]
    assert document.title is None
    assert document.vernacular_title
    assert not [part for part in document.sections if part.kind == "title"]


def test_the_book_records(corpus, by_pmid):
    document = by_pmid("eutils/efetch_agr/20301347.xml")["20301347"]
    assert (document.kind, document.identifier("bookaccession") is not None) == ("book", True)
    (manifest,) = [Counter(one.kind for one in corpus("quirks/jabref/MedlineImporterTestNbib.xml"))]
    assert manifest == {"article": 1, "book": 1}


@pytest.mark.parametrize(
    ("path", "pmid", "kind"),
    [
        ("eutils/efetch_agr/21976771.xml", "21976771", "RetractionIn"),
        ("bulk/pubmed21n0001_head.xml.gz", "2", "ErratumIn"),
        ("bulk/pubmed21n0001_head.xml.gz", "8", "ErratumFor"),
        ("bulk/pubmed21n1005_head.xml.gz", "31541003", "RetractionIn"),
    ],
)
def test_notices(by_pmid, path, pmid, kind):
    assert kind in {one.ref_type for one in by_pmid(path)[pmid].notices}


@pytest.mark.parametrize(
    ("path", "pmid", "accession"),
    [
        ("eutils/efetch_single/29768149.xml", "29768149", "NCT02149199"),
        ("bulk/pubmed21n1000_head.xml.gz", "31388343", None),
    ],
)
def test_registrations_of_the_data_bank_are_strong(by_pmid, path, pmid, accession):
    strong = [one for one in by_pmid(path)[pmid].registrations if one.evidence == "strong"]
    assert strong[0].registry == "ClinicalTrials.gov"
    assert accession in {None, strong[0].accession}


def test_no_record_takes_an_id_from_its_references(corpus):
    """eutils-contract 5.5: a careless path would give one record hundreds of foreign PMIDs and DOIs."""
    for document in corpus("bulk/pubmed_result_93.xml"):
        kinds = Counter(one.scheme for one in document.identifiers)
        assert kinds["pmid"] == 1
        assert kinds["doi"] <= 1
        assert kinds["pmcid"] <= 1


def test_citing_links_come_from_reference_lists_and_from_notices_of_type_cites(corpus):
    links = [link for document in corpus("bulk/pubmed_result_sr_106.xml") for link in document.links]
    assert len(links) > 1000
    assert {(link.kind, link.source) for link in links} == {("cites", "reference-list")}
    assert all(link.target[0].scheme in {"pmid", "doi", "pmcid"} for link in links)


def test_orcids_are_all_in_one_shape(corpus):
    people = [person for one in corpus("bulk/pubmed_result_93.xml") for person in one.people if person.orcid]
    assert len(people) == 28
    assert all(len(person.orcid) == 19 and person.orcid.count("-") == 3 for person in people)


@pytest.mark.parametrize(
    "path",
    ["bulk/pubmed21n1000_head.xml.gz", "bulk/pubmed_result_121.xml", "bulk/medsamp2014.xml.gz"],
)
def test_no_tag_of_a_real_record_is_unknown(corpus, path):
    assert not [one.unknown_tags for one in corpus(path) if not isinstance(one, Tombstone) and one.unknown_tags]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("exports/abstract_text_400.txt", {"people": 400, "published": 400, "conflict_of_interest": 200}),
        ("exports/summary-systematic-set_2022-06-20.txt", {"published": 2770, "identifiers": 2770}),
        ("exports/easyPubMed_medline_90.txt", {"title": 90, "people": 90, "registrations": 2}),
        ("exports/pubmed-immunopsyc-set-2_131.nbib", {"title": 131, "journal": 131, "registrations": 2}),
        ("exports/pubmed_result_2019-07-25_284.csv", {"title": 284, "published": 284, "people": 280}),
        ("exports/pubmed-chatbot.csv", {"title": 6, "people": 6}),
        ("exports/pubmed_zotero.ris", {"title": 6, "people": 6, "published": 6}),
    ],
)
def test_what_an_export_tells_of_its_records(corpus, path, fields):
    documents = corpus(path)
    assert {field: sum(bool(getattr(one, field)) for one in documents) for field in fields} == fields


@pytest.mark.parametrize(
    ("path", "scheme", "count"),
    [
        ("exports/abstract_text_400.txt", "pmid", 400),
        ("exports/abstract_text_400.txt", "doi", 396),
        ("exports/abstract_text_400.txt", "pmcid", 190),
        ("exports/summary-systematic-set_2022-06-20.txt", "pmid", 2770),
        ("exports/pubmed_result_2019-07-25_284.csv", "pmid", 284),
        ("exports/pubmed-chatbot.csv", "pmcid", 3),
        ("exports/pmid-systematic-set_2022-10-26.txt", "pmid", 3232),
        ("exports/pubmed_zotero.ris", "doi", 6),
    ],
)
def test_ids_of_an_export_are_all_there_and_all_different(corpus, path, scheme, count):
    values = [one.identifier(scheme) for one in corpus(path) if one.identifier(scheme)]
    assert len(values) == len(set(values)) == count


def test_the_same_records_by_nbib_and_by_easypubmed_are_the_same(by_pmid):
    """Two programs wrap the same records differently: one keeps the space at a line's end, the other does not."""
    button = by_pmid("exports/pubmed-immunopsyc-set-2_131.nbib")
    program = by_pmid("exports/easyPubMed_medline_90.txt")
    shared_pmids = button.keys() & program.keys()
    same = [pmid for pmid in shared_pmids if _ascii(button[pmid]) == _ascii(program[pmid])]
    assert len(shared_pmids) == 90
    assert len(same) >= 80


def _ascii(document):
    """The abstract as one of the programs writes it: without accents, Greek letters and thin spaces."""
    return [(part.label, [word for word in part.text.split() if word.isascii()][:3]) for part in document.sections]


def test_full_texts_carry_sections_tables_and_their_licence(corpus):
    (document,) = corpus("fulltext/evidence_inference/PMC5367005.nxml")
    kinds = Counter(part.kind for part in document.sections)
    assert (document.kind, kinds["table"], kinds["abstract"]) == ("full text", 10, 6)
    assert "Creative Commons" in document.copyright
    assert "Methods > Statistical methods" in {part.label for part in document.sections}
    assert (document.identifier("pmid"), document.identifier("pmcid")) == ("28357131", "PMC5367005")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("fulltext/oai/PMC3500000.xml", "full text"),
        ("fulltext/oai/PMC4500000.xml", "full text"),
        ("fulltext/oai/PMC5000000.xml", "article"),  # scanned, without a body
        ("fulltext/oai/PMC10000000.xml", "article"),
        ("fulltext/evidence_inference/PMC2366143.nxml", "article"),
    ],
)
def test_a_full_text_is_one_with_a_body(corpus, path, kind):
    (document,) = corpus(path)
    assert document.kind == kind
    assert document.identifier("pmcid") == path.rpartition("/")[2].partition(".")[0]
