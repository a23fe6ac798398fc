"""Names of things, checked before they are believed: PMID, PMCID, DOI, ORCID, registry numbers."""

import re
from collections.abc import Iterable, Iterator

from ingest.records import Identifier, Link, TrialRegistration

_PMCID = re.compile(r"PMC[1-9]\d{0,9}(?:\.\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{3,9}(?:\.\d+)*/\S.*")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)", re.IGNORECASE)
_DOI_IN_TEXT = re.compile(r"\b10\.\d{3,9}(?:\.\d+)*/[^\s\"]+")
_NCT = re.compile(r"\bNCT\d{8}\b")
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])\s*/?\s*$", re.IGNORECASE)

# What PubMed's IdType and OtherID call a thing -> our scheme.
_SCHEMES = {"pubmed": "pmid", "pmc": "pmcid", "medline": "medline"}
# Data banks of molecules and files; every other bank in PubMed's list registers trials.
# https://www.nlm.nih.gov/bsd/medline_databank_source.html
_NOT_TRIALS = frozenset({
    "bioproject", "dbgap", "dbsnp", "dbvar", "dryad", "figshare", "gdb", "genbank", "geo", "hgml", "omim", "pdb",
    "pir", "pubchem-bioassay", "pubchem-compound", "pubchem-substance", "protein", "refseq", "sra", "swissprot",
    "unimes", "uniparc", "uniprotkb", "uniref",
})  # fmt: skip


def pmid(text: str) -> str | None:
    """The PMID, or None: reference lists hold things like "NOT_FOUND;INVALID_JOURNAL" there."""
    word = text.strip()
    # what [1-9]\d{0,8} says: this is asked of every reference of every record, and three times faster
    return word if word.isdecimal() and len(word) <= 9 and word[0] in "123456789" else None


def pmcid(text: str) -> str | None:
    """The PMCID in capitals and without a version, or None."""
    word = text.strip()
    return word.upper().partition(".")[0] if _PMCID.fullmatch(word) else None


def doi(text: str) -> str | None:
    """The DOI without resolver or "doi:", its letters as printed (they compare case-insensitively); or None."""
    word = text.strip()
    if not word.startswith("10."):
        word = _DOI_PREFIX.sub("", word, count=1)
    return word if _DOI.fullmatch(word) else None


def dois_in(text: str) -> Iterator[str]:
    """The DOIs that stand in running text, without the sentence's own full stop or bracket."""
    for found in _DOI_IN_TEXT.finditer(text):
        word = found[0].rstrip(".,;:")
        while word.endswith(")") and word.count(")") > word.count("("):
            word = word[:-1].rstrip(".,;:")
        yield word


def orcid(text: str) -> str | None:
    """The ORCID as 0000-0000-0000-000X if its check digit holds (ISO 7064 mod 11-2), else None."""
    found = _ORCID.search(text.strip())
    if found is None:
        return None
    digits = "".join(found.groups()).upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "-".join(found.groups()).upper() if digits[-1] == ("X" if check == 10 else str(check)) else None


def identifier(kind: str, text: str) -> Identifier | None:
    """An id as PubMed labels it (pubmed, doi, pmc, pii, mid, bookaccession, …), validated where we can."""
    word = text.strip()
    if kind == "pubmed":
        value = pmid(word)
        if value is None and (value := pmcid(word)):
            kind = "pmc"
    elif kind == "doi":
        value = doi(word)
    elif kind == "pmc":
        value = pmcid(word)
    else:
        value = word
    return Identifier(_SCHEMES.get(kind, kind), value) if value else None


def distinct(found: Iterable[Identifier | None]) -> tuple[Identifier, ...]:
    """Each once, in order; schemes and values compare without case, as DOIs do."""
    some = tuple(filter(None, found))
    if len(some) < 2:
        return some
    seen: dict[tuple[str, str], Identifier] = {}
    for one in some:
        seen.setdefault((one.scheme, one.value.lower()), one)
    return tuple(seen.values())


def distinct_links(found: Iterable[Link]) -> tuple[Link, ...]:
    """Each edge once: the same kind to the same first identifier."""
    seen: dict[tuple[str, str, str], Link] = {}
    for link in found:
        target = link.target[0]
        seen.setdefault((link.kind, target.scheme, target.value.lower()), link)
    return tuple(seen.values())


def is_trial_registry(bank: str) -> bool:
    """Whether a PubMed data bank registers trials (and does not keep sequences, structures or files)."""
    return bank.strip().lower() not in _NOT_TRIALS


def registrations(stated: Iterable[TrialRegistration], texts: Iterable[str]) -> tuple[TrialRegistration, ...]:
    """The stated ones, then each NCT number that only the texts mention, marked as weak."""
    seen = {one.accession: one for one in stated}
    for text in texts:
        if "NCT" in text:
            for found in _NCT.findall(text):
                seen.setdefault(found, TrialRegistration("ClinicalTrials.gov", found, "weak"))
    return tuple(seen.values())


def ncts_in(text: str) -> tuple[str, ...]:
    """The ClinicalTrials.gov numbers in a text, each once."""
    return tuple(dict.fromkeys(_NCT.findall(text)))
