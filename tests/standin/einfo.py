"""einfo: which link names there are. `pubmed_pubmed_citedin` is not listed, and is answered all the same."""

from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_json

LISTED = ("pubmed_pubmed", "pubmed_pubmed_refs", "pubmed_pmc")
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eInfoResult PUBLIC "-//NLM//DTD einfo 20190110//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20190110/einfo.dtd">\n'
)


def answer(_: World, entry: Entry) -> Response:
    """Databases, or one database with its links."""
    database = entry.get("db")
    if entry.get("retmode") == "json":
        links = [{"name": name, "dbto": name.split("_")[1]} for name in LISTED]
        inside = {"dbinfo": [{"dbname": database, "linklist": links}]} if database else {"dblist": ["pubmed", "pmc"]}
        return as_json({"header": {"type": "einfo", "version": "0.3"}, "einforesult": inside})
    links_xml = "".join(f"<Link><Name>{name}</Name><DbTo>{name.split('_')[1]}</DbTo></Link>" for name in LISTED)
    body = (
        f"<DbInfo><DbName>{database}</DbName><LinkList>{links_xml}</LinkList></DbInfo>"
        if database
        else "<DbList><DbName>pubmed</DbName><DbName>pmc</DbName></DbList>"
    )
    return Response(f"{_DOCTYPE}<eInfoResult>{body}</eInfoResult>".encode())
