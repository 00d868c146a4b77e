"""Sources and evidence rows in words, from the knowledge tables."""

from collections.abc import Sequence

import duckdb


def source_words(cursor: duckdb.DuckDBPyConnection, source: str | None) -> str:
    """A source id as a citation with its identifier; a citation stays as it is."""
    if not source:
        return "not stated"
    parts = [part.strip() for part in source.replace("|", ";").split(";") if part.strip()]
    found = dict(
        (str(row[0]), ", ".join(str(cell) for cell in row[1:] if cell))
        for row in cursor.execute(
            "SELECT source_id, citation, doi, pmid_pmcid, locator FROM knowledge.safety_sources WHERE source_id IN (SELECT unnest(?::VARCHAR[]))",
            [parts],
        ).fetchall()
    )
    return "; ".join(found.get(part, part) for part in parts)


def evidence_rows(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[str]:
    """Trials behind an estimate: who, what against what, how many, how sure."""
    rows = cursor.execute(
        "SELECT row_id, citation, doi, pmid, rate_treated, n_treated, rate_control, n_control, comparator, time_weeks, design, grade_certainty, sureness "
        "FROM knowledge.responder_rates WHERE row_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY row_id",
        [list(ids)],
    ).fetchall()
    known = {str(row[0]): _trial(row) for row in rows}
    return [known.get(one, one) for one in ids]


def _trial(row: tuple[object, ...]) -> str:
    name, citation, doi, pmid, rate, n, control, n_control, comparator, weeks, design, grade, sureness = row
    arm = "" if rate is None else f" {float(str(rate)) * 100:.0f} of 100{f' (n {n})' if n else ''}"
    other = (
        ""
        if control is None
        else f", {comparator} {float(str(control)) * 100:.0f} of 100{f' (n {n_control})' if n_control else ''}"
    )
    when = "" if weeks is None else f" at {float(str(weeks)):g} weeks"
    ids = ", ".join(str(part) for part in (doi, f"PMID {pmid}" if pmid else None) if part)
    return f"{name}:{arm}{other}{when}. {citation}{' (' + ids + ')' if ids else ''}. {design or ''}, certainty {grade or 'not graded'}; figure {sureness}"
