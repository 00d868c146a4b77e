"""Sources and evidence rows in words, from the knowledge tables."""

from collections.abc import Sequence

import duckdb

from pain_tui.knowledge import sources
from pain_tui.report import words
from pain_tui.tui import queries


def source_words(source: str | None, rule: str | None = None) -> str:
    """The source behind a rule or row, or a source id, as a citation with its identifiers."""
    if rule and words.is_own(rule):
        return words.whose({"rule": rule, "source": source})
    found = (sources.lookup(rule) if rule else ()) or (sources.lookup(source) if source else ())
    return "; ".join(dict.fromkeys(_cited(one) for one in found)) or source or "not stated"


def _cited(one: sources.Source) -> str:
    ids = (
        f"doi:{one.doi}" if one.doi else None,
        f"PMID {one.pmid}" if one.pmid else None,
        one.locator,
        f"seen: {one.how_seen}" if one.how_seen else None,
    )
    return ", ".join([one.citation, *(part for part in ids if part)])


def evidence_rows(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[str]:
    """Trials behind an estimate: who, what against what, how many, how sure."""
    rows = cursor.execute(queries.TRIALS, [list(ids)]).fetchall()
    known = {str(row[0]): _trial(row) for row in rows}
    return [known.get(one, one) for one in ids]


def _trial(row: tuple[object, ...]) -> str:
    name, citation, doi, pmid, rate, n, control, n_control, comparator, weeks, design, grade, sureness = row
    arm = f" {_arm(rate, n)}" if rate is not None else ""
    other = f", {comparator} {_arm(control, n_control)}" if control is not None else ""
    when = f" at {float(str(weeks)):g} weeks" if weeks is not None else ""
    ids = ", ".join(str(part) for part in (doi, f"PMID {pmid}" if pmid else None) if part)
    cited = f"{citation}{' (' + ids + ')' if ids else ''}"
    sure = f"certainty {grade or 'not graded'}; figure {sureness}"
    return f"{name}:{arm}{other}{when}. {cited}. {design or 'design not stated'}, {sure}"


def _arm(rate: object, n: object) -> str:
    return f"{float(str(rate)) * 100:.0f} of 100{f' (n {n})' if n else ''}"
