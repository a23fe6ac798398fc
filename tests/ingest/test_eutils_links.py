"""elink: each link belongs to the id that it was asked for, and no answer is not zero links (S28–S37)."""

import json

import pytest

from ingest.errors import BadPayload, BadReply, SourceUnreachable
from ingest.records import Identifier, Link
from ingest.services.edges import gather
from ingest.services.eutils_links import LINK_BATCH, LinkSet, Neighbour, link_request, links, parse_links

BASE = "https://example.org/eutils"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eLinkResult PUBLIC "-//NLM//DTD elink 20101123//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20101123/elink.dtd">\n'
)
ERROR = "<ERROR>NCBI C++ Exception: Read failed: EOF</ERROR>"


def link_set(asked, found=None, name="pubmed_pubmed", scores=None, inside="", error=""):
    ids = "".join(f"<Id>{one}</Id>" for one in (asked if isinstance(asked, tuple) else (asked,)))
    score = scores or {}
    each = "".join(
        f"<Link><Id>{one}</Id>{f'<Score>{score[one]}</Score>' if one in score else ''}</Link>" for one in found or ()
    )
    head = f"<DbTo>pubmed</DbTo><LinkName>{name}</LinkName>"
    listed = "" if found is None else f"<LinkSetDb>{head}{each}{inside}</LinkSetDb>"
    return f"<LinkSet><DbFrom>pubmed</DbFrom><IdList>{ids}</IdList>{listed}{error}</LinkSet>"


def answer(*sets):
    return HEAD + f"<eLinkResult>\n{''.join(sets)}</eLinkResult>\n"


class Pubmed:
    """Links by PMID, one LinkSet for each id that is asked for; `bend` changes the answer's sets."""

    def __init__(self, known, name="pubmed_pubmed", bend=lambda sets, _: sets):
        self.known, self.name, self.bend = known, name, bend

    def __call__(self, request):
        ids = [value for name, value in request.params if name == "id"]
        scored = dict(request.params)["cmd"] == "neighbor_score"
        sets = [self._set(one, scored) for one in ids]
        return answer(*self.bend(sets, ids))

    def _set(self, one, scored):
        found = self.known.get(one)
        scores = {each: 1000 - place for place, each in enumerate(found or ())} if scored else None
        return link_set(one, found, self.name, scores)


def ids_of(*neighbours):
    return tuple(one.id for one in neighbours)


def test_s28_asked_by_id_every_link_has_its_owner(canned):
    service = canned(Pubmed({"1": ["10", "11"], "2": ["20"]}))
    linked = links(service, BASE, "similar", ["1", "2", "1"])
    assert [p for p in service.asked[0].params if p[0] == "id"] == [("id", "1"), ("id", "2")]
    assert {one: ids_of(*found) for one, found in linked.answered.items()} == {"1": ("10", "11"), "2": ("20",)}
    assert linked.links("1")[0] == Link("similar", (Identifier("pmid", "10"),), "elink", 1000.0)


def test_s28_one_list_for_two_ids_belongs_to_nobody(canned):
    together = link_set(("1", "2"), ["10"])
    alone = Pubmed({"1": ["11"], "2": []}, "pubmed_pubmed_citedin")
    service = canned(lambda q: answer(together) if len([p for p in q.params if p[0] == "id"]) > 1 else alone(q))
    linked = links(service, BASE, "cited_by", ["1", "2"])
    assert {one: ids_of(*found) for one, found in linked.answered.items()} == {"1": ("11",), "2": ()}


@pytest.mark.parametrize(
    ("sets", "answered"),
    [
        pytest.param([link_set("1")], True, id="a list without LinkSetDb"),
        pytest.param([link_set("1", [], inside="<Info>Empty result</Info>")], True, id="Empty result"),
        pytest.param([], False, id="no list at all"),
        pytest.param([link_set("2", ["3"])], False, id="a list for somebody else"),
        pytest.param([link_set("0", ["3"])], False, id="a list for id 0"),
    ],
)
def test_s29_zero_links_differ_from_no_answer(canned, sets, answered):
    linked = links(canned(lambda _: answer(*sets)), BASE, "cited_by", ["1"])
    assert (linked.answered, set(linked.unanswered)) == (({"1": ()}, set()) if answered else ({}, {"1"}))
    assert linked.links("1") == ()


def test_s30_self_repeated_and_invalid_links_are_left_out(canned):
    service = canned(Pubmed({"1": ["1", "10", "0", "10", "11", "2020360999999"]}))
    assert ids_of(*links(service, BASE, "similar", ["1"]).answered["1"]) == ("10", "11")


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(lambda sets, _: sets[::-1], id="reordered"),
        pytest.param(lambda sets, ids: sets[1:] if len(ids) > 1 else sets, id="one dropped"),
        pytest.param(lambda sets, _: [link_set("2020360999999", ["7"]), *sets], id="one for an invented id"),
        pytest.param(lambda sets, ids: [link_set("0"), *sets[1:]] if len(ids) > 1 else sets, id="one answered as id 0"),
        pytest.param(
            lambda sets, ids: [f"<LinkSet>{ERROR}</LinkSet>", *sets[1:]] if len(ids) > 1 else sets, id="one an error"
        ),
    ],
)
@pytest.mark.parametrize("edge", ["similar", "cited_by"])
def test_s31_answers_are_matched_by_their_ids_and_what_is_missing_is_asked_for_alone(canned, bend, edge):
    name = {"similar": "pubmed_pubmed", "cited_by": "pubmed_pubmed_citedin"}[edge]
    service = canned(Pubmed({"1": ["10"], "2": ["20"], "3": []}, name, bend))
    linked = links(service, BASE, edge, ["1", "2", "3"])
    assert {one: ids_of(*found) for one, found in linked.answered.items()} == {"1": ("10",), "2": ("20",), "3": ()}
    assert linked.unanswered == {}


def test_s31_what_turns_out_not_to_exist_goes(canned):
    linked = links(canned(Pubmed({"1": ["10", "11"], "2": ["10"]})), BASE, "similar", ["1", "2"])
    assert linked.targets == ("10", "11")
    kept = linked.without({"10", "2"})
    assert {one: ids_of(*found) for one, found in kept.answered.items()} == {"1": ("11",)}


LEVELS = {
    "LinkSet": link_set("1", ["10"], error=ERROR),
    "LinkSetDb": link_set("1", ["10"], inside=ERROR),
    "LinkSetDbHistory": link_set("1", error=f"<LinkSetDbHistory>{ERROR}</LinkSetDbHistory>"),
    "IdCheckList": link_set("1", error=f"<IdCheckList>{ERROR}</IdCheckList>"),
    "without its ids": f"<LinkSet>{ERROR}</LinkSet>",
}


@pytest.mark.parametrize("level", LEVELS)
def test_s33_an_error_at_any_level_fails_its_id_alone(canned, level):
    bend = lambda sets, ids: [LEVELS[level] if one == "1" else told for told, one in zip(sets, ids, strict=True)]  # noqa: E731
    service = canned(Pubmed({"1": ["10"], "2": ["20"]}, "pubmed_pubmed_refs", bend))
    linked = links(service, BASE, "cites", ["1", "2"])
    assert ids_of(*linked.answered["2"]) == ("20",)
    assert dict(linked.unanswered) == {"1": "elink: NCBI C++ Exception: Read failed: EOF"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (answer("<ERROR>Couldn't resolve #exLinkSrv2, the address table is empty.</ERROR>"), BadReply),
        ('{"linksets":[],"ERROR":"NCBI C++ Exception:\n    Error: TXCLIENT(CException::eUnknown) … EOF"}', BadReply),
        (HEAD, BadPayload),
        (answer(link_set("1", ["10"]))[:-30], BadPayload),
        ('{"linksets":[{"dbfrom":"pubmed","ids":["1"]', BadPayload),
    ],
)
def test_s33_an_error_at_the_top_or_a_cut_answers_nothing(body, error):
    with pytest.raises(error):
        parse_links(body.encode())


def test_s33_an_outage_leaves_every_id_unanswered(canned):
    down = answer("<ERROR>Couldn't resolve #exLinkSrv2, the address table is empty.</ERROR>")
    linked = links(canned(lambda _: down), BASE, "similar", ["1", "2"])
    assert linked.answered == {}
    assert set(linked.unanswered) == {"1", "2"}
    assert "exLinkSrv2" in linked.unanswered["1"]


def test_s34_what_cannot_be_scored_comes_without_scores(canned):
    world = Pubmed({"1": ["10", "11"]})
    down = SourceUnreachable("Read failed: EOF")
    service = canned(lambda q: down if dict(q.params)["cmd"] == "neighbor_score" else world(q))
    linked = links(service, BASE, "similar", ["1"])
    assert linked.answered["1"] == (Neighbour("10"), Neighbour("11"))
    assert [one.score for one in linked.links("1")] == [None, None]


@pytest.mark.parametrize("place", [0, 1, 24, LINK_BATCH - 1])
def test_s34_one_id_that_cannot_be_scored_costs_no_other_its_scores(canned, place):
    ids = [str(one) for one in range(101, 101 + LINK_BATCH)]
    world = Pubmed({one: ["9"] for one in ids})

    def service(request):
        scored = dict(request.params)["cmd"] == "neighbor_score"
        return SourceUnreachable("EOF") if scored and ("id", ids[place]) in request.params else world(request)

    asked = canned(service)
    linked = links(asked, BASE, "similar", ids)
    unscored = [one for one, found in linked.answered.items() if found[0].score is None]
    assert unscored == [ids[place]]
    assert len(linked.answered) == LINK_BATCH
    assert len(asked.asked) <= 16


def test_s35_five_thousand_citers_come_whole_or_not_at_all(canned):
    citers = [str(one) for one in range(10, 5010)]
    world = Pubmed({"1": citers}, "pubmed_pubmed_citedin")
    assert len(links(canned(world), BASE, "cited_by", ["1"]).answered["1"]) == 5000
    cut = links(canned(lambda q: world(q)[:50000]), BASE, "cited_by", ["1"])
    assert (cut.answered, set(cut.unanswered)) == ({}, {"1"})


def test_s36_einfo_is_never_asked(canned):
    service = canned(Pubmed({"1": []}, "pubmed_pubmed_citedin"))
    links(service, BASE, "cited_by", ["1"])
    assert {request.url for request in service.asked} == {f"{BASE}/elink.fcgi"}


def test_s37_references_that_nobody_has_are_unknown_and_each_edge_names_its_source(canned):
    linked = links(canned(Pubmed({}, "pubmed_pubmed_refs")), BASE, "cites", ["1"])
    assert linked.answered == {"1": ()}
    nobody = gather("cites", linked.links("1"), (), None)
    assert (nobody.links, nobody.known) == ((), False)
    printed = (
        Link("cites", (Identifier("pmid", "7"),), "reference-list"), Link("similar", (Identifier("pmid", "8"),), "x"),
    )  # fmt: skip
    counted = (Link("cites", (Identifier("pmid", "7"),), "icite"), Link("cites", (Identifier("pmid", "9"),), "icite"))
    edges = gather("cites", linked.links("1"), printed, counted, printed)
    assert [(one.target[0].value, one.source) for one in edges.links] == [
        ("7", "reference-list"), ("7", "icite"), ("9", "icite"),
    ]  # fmt: skip
    assert edges.known


def test_no_citers_is_an_answer_and_no_source_is_none():
    assert gather("cited_by", ()).known
    assert not gather("cited_by", None).known


def test_a_full_text_copy_is_an_identifier_and_no_edge(canned):
    service = canned(lambda _: answer(link_set("1", ["5556699"], "pubmed_pmc"), link_set("2")))
    linked = links(service, BASE, "full text", ["1", "2"])
    assert (linked.full_text("1"), linked.full_text("2")) == ("PMC5556699", None)
    assert linked.links("1") == ()
    assert dict(link_request(BASE, "full text", ["1"]).params)["db"] == "pmc"


def test_json_says_the_same_as_xml():
    told = {
        "linksets": [
            {
                "dbfrom": "pubmed", "ids": ["1"],
                "linksetdbs": [{"linkname": "pubmed_pubmed", "links": [{"id": "10", "score": 900}]}],
            },
            {"dbfrom": "pubmed", "ids": ["2"]},
            {"dbfrom": "pubmed", "ids": ["3"], "linksetdbs": [{"linkname": "x", "ERROR": "no\nway"}]},
        ]
    }  # fmt: skip
    scored = link_set("1", ["10"], scores={"10": 900})
    as_xml = answer(scored, link_set("2"), link_set("3", [], "x", inside="<ERROR>no\nway</ERROR>"))
    assert parse_links(json.dumps(told).encode()) == parse_links(as_xml.encode())


@pytest.mark.parametrize(
    ("name", "asked", "link", "all_links", "first", "score"),
    [
        ("elink1", ("9298984",), "pubmed_pubmed", 212, "9298984", None),
        ("elink2", ("48819", "7140345"), "nuccore_protein", 1, "48820", None),
        ("elink3", ("11812492", "11774222"), "pubmed_pubmed", 599, "39386366", None),
        ("elink4", ("12242737",), "pubmed_pubmed", 178, "38997184", None),
        ("old_elink1_scores", ("9298984",), "pubmed_pubmed", 144, "9298984", 2147483647.0),
        ("old_elink3_scores", ("11812492", "11774222"), "pubmed_pubmed", 347, "11812492", 2147483647.0),
    ],
)
def test_recorded_lists(corpus_bytes, name, asked, link, all_links, first, score):
    found = parse_links(corpus_bytes(f"eutils/biopython/{name}.xml"))
    assert tuple(one for each in found for one in each.asked) == asked
    assert found[0].links[link][0] == Neighbour(first, score)
    assert sum(len(listed) for each in found for listed in each.links.values()) == all_links


@pytest.mark.parametrize("name", ["elink5", "elink6", "elink7", "elink8"])
def test_recorded_answers_of_other_commands_hold_no_links(corpus_bytes, name):
    found = parse_links(corpus_bytes(f"eutils/biopython/{name}.xml"))
    assert all(one.links == {} and one.error is None for one in found)


@pytest.mark.parametrize(
    ("number", "citers", "similar", "copies"),
    [
        ("25760099", 1, 235, 0),
        ("27350240", 8, 51, 0),
        ("28495875", 305, 37, 1),
        ("33515491", 485, 100, 1),
        ("35123456", None, 114, 1),  # asked, and nobody cites it: the list is not there at all
    ],
)
def test_recorded_json_lists(corpus_bytes, number, citers, similar, copies):
    cited, related, in_pmc = (
        parse_links(corpus_bytes(f"eutils/json/elink_{name}_{number}.json"))[0]
        for name in ("citations", "related", "pmc_links")
    )
    assert cited.asked == related.asked == in_pmc.asked == (number,)
    assert cited == LinkSet((number,)) if citers is None else len(cited.links["pubmed_pubmed_citedin"]) == citers
    assert (len(related.links["pubmed_pubmed"]), related.links["pubmed_pubmed"][0].id) == (similar, number)
    assert len(in_pmc.links.get("pubmed_pmc", ())) == copies


def test_the_recorded_cassette_lists_the_asked_id_first(cassette):
    (found,) = [one for one in parse_links(cassette("test_elink")[0]) if one.links]
    assert found.asked == ("1234567",)
    assert "1234567" in ids_of(*found.links["pubmed_pubmed"])
