"""Counts of a view asked of the table that its rows are of.

Our views join a table to what is known of its rows, and SQLite joins even where it only counts: at a million figures
that is seconds. A view here has one row for each row of its table, so counting and faceting by a column of that table
gives the same numbers; a test holds each of them to its view.
"""

import re

_SPEAKING = "standings where speaks = 1 and"
_SURVIVAL = "('overall survival', 'event-free survival', 'progression-free survival')"
_ADVERSE = """('adverse events', 'treatment-related adverse events', 'serious adverse events', 'death',
'treatment-related mortality')"""
_OF_FIGURES = ("outcome", "intervention_class", "design")
_DONE = """select figure from reviews where figure is not null union select figure from decided_figures
union select id from figures where drifted = 1"""

#: View → the rows that it has, and the columns that are the same there.
SAME_ROWS = {
    "evidence": ("standings", _OF_FIGURES),
    "figures_to_review": (f"standings where figure not in ({_DONE})", ()),
    "doubtful_figures": ("verdicts where verdict in ('doubtful', 'impossible')", ("check", "verdict")),
    "mrss_over_time": (f"{_SPEAKING} outcome = 'mRSS' and kind = 'mean'", ("study", "intervention_class", "design")),
    "survival": (f"{_SPEAKING} kind = 'proportion' and outcome in {_SURVIVAL}", _OF_FIGURES),
    "adverse_events": (f"{_SPEAKING} kind = 'proportion' and outcome in {_ADVERSE}", _OF_FIGURES),
    "literature": ("links where kind <> 'reports'", ("kind", "source")),
}

#: How Datasette 0.65 counts a whole view, and the values of a facet over a whole view.
_COUNT = re.compile(r"\s*select count\(\*\) from (?P<view>\w+)\s*")
_FACET = re.compile(
    r"\s*select \[?(?P<column>\w+)\]? as value, count\(\*\) as count from \(\s*select [^()]+? from (?P<view>\w+)\s*\)"
    r"\s*where \[?(?P=column)\]? is not null\s+group by \[?(?P=column)\]? "
    r"(?P<order>order by count desc, value limit \d+)\s*"
)


def lean(sql: str) -> str:
    """The same count from fewer tables where there is one, else the query itself."""
    count, facet = _COUNT.fullmatch(sql), _FACET.fullmatch(sql)
    if count and count["view"] in SAME_ROWS:
        return f"select count(*) from {SAME_ROWS[count['view']][0]}"
    if facet and facet["column"] in SAME_ROWS.get(facet["view"], ("", ()))[1]:
        rows, column = SAME_ROWS[facet["view"]][0], f"[{facet['column']}]"
        among = f"select {column} from {rows}"
        return (
            f"select {column} as value, count(*) as count from ({among}) where {column} is not null "
            f"group by {column} {facet['order']}"
        )
    return sql
