"""What E-utilities answer, shape by shape: the rows of the services' contract that the stand-in must imitate."""

import json

import pytest

from tests.standin.store import Store
from tests.standin.world import CITERS, MUCH_CITED, NO_SCORE, ONLY_PRINTED, SEED, SIMILAR, TRIAL, crowd


def ids(node, path=".//PubmedArticle/MedlineCitation/PMID"):
    return [one.text for one in node.iterfind(path)]


def test_s14_what_is_not_there_is_left_out(xml):
    assert ids(xml("efetch", db="pubmed", id=f"{SEED},5,99000001")) == [SEED, "99000001"]


def test_s14_nothing_at_all_is_an_empty_set(get):
    answer = get("efetch", db="pubmed", id="5")
    assert (answer.status_code, answer.text.endswith("<PubmedArticleSet></PubmedArticleSet>")) == (200, True)


def test_s15_order_and_repeats(standin, xml):
    asked = ",".join(SIMILAR[:10])
    standin.quirks.shuffle = True
    shuffled = ids(xml("efetch", db="pubmed", id=asked))
    assert (sorted(shuffled), shuffled == list(SIMILAR[:10])) == (sorted(SIMILAR[:10]), False)
    assert len(ids(xml("efetch", db="pubmed", id=f"{SEED},{SEED}"))) == 1
    standin.quirks.repeat = True
    assert len(ids(xml("efetch", db="pubmed", id=f"{SEED},{SEED}"))) == 2


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"id": "0"}, 400, "ID list is empty! Possibly it has no correct IDs."),
        ({"id": "abc"}, 400, "ID list is empty! Possibly it has no correct IDs."),
        ({"id": ""}, 200, "Supplied id parameter is empty."),
        ({}, 200, "Supplied id parameter is empty."),
        ({"db": "nothing", "id": "1"}, 400, "Invalid db name specified: nothing"),
    ],
)
def test_s16_bad_ids(get, params, status, words):
    answer = get("efetch", **{"db": "pubmed", **params})
    assert (answer.status_code, f"<ERROR>{words}</ERROR>" in answer.text) == (status, True)


def test_s17_a_long_address_is_refused(get):
    asked = ",".join(str(number) for number in range(99000001, 99001001))
    assert get("efetch", db="pubmed", id=asked).status_code == 414


def test_s18_ascii_under_ncbis_own_doctype(standin, get):
    standin.quirks.dtd = "260101"
    body = get("efetch", db="pubmed", id=f"{SEED},99100005").content
    assert body.isascii()
    assert b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">' in body


def test_s18_medline_names_the_survivor(standin, get):
    standin.day = 1
    text = get("efetch", db="pubmed", id=f"{SEED},99200032,99200031", rettype="medline", retmode="text").text
    assert f"PMID- {SEED}\nOWN - NLM\n" in text
    assert "id: 99200032 Error occurred: PMID 99200032 is a duplicate of PMID 99000001" in text
    assert "id: 99200031 Error occurred: The following PMID is not available: 99200031" in text


def found(get, term, **more):
    answer = get("esearch", **{"db": "pubmed", "term": term, "retmode": "json", **more})
    return json.loads(answer.text, strict=False)["esearchresult"]


def test_s20_pages_counts_and_order(get):
    first = found(get, "invented similar article", retmax="15")
    second = found(get, "invented similar article", retmax="100", retstart="15")
    assert (first["count"], first["retmax"], second["retmax"]) == ("40", "15", "25")
    together = first["idlist"] + second["idlist"]
    assert together == sorted(SIMILAR, reverse=True)


def test_s21_there_is_a_ceiling(standin, get):
    standin.store.add(*crowd(10_500))
    all_at_once = found(get, "crowd", retmax="100000")
    assert (all_at_once["count"], len(all_at_once["idlist"])) == ("10500", 9999)
    assert "Restrictions achieved" in all_at_once["warninglist"]["outputmessages"][0]
    beyond = get("esearch", db="pubmed", term="crowd", retmode="json", retstart="9999").text
    with pytest.raises(json.JSONDecodeError, match="control character"):
        json.loads(beyond)
    years = [found(get, "crowd", mindate=year, maxdate=year)["count"] for year in ("1985", "1986")]
    assert sum(map(int, years)) == 526


def test_s21_one_date_alone_is_ignored(get):
    assert found(get, "similar", mindate="2030")["count"] == found(get, "similar")["count"] != "0"


def test_s22_a_phrase_that_is_not_found_is_dropped(get):
    noisy = found(get, "zzzunheard AND similar")
    assert noisy["count"] == found(get, "similar")["count"]
    assert noisy["errorlist"] == {"phrasesnotfound": ["zzzunheard"], "fieldsnotfound": []}


def test_s22_an_unknown_field_becomes_all_fields(get):
    answer = found(get, "similar[nosuchfield]")
    assert answer["querytranslation"] == '"similar"[All Fields]'
    assert "errorlist" not in answer


def test_s23_zero_hits(get, xml):
    assert found(get, "zzzunheard")["count"] == "0"
    node = xml("esearch", db="pubmed", term="zzzunheard")
    assert node.findtext("ErrorList/PhraseNotFound") == "zzzunheard"
    assert node.findtext("WarningList/OutputMessage") == "No items found."


def test_s24_a_doi_that_is_not_there_finds_other_papers(get):
    assert found(get, "10.1007/s10067-024-06865-z[DOI]")["idlist"] == [SEED]
    other = found(get, "10.1007/nowhere[DOI]")
    assert other["idlist"] == [SEED]
    assert other["querytranslation"] == '"10.1007"[All Fields]'


@pytest.mark.parametrize(
    ("term", "fits"),
    [
        (f"{SEED}[uid]", True),
        (f"{TRIAL}[si]", True),
        ('"Scleroderma, Systemic"[Mesh] AND umbilical[ti]', True),
        ("(umbilical OR nothing) NOT sclerosis", False),
        ("umbilical AND 2020:2030[dp]", True),
        ("umbilical AND 2010:2020[dp]", False),
        ("Madeup[au] AND umbilical", True),
    ],
)
def test_queries(get, term, fits):
    assert (SEED in found(get, term)["idlist"]) is fits


@pytest.mark.parametrize("term", ["((", "a AND", ")", "(a", "a)"])
def test_a_query_without_an_end_is_an_error_under_200(get, term):
    answer = get("esearch", db="pubmed", term=term, retmode="json")
    assert (answer.status_code, answer.json()["esearchresult"]) == (200, {"ERROR": "Unable to obtain query #1"})


def test_s25_history_rises_serves_and_expires(standin, xml, get):
    first = xml("epost", db="pubmed", id=",".join(SIMILAR[:5]))
    web_env = first.findtext("WebEnv")
    second = xml("epost", db="pubmed", id=SEED, WebEnv=web_env)
    assert [node.findtext("QueryKey") for node in (first, second)] == ["1", "2"]
    held = {"db": "pubmed", "WebEnv": web_env, "query_key": "1", "retmax": "2", "retstart": "1"}
    assert ids(xml("efetch", **held)) == list(SIMILAR[1:3])
    standin.quirks.history_lifetime = 1
    lost = get("efetch", **held)
    assert (lost.status_code, "Cannot retrieve history data. query_key: 1" in lost.text) == (400, True)


def test_s25_bad_ids_are_two_errors(xml):
    assert len(xml("epost", db="pubmed", id="abc").findall("ERROR")) == 2


@pytest.mark.parametrize(("start", "words"), [("5", "OUT OF RANGE"), ("9999", "Search backend cannot retrieve")])
def test_s26_beyond_the_end_of_a_history(xml, get, start, words):
    node = xml("esearch", db="pubmed", term="umbilical", usehistory="y")
    held = {"WebEnv": node.findtext("WebEnv"), "query_key": node.findtext("QueryKey"), "retstart": start}
    answer = get("efetch", db="pubmed", **held)
    assert (answer.status_code, words in answer.text) == (400, True)


def test_s27_summaries(get):
    rows = get("esummary", db="pubmed", id=f"{SEED},999", retmode="json").json()["result"]
    assert rows["uids"] == [SEED, "999"]
    assert rows["999"] == {"uid": "999", "error": "cannot get document summary"}
    assert rows[SEED]["sortpubdate"] == "2024/01/01 00:00"
    invalid = get("esummary", db="pubmed", id="abc", retmode="json").json()
    assert (invalid["error"], invalid["result"]) == ("Invalid uid abc at position= 0", {"uids": []})
    many = ",".join(str(number) for number in range(501))
    assert "Maximum number of UIDs is 500" in get("esummary", db="pubmed", id=many, retmode="json").json()["error"]
    assert get("esummary", db="pubmed", retmode="json").json() == {"esummaryresult": ["Empty id list - nothing todo"]}


def test_s27_summaries_in_xml(xml):
    node = xml("esummary", db="pubmed", id=f"{SEED},999", version="2.0")
    assert [one.get("uid") for one in node.iter("DocumentSummary")] == [SEED, "999"]
    assert node.findtext(".//DocumentSummary[2]/error") == "cannot get document summary"


def links(xml, *pmids, **more):
    params = [("id", pmid) for pmid in pmids]
    return xml("elink", params, **{"dbfrom": "pubmed", "db": "pubmed", "linkname": "pubmed_pubmed", **more})


def test_s28_by_id_keeps_its_owner_and_commas_lose_it(xml):
    apart = links(xml, SEED, SIMILAR[0])
    assert [ids(one, "IdList/Id") for one in apart] == [[SEED], [SIMILAR[0]]]
    together = links(xml, f"{SEED},{SIMILAR[0]}")
    assert [ids(one, "IdList/Id") for one in together] == [[SEED, SIMILAR[0]]]


def test_s29_ways_to_say_nothing(standin, xml):
    assert links(xml, SIMILAR[9]).find("LinkSet/LinkSetDb") is None
    standin.quirks.nothing_linked = "info"
    assert links(xml, SIMILAR[9]).findtext("LinkSet/LinkSetDb/Info") == "Empty result"
    assert len(links(xml, "abc")) == 0


def test_s30_the_seed_and_twins_are_in_the_list(xml):
    assert SEED in ids(links(xml, SEED), ".//Link/Id")
    twice = ids(links(xml, SIMILAR[0]), ".//Link/Id")
    assert len(twice) == len(set(twice)) + 1


def test_s31_reordered_dropped_zeroed_invented(standin, xml):
    standin.quirks.reorder_linksets = True
    asked = [SEED, *SIMILAR[:9]]
    orders = {tuple(ids(links(xml, *asked), "LinkSet/IdList/Id")) for _ in range(4)}
    assert len(orders) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(asked))}
    standin.quirks.drop_linksets = {SIMILAR[0]}
    standin.quirks.zero_ids = {SIMILAR[1]}
    shown = ids(links(xml, *asked), "LinkSet/IdList/Id")
    assert (len(shown), SIMILAR[0] in shown, "0" in shown) == (9, False, True)
    standin.quirks.links_for_anything = True
    assert ids(links(xml, "12345"), ".//Link/Id") == ["2020360999999"]


def test_s32_fewer_links_for_a_day(standin, xml):
    counts = []
    for day in range(3):
        standin.day = day
        counts.append(len(ids(links(xml, SEED), ".//Link/Id")))
    assert counts[0] == counts[2] == counts[1] + 10


def test_s33_errors_at_every_level(standin, xml, get):
    standin.quirks.link_errors = {SEED: "Invented trouble"}
    assert links(xml, SEED).findtext("LinkSet/LinkSetDb/ERROR") == "Invented trouble"
    assert links(xml, WebEnv="MCID_0", query_key="1").findtext("LinkSet/ERROR") == "Unable to obtain query #1"
    assert "not supported" in links(xml, SEED, cmd="llinkslib").findtext("LinkSet/ERROR")
    rows = get("elink", id=SEED, dbfrom="pubmed", db="pubmed", retmode="json").json()["linksets"]
    assert rows[0]["linksetdbs"][0]["ERROR"] == "Invented trouble"


def test_s34_scores_that_never_come(xml, get):
    scored = links(xml, SEED, cmd="neighbor_score")
    scores = [int(one.text) for one in scored.iter("Score")]
    assert scores == sorted(scores, reverse=True)
    asked = {"id": NO_SCORE, "dbfrom": "pubmed", "db": "pubmed", "cmd": "neighbor_score"}
    assert get("elink", **asked).text.endswith('elink.dtd">\n')
    with pytest.raises(json.JSONDecodeError):
        get("elink", **asked, retmode="json").json()
    assert len(ids(links(xml, NO_SCORE), ".//Link/Id")) == 8


def test_s35_five_thousand_citers(xml):
    assert len(ids(links(xml, MUCH_CITED, linkname="pubmed_pubmed_citedin"), ".//Link/Id")) == 5000


def test_s36_citers_are_answered_and_not_listed(xml):
    names = ids(xml("einfo", db="pubmed", version="2.0"), ".//Link/Name")
    assert "pubmed_pubmed_citedin" not in names
    assert CITERS[0] in ids(links(xml, SEED, linkname="pubmed_pubmed_citedin"), ".//Link/Id")


def test_s37_references_in_the_record_only(xml):
    assert links(xml, ONLY_PRINTED, linkname="pubmed_pubmed_refs").find("LinkSet/LinkSetDb") is None
    assert len(xml("efetch", db="pubmed", id=ONLY_PRINTED).findall(".//Reference")) == 5


def test_history_of_links(xml):
    node = links(xml, SEED, cmd="neighbor_history")
    assert node.findtext(".//LinkSetDbHistory/QueryKey") == "1"
    assert node.find(".//Link/Id") is None


def test_links_in_json(get):
    asked = [("id", SEED), ("id", "99000040")]
    rows = get("elink", asked, dbfrom="pubmed", db="pubmed", cmd="neighbor_score", retmode="json").json()["linksets"]
    assert [row["ids"] for row in rows] == [[SEED], ["99000040"]]
    assert set(rows[0]["linksetdbs"][0]["links"][0]) == {"id", "score"}
    assert "linksetdbs" not in rows[1]


def test_a_link_to_pmc_has_no_prefix(xml):
    node = links(xml, "99000001", db="pmc", linkname="pubmed_pmc")
    assert ids(node, ".//Link/Id") == ["99000001"]


def test_a_store_knows_when_a_record_is_not_there():
    with pytest.raises(KeyError):
        Store().change(0, "1", title="x")
