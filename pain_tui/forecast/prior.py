"""Evidence tables to the model as plain numbers: every cell, every slope, every gate.

`assemble` is the whole of it: it returns what the program reads at run time (JSON-ready, floats rounded to
12 decimals so that two machines write the same bytes). It makes no use of any patient.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pain_tui.forecast import limited, strata, terms
from pain_tui.forecast.cells import (
    WATCH,
    Evidence,
    at_time,
    cell_for,
    control_arm,
    interval_z,
    one_a_trial,
    one_class,
    watch_cell,
    weeks,
)
from pain_tui.forecast.hierarchy import hierarchy
from pain_tui.forecast.pool import between_variance, pool_one
from pain_tui.forecast.shapes import Cell
from pain_tui.forecast.tables import FOLDER, Row, evidence_hash, rows, scope, settings
from pain_tui.forecast.threshold import Shift, threshold_shift

FORMAT = 1
_DIGITS = 12


def umbrellas(condition: Row) -> list[str]:
    """The conditions that may lend to this one, in order."""
    return [u for u in condition["borrow_from_if_no_row"].split(";") if u]


def all_cells(evidence: Evidence, folder: Path = FOLDER) -> Iterator[Cell]:
    """Every cell with evidence, own or borrowed, over conditions, options, horizons, bias switch."""
    options = [r["intervention_id"] for r in rows("interventions", folder)]
    shift = threshold_shift(evidence)
    for with_bias in (True, False):
        variances = None
        for horizon in (int(h["horizon_weeks"]) for h in evidence.horizons):
            outside = hierarchy(evidence, horizon, with_bias, folder, variances)
            variances = outside.variances
            for condition in rows("conditions", folder):
                name, lenders = condition["condition_id"], umbrellas(condition)
                made = [
                    cell_for(evidence, name, lenders, option, horizon, with_bias, folder, outside)
                    for option in options
                ]
                found = [cell for cell in made if cell is not None]
                watch = watch_cell(evidence, name, lenders, horizon, with_bias)
                yield from share_rank(found, shift, evidence.settings, folder)
                if watch is not None:
                    yield watch


def share_rank(
    cells: Sequence[Cell], shift: Shift, options: dict[str, float], folder: Path = FOLDER
) -> Iterator[Cell]:
    """Stimulation waveforms of one condition and horizon are pulled towards their common mean.

    Their trials differ in comparator and denominator, so they are never ranked against each other: partial
    pooling (empirical Bayes, between-waveform SD by DerSimonian-Laird with a floor), and one rank group.
    """
    groups = {
        r["option"]: r["option_group"]
        for r in rows("option_groups", folder)
        if r["shares_one_rank"] == "true"
    }
    pooled: dict[int, Cell] = {}
    for group in sorted(set(groups.values())):
        held = [
            (i, c)
            for i, c in enumerate(cells)
            if groups.get(c.option) == group
            and c.in_window
            and not c.borrowed_from
            and c.outcome_class in ("pain50", "pain30")
        ]
        for i, cell in (
            (i, replace(c, rank_group=group)) for i, c in enumerate(cells) if groups.get(c.option) == group
        ):
            pooled[i] = cell
        if len(held) > 1:
            for (i, _), cell in zip(held, _towards_mean([c for _, c in held], shift, options), strict=True):
                pooled[i] = replace(cell, rank_group=group)
    for i, cell in enumerate(cells):
        yield pooled.get(i, cell)


def _towards_mean(cells: Sequence[Cell], shift: Shift, options: dict[str, float]) -> list[Cell]:
    steps = [shift.mean if c.outcome_class == "pain30" else 0.0 for c in cells]
    values = [c.pair.treated - s for c, s in zip(cells, steps, strict=True)]
    variances = [c.pair.treated_variance for c in cells]
    omega2 = max(options["waveform_sd_floor"] ** 2, between_variance(values, variances))
    weights = [1.0 / (v + omega2) for v in variances]
    common = sum(w * y for w, y in zip(weights, values, strict=True)) / sum(weights)
    made = []
    for cell, step, y, v in zip(cells, steps, values, variances, strict=True):
        own = omega2 / (omega2 + v)
        variance = v * own + (1 - own) ** 2 / sum(weights)
        pair, why = cell.pair.moved_to(own * y + (1 - own) * common + step, variance), cell.held
        if cell.alone is not None and cell.own_errors is not None:
            pair, again = limited.hold(cell.alone, pair, cell.own_errors, interval_z(options))
            why = again or why
        made.append(replace(cell, pair=pair, held=why))
    return made


def placebo_course(evidence: Evidence, condition: str, horizon: int) -> dict[str, Any] | None:
    """What people given sham or placebo did, where no usual-care course is known: never shown as waiting."""
    arms = [
        r
        for r in evidence.rates
        if r["condition_id"] == condition
        and evidence.fits(r)
        and r["rate_control"]
        and evidence.kinds[r["comparator_type"]]["kind"] == "sham"
    ]
    if not arms:
        return None
    timely, in_window = at_time(evidence, arms, horizon)
    outcome = one_class(evidence, timely)
    chosen = one_a_trial([r for r in timely if r["outcome_class"] == outcome], horizon)
    pairs = [control_arm(r, evidence.settings) for r in chosen]
    mean, variance = pool_one(
        [p[0] for p in pairs], [p[1] for p in pairs], [float(r["tau_logit"]) for r in chosen]
    )
    return {
        "outcome_class": outcome,
        "in_window": in_window,
        "weeks": [min(map(weeks, chosen)), max(map(weeks, chosen))],
        "mean": mean,
        "variance": variance,
        "rows": [r["row_id"] for r in chosen],
        "denominator": "; ".join(sorted({r["denominator"] for r in chosen})),
    }


def assemble(folder: Path = FOLDER, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """The whole model as plain numbers and words."""
    evidence = Evidence.read(folder, leave_out)
    shift = threshold_shift(evidence)
    slope_list, pairs = _all_slopes(folder)
    model = {
        "format": FORMAT,
        "evidence_hash": evidence_hash(folder),
        "settings": settings(folder),
        "shift30": {"mean": shift.mean, "variance": shift.variance, "rows": list(shift.rows)},
        "horizons": [int(h["horizon_weeks"]) for h in evidence.horizons],
        "conditions": {r["condition_id"]: r["name"] for r in rows("conditions", folder)},
        "options": {r["intervention_id"]: r["name"] for r in rows("interventions", folder)}
        | {WATCH: "Watch, no new treatment"},
        "outcomes": {name: r["label"] for name, r in evidence.classes.items()},
        "kinds": {
            r["kind"]: {"label": r["label"], "gives_extra": r["gives_extra"] == "true"}
            for r in evidence.kinds.values()
        },
        "terms": [_term(t, folder) for t in rows("model_terms", folder)],
        "slopes": [vars(s) | {"rows": list(s.rows)} for s in slope_list],
        "pairs": pairs,
        "cells": [_cell(c) for c in all_cells(evidence, folder)],
        "placebo": _placebo_courses(evidence, folder),
        "gates": [_gate(g, folder) for g in rows("forecast_gates", folder)],
        "without_weight": terms.without_weight(folder),
        "contradicting": {
            r["row_id"]: f"{r['detail']}: {r['other_effect']} ({r['citation']})"
            for r in evidence.rates
            if r["prior_role"] == "contradicting"
        },
        "citations": {r["row_id"]: r["citation"] for r in evidence.rates},
    }
    return _rounded(model)


def _all_slopes(folder: Path) -> tuple[list[terms.Slope], dict[str, dict[str, list[int]]]]:
    """Distinct slopes, and which of them each condition and option takes, by evidence set."""
    found: list[terms.Slope] = []
    index: dict[tuple[str, tuple[str, ...]], int] = {}
    pairs: dict[str, dict[str, list[int]]] = {}
    for condition in rows("conditions", folder):
        for option in rows("interventions", folder):
            key = f"{condition['condition_id']}|{option['intervention_id']}"
            for evidence_set in (terms.DEFAULT, terms.WEAK):
                taken = []
                for slope in _with_strata(
                    condition["condition_id"], option["intervention_id"], evidence_set, folder
                ):
                    name = (slope.term, slope.rows)
                    if name not in index:
                        index[name] = len(found)
                        found.append(slope)
                    taken.append(index[name])
                if taken:
                    pairs.setdefault(key, {})[evidence_set] = taken
    return found, pairs


def _with_strata(condition: str, option: str, evidence_set: str, folder: Path) -> list[terms.Slope]:
    """The slopes of one pair; a slope between strata of its own trials replaces that of its term."""
    found = terms.slopes(condition, option, evidence_set, folder)
    between = strata.of_cell(condition, option, folder)
    return found if between is None else [*(s for s in found if s.term != between.term), between]


def _placebo_courses(evidence: Evidence, folder: Path) -> dict[str, dict[str, Any]]:
    made = {}
    for condition in rows("conditions", folder):
        for horizon in evidence.horizons:
            course = placebo_course(evidence, condition["condition_id"], int(horizon["horizon_weeks"]))
            if course is not None:
                made[f"{condition['condition_id']}|{horizon['horizon_weeks']}"] = course
    return made


def _term(term: Row, folder: Path) -> dict[str, Any]:
    people = next(p for p in rows("population", folder) if p["population"] == term["population"])
    return {
        "term": term["term"],
        "label": term["label"],
        "fact": term["fact"],
        "form": term["form"],
        "per": float(term["per"]) if term["per"] else None,
        "when": term["when"],
        "reference": term["reference"],
        "mean": float(people["mean"]),
        "variance": float(people["variance"]),
        "kind": term["kind"],
        "family": term["family"],
        "drugs": [d for d in term["drugs"].split(";") if d],
        "changeable": term["changeable"] == "yes",
        "population": term["population"],
    }


def _gate(gate: Row, folder: Path) -> dict[str, Any]:
    number = {k: (float(gate[k]) if gate[k] else None) for k in ("p", "lo", "hi")}
    return {
        "gate": gate["gate"],
        "name": gate["name"],
        "kind": gate["kind"],
        "fact": gate["fact"],
        "options": sorted(scope(gate["options"], "option", folder)),
        "conditions": sorted(scope(gate["conditions"], "condition", folder)) if gate["conditions"] else [],
        "passed_when": gate["passed_when"],
        "failed_when": gate["failed_when"],
        "multiplies": [w for w in gate["multiplies_denominators"].split(";") if w],
        "say": gate["say_when_failed"],
        "remedy": gate["remedy"],
        "rows": gate["rows"].split(";"),
        **number,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    p = cell.pair
    return {
        "condition": cell.condition,
        "option": cell.option,
        "horizon": cell.horizon,
        "bias": cell.bias,
        "t": p.treated,
        "vt": p.treated_variance,
        "a": p.control,
        "va": p.control_variance,
        "c": p.covariance,
        "outcome_class": cell.outcome_class,
        "in_window": cell.in_window,
        "weeks": list(cell.weeks),
        "denominator": cell.denominator,
        "kind": cell.comparator_kind,
        "comparator": cell.comparator,
        "certainty": cell.certainty,
        "role": cell.role,
        "rows": list(cell.rows),
        "supporting": list(cell.supporting),
        "contradicting": list(cell.contradicting),
        "borrowed_from": cell.borrowed_from,
        "people": cell.people,
        "rank_group": cell.rank_group,
        "other_outcomes": list(cell.other_outcomes),
        "strata": [list(entry) for entry in cell.strata],
        "alone": None
        if cell.alone is None
        else [cell.alone.treated, cell.alone.control, cell.alone.treated_variance],
        "around": None
        if cell.around is None
        else [cell.around.treated, cell.around.effect, cell.around.control],
        "held": cell.held,
        "no_rate": cell.no_rate,
        "not_counted": cell.not_counted,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
