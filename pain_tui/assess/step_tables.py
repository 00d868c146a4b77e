"""The tables of the steps as rows of Python, by person and in the order in which they are shown.

Each table is asked once, for the columns that are used and without joins or ORDER BY: for one person DuckDB's
part would be many times the work. Text is ordered by code point and NULL stands last, as DuckDB would have it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import duckdb

from pain_tui.assess import finding_codes, instrument_panel, stands_for
from pain_tui.knowledge import plans

Row = dict[str, Any]
ByPerson = Mapping[str, Sequence[Row]]

TIERS = ("STOP", "CAUTION", "NOTE")
_ABOUT = ("person", "drug", "option")
NALOXONE = "naloxone_offer"

_OPTION = "person, problem, option"
_FORECAST = f"""SELECT {_OPTION}, outcome, horizon_weeks, denominator, level, p_response, lo, hi,
    p_comparator, comparator_lo, comparator_hi, comparator_kind, comparator_why, extra, extra_lo, extra_hi,
    p30_response, p30_lo, p30_hi, p30_comparator, p30_comparator_lo, p30_comparator_hi,
    p30_extra, p30_extra_lo, p30_extra_hi, no_estimate_code, no_estimate_say, no_estimate_remedy,
    certainty, disputed, borrowed_from, gates, drivers, evidence, alike FROM forecast"""
_OPTIONS = f"SELECT {_OPTION}, name, class, listed, declined, prior_relief_pct FROM options"
_PLAN = f'SELECT {_OPTION}, position, "check", tier, usable_drugs, stopped_drugs, part FROM plan'
_WOULD_CHANGE = f"""SELECT {_OPTION}, input, chance, what, state, fact, narrows, response_moves, source
FROM would_change"""
_FINDINGS = """SELECT person, rule, tier, about, problem, option, drug, say, "do", source, strength, sureness,
    checked, origin, panel, answer, is_counted, inputs FROM findings"""
_HARMS = f"""SELECT {_OPTION}, event, severity, source, p, lo, hi, timeframe, denominator, sureness, row_id,
    comparator, comparator_why, interval_why, measured, needs_care, horizon_why FROM harms"""
_CHECKS = "SELECT * FROM procedure_check"
_GENES = """SELECT person, gene, state, diplotypes, copy_number, activity_score, phenotype,
    activity_score_with_drugs, phenotype_with_drugs, inhibitors, clears_on, positions_tested,
    positions_missing, alleles_not_excluded, note, method, date, sureness, position FROM phenotypes"""
_GENE_DRUG = """SELECT person, drug, in_use, on_list, genes, guideline, action_code, strength, if_used_anyway,
    monitor, condition, with_drugs, speaks, clears_on, source, row_id, meaning, mechanism, sureness,
    guideline_order, population
FROM gene_drug"""
_OPEN = """SELECT DISTINCT u.person, u.fact, u.question, k.fact IS NOT NULL AS is_listed
FROM undecided u LEFT JOIN knowledge.facts k USING (fact)"""


class StepTables:
    """What the steps found about everybody in the case, after `engine.run`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.people = _ordered(self._rows("SELECT person, as_of, fictional FROM people"), "person")
        self.problems = _by_person(
            sorted(
                self._rows("SELECT person, problem, condition, is_primary FROM problems"), key=_primary_first
            )
        )
        self.plan = _by_person(self._options_in_plan())
        self.other_order = _by_person(
            _ordered(
                self._rows("SELECT * FROM other_order"), "problem", "horizon_weeks", "outcome", "denominator"
            )
        )
        self.findings = _by_person(sorted(self._rows(_FINDINGS), key=_severest_first))
        self.lookups = stands_for.lookups(cursor)
        self.limits = self._table("limits", "position")
        self.harms = _by_option(_ordered(self._rows(_HARMS), "row_id", "event"))
        checks = self._rows(_CHECKS)
        self.checks = _by_option(_ordered(checks, *(list(checks[0])[3:] if checks else ())))
        self.genes = _by_person(_ordered(self._rows(_GENES), "position", "gene"))
        order = ("drug", "guideline_order", "guideline", "genes", "with_drugs", "row_id", "population")
        self.gene_drug = _by_person(_ordered(self._rows(_GENE_DRUG), *order))
        self.markers: Mapping[str, ByPerson] = {
            "recorded": self._table("markers", "position", "rsid"),
            "conditions": self._table("marker_conditions", "problem"),
            "without_opioids": self._table("without_opioids", "problem", "position", "option"),
        }
        self.mme = self._table("mme")
        self.doses = self._table("opioid_doses", "drug", "ingredient", "per_day", "row_id")
        self.mechanisms = self._table("mechanisms", "problem", "mechanism")
        self.chronic_risk = self._table("chronic_risk")
        self.missing, self.naloxone_open = self._open_facts()
        self.answers = self._known()

    def _rows(self, sql: str) -> list[Row]:
        found = plans.query(self._cursor, sql)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def _table(self, name: str, *order: str) -> ByPerson:
        """All columns of a table, by person, in the order of some columns."""
        return _by_person(_ordered(self._rows(f"SELECT * FROM {name}"), *order))

    def _options_in_plan(self) -> list[Row]:
        """The options in plan order, each with its forecast, its place in the plan, and what would change it."""
        forecasts = {option_of(row): row for row in self._rows(_FORECAST)}
        options = {option_of(row): row for row in self._rows(_OPTIONS)}
        changes = _by_option(sorted(self._rows(_WOULD_CHANGE), key=_likeliest_first))
        planned = _ordered(self._rows(_PLAN), "problem", "position")
        keys = [option_of(row) for row in planned]
        return [
            {**forecasts[key], **options[key], **row, "would_change": changes.get(key, [])}
            for key, row in zip(keys, planned, strict=True)
        ]

    def _open_facts(self) -> tuple[Mapping[str, int], ByPerson]:
        """How many facts leave a STOP or CAUTION question open, and those that leave naloxone's offer open."""
        rules = {row["rule"] for row in self._rows(f"SELECT rule FROM rule_tiers WHERE panel = '{NALOXONE}'")}
        missing: dict[str, set[str]] = defaultdict(set)
        naloxone: dict[str, set[str]] = defaultdict(set)
        for row in self._rows(_OPEN):
            if row["is_listed"]:
                missing[row["person"]].add(row["fact"])
            if row["question"] in rules:
                naloxone[row["person"]].add(row["fact"])
        counts = Counter({person: len(facts) for person, facts in missing.items()})
        return counts, {p: [{"fact": fact} for fact in sorted(facts)] for p, facts in naloxone.items()}

    def _known(self) -> Mapping[str, Mapping[str, str]]:
        """The facts that the questionnaires read, and those that put a person outside the recommendations."""
        also = ", ".join(f"'{fact}'" for fact in finding_codes.exclusion_facts())
        sql = f"""SELECT person, fact, value FROM fact_cells
            WHERE fact IN {instrument_panel.needed_facts()} OR fact IN ({also})"""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for row in self._rows(sql):
            found[row["person"]].setdefault(row["fact"], row["value"])
        return found


def _ordered(rows: Iterable[Row], *names: str) -> list[Row]:
    """By some columns, NULL last."""
    if not names:
        return list(rows)
    try:
        return sorted(rows, key=itemgetter(*names))
    except TypeError:  # None against a value
        return sorted(rows, key=lambda row: [(row[name] is None, row[name]) for name in names])


def _by_person(rows: Iterable[Row]) -> ByPerson:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["person"]].append(row)
    return found


def _by_option(rows: Iterable[Row]) -> Mapping[tuple[str, str, str], Sequence[Row]]:
    """Rows by person, problem and option, without these three."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.pop("person"), row.pop("problem"), row.pop("option")].append(row)
    return found


def option_of(row: Row) -> tuple[str, str, str]:
    """Person, problem and option of a row."""
    return row["person"], row["problem"], row["option"]


def _primary_first(row: Row) -> tuple[Any, ...]:
    return row["is_primary"] is None, not row["is_primary"], row["problem"]


def _severest_first(row: Row) -> tuple[Any, ...]:
    places = [(row[name] is not None, row[name] or "") for name in ("problem", "option", "drug")]
    return (
        TIERS.index(row["tier"]),
        _ABOUT.index(row["about"]),
        *places,
        row["rule"],
        row["say"] is None,
        row["say"] or "",
    )


def _likeliest_first(row: Row) -> tuple[Any, ...]:
    chance, narrows = row["chance"], row["narrows"]
    return chance is None, -(chance or 0), narrows is None, -(narrows or 0), row["input"]
