"""PMC: full texts by efetch, the object store beside it, BioC, and the service that was retired."""

import json
from xml.sax.saxutils import escape

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.store import FullText
from tests.standin.wire import JSON, Response, as_json, as_text

_PROLOG = (
    '<?xml version="1.0"  ?><!DOCTYPE pmc-articleset PUBLIC "-//NLM//DTD ARTICLE SET 2.0//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pmc/articleset/nlm-articleset-2.0.dtd">'
)
_CLOSED = "<!--The publisher of this article does not allow downloading of the full text in XML form.-->"
_LICENCES = {
    "CC BY": (
        '<license xlink:href="https://creativecommons.org/licenses/by/4.0/">'
        "<license-p>Invented, CC BY.</license-p></license>"
    ),
    "TDM": "<license><license-p>Text mining only, invented.</license-p></license>",
}


def efetch(world: World, entry: Entry) -> Response:
    """Articles, front matter only, or an error element: all under 200."""
    rows = []
    for one in entry.all("id"):
        number = one.upper().removeprefix("PMC")
        text = world.store.full_texts.get(f"PMC{number}")
        missing = f'<error id="{number}">The following PMCID is not available: {number}</error>'
        rows.append(jats(text) if text else missing)
    return Response(f"{_PROLOG}<pmc-articleset>{''.join(rows)}</pmc-articleset>".encode())


def jats(text: FullText) -> str:
    """The article, in the form that PMC gives; without a body where it may not be given."""
    number = text.pmcid.removeprefix("PMC")
    front = (
        "<front><journal-meta><journal-title-group><journal-title>Invented Journal of Tests</journal-title>"
        "</journal-title-group></journal-meta><article-meta>"
        f'<article-id pub-id-type="pmid">{text.pmid}</article-id><article-id pub-id-type="pmc">{number}</article-id>'
        f"<title-group><article-title>{escape(text.title)}</article-title></title-group>"
        f"<permissions>{_LICENCES[text.licence]}</permissions></article-meta></front>"
    )
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in text.paragraphs)
    table = (
        '<table-wrap id="T1"><label>Table 1</label><caption><p>Invented numbers.</p></caption>'
        "<table><tr><th>Group</th><th>n</th></tr><tr><td>A</td><td>12</td></tr></table></table-wrap>"
    )
    body = f"<body><sec><title>Results</title>{paragraphs}{table}</sec></body>" if text.body else _CLOSED
    back = (
        '<back><ref-list><ref id="B1"><mixed-citation>Invented reference. '
        '<pub-id pub-id-type="pmid">99000201</pub-id></mixed-citation></ref></ref-list></back>'
    )
    space = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<article {space} article-type="research-article">{front}{body}{back}</article>'


def retired(_: World, __: Entry) -> Response:
    """oa.fcgi is gone."""
    return as_text("<html><body>404 Not Found</body></html>", 404, "text/html")


def store(world: World, entry: Entry) -> Response:
    """The object store: a listing by prefix, or one object."""
    path = entry.path.removeprefix("/pmc-oa-opendata").strip("/")
    return _object(world, path) if path else _listing(world, entry)


def _listing(world: World, entry: Entry) -> Response:
    prefix = entry.get("prefix")
    text = world.store.full_texts.get(prefix.split(".")[0])
    versions = range(1, text.versions + 1) if text else range(0)
    names = [f"{prefix.split('.')[0]}.{number}/" for number in versions]
    rows = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in names)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>pmc-oa-opendata</Name><Prefix>{prefix}</Prefix><KeyCount>{len(names)}</KeyCount>{rows}</ListBucketResult>"
    )
    return Response(body.encode(), "application/xml")


def _object(world: World, path: str) -> Response:
    folder, _, name = path.partition("/")
    pmcid, _, version = folder.partition(".")
    text = world.store.full_texts.get(pmcid)
    known = text is not None and version.isdecimal() and 1 <= int(version) <= text.versions
    if text is None or not known:
        return Response(b"<Error><Code>NoSuchKey</Code></Error>", "application/xml", 404)
    ending = name.rpartition(".")[2]
    if ending == "json":
        return Response(json.dumps(_described(text, int(version))).encode(), JSON)
    if ending == "xml":
        return Response(f'<?xml version="1.0"?>{jats(text)}'.encode(), "binary/octet-stream")
    return as_text("\n".join(text.paragraphs))


def _described(text: FullText, version: int) -> dict[str, object]:
    place = f"s3://pmc-oa-opendata/{text.pmcid}.{version}/{text.pmcid}.{version}"
    return {
        "pmcid": text.pmcid,
        "version": version,
        "pmid": int(text.pmid),
        "doi": f"10.5555/invented.{text.pmid}",
        "title": text.title,
        "is_pmc_openaccess": text.open_access,
        "is_manuscript": False,
        "is_historical_ocr": False,
        "is_retracted": False,
        "license_code": text.licence,
        "text_url": f"{place}.txt?md5=0",
        "xml_url": f"{place}.xml?md5=0",
    }


def bioc(world: World, entry: Entry) -> Response:
    """A list of collections, or words under 200."""
    pmcid = next((part for part in entry.path.split("/") if part.startswith("PMC")), "")
    text = world.store.full_texts.get(pmcid)
    if text is None or not text.open_access:
        return as_text("[Error] : No result can be found.", kind="text/html; charset=UTF-8")
    passages = [{"infons": {"section_type": "RESULTS"}, "offset": 0, "text": one} for one in text.paragraphs]
    return as_json([{"source": "PMC", "documents": [{"id": pmcid, "passages": passages}]}])
