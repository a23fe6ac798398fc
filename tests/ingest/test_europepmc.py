"""Europe PMC and BioC: errors under 200, empty 404s and bad cursors are states, never crashes or loops (S52)."""

import json

import pytest

from ingest.errors import BadPayload, BadReply, SourceUnreachable
from ingest.records import Identifier, Link, Person, PublicationDate, Reference, Section
from ingest.services import bioc, europepmc

BASE = "https://example.org/europepmc/rest"
MOSS = {
    "id": "7", "source": "MED", "doi": "10.1234/moss", "pmcid": "PMC70", "title": "Moss &amp; <i>rain</i>",
    "authorString": "Lovelace AB, Moss Group.", "pubYear": "2020", "pageInfo": "11-9",
    "journalInfo": {"volume": "7", "issue": "2", "journal": {"title": "Moss Letters", "issn": "1234-5678"}},
    "abstractText": "<h4>Results</h4>CO<sub>2</sub> fell, p&lt;0.05.<h4>Conclusion</h4>Wet.",
}  # fmt: skip


def page(results, count=None, cursor=None):
    told = {"version": "6.9", "hitCount": len(results) if count is None else count, "resultList": {"result": results}}
    return json.dumps(told | ({"nextCursorMark": cursor} if cursor else {}))


def test_a_result():
    found = europepmc.record(MOSS)
    assert found.identifiers == (
        Identifier("pmid", "7"), Identifier("doi", "10.1234/moss"), Identifier("pmcid", "PMC70"),
    )  # fmt: skip
    assert found.sections == (
        Section("title", None, "Moss & rain"),
        Section("abstract", None, "Results\nCO2 fell, p<0.05.\nConclusion\nWet."),
    )
    assert found.people == (
        Person("AB Lovelace", "Lovelace", None, "AB"), Person("Moss Group", collective=True),
    )  # fmt: skip
    assert (found.journal, found.issn, found.volume, found.issue) == ("Moss Letters", "1234-5678", "7", "2")
    assert found.published == PublicationDate("2020", 2020)


def test_a_preprint_has_no_pmid():
    found = europepmc.record({"id": "PPR9", "source": "PPR", "doi": "10.1101/9", "title": "Early moss"})
    assert found.kind == "preprint"
    assert found.identifiers == (Identifier("doi", "10.1101/9"), Identifier("europepmc", "PPR9"))


def test_all_pages_until_the_cursor_stands_still(canned):
    pages = {"*": page([MOSS], 2, "b"), "b": page([MOSS | {"id": "8", "doi": ""}], 2, "c"), "c": page([], 2, "c")}
    service = canned(lambda q: pages[dict(q.params)["cursorMark"]])
    found = europepmc.search(service, BASE, "moss")
    assert [one.identifier("pmid") for one in found.documents] == ["7", "8"]
    assert (found.count, found.complete, service.params("cursorMark")) == (2, True, ["*", "b", "c"])


@pytest.mark.parametrize(
    "told",
    [
        '{"errCode":404,"errMsg":"No such thing"}',
        '{"version":"6.9"}',
        '{"version":"6.9","hitCount":3}',
        page([MOSS])[:-5],
        SourceUnreachable("maintenance"),
    ],
)
def test_s52_an_error_under_200_or_a_bad_cursor_is_a_failure_and_no_loop(canned, told):
    found = europepmc.search(canned(lambda _: told), BASE, "moss")
    assert (found.documents, found.complete) == ((), False)
    assert found.reason
    with pytest.raises((BadReply, BadPayload)):
        europepmc.parse_search(b'{"version":"6.9"}')


def test_fewer_than_counted_is_not_complete(canned):
    assert not europepmc.search(canned(lambda _: page([MOSS], 5, "*")), BASE, "moss").complete


def test_citers_and_references(canned):
    cited = {"hitCount": 2, "citationList": {"citation": [{"id": "8", "source": "MED", "title": "More"}, {"id": "x"}]}}
    listed = {
        "hitCount": 2,
        "referenceList": {
            "reference": [
                {"id": "5", "source": "MED", "authorString": "Hopper G.", "title": "Rust.", "pubYear": 1999},
                {"unstructuredInformation": "A poster, 1998"},
            ]
        },
    }
    service = canned(lambda q: json.dumps(cited if q.url.endswith("citations") else listed))
    assert europepmc.citers(service, BASE, "7").links == (
        Link("cited_by", (Identifier("pmid", "8"),), "europepmc", title="More"),
    )  # fmt: skip
    found = europepmc.references(service, BASE, "7")
    assert found.references == (
        Reference("Hopper G. Rust. 1999", (Identifier("pmid", "5"),)), Reference("A poster, 1998"),
    )  # fmt: skip
    assert [one.kind for one in found.links] == ["cites"]
    assert found.known


def test_an_answer_without_a_count_is_no_answer():
    with pytest.raises(BadReply):
        europepmc.parse_citations(b'{"citationList": {"citation": []}}')


def test_many_citers_come_page_by_page(canned):
    def service(request):
        start = (int(dict(request.params)["page"]) - 1) * europepmc.PAGE
        ids = range(start + 1, min(start + europepmc.PAGE, 2500) + 1)
        listed = [{"id": str(one), "source": "MED"} for one in ids]
        return json.dumps({"hitCount": 2500, "citationList": {"citation": listed}})

    asked = canned(service)
    assert len(europepmc.citers(asked, BASE, "7").links) == 2500
    assert asked.params("page") == ["1", "2", "3"]


def test_no_answer_about_references_is_not_none(canned):
    found = europepmc.references(canned(lambda _: SourceUnreachable("maintenance")), BASE, "7")
    assert (found.known, found.links, found.reason) == (False, (), "maintenance")


META = '<front><article-meta><article-id pub-id-type="pmc">{}</article-id></article-meta></front>'
ARTICLE = f"<article>{META}{{}}</article>"
BEAN = "<errorBean><errCode>0</errCode><errMsg>not open access</errMsg></errorBean>"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (ARTICLE.format("11", "<body><p>Wet.</p></body>"), "full"),
        (ARTICLE.format("11", ""), "front only"),
        (ARTICLE.format("12", ""), "failed"),
        ((404, ""), "not available"),
        (BEAN, "not available"),
        ("<other/>", "failed"),
        (SourceUnreachable("down"), "failed"),
    ],
)
def test_s52_the_state_of_a_full_text(canned, told, state):
    assert europepmc.full_text(canned(lambda _: told), BASE, "PMC11").state == state


def test_a_recorded_search(corpus_bytes):
    hits = europepmc.parse_search(corpus_bytes("europepmc/search_pmid_20516115.json"))
    (found,) = hits.documents
    assert (hits.count, hits.cursor) == (1, None)
    assert found.identifiers == (
        Identifier("pmid", "20516115"), Identifier("doi", "10.1158/0008-5472.can-09-4563"),
        Identifier("pmcid", "PMC3040717"),
    )  # fmt: skip
    assert (found.journal, found.volume, found.issue, found.pages) == ("Cancer Res", "70", "12", "4880-4890")
    assert len(found.people) == 11


def test_the_recorded_error_bean(corpus_bytes):
    assert "not open access" in europepmc.parse_error_bean(corpus_bytes("europepmc/not_open_access_error.xml"))


PASSAGES = [
    {
        "infons": {"section_type": "TITLE", "type": "front", "article-id_pmc": "11", "article-id_pmid": "7"},
        "text": "Moss",
    },
    {"infons": {"section_type": "ABSTRACT", "type": "abstract"}, "text": "Wet."},
    {"infons": {"section_type": "RESULTS", "type": "paragraph"}, "text": "It fell."},
    {"infons": {"type": "table"}, "text": "a\tb"},
    {"infons": {}, "text": " "},
]


@pytest.mark.parametrize("number", ["11", "PMC11"])
def test_bioc_of_pmc_is_a_list_of_collections(number):
    body = json.dumps([{"documents": [{"id": number, "passages": PASSAGES}]}]).encode()
    (found,) = bioc.parse(body)
    assert (found.kind, found.title) == ("full text", "Moss")
    assert found.identifiers == (Identifier("pmcid", "PMC11"), Identifier("pmid", "7"))
    assert [(one.kind, one.label) for one in found.sections] == [
        ("title", None), ("abstract", "ABSTRACT"), ("body", "RESULTS"), ("table", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "unavailable"),
    [(b"[Error] : No result can be found. <BR>", True), (b"[{", False), (b"[]", False), (b'{"documents":[]}', False)],
)
def test_s52_the_text_error_of_bioc_is_not_available_and_nothing_else_is(body, unavailable):
    assert bioc.is_unavailable(body) is unavailable


def test_bioc_is_asked_by_pmcid():
    assert bioc.request("https://example.org/bioc", "PMC11").url == "https://example.org/bioc/BioC_json/PMC11/unicode"


@pytest.mark.parametrize(
    ("name", "numbers", "lengths"),
    [
        ("pubtator_export_20516115", ["20516115"], [[110, 1687]]),
        ("pubtator_two_abstracts", ["28483577", "29355051"], [[171, 1773], [124, 1273]]),
    ],
)
def test_recorded_bioc(corpus_bytes, name, numbers, lengths):
    found = bioc.parse(corpus_bytes(f"bioc/{name}.json"))
    assert [one.identifier("pmid") for one in found] == numbers
    assert [[len(part.text) for part in one.sections] for one in found] == lengths
    assert all([part.kind for part in one.sections] == ["title", "abstract"] for one in found)
