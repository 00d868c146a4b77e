"""The forest of one cell as rows, for a front end that draws it itself.

Every trial first, then what the pool is joined from, the pool and the comparator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pain_tui.forecast import words
from pain_tui.forecast.cells import WATCH
from pain_tui.forecast.forest import LABELS, Forest, Line, estimates, parts
from pain_tui.forecast.tables import number


@dataclass(frozen=True)
class ForestRow:
    """One line of the plot.

    kind: trial, own (this cell's trials alone), others (trials of other cells), pool, comparator. p, lo, hi:
    as used, with its interval (None: no rate); published: as printed by the authors; control: the rate of
    its control arm. Rates are proportions of the denominator.
    """

    kind: str
    row_id: str | None
    label: str
    use: str
    outcome: str
    weeks: float | None
    n: int | None
    denominator: str
    published: float | None
    p: float | None
    lo: float | None
    hi: float | None
    control: float | None
    say: str
    contradicts: bool


def rows(forest: Forest) -> list[ForestRow]:
    """The whole forest as rows: every trial, then own trials, other trials, pool and comparator."""
    found = [_trial_row(line) for line in forest.lines]
    cell = forest.cell
    if cell is None:
        return found
    for kind, p, control, say in parts(forest, cell):
        found.append(_pool_row(forest, cell, kind, (p, None, None), control, say))
    treated, comparator = estimates(forest, cell)
    control = None if comparator is None else comparator[0]
    found.append(_pool_row(forest, cell, "pool", treated, control, _pool_says(forest, cell)))
    if comparator is not None:
        why = words.comparator_why(forest.model, cell)
        found.append(_pool_row(forest, cell, "comparator", comparator, None, why))
    return found


def _trial_row(line: Line) -> ForestRow:
    row = line.row
    against = row["prior_role"] == "contradicting"
    effect = (
        f": {row['other_effect']}" if (against or not row["rate_treated"]) and row["other_effect"] else ""
    )
    return ForestRow(
        "trial",
        row["row_id"],
        row["citation"],
        line.use,
        row["outcome_class"],
        float(row["time_weeks"]),
        int(row["n_treated"]) if row["n_treated"] else None,
        row["denominator"],
        number(row["rate_treated"]),
        line.used,
        line.low,
        line.high,
        number(row["rate_control"]),
        f"{row['detail']}; vs {row['comparator']}{effect}",
        against,
    )


def _pool_row(
    forest: Forest,
    cell: dict[str, Any],
    kind: str,
    three: Sequence[float | None],
    control: float | None,
    say: str,
) -> ForestRow:
    label = "course" if kind == "pool" and forest.option == WATCH else LABELS[kind]
    return ForestRow(
        kind,
        None,
        label,
        kind,
        cell["outcome_class"],
        float(words.shown_horizon(cell)),
        cell["people"] or None,
        cell["denominator"],
        None,
        three[0],
        three[1],
        three[2],
        control,
        say,
        False,
    )


def _pool_says(forest: Forest, cell: dict[str, Any]) -> str:
    certainty = cell["certainty"].replace("_", " ")
    disputed = "; disputed" if cell["contradicting"] else ""
    lender = forest.model.data["conditions"].get(cell["borrowed_from"], "")
    borrowed = f"; borrowed from {lender}" if lender else ""
    return f"certainty {certainty}{disputed}{borrowed}"
