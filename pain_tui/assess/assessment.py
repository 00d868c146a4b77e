"""The frozen result: one person's assessment, read from the tables that the steps made.

`assess_people` reads every table once for all chosen people. `Assessment.as_dict()` is the `assess` shape of
the command line, and what the screens show: no number is worked out here, and none is rounded (that happens
at output only). Unknown is None with its reason beside it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pain_tui.assess import finding_codes, opioid_panel, stands_for
from pain_tui.assess.step_tables import TIERS as TIERS
from pain_tui.assess.step_tables import StepTables, option_of
from pain_tui.knowledge import plans as kept_plans

Row = dict[str, Any]


@dataclass(frozen=True)
class Estimate:
    """One probability with its interval. level: share of the interval; horizon in weeks."""

    p: float
    lo: float
    hi: float
    level: float
    denominator: str
    horizon_weeks: float
    outcome: str

    def __post_init__(self) -> None:
        if not self.lo <= self.p <= self.hi:
            raise ValueError(f"an estimate of {self.p} lies outside its interval {self.lo} to {self.hi}")

    def as_dict(self) -> Row:
        """The shape E of docs/cli.md."""
        return {
            "p": self.p,
            "lo": self.lo,
            "hi": self.hi,
            "level": self.level,
            "denominator": self.denominator,
            "horizon_weeks": self.horizon_weeks,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class Option:
    """One option for one problem, in plan order. `row` is the shape of docs/cli.md, estimates included."""

    option: str
    response: Estimate | None
    row: Row

    def as_dict(self) -> Row:
        """The option in the `assess` shape."""
        return self.row


@dataclass(frozen=True)
class Problem:
    """One open pain problem and its options."""

    problem: str
    condition: str | None
    options: tuple[Option, ...]
    evidence_sets: tuple[Row, ...] = ()

    def as_dict(self) -> Row:
        """The problem in the `assess` shape."""
        return {
            "problem": self.problem,
            "condition": self.condition,
            "options": [option.as_dict() for option in self.options],
            "evidence_sets": list(self.evidence_sets),
        }


@dataclass(frozen=True)
class Assessment:
    """Everything that is said of one person on one day."""

    person: str
    as_of: date
    fictional: bool
    genes: tuple[Row, ...]
    markers: Row
    opioid: Row
    mechanisms: tuple[Row, ...]
    chronic_risk: tuple[Row, ...]
    findings: tuple[Row, ...]
    problems: tuple[Problem, ...]
    limits: tuple[Row, ...]
    missing: int
    lookups: tuple[Row, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Findings per tier, and MISSING: facts whose absence leaves a STOP or CAUTION question open."""
        tiers = Counter(finding["tier"] for finding in self.findings if finding["is_counted"])
        return {**{tier: tiers.get(tier, 0) for tier in TIERS}, "MISSING": self.missing}

    @property
    def has_estimate(self) -> bool:
        """Whether any option has a response estimate."""
        return any(option.response for problem in self.problems for option in problem.options)

    def as_dict(self) -> Row:
        """The `assess` shape of docs/cli.md, without schema and versions, which the output adds."""
        return {
            "person": self.person,
            "as_of": self.as_of,
            "fictional": self.fictional,
            "counts": self.counts,
            "genes": list(self.genes),
            "markers": self.markers,
            "opioid": self.opioid,
            "mechanisms": list(self.mechanisms),
            "chronic_risk": list(self.chronic_risk),
            "findings": list(self.findings),
            "lookups": list(self.lookups),
            "problems": [problem.as_dict() for problem in self.problems],
            "limits": list(self.limits),
        }


def assess_people(
    cursor: duckdb.DuckDBPyConnection, *, base_rates: Mapping[str, float] | None = None
) -> list[Assessment]:
    """The assessments of everybody in the case, by person id, after `engine.run`.

    base_rates: the clinic's own share by questionnaire (ORT-OUD), 0 to 1; the table's default where it has none.
    """
    return _Reader(cursor, base_rates or {}).assessments()


def tallies(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Person -> counts per tier and MISSING, without building whole assessments (for lists)."""
    found: dict[str, dict[str, int]] = {}
    for row in _rows(cursor, _TALLIES):
        found[row["person"]] = {name: row[name] for name in (*TIERS, "MISSING")}
    return found


_TALLIES = """
WITH f AS (
    SELECT person, count(*) FILTER (tier = 'STOP') AS STOP, count(*) FILTER (tier = 'CAUTION') AS CAUTION,
        count(*) FILTER (tier = 'NOTE') AS NOTE FROM findings WHERE is_counted GROUP BY person
),
u AS (
    SELECT person, count(DISTINCT fact) AS MISSING
    FROM undecided JOIN knowledge.facts USING (fact) GROUP BY person
)
SELECT p.person, coalesce(STOP, 0) AS STOP, coalesce(CAUTION, 0) AS CAUTION, coalesce(NOTE, 0) AS NOTE,
    coalesce(MISSING, 0) AS MISSING
FROM people p LEFT JOIN f USING (person) LEFT JOIN u USING (person) ORDER BY p.person
"""


def _rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found = kept_plans.query(cursor, sql)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


class _Reader:
    """Hands out what the steps found, one person at a time."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, base_rates: Mapping[str, float]) -> None:
        self._held, self._base_rates = StepTables(cursor), base_rates

    def assessments(self) -> list[Assessment]:
        return [self._one(person) for person in self._held.people]

    def _one(self, who: Row) -> Assessment:
        person, held = who["person"], self._held
        outside = finding_codes.is_outside_the_guideline(held.answers.get(person, {}))
        findings = _findings(held.findings.get(person, ()), held.lookups.get(person, ()), outside)
        return Assessment(
            person=person,
            as_of=who["as_of"],
            fictional=bool(who["fictional"]),
            genes=tuple(self._gene(row, findings) for row in held.genes.get(person, ())),
            markers={
                name: [_without(row, "person", "position") for row in rows.get(person, ())]
                for name, rows in held.markers.items()
            },
            opioid=opioid_panel.of_person(
                held.mme.get(person, ()),
                held.doses.get(person, ()),
                findings,
                held.naloxone_open.get(person, ()),
                held.answers.get(person, {}),
                self._base_rates,
            ),
            mechanisms=tuple(_without(row, "person") for row in held.mechanisms.get(person, ())),
            chronic_risk=tuple(_without(row, "person") for row in held.chronic_risk.get(person, ())),
            findings=findings,
            problems=self._problems_of(person),
            limits=tuple(_limit(row) for row in held.limits.get(person, ())),
            lookups=tuple(stands_for.shown(held.lookups.get(person, ()))),
            missing=held.missing.get(person, 0),
        )

    def _problems_of(self, person: str) -> tuple[Problem, ...]:
        plans: dict[str, list[Row]] = defaultdict(list)
        for row in self._held.plan.get(person, ()):
            plans[row["problem"]].append(row)
        open_ones = [(row["problem"], row["condition"]) for row in self._held.problems.get(person, ())]
        asked_without_problem = [("", None)] if "" in plans else []
        sets: dict[str, list[Row]] = defaultdict(list)
        for row in self._held.other_order.get(person, ()):
            sets[row["problem"]].append(_without(row, "person", "problem"))
        return tuple(
            Problem(
                problem,
                condition,
                tuple(self._option(row) for row in plans.get(problem, ())),
                tuple(sets.get(problem, ())),
            )
            for problem, condition in [*open_ones, *asked_without_problem]
        )

    def _option(self, row: Row) -> Option:
        response = _estimate(row, "p_response", "lo", "hi")
        comparator = _estimate(row, "p_comparator", "comparator_lo", "comparator_hi")
        extra = _estimate(row, "extra", "extra_lo", "extra_hi")
        key = option_of(row)
        shape = {
            "option": row["option"],
            "name": row["name"],
            "class": row["class"],
            "listed": row["listed"],
            "position": row["position"],
            "part": row["part"],
            "response": _shape(response),
            "comparator": _shape(comparator),
            "comparator_kind": row["comparator_kind"],
            "comparator_why": row["comparator_why"],
            "extra": _shape(extra),
            "relief_30": _relief_30(row),
            "no_estimate": _no_estimate(row) if response is None else None,
            "gates": _list(row.get("gates")),
            "harm": [_harm(harm) for harm in self._held.harms.get(key, ())],
            "check": row["check"],
            "procedure_check": list(self._held.checks.get(key, ())),
            "tier": row["tier"],
            "usable_drugs": row["usable_drugs"],
            "stopped_drugs": row["stopped_drugs"],
            "declined": row["declined"],
            "prior_relief_pct": row["prior_relief_pct"],
            "certainty": row["certainty"],
            "disputed": bool(row["disputed"]),
            "alike": row.get("alike"),
            "borrowed_from": row["borrowed_from"],
            "drivers": _list(row["drivers"]),
            "would_change": _list(row.get("would_change")),
            "evidence": row["evidence"] or [],
        }
        return Option(row["option"], response, shape)

    def _gene(self, row: Row, findings: Sequence[Row]) -> Row:
        names = (
            "gene", "state", "diplotypes", "copy_number", "activity_score", "phenotype",
            "activity_score_with_drugs", "phenotype_with_drugs", "inhibitors", "clears_on",
            "positions_tested", "positions_missing",
            "alleles_not_excluded", "note", "method", "date", "sureness",
        )  # fmt: skip
        drugs = [
            _gene_drug(bears, findings)
            for bears in self._held.gene_drug.get(row["person"], ())
            if row["gene"] in (bears["genes"] or ())
        ]
        return {**{name: row[name] for name in names}, "drugs": drugs}


def _estimate(row: Row, p: str, lo: str, hi: str, outcome: str | None = None) -> Estimate | None:
    if row.get(p) is None:
        return None
    whole = (row["level"], row["denominator"], row["horizon_weeks"], outcome or row["outcome"])
    return Estimate(row[p], row[lo], row[hi], *whole)


def _shape(estimate: Estimate | None) -> Row | None:
    return estimate.as_dict() if estimate else None


def _relief_30(row: Row) -> Row:
    return {
        name: _shape(_estimate(row, *columns, outcome="pain30"))
        for name, columns in (
            ("response", ("p30_response", "p30_lo", "p30_hi")),
            ("comparator", ("p30_comparator", "p30_comparator_lo", "p30_comparator_hi")),
            ("extra", ("p30_extra", "p30_extra_lo", "p30_extra_hi")),
        )
    }


def _no_estimate(row: Row) -> Row:
    code = row["no_estimate_code"] or "no_evidence"
    return {"code": code, "say": row.get("no_estimate_say"), "remedy": row.get("no_estimate_remedy")}


def _harm(row: Row) -> Row:
    comparator = row.get("comparator")
    names = ("event", "severity", "source", "p", "lo", "hi", "timeframe", "denominator", "sureness", "row_id")
    return {
        **{name: row[name] for name in names},
        "comparator": None if comparator is None else {"p": comparator},
        **{
            name: row[name]
            for name in ("comparator_why", "interval_why", "measured", "needs_care", "horizon_why")
        },
    }


def _findings(rows: Sequence[Row], lookups: Sequence[Row], outside: bool) -> tuple[Row, ...]:
    """The findings; a rule's names the rows it stands for, unless they are told beside it."""
    told = {row["rule"] for row in rows if row["origin"] != "rules"}
    unsaid = [row for row in lookups if row["codes"]["row"] not in told]
    return tuple(_finding(row, stands_for.rows_behind(row, unsaid), outside) for row in rows)


def _finding(row: Row, behind: Sequence[Row], outside: bool) -> Row:
    names = (
        "rule",
        "tier",
        "about",
        "problem",
        "option",
        "drug",
        "say",
        "do",
        "source",
        "strength",
        "sureness",
        "checked",
        "origin",
        "panel",
        "answer",
        "is_counted",
    )
    return {
        **{name: row[name] for name in names},
        "codes": stands_for.codes_of(row, behind, outside=outside),
        "rows": list(behind),
        "inputs": json.loads(row["inputs"]) if row["inputs"] else {},
    }


def _limit(row: Row) -> Row:
    return {name: row[name] for name in ("code", "about", "problem", "say", "remedy", "facts", "blocks")}


def _gene_drug(row: Row, findings: Sequence[Row]) -> Row:
    tier = next(
        (
            f["tier"]
            for f in findings
            if f["origin"] == "gene_drug" and f["rule"] == row["row_id"] and f["drug"] == row["drug"]
        ),
        None,
    )
    names = (
        "drug", "in_use", "on_list", "genes", "guideline", "action_code", "strength", "if_used_anyway",
        "monitor", "condition", "with_drugs", "speaks", "clears_on", "source", "row_id", "sureness",
    )  # fmt: skip
    said = {"say": row.get("meaning"), "why": row.get("mechanism"), "tier": tier}
    return {**{name: row[name] for name in names}, **said}


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return json.loads(value) if isinstance(value, str) else list(value)
