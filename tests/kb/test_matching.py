"""A printed reference finds its document among many, and never another part, another DOI or another PMID."""

from contextlib import closing

import pytest

from kb.stages.matching import matched
from kb.store.connection import create_database
from kb.store.rows import insert

TITLE = "Growth of feather moss on northern slopes after heavy rain"
PAYLOAD = "0" * 64
#: id, title, DOI.
STORED = (
    ("pmid-1", f"{TITLE}: part I", "10.9999/moss.1"),
    ("pmid-3", "Lichens of dry walls in coastal towns and their slow return", "10.9999/lichen"),
    ("pmid-4", "Ferns of the wet valley counted by hand every second spring", None),
)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    with closing(create_database(tmp_path_factory.mktemp("matching") / "evidence.db")) as db:
        insert(db, "payloads", [{"sha256": PAYLOAD, "size": 1, "body": b"x"}])
        insert(db, "people", [{"id": 1, "key": "m", "name": "Mossberg A", "last_name": "Mossberg"}])
        for name, title, doi in STORED:
            number = name.removeprefix("pmid-")
            insert(db, "documents", [{
                "id": name, "source": "pubmed-xml", "kind": "article", "pmid": number, "doi": doi,
                "title": title, "year": 2011, "journal": "Journal of Invented Botany", "volume": "7",
                "pages": "11-19", "payload": PAYLOAD, "content_sha256": number,
            }])  # fmt: skip
            insert(db, "authorships", [{"document": name, "position": 0, "person": 1, "role": "author"}])
            names = [("pmid", number), *([("doi", doi)] if doi else [])]
            insert(db, "identifiers", [{"document": name, "scheme": s, "value": v, "slug": v} for s, v in names])
        yield db


def meant(db, text):
    found = matched(db, {"text": text}, set())
    return found and found.key


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (f"Mossberg A. {TITLE}: part I. J Invent Bot. 2011;7:11-19.", "pmid-1"),
        ("Mossberg A. Lichens of dry wals in coastal towns and their slow retrun. J Invent Bot 2011;7:11.", "pmid-3"),
        ("Lichens, as they said. doi: 10.9999/LICHEN", "pmid-3"),
        ("Mossberg A. Ferns of the wet valley counted by hand every second spring. 2011;7:11-19. PMID: 4", "pmid-4"),
    ],
)
def test_a_reference_with_light_noise_finds_its_document(db, text, document):
    assert meant(db, text) == document


def test_what_found_nothing_worth_following_is_not_asked_for_again(db):
    text = "Mossberg A. Ferns of the wet valley counted by hand every second spring. Journal of Invented Botany 2011"
    useless = set()
    found = [matched(db, {"text": text}, useless).key for _ in range(2)]
    assert found == ["pmid-4"] * 2
    assert useless == {"mossberg", "journal", "invented", "botany", "2011"}


@pytest.mark.parametrize("part", ["part II", "Part 2", "part III"])
def test_another_part_of_a_series_never_matches(db, part):
    assert meant(db, f"Mossberg A. {TITLE}: {part}. J Invent Bot. 2011;7:11-19.") is None


@pytest.mark.parametrize("name", ["doi: 10.9999/moss.2", "PMID: 99"])
def test_the_same_words_under_another_name_never_match(db, name):
    title = "Lichens of dry walls in coastal towns and their slow return"
    found = meant(db, f"Mossberg A. {title}. J Invent Bot. 2011;7:11-19. {name}")
    assert found not in {one for one, _, _ in STORED}


def test_words_that_many_titles_share_are_no_match(db):
    assert meant(db, "Mossberg A. Moss on slopes. 2011.") is None
