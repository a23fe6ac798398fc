"""propose: figures of any other reader enter through the quote gate, survive a rebuild, and count as no person."""

import json
import sys
from types import SimpleNamespace

import pytest

from kb.cli import main
from kb.evidence.speaking import choose, settle
from kb.evidence.standing import stand

TEXT = "At 12 months the mean mRSS was 15.25 ± 6.5 with cells. Of 17 patients, two relapsed. Moss grew on the wall."
GOOD = {"outcome": "mRSS", "kind": "mean", "timepoint": {"value": 12, "unit": "month"}, "value": 15.25, "sd": 6.5,
        "quote": "15.25 ± 6.5"}  # fmt: skip
RELAPSE = {"outcome": "relapse", "kind": "proportion", "events": 2, "quote": "two relapsed"}
ALTERED = {**GOOD, "value": 12.55}
INVENTED = {**GOOD, "value": 3, "sd": None, "quote": "3 walls"}


@pytest.fixture
def run(capsys):
    """Run a command; gives exit code, stdout and stderr."""

    def ran(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return ran


@pytest.fixture
def moss(run, demo, tmp_path, pubmed_xml):
    """A database with one invented abstract, built."""
    (tmp_path / "a.xml").write_bytes(pubmed_xml("7", TEXT))
    assert run("load", demo, tmp_path / "a.xml")[0] == 0
    assert run("build", demo)[0] == 0
    return demo


@pytest.fixture
def propose(run, moss, tmp_path):
    """Propose this content; gives exit code, stdout and stderr."""

    def proposed(content):
        file = tmp_path / "other.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return run("propose", moss, file)

    return proposed


def proposed_rows(rows, db):
    sql = """select f.id, f.quote, f.start, substr(s.text, f.start + 1, f."end" - f.start) = f.quote as held
    from figures f join sections s on s.id = f.section where f.reader = 'proposed' order by f.start"""
    return rows(db, sql)


SHAPES = [
    [{**GOOD, "document": "pmid-7"}, {**RELAPSE, "document": "7"}],
    {"pmid-7": [GOOD, RELAPSE]},
    {"7": [{**GOOD, "start": TEXT.index("15.25"), "end": TEXT.index(" with cells")}, RELAPSE]},
]


@pytest.mark.parametrize("content", SHAPES)
def test_accepted_figures_are_stored_at_their_place_and_survive_a_rebuild(propose, run, rows, moss, content):
    assert propose(content)[:2] == (0, "2 accepted, 0 misquoted, 0 altered, 0 invented, 0 malformed\n")
    stored = proposed_rows(rows, moss)
    assert [(r["quote"], r["held"]) for r in stored] == [("15.25 ± 6.5", 1), ("two relapsed", 1)]
    assert run("build", moss)[0] == 0
    assert proposed_rows(rows, moss) == stored


def test_a_section_can_be_named_instead_of_a_document(propose, rows, moss):
    section = rows(moss, "select id from sections where document = 'pmid-7' and kind = 'abstract'")[0]["id"]
    assert propose([{**GOOD, "section": section}])[0] == 0
    assert propose([{**GOOD, "section": "nowhere"}])[:1] == (3,)


def test_what_read_prints_can_be_proposed(propose, run, rows, moss, tmp_path):
    (tmp_path / "pmid-7.txt").write_text(TEXT, encoding="utf-8")
    code, out, _ = run("read", tmp_path / "pmid-7.txt", "--json")
    assert code == 0
    assert propose(out)[0] == 0
    assert len(proposed_rows(rows, moss)) == len(json.loads(out)["pmid-7"]) > 0


def test_refused_figures_are_told_apart_a_line_each(propose, rows, moss):
    title = rows(moss, "select id from sections where document = 'pmid-7' and kind = 'title'")[0]["id"]
    elsewhere = {**GOOD, "start": 0, "section": title, "document": "pmid-7"}
    odd = [{**GOOD, "document": "pmid-7"}, {**ALTERED, "document": "7"}, {**INVENTED, "document": "7"}, elsewhere, 5]
    code, out, _ = propose([*odd, {**GOOD, "document": "pmid-404"}])
    assert code == 3
    lines = out.splitlines()
    assert lines[-1] == "1 accepted, 0 misquoted, 1 altered, 1 invented, 3 malformed"
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["figure 2", "altered"], ["figure 3", "invented"], ["figure 4", "malformed"], ["figure 5", "malformed"],
        ["figure 6", "malformed"],
    ]  # fmt: skip
    assert len(proposed_rows(rows, moss)) == 1


def test_a_quote_of_another_section_is_misquoted(propose, rows, moss):
    title = rows(moss, "select id from sections where document = 'pmid-7' and kind = 'title'")[0]["id"]
    code, out, _ = propose([{**GOOD, "section": title}])
    assert code == 3
    assert "figure 1: misquoted: the quote stands in section pmid-7" in out


def test_a_file_without_an_accepted_figure_is_not_kept(propose, rows, moss):
    before = rows(moss, "select count(*) as n from payloads")
    assert propose({"7": [INVENTED]})[0] == 3
    assert rows(moss, "select count(*) as n from payloads") == before


def test_proposing_twice_adds_nothing(propose, rows, moss):
    propose({"7": [GOOD]})
    before = proposed_rows(rows, moss)
    assert propose({"7": [GOOD]})[0] == 0
    assert proposed_rows(rows, moss) == before


@pytest.mark.parametrize("content", ["", "{", "3", '{"7": 3}', '"7"'])
def test_an_unreadable_file_is_one_line(propose, rows, moss, content):
    code, out, err = propose(content)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "other.json" in err
    assert not proposed_rows(rows, moss)


def test_a_missing_file_and_a_missing_choice(run, moss, tmp_path):
    assert run("propose", moss, tmp_path / "none.json")[0] == 1
    assert run("propose", moss)[0] == 2
    assert run("propose", moss, tmp_path / "none.json", "--model", "m", "--document", "7")[0] == 2


class UnknownModelError(KeyError):
    pass


class ModelError(Exception):
    pass


def library(answer):
    """A stand-in for the library llm whose only model gives this answer, or raises it."""

    class Model:
        def prompt(self, prompt, *, system, schema):
            assert TEXT in prompt
            assert "mRSS" in system
            assert schema["required"] == ["figures"]
            if isinstance(answer, Exception):
                raise answer
            return SimpleNamespace(text=lambda: answer)

    def get_model(name):
        if name != "fern":
            raise UnknownModelError(name)
        return Model()

    return SimpleNamespace(get_model=get_model, UnknownModelError=UnknownModelError, ModelError=ModelError)


def ask(run, db, monkeypatch, answer, model="fern", document="pmid-7"):
    monkeypatch.setitem(sys.modules, "llm", None if answer is None else library(answer))
    return run("propose", db, "--model", model, "--document", document)


def test_a_language_model_goes_through_the_same_gate(run, rows, moss, monkeypatch):
    answer = json.dumps({"figures": [GOOD, ALTERED]})
    code, out, _ = ask(run, moss, monkeypatch, answer)
    assert (code, out.splitlines()[-1]) == (3, "1 accepted, 0 misquoted, 1 altered, 0 invented, 0 malformed")
    stored = proposed_rows(rows, moss)
    assert run("build", moss)[0] == 0
    assert proposed_rows(rows, moss) == stored != []


WITHOUT = [
    ({"answer": None}, "evidence-kb[llm]"),
    ({"answer": "{}", "model": "bracken"}, "not known"),
    ({"answer": ModelError("No key found")}, "No key found"),
    ({"answer": "I think"}, "not JSON"),
    ({"answer": "{}"}, "no list of figures"),
    ({"answer": "{}", "document": "pmid-404"}, "pmid-404"),
]


@pytest.mark.parametrize(("given", "said"), WITHOUT)
def test_without_extra_key_or_answer_it_says_so_in_one_line(run, moss, monkeypatch, given, said):
    code, out, err = ask(run, moss, monkeypatch, **given)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert said in err


ONE, OTHER = {"at": 12, "value": 13.95, "quote": "13.95"}, {"at": 12, "value": 15.93, "quote": "15.93"}


@pytest.mark.parametrize(
    ("readings", "basis", "speaks"),
    [
        ({"p": ("proposed", ONE)}, {"p": "machine"}, {"p"}),
        # whoever proposes may have seen the sheet and the text: agreement with it says nothing, nor does conflict
        ({"s": ("sheet", ONE), "p": ("proposed", ONE)}, {"s": "primary sheet", "p": "machine"}, {"s"}),
        ({"s": ("sheet", ONE), "p": ("proposed", OTHER)}, {"s": "primary sheet", "p": "machine"}, {"s"}),
        ({"t": ("machine", ONE), "p": ("proposed", ONE)}, {"t": "machine", "p": "machine"}, {"p"}),
        (
            {"s": ("sheet", ONE), "t": ("machine", ONE), "p": ("proposed", OTHER)},
            {"s": "agreement", "t": "agreement", "p": "machine"},
            {"t"},
        ),
    ],
)
def test_a_proposal_is_no_second_pair_of_eyes(make, topic, vocabulary, readings, basis, speaks):
    found = [make.reading(name, reader, **figure) for name, (reader, figure) in readings.items()]
    study = make.study(arms=[make.arm("cells", 41)])
    standings = {r.id: stand(r, study, vocabulary.named(r.figure.outcome), topic) for r in found}
    chosen = choose(found, settle(found, standings), topic, frozenset())
    assert {name: s.basis for name, s in chosen.items()} == basis
    assert {name for name, s in chosen.items() if s.speaks} == speaks
