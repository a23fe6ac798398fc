"""PMC full text: no body is no full text, and what can be had is not what is free (S50, S51)."""

import json

import pytest

from ingest.errors import BadPayload, BadReply, SourceUnreachable
from ingest.records import Document, Identifier
from ingest.services.accounting import Failure, ask
from ingest.services.pmc import (
    Licence,
    StoredArticle,
    full_text,
    full_text_request,
    licence,
    licence_of,
    parse_articles,
    parse_errors,
    parse_stored,
    parse_versions,
    stored_request,
    versions_request,
)

BASE = "https://example.org/eutils"
STORE = "https://example.org/store"
CC = '<license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Free.</license-p></license>'
COMMENT = "<!--The publisher of this article does not allow downloading of the full text in XML form.-->"
HEAD = (
    '<?xml version="1.0"  ?><!DOCTYPE pmc-articleset PUBLIC "-//NLM//DTD ARTICLE SET 2.0//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pmc/articleset/nlm-articleset-2.0.dtd">'
)


def article(number="11", body="<body><p>It rained.</p></body>", terms=CC, comment=""):
    return (
        f'<article xmlns:xlink="http://www.w3.org/1999/xlink">{comment}<front><article-meta>'
        f'<article-id pub-id-type="pmc">{number}</article-id><title-group><article-title>Moss</article-title>'
        f"</title-group><permissions>{terms}</permissions></article-meta></front>{body}</article>"
    )


def answer(*inside):
    return f"{HEAD}<pmc-articleset>{''.join(inside)}</pmc-articleset>"


@pytest.mark.parametrize(
    ("told", "state", "code", "free"),
    [
        (answer(article()), "full", "CC BY", True),
        (answer(article(body="", terms="", comment=COMMENT)), "front only", None, False),
        (answer(article(terms=CC.replace("by/4.0", "by-nc-nd/4.0"))), "full", "CC BY-NC-ND", True),
        (answer(article(terms="<license><license-p>All mine.</license-p></license>")), "full", None, False),
    ],
)
def test_s50_a_body_is_what_makes_a_full_text(canned, told, state, code, free):
    found = full_text(canned(lambda _: told), BASE, "PMC11")
    assert (found.state, found.licence.code, found.licence.free) == (state, code, free)
    assert found.document.identifier("pmcid") == "PMC11"


def test_s50_an_unknown_article_is_absent_in_the_words_of_pmc(canned):
    told = answer('<error id="999999999">The following PMCID is not available: 999999999</error>')
    found = full_text(canned(lambda _: told), BASE, "PMC999999999")
    assert (found.state, found.document) == ("absent", None)
    assert "not available" in found.reason


@pytest.mark.parametrize(
    "told", [answer(article("12")), answer(), SourceUnreachable("down"), answer(article())[:-40], "<html>Sorry</html>"]
)
def test_s50_another_article_a_cut_one_or_none_is_a_failure(canned, told):
    found = full_text(canned(lambda _: told), BASE, "PMC11")
    assert (found.state, found.document) == ("failed", None)
    assert found.reason


def test_ids_go_without_their_prefix_and_what_is_none_is_not_sent(canned):
    assert dict(full_text_request(BASE, "PMC11").params)["id"] == "11"
    service = canned(lambda _: "")
    assert full_text(service, BASE, "11").state == "invalid"
    assert service.asked == []


def listing(*names):
    inside = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in names)
    head = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>PMC11.</Prefix>'
    return f"{head}<KeyCount>{len(names)}</KeyCount>{inside}</ListBucketResult>".encode()


@pytest.mark.parametrize(
    ("names", "versions"),
    [
        ((), ()),
        (("PMC11.1/",), (1,)),
        (("PMC11.1/", "PMC11.10/", "PMC11.2/"), (10, 2, 1)),
        (("PMC11.x/", "PMC110.1/", "other/"), ()),
    ],
)
def test_s51_the_newest_version_comes_first(names, versions):
    assert parse_versions(listing(*names), "PMC11") == versions


def test_s51_a_list_that_is_cut_is_no_list():
    with pytest.raises(BadPayload):
        parse_versions(listing("PMC11.1/")[:-10], "PMC11")


def test_s51_where_the_store_keeps_things():
    assert dict(versions_request(STORE, "PMC11").params) == {"list-type": "2", "prefix": "PMC11.", "delimiter": "/"}
    assert stored_request(STORE, "PMC11", 2).url == f"{STORE}/PMC11.2/PMC11.2.json"
    assert stored_request(STORE, "PMC11", 2, "xml").url == f"{STORE}/PMC11.2/PMC11.2.xml"


def test_s51_a_file_that_can_be_had_under_tdm_is_not_free():
    told = {
        "pmcid": "PMC11", "version": 2, "pmid": 101, "doi": "10.1234/own", "is_pmc_openaccess": False,
        "is_manuscript": True, "is_retracted": False, "license_code": "TDM", "xml_url": "s3://store/PMC11.2.xml?md5=0",
    }  # fmt: skip
    assert parse_stored(json.dumps(told).encode()) == StoredArticle(
        2, (Identifier("pmid", "101"), Identifier("pmcid", "PMC11"), Identifier("doi", "10.1234/own")),
        Licence("TDM", free=False), open_access=False, retracted=False, manuscript=True,
        xml_url="s3://store/PMC11.2.xml?md5=0",
    )  # fmt: skip


def test_a_record_that_names_no_article_is_refused(canned):
    with pytest.raises(BadReply):
        parse_stored(b'{"version": 1}')
    assert isinstance(ask(canned(lambda _: '{"version": 1}'), stored_request(STORE, "PMC11", 1)), Failure)
    assert isinstance(ask(canned(lambda _: "<Error/>"), versions_request(STORE, "PMC11")), Failure)
    assert ask(canned(lambda _: listing("PMC11.1/")), versions_request(STORE, "PMC11")).status == 200


@pytest.mark.parametrize(
    ("code", "free"),
    [("CC BY", True), ("CC0", True), ("CC-BY-NC", True), ("TDM", False), ("NO-CC CODE", False), (None, False)],
)
def test_a_licence_that_nobody_knows_is_not_free(code, free):
    assert licence(code).free is free


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
        ("http://creativecommons.org/publicdomain/mark/1.0/", "public domain"),
        ("© 2020\nhttps://creativecommons.org/licenses/by-nc/3.0", "CC BY-NC"),
        ("© 2020 Nobody. All rights reserved.", None),
        (None, None),
    ],
)
def test_an_article_states_its_own_licence(statement, code):
    assert licence_of(Document("jats", "article", copyright=statement)).code == code


@pytest.mark.parametrize(
    ("path", "number", "kind", "code"),
    [
        ("eutils/biopython/efetch_pmc.xml", "PMC8435807", "full text", "CC BY-NC"),
        ("fulltext/efetch_pmc6329583.xml", "PMC6329583", "full text", None),
        ("fulltext/oai/PMC3500000.xml", "PMC3500000", "full text", "CC BY"),
        ("fulltext/oai/PMC4500000.xml", "PMC4500000", "full text", "CC BY-NC-ND"),
        ("fulltext/oai/PMC5000000.xml", "PMC5000000", "article", "CC BY-NC"),
        ("fulltext/oai/PMC10000000.xml", "PMC10000000", "article", "public domain"),
        ("fulltext/jats/1471-2180-11-174.nxml", "PMC3166277", "full text", "CC BY"),
        ("fulltext/jats/ehp-116-1694.nxml", "PMC2599765", "full text", "public domain"),
    ],
)
def test_recorded_articles(corpus_bytes, path, number, kind, code):
    (found,) = parse_articles(corpus_bytes(path))
    assert (found.identifier("pmcid"), found.kind, licence_of(found).code) == (number, kind, code)
    assert parse_errors(corpus_bytes(path)) == {}


def test_every_recorded_full_text_has_a_body_or_is_front_only(shared):
    paths = sorted((shared / "corpus" / "fulltext" / "evidence_inference").glob("*.nxml"))
    kinds = [parse_articles(path.read_bytes())[0].kind for path in paths]
    assert len(kinds) == 46
    assert kinds.count("full text") >= 45


def test_the_retired_service_says_so_in_another_root(corpus_bytes, canned):
    told = corpus_bytes("fulltext/pmc_oa_not_open_access.xml")
    assert full_text(canned(lambda _: told), BASE, "PMC3040717").state == "failed"


def test_the_recorded_cassette_of_an_article(cassette):
    (found,) = parse_articles(cassette("test_eutils_xmlfacades_pubmedcentralarticle_PMC3299399")[0])
    assert found.identifier("pmcid") == "PMC3299399"
