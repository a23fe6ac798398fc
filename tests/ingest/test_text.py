"""style.md's promise 5: an element's text keeps every character and glues none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.markup.text import text_of, text_or_none, text_without

letters = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
tags = st.sampled_from(["i", "b", "sub", "sup", "{http://www.w3.org/1998/Math/MathML}mn"])
trees = st.recursive(letters, lambda inner: st.tuples(tags, st.lists(inner, max_size=4)), max_leaves=12)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>CO<sub>2</sub> fell by 3 <i>vs</i> 5</p>", "CO2 fell by 3 vs 5"),
        ("<p>4\u2009±\u20091\u00a0kg</p>", "4\u2009±\u20091\u00a0kg"),
        ("<p>a<!-- not text -->b<?also not?>c</p>", "abc"),
        ("<p> edges stay \n</p>", " edges stay \n"),
        ("<p><m:math xmlns:m='urn:m'><m:mi>p</m:mi><m:mo>&lt;</m:mo><m:mn>.05</m:mn></m:math>!</p>", "p<.05!"),
        ("<p><![CDATA[1 < 2]]> &amp; <b/>3</p>", "1 < 2 & 3"),
        ("<p/>", ""),
    ],
)
def test_markup_goes_and_characters_stay(markup, text):
    assert text_of(etree.fromstring(markup)) == text


@given(trees)
def test_any_nesting_gives_back_the_words_it_was_built_from(tree):
    node = etree.Element("p")
    words = _plant(node, tree)
    assert text_of(node) == words == str(node.xpath("string()"))


def test_an_entity_of_an_unread_dtd_is_not_lost():
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    node = etree.fromstring("<!DOCTYPE p SYSTEM 'x.dtd'><p>TNF-&alpha; up &unheardof;!</p>", parser)
    assert text_of(node) == "TNF-α up &unheardof;!"


def test_left_out_elements_lose_their_content_but_not_their_tail():
    node = etree.fromstring("<p>x <alt><tex>\\alpha</tex><mi>α</mi></alt> y</p>")
    assert text_without(node, frozenset({"tex"})) == "x α y"


@pytest.mark.parametrize(("markup", "text"), [("<a> b </a>", "b"), ("<a> </a>", None), (None, None)])
def test_absent_is_none(markup, text):
    assert text_or_none(None if markup is None else etree.fromstring(markup)) == text


def _plant(parent, tree):
    """Add a tree of words and tags below the parent and return its words."""
    if isinstance(tree, str):
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + tree
        else:
            parent.text = (parent.text or "") + tree
        return tree
    child = etree.SubElement(parent, tree[0])
    return "".join([_plant(child, inner) for inner in tree[1]])
