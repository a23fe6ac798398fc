"""Bulk files of PubMed XML, invented from a seed: realistic lengths and quirks, not one real word or name.

    python benchmarks/generate.py DEST --records 60000 --files 2

Counts of authors, headings, references and so on, and the length of a record (about 9.5 kB), follow what baseline files
of 2021 hold on the average; which record has what is drawn. The same seed makes the same bytes.
"""

# ruff: noqa: E501, SIM905 - XML as it stands in a file, and syllables, are easiest to read as they are
import argparse
import gzip
import random
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

FIRST_PMID = 90_000_001
PROLOG = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
    "<!-- Invented for benchmarks. No such article, person or journal exists. -->\n"
    "<PubmedArticleSet>\n"
)
LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
INLINE = (
    "<i>{}</i>",
    "<sub>{}</sub>",
    "<sup>{}</sup>",
    "<b>{}</b>",
    "{}\u2009mg",
    "{}\u00a0±\u20091.2",
    "&lt;{}",
    "{} &amp; co",
)
TYPES = (("D016428", "Journal Article"), ("D016454", "Review"), ("D016449", "Randomized Controlled Trial"))
# One record in so many belongs to the invented topic that a filter looks for.
TOPIC_EVERY, TOPIC_WORDS = 200, ("systemic sclerosis", "mesenchymal stem cells")


class World:
    """The invented words, names, headings and journals that records are drawn from."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.words = self._words(24_000)
        # Zipf: the word of rank r comes 1/r as often as the first
        self.weights = list(accumulate(1 / rank for rank in range(3, len(self.words) + 3)))
        self.names = [word.capitalize() for word in self.words[2000:14_000]]
        self.headings = [
            (f"D{9_000_000 + i}", f"{self.words[i].capitalize()} {self.words[-i]}") for i in range(1, 9000)
        ]
        self.qualifiers = [(f"Q{900_000 + i}", word) for i, word in enumerate(self.words[100:176])]
        self.journals = [f"Invented Journal of {self.words[i].capitalize()} {self.words[-i]}" for i in range(1, 3000)]
        self.places = [
            f"Department of {self.title(2)}, {self.title(1)} University, {self.title(1)}" for _ in range(9000)
        ]
        # a text is a few of these sentences, so that drawing it costs little and its words are still Zipf's
        self.sentences = [self._sentence() for _ in range(60_000)]

    def _words(self, count: int) -> list[str]:
        heads, middles, ends = (
            "b br d f g k kr l m n p pl r s st t tr v z".split(),
            "a e i o u ai or an el".split(),
            "n r s l x m ".split(" "),
        )
        made: dict[str, None] = {}
        while len(made) < count:
            parts = self.dice.choices((2, 3, 4), (2, 5, 3))[0]
            made[
                "".join(self.dice.choice(heads) + self.dice.choice(middles) for _ in range(parts))
                + self.dice.choice(ends)
            ] = None
        return list(made)

    def some(self, count: int) -> list[str]:
        """So many words, the common ones often."""
        total = self.weights[-1]
        return [self.words[bisect(self.weights, self.dice.random() * total)] for _ in range(count)]

    def title(self, count: int) -> str:
        """So many words with capitals."""
        return " ".join(self.some(count)).title()

    def _sentence(self) -> str:
        words = self.some(self.dice.randint(12, 28))
        dice = self.dice
        if dice.random() < 0.35:
            words[5:5] = [f"from {dice.uniform(5, 40):.1f} (SD {dice.uniform(1, 9):.1f}) to {dice.uniform(2, 30):.1f}"]
        if dice.random() < 0.25:
            words.append(f"(p = 0.{dice.randint(1, 999):03d}; n = {dice.randint(5, 900)})")
        if dice.random() < 0.12:
            words[3] = dice.choice(INLINE).format(words[3])
        return " ".join(words).capitalize() + "."


def record(world: World, pmid: int, revised: str) -> str:
    """One record, an article or now and then a book."""
    return (_book if world.dice.random() < 0.002 else _article)(world, pmid, revised)


def _article(world: World, pmid: int, revised: str) -> str:
    dice, year = world.dice, world.dice.randint(1975, 2025)
    journal, doi = dice.choice(world.journals), f"10.9{dice.randint(100, 999)}/inv.{pmid}"
    indexed = dice.random() < 0.8
    return f"""  <PubmedArticle>
    <MedlineCitation Status="{"MEDLINE" if indexed else "PubMed-not-MEDLINE"}" Owner="NLM">
      <PMID Version="1">{pmid}</PMID>
{_day("DateRevised", revised, 6)}
      <Article PubModel="Print-Electronic">
        <Journal>
          <ISSN IssnType="Electronic">{pmid % 9000 + 1000}-{pmid % 8999 + 1000}</ISSN>
          <JournalIssue CitedMedium="Internet">
            <Volume>{dice.randint(1, 200)}</Volume>
            <Issue>{dice.randint(1, 12)}</Issue>
            <PubDate>
{_pub_date(dice, year)}
            </PubDate>
          </JournalIssue>
          <Title>{journal}</Title>
          <ISOAbbreviation>{journal[:24]}.</ISOAbbreviation>
        </Journal>
        <ArticleTitle>{_article_title(world, pmid)}</ArticleTitle>
        <Pagination>
          <StartPage>{dice.randint(1, 900)}</StartPage>
          <EndPage>{dice.randint(901, 999)}</EndPage>
          <MedlinePgn>{dice.randint(1, 900)}-{dice.randint(901, 999)}</MedlinePgn>
        </Pagination>
        <ELocationID EIdType="doi" ValidYN="Y">{doi}</ELocationID>
{_abstract(world)}{_authors(world)}        <Language>{"eng" if dice.random() < 0.95 else "fre"}</Language>
{_grants(world)}        <PublicationTypeList>
{_types(dice)}
        </PublicationTypeList>
{_day("ArticleDate", f"{year}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}", 8, ' DateType="Electronic"')}
      </Article>
      <MedlineJournalInfo>
        <Country>Invented Land</Country>
        <MedlineTA>{journal[:20]}</MedlineTA>
        <NlmUniqueID>9{pmid % 999983:06d}</NlmUniqueID>
      </MedlineJournalInfo>
      <CitationSubset>IM</CitationSubset>
{_notices(world, pmid)}{_headings(world) if indexed else ""}{_keywords(world)}{_investigators(world)}    </MedlineCitation>
    <PubmedData>
      <History>
{_history(dice, year)}
      </History>
      <PublicationStatus>ppublish</PublicationStatus>
      <ArticleIdList>
        <ArticleId IdType="pubmed">{pmid}</ArticleId>
        <ArticleId IdType="pii">S{pmid}-{dice.randint(10, 99)}({dice.randint(10, 99)})</ArticleId>
        <ArticleId IdType="doi">{doi}</ArticleId>{_pmc(dice, pmid)}
      </ArticleIdList>
{_references(world, pmid)}    </PubmedData>
  </PubmedArticle>
"""


def _book(world: World, pmid: int, revised: str) -> str:
    return f"""  <PubmedBookArticle>
    <BookDocument>
      <PMID Version="1">{pmid}</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK{pmid}</ArticleId></ArticleIdList>
      <Book><Publisher><PublisherName>Invented Press</PublisherName></Publisher>
        <BookTitle book="inv">{world.title(4)}</BookTitle><PubDate><Year>{world.dice.randint(1990, 2025)}</Year></PubDate>
      </Book>
      <ArticleTitle book="inv" part="p{pmid}">{world.title(6)}</ArticleTitle>
      <Language>eng</Language>
{_authors(world)}      <Abstract><AbstractText>{_text(world, 7)}</AbstractText></Abstract>
{_day("DateRevised", revised, 6)}
    </BookDocument>
    <PubmedBookData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList></PubmedBookData>
  </PubmedBookArticle>
"""


def _day(tag: str, day: str, depth: int, attributes: str = "") -> str:
    year, month, number = day.split("-")
    pad = " " * depth
    inside = f"{pad}  <Year>{year}</Year>\n{pad}  <Month>{month}</Month>\n{pad}  <Day>{number}</Day>"
    return f"{pad}<{tag}{attributes}>\n{inside}\n{pad}</{tag}>"


def _pub_date(dice: random.Random, year: int) -> str:
    kind = dice.random()
    if kind < 0.03:
        return f"              <MedlineDate>{year} {dice.choice(MONTHS)}-{year + 1} Jan</MedlineDate>"
    month = "" if kind < 0.2 else f"\n              <Month>{dice.choice(MONTHS)}</Month>"
    return f"              <Year>{year}</Year>{month}"


def _article_title(world: World, pmid: int) -> str:
    if pmid % TOPIC_EVERY == 0:
        return f"{world.title(4)} of {TOPIC_WORDS[1]} in {TOPIC_WORDS[0]}: {' '.join(world.some(4))}."
    words = world.some(world.dice.randint(8, 17))
    if world.dice.random() < 0.06:
        words[2] = f"<i>{words[2]}</i>"
    title = " ".join(words).capitalize()
    return f"[{title}]." if world.dice.random() < 0.04 else f"{title}."


def _text(world: World, sentences: int) -> str:
    return " ".join(world.dice.choices(world.sentences, k=sentences))


def _abstract(world: World) -> str:
    kind = world.dice.random()
    if kind < 0.15:
        return ""
    if kind < 0.7:
        parts = f"          <AbstractText>{_text(world, world.dice.randint(5, 11))}</AbstractText>\n"
    else:
        parts = "".join(
            f'          <AbstractText Label="{label}" NlmCategory="{label}">{_text(world, world.dice.randint(1, 4))}</AbstractText>\n'
            for label in LABELS
        )
    return f"        <Abstract>\n{parts}          <CopyrightInformation>Invented.</CopyrightInformation>\n        </Abstract>\n"


def _authors(world: World) -> str:
    dice = world.dice
    if dice.random() < 0.04:
        return ""
    people = "".join(_author(world, "Author", 0.7) for _ in range(min(40, 1 + int(dice.expovariate(1 / 4.2)))))
    if dice.random() < 0.02:
        people += f'          <Author ValidYN="Y">\n            <CollectiveName>{world.title(3)} Group</CollectiveName>\n          </Author>\n'
    complete = "N" if dice.random() < 0.01 else "Y"
    return f'        <AuthorList CompleteYN="{complete}">\n{people}        </AuthorList>\n'


def _author(world: World, tag: str, placed: float) -> str:
    dice = world.dice
    # a third of the people write more than once
    last, fore = dice.choice(world.names), dice.choice(world.names[: 400 if dice.random() < 0.7 else 9000])
    suffix = "\n            <Suffix>Jr</Suffix>" if dice.random() < 0.006 else ""
    digits = f"{dice.randint(0, 10**15 - 1):015d}"
    orcid = f'\n            <Identifier Source="ORCID">{_orcid(digits)}</Identifier>' if dice.random() < 0.12 else ""
    place = ""
    if dice.random() < placed:
        where = dice.choice(world.places)
        place = f"\n            <AffiliationInfo>\n              <Affiliation>{where}.</Affiliation>\n            </AffiliationInfo>"
    return (
        f'          <{tag} ValidYN="Y">\n            <LastName>{last}</LastName>\n            <ForeName>{fore} {last[0]}</ForeName>\n'
        f"            <Initials>{fore[0]}{last[0]}</Initials>{suffix}{orcid}{place}\n          </{tag}>\n"
    )


def _orcid(digits: str) -> str:
    """Sixteen digits, the last of them ISO 7064's check."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[i : i + 4] for i in range(0, 16, 4))


def _investigators(world: World) -> str:
    if world.dice.random() > 0.005:
        return ""
    people = "".join(_author(world, "Investigator", 0) for _ in range(world.dice.randint(3, 40)))
    return f"      <InvestigatorList>\n{people}      </InvestigatorList>\n"


def _grants(world: World) -> str:
    if world.dice.random() > 0.12:
        return ""
    rows = "".join(
        f"          <Grant><GrantID>R{world.dice.randint(10_000, 99_999)}</GrantID><Agency>{world.title(2)}</Agency>"
        "<Country>Invented Land</Country></Grant>\n"
        for _ in range(world.dice.randint(1, 4))
    )
    return f'        <GrantList CompleteYN="Y">\n{rows}        </GrantList>\n'


def _types(dice: random.Random) -> str:
    kinds = TYPES[: 1 + (dice.random() < 0.3)] if dice.random() < 0.95 else TYPES[1:]
    return "\n".join(f'          <PublicationType UI="{ui}">{text}</PublicationType>' for ui, text in kinds)


def _notices(world: World, pmid: int) -> str:
    if world.dice.random() > 0.03:
        return ""
    kind = world.dice.choices(("CommentIn", "ErratumIn", "CommentOn", "RetractionIn"), (6, 3, 3, 1))[0]
    return (
        f'      <CommentsCorrectionsList>\n        <CommentsCorrections RefType="{kind}">\n'
        f"          <RefSource>{world.dice.choice(world.journals)}. 2024;1:1</RefSource>\n"
        f'          <PMID Version="1">{pmid + 1}</PMID>\n        </CommentsCorrections>\n      </CommentsCorrectionsList>\n'
    )


def _headings(world: World) -> str:
    rows = "".join(_heading(world) for _ in range(max(3, int(world.dice.gauss(11, 4)))))
    return f"      <MeshHeadingList>\n{rows}      </MeshHeadingList>\n"


def _heading(world: World) -> str:
    dice = world.dice
    # few headings are common and most are rare
    ui, text = world.headings[int(len(world.headings) * dice.random() ** 3)]
    row = f'        <MeshHeading>\n          <DescriptorName UI="{ui}" MajorTopicYN="N">{text}</DescriptorName>\n'
    for _ in range(dice.choices((0, 1, 2), (6, 3, 1))[0]):
        ui, text = dice.choice(world.qualifiers)
        row += f'          <QualifierName UI="{ui}" MajorTopicYN="{dice.choice("YNN")}">{text}</QualifierName>\n'
    return f"{row}        </MeshHeading>\n"


def _keywords(world: World) -> str:
    if world.dice.random() > 0.45:
        return ""
    rows = "".join(
        f'        <Keyword MajorTopicYN="N">{" ".join(world.some(world.dice.randint(1, 3)))}</Keyword>\n'
        for _ in range(world.dice.randint(3, 8))
    )
    return f'      <KeywordList Owner="NOTNLM">\n{rows}      </KeywordList>\n'


def _history(dice: random.Random, year: int) -> str:
    kinds = ("received", "accepted", "entrez", "pubmed", "medline")[-dice.randint(3, 5) :]
    day = f"<Year>{year}</Year>\n          <Month>{dice.randint(1, 12)}</Month>\n          <Day>{dice.randint(1, 28)}</Day>"
    return "\n".join(
        f'        <PubMedPubDate PubStatus="{kind}">\n          {day}\n        </PubMedPubDate>' for kind in kinds
    )


def _pmc(dice: random.Random, pmid: int) -> str:
    return f'\n        <ArticleId IdType="pmc">PMC{pmid}</ArticleId>' if dice.random() < 0.3 else ""


def _references(world: World, pmid: int) -> str:
    dice = world.dice
    if dice.random() > 0.27:
        return ""
    rows = "".join(_reference(world, pmid) for _ in range(max(1, int(dice.gauss(26, 10)))))
    return f"      <ReferenceList>\n{rows}      </ReferenceList>\n"


def _reference(world: World, pmid: int) -> str:
    dice = world.dice
    cited, kind = max(FIRST_PMID, pmid - int(dice.expovariate(1 / 40_000))), dice.random()
    numbers = f'\n            <ArticleId IdType="pubmed">{cited}</ArticleId>' if kind < 0.75 else ""
    if 0.6 < kind < 0.85:
        numbers += f'\n            <ArticleId IdType="doi">10.9{cited % 900 + 100}/cited.{cited}</ArticleId>'
    ids = f"\n          <ArticleIdList>{numbers}\n          </ArticleIdList>" if numbers else ""
    words = f"{dice.choice(world.names)} {dice.choice('ABCDEFGH')}. {' '.join(world.some(8)).capitalize()}. {dice.choice(world.journals)}. 2015;3:45"
    return f"        <Reference>\n          <Citation>{words}</Citation>{ids}\n        </Reference>\n"


def generate(
    folder: Path, records: int, files: int = 1, seed: int = 20260101, revised: str = "2025-06-01",
    say: Callable[[Path], None] = lambda _: None,
) -> list[Path]:  # fmt: skip
    """Write the files that are not there yet; `revised` is the date of revision that every record states.

    The same seed with another date makes the same records as maintenance touches them: other bytes, nothing new.
    """
    folder.mkdir(parents=True, exist_ok=True)
    share = -(-records // files)
    paths = [folder / f"invented26n{i:04d}_{share}_{seed}_{revised}.xml.gz" for i in range(1, files + 1)]
    if all(path.exists() for path in paths):
        return paths
    world = World(seed)
    for number, path in enumerate(paths):
        first = FIRST_PMID + number * share
        _write(path, records_from(world, first, min(share, records - number * share), revised))
        say(path)
    return paths


def records_from(world: World, first: int, count: int, revised: str) -> Iterator[str]:
    """So many records, their PMIDs in order; the last element deletes two numbers of nobody."""
    for pmid in range(first, first + count):
        yield record(world, pmid, revised)
    numbers = "".join(f'    <PMID Version="1">{80_000_000 + first + i}</PMID>\n' for i in range(2))
    yield f"  <DeleteCitation>\n{numbers}  </DeleteCitation>\n"


def _write(path: Path, records: Iterator[str]) -> None:
    partial = path.with_suffix(".part")
    # mtime 0: the same seed makes the same bytes
    with partial.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        packed.write(PROLOG.encode())
        for one in records:
            packed.write(one.encode())
        packed.write(b"</PubmedArticleSet>\n")
    partial.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--files", type=int, default=2)
    chosen = parser.parse_args()
    generate(chosen.folder, chosen.records, chosen.files, say=print)


if __name__ == "__main__":
    main()
