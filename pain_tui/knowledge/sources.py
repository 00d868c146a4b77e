"""Find the paper behind any row, rule or source id: one way for every screen and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pain_tui.knowledge import load
from pain_tui.knowledge.rows import rows

# Columns that may hold what a row says about its own source.
_CITATIONS = ("citation", "source", "sources")
_KEYS = ("row_id", "rule_id", "condition_id", "intervention_id", "fact")


@dataclass(frozen=True)
class Source:
    """One source as a reader can look it up.

    what: the row, rule or id that rests on it. citation: author, year and title in short. how_seen: read,
    known,
    approximate, judged or unchecked, and whether the source itself or a report of it was read.
    """

    what: str
    citation: str
    doi: str | None
    pmid: str | None
    locator: str | None
    checked: str | None
    how_seen: str | None


def lookup(what: str) -> tuple[Source, ...]:
    """The sources behind a source id ("cdc2022", several joined by "+"), a row id ("DDI001", "r014") or a
    rule id.

    Empty when nothing has that name.
    """
    name = what.strip()
    rule = _rules().get(name)
    if rule is not None:
        return tuple(_of_id(part, what=name, checked=rule[1]) for part in rule[0].split("+"))
    row = _rows_by_id().get(name)
    if row is not None:
        return tuple(_of_row(name, row))
    found = [_of_id(part, what=name) for part in name.split("+") if part.upper() in _by_id()]
    return tuple(found)


def _of_id(source_id: str, *, what: str, checked: str | None = None, how_seen: str | None = None) -> Source:
    row = _by_id().get(source_id.upper(), {})
    return Source(
        what=what,
        citation=row.get("citation") or source_id,
        doi=row.get("doi") or None,
        pmid=row.get("pmid_pmcid") or None,
        locator=row.get("locator") or None,
        checked=checked,
        how_seen=how_seen,
    )


def _of_row(name: str, row: Mapping[str, str]) -> Iterator[Source]:
    """A row names ids of the source list, or carries its citation itself."""
    seen = " ".join(word for word in (row.get("sureness"), row.get("read_via")) if word) or None
    ids = row.get("source_id")
    if ids:
        for part in ids.split("+"):
            yield _of_id(part, what=name, how_seen=seen)
        return
    citation = next((row[column] for column in _CITATIONS if row.get(column)), "")
    if not citation and row.get("guideline"):
        citation = f"{row['guideline']} {row.get('guideline_id', '')} {row.get('year', '')}".strip()
    yield Source(
        what=name,
        citation=citation or "the project's own judgement",
        doi=row.get("doi") or None,
        pmid=row.get("pmid") or None,
        locator=row.get("guideline_id") or None,
        checked=row.get("checked") or None,
        how_seen=seen,
    )


@lru_cache(maxsize=1)
def _by_id() -> dict[str, dict[str, str]]:
    return {row["source_id"].upper(): row for row in rows("safety_sources")}


@lru_cache(maxsize=1)
def _rows_by_id() -> dict[str, dict[str, str]]:
    """Every row that has an id, by it. Tables do not share ids; the check says so."""
    found: dict[str, dict[str, str]] = {}
    for table in load.tables():
        for row in rows(table.name):
            key = next((row[column] for column in _KEYS if row.get(column)), None)
            if key is not None:
                found.setdefault(key, row)
    return found


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, str]]:
    from pain_tui.knowledge.rules import packaged

    return {rule.id: (rule.source, rule.checked.isoformat()) for rule in packaged()}
