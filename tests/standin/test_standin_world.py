"""Records of each shape, what days 1 and 2 change, and the neighbours of PubMed."""

import pytest
from lxml import etree

from tests.standin.world import ONLY_PRINTED, SEED, TRIAL

RETRACTED = "PublicationTypeList/PublicationType[@UI='D016441']"


def record(xml, pmid):
    return xml("efetch", db="pubmed", id=pmid)[0]


@pytest.mark.parametrize(
    ("pmid", "path", "there"),
    [
        ("99100001", ".//BookDocument/ArticleIdList/ArticleId[@IdType='bookaccession']", True),
        ("99100001", ".//MedlineCitation", False),
        ("99100002", ".//AuthorList", False),
        ("99100003", ".//CollectiveName", True),
        ("99100004", ".//Abstract", False),
        ("99100005", ".//ArticleTitle/sub", True),
        ("99100005", ".//ArticleTitle/{http://www.w3.org/1998/Math/MathML}math", True),
        ("99100006", ".//VernacularTitle", True),
        ("99100007", ".//PubDate/Season", True),
        ("99100008", ".//PubDate/MedlineDate", True),
        ("99100009", ".//PMID[@Version='2']", True),
        ("99100010", ".//ELocationID[@EIdType='pii']", True),
        ("99100010", ".//ELocationID[@EIdType='doi']", True),
        ("99100011", ".//Reference/ArticleIdList/ArticleId[@IdType='doi']", True),
        ("99100013", ".//ELocationID[@EIdType='doi']", False),
        ("99100013", "PubmedData/ArticleIdList/ArticleId[@IdType='doi']", True),
        ("99100013", ".//InventedTag", True),
        (SEED, ".//AbstractText[@Label='RESULTS']", True),
        (SEED, ".//DataBank/AccessionNumberList/AccessionNumber", True),
        ("99100012", ".//DataBank", False),
        (ONLY_PRINTED, ".//Reference", True),
    ],
)
def test_s38_s39_shapes(xml, pmid, path, there):
    assert (record(xml, pmid).find(path) is not None) is there


def test_s39_a_trial_in_the_abstract_only(xml):
    assert TRIAL in record(xml, "99100012").findtext(".//AbstractText")


@pytest.mark.parametrize(
    ("pmid", "path"),
    [
        ("99200001", ".//CommentsCorrections[@RefType='RetractionIn']/PMID"),
        ("99200001", f".//{RETRACTED}"),
        ("99200002", f".//{RETRACTED}"),
        ("99200003", ".//CommentsCorrections[@RefType='RetractionIn']"),
        ("99200004", ".//CommentsCorrections[@RefType='ErratumIn']"),
        ("99200005", ".//CommentsCorrections[@RefType='ExpressionOfConcernIn']"),
        ("99200006", ".//CommentsCorrections[@RefType='RetractedandRepublishedIn']"),
        ("99200013", ".//PubDate/Season"),
        ("99200021", ".//ArticleDate"),
        ("99200021", ".//ArticleId[@IdType='pmc']"),
    ],
)
def test_s40_s43_what_day_1_brings(standin, xml, pmid, path):
    assert record(xml, pmid).find(path) is None
    standin.day = 1
    assert record(xml, pmid).find(path) is not None


def test_s40_a_retraction_without_a_pmid_and_a_notice(standin, xml):
    standin.day = 1
    assert record(xml, "99200003").find(".//CommentsCorrections/PMID") is None
    assert record(xml, "99200007").find(".//CommentsCorrections[@RefType='RetractionOf']") is not None


def test_s41_a_retraction_is_withdrawn_on_day_2(standin, xml):
    standin.day = 2
    assert record(xml, "99200002").find(f".//{RETRACTED}") is None


def test_s42_noise_is_noise(standin, xml):
    def seen(pmid):
        node = record(xml, pmid)
        words = [(one.tag, sorted(one.attrib.items()), (one.text or "").strip()) for one in node.iter(etree.Element)]
        return words, etree.tostring(node)

    before = {pmid: seen(pmid) for pmid in ("99200011", "99200012")}
    standin.day = 1
    revised, rewritten = seen("99200011"), seen("99200012")
    assert [a for a, b in zip(revised[0], before["99200011"][0], strict=True) if a != b] == [
        ("Year", [], "2025"), ("Month", [], "01"), ("Day", [], "02"),
    ]  # fmt: skip
    assert rewritten[0] == before["99200012"][0]
    assert rewritten[1] != before["99200012"][1]


def test_s46_the_converter(standin, get):
    path = "/tools/idconv/api/v1/articles/"
    rows = get(path, ids="99000001,99000001,5", idtype="pmid", format="json").json()["records"]
    assert [row["requested-id"] for row in rows] == ["99000001", "5"]
    assert (rows[0]["pmid"], rows[1]["errmsg"]) == (99000001, "Identifier not found in PMC")
    standin.quirks.pmid_as_number = False
    assert get(path, ids="PMC99000001", idtype="pmcid").json()["records"][0]["pmid"] == "99000001"
    mixed = get(path, ids="99000001,PMC1", idtype="pmid")
    assert (mixed.status_code, mixed.json()["errors"][0]["code"]) == (400, "invalid_pmids")
    assert get("/pmc/utils/idconv/v1.0/", ids="1").status_code == 301


def test_s47_citations_have_every_outcome(standin, get):
    standin.store.change(0, SEED, volume="77", pages="501-9")
    lines = [
        "invent j tests|2024|77|501|nobody|good|",
        "invent j tests|2024|77|9|x|absent|",
        "no such journal|2024|1|1|x|journal|",
        "invent j tests|2024|1|1|x|many|",
        "|2024|1|1|x|dropped|",
        "invent j tests|1900|77|501|somebody else|disagreeing|",
    ]
    url = "/entrez/eutils/ecitmatch.cgi"
    answers = {
        row.split("|")[5]: row.split("|")[6] for row in get(url, db="pubmed", bdata="\r".join(lines)).text.splitlines()
    }
    assert answers.pop("many").startswith("AMBIGUOUS (")
    expected = {"good": SEED, "absent": "NOT_FOUND", "journal": "NOT_FOUND;INVALID_JOURNAL", "disagreeing": SEED}
    assert answers == expected
    standin.quirks.ecitmatch_stops = True
    assert "disagreeing" not in get(url, db="pubmed", bdata="\r".join(lines)).text


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        (TRIAL, 200, "application/json"),
        (TRIAL.lower(), 200, "application/json"),
        ("NCT962923", 200, "application/json"),
        ("NCT99999999", 404, "text/plain"),
        ("99999999", 400, "text/plain"),
        ("NCT99009113", 301, "application/json"),
    ],
)
def test_s48_the_registry(get, name, status, kind):
    answer = get(f"/api/v2/studies/{name}")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, kind)


def test_s48_modules_can_be_missing(get):
    whole = get(f"/api/v2/studies/{TRIAL}").json()
    references = whole["protocolSection"]["referencesModule"]["references"]
    assert [one["type"] for one in references] == ["DERIVED", "BACKGROUND", "RESULT"]
    assert references[2]["retractions"][0]["pmid"] == "99200007"
    part = get(f"/api/v2/studies/{TRIAL}", fields="protocolSection.designModule").json()
    assert set(part["protocolSection"]) == {"identificationModule", "designModule"}
    assert "outcomesModule" not in get("/api/v2/studies/NCT99000001").json()["protocolSection"]


def test_s49_pages_of_studies(get):
    params, seen, totals = {"pageSize": "10", "countTotal": "true"}, [], []
    while True:
        page = get("/api/v2/studies", **params).json()
        seen += [one["protocolSection"]["identificationModule"]["nctId"] for one in page["studies"]]
        totals.append(page.get("totalCount"))
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert (len(seen), len(set(seen)), totals) == (26, 26, [26, None, None])


def test_s50_full_texts(xml, get):
    nodes = xml("efetch", db="pmc", id="99000001,99000002,5")
    assert [node.tag for node in nodes] == ["article", "article", "error"]
    assert [node.find("body") is not None for node in nodes[:2]] == [True, False]
    assert "does not allow downloading" in get("efetch", db="pmc", id="99000002").text
    assert "creativecommons.org" in get("efetch", db="pmc", id="PMC99000001").text


def test_s51_the_object_store(xml, get):
    assert get("/pmc/utils/oa/oa.fcgi", id="PMC99000001").status_code == 404
    space = "{http://s3.amazonaws.com/doc/2006-03-01/}"
    counts = {
        name: xml("/pmc-oa-opendata/", **{"list-type": "2", "prefix": f"{name}."}).findtext(f"{space}KeyCount")
        for name in ("PMC99000001", "PMC99000003", "PMC5")
    }
    assert counts == {"PMC99000001": "1", "PMC99000003": "2", "PMC5": "0"}
    told = get("/pmc-oa-opendata/PMC99000002.1/PMC99000002.1.json").json()
    assert (told["is_pmc_openaccess"], told["license_code"], "xml_url" in told) == (False, "TDM", True)
    assert get("/pmc-oa-opendata/PMC99000003.2/PMC99000003.2.xml").status_code == 200
    assert get("/pmc-oa-opendata/PMC99000003.3/PMC99000003.3.xml").status_code == 404


def test_s52_bioc_icite_europe_pmc(get):
    bioc = "/research/bionlp/RESTful/pmcoa.cgi/BioC_json"
    assert isinstance(get(f"{bioc}/PMC99000001/unicode").json(), list)
    assert get(f"{bioc}/PMC5/unicode").text == "[Error] : No result can be found."
    rows = get("/icite/api/pubs", pmids=f"{SEED},5").json()["data"]
    assert [(row["pmid"], row["relative_citation_ratio"]) for row in rows] == [(int(SEED), None)]
    assert get("/icite/api/pubs/5").status_code == 404
    assert get("/icite/api/pubs", pmids="9" * 4200).status_code in {413, 414}
    rest = "/europepmc/webservices/rest"
    assert get(f"{rest}/search", query="").json()["errCode"] == 404
    assert get(f"{rest}/search", query="x", cursorMark="bad").json() == {"version": "6.9"}
    empty = get(f"{rest}/PMC99000002/fullTextXML")
    assert (empty.status_code, empty.content) == (404, b"")
    assert get(f"{rest}/PMC99000001/fullTextXML").status_code == 200


def test_s52_europe_pmc_pages_until_the_cursor_stands_still(get):
    cursor, seen = "*", []
    while True:
        asked = {"query": "similar", "pageSize": "15", "cursorMark": cursor}
        page = get("/europepmc/webservices/rest/search", **asked).json()
        seen += [one["id"] for one in page["resultList"]["result"]]
        if page["nextCursorMark"] == cursor:
            break
        cursor = page["nextCursorMark"]
    assert len(seen) == len(set(seen)) == page["hitCount"] == 40


def test_europe_pmc_lists(get):
    rest = f"/europepmc/webservices/rest/MED/{SEED}"
    citers = get(f"{rest}/citations", page="2", pageSize="60").json()
    assert (citers["hitCount"], len(citers["citationList"]["citation"])) == (64, 4)
    assert len(get(f"{rest}/references").json()["referenceList"]["reference"]) == 12
    one = get("/europepmc/webservices/rest/search", query=f"EXT_ID:{SEED} AND SRC:MED").json()["resultList"]["result"]
    assert [row["isOpenAccess"] for row in one] == ["N"]


def test_no_such_path(get):
    assert get("/nowhere").status_code == 404
