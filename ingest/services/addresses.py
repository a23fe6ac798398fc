"""The services that are asked: where they are, and how each wants to be treated. One more service is one more row."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from ingest.errors import Misconfigured

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Manners:
    """How a service is treated.

    family: services of one family share one budget of requests.
    identified: tool and email go with every request.
    keyed: the API key goes with every request, where there is one.
    posts: takes POST for the same question, so a long one is sent that way.
    echoes: its answers repeat who asked.
    """

    family: str
    identified: bool = False
    keyed: bool = False
    posts: bool = False
    echoes: bool = False


#: NCBI counts requests by address over all its services, so they are one family.
MANNERS: Mapping[str, Manners] = {
    "eutils": Manners("ncbi", identified=True, keyed=True, posts=True),
    "idconv": Manners("ncbi", identified=True, echoes=True),
    "bioc": Manners("ncbi"),
    "pmc_oa": Manners("pmc_oa"),
    "ctgov": Manners("ctgov"),
    "icite": Manners("icite"),
    "europepmc": Manners("europepmc"),
}


@dataclass(frozen=True, slots=True)
class Services:
    """The base address of each service, without a slash at its end.

    The defaults are the public services; `EVIDENCE_KB_<NAME>` names another place, for instance a stand-in.
    """

    eutils: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    idconv: str = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles"
    ctgov: str = "https://clinicaltrials.gov/api/v2"
    pmc_oa: str = "https://pmc-oa-opendata.s3.amazonaws.com"
    icite: str = "https://icite.od.nih.gov/api"
    europepmc: str = "https://www.ebi.ac.uk/europepmc/webservices/rest"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Services":
        """The places that the environment names, the public ones otherwise.

        Raises:
            Misconfigured: an address is neither https nor on this machine.
        """
        named = {one.name: environment.get(f"EVIDENCE_KB_{one.name.upper()}", "").strip() for one in fields(cls)}
        return cls(**{name: safe_address(url).rstrip("/") for name, url in named.items() if url})


def safe_address(url: str) -> str:
    """The address itself, if nobody on the way can read what is sent to it: https, or http on this machine.

    Raises:
        Misconfigured: any other scheme, no host, or a name and password in it.
    """
    parts = urlsplit(url)
    at_home = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or at_home) or "@" in parts.netloc:
        raise Misconfigured(f"{parts.scheme}://{parts.hostname}: an address must be https, or http on this machine")
    return url
