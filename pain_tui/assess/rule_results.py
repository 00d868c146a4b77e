"""Step 090: run every rule over every person, option and medicine.

All rules of one scope are one program over arrays (rule_program), three-valued. A row is kept where a rule
fired (TRUE), or is a STOP or CAUTION that cannot be decided (NULL), with what is missing; no row means clear.
The wording and the tiers are joined in 095. `tests/oracle/rule_sql.py` says the same in plain SQL.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.assess import rule_words
from pain_tui.assess.rule_inputs import Classes, Inputs
from pain_tui.assess.rule_program import CANNOT_TELL, TRUE, Answers, Program, Words, as_numbers, compile_rules
from pain_tui.knowledge import fact_columns, own_rules, plans, rules
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.rule_language import class_column
from pain_tui.knowledge.rules import Rule

_SHAPE: dict[str, Any] = {
    **dict.fromkeys(("person", "problem", "option", "drug", "rule"), ["VARCHAR"]),
    "fired": ["BOOLEAN"],
    "missing": [["VARCHAR"]],
    "inputs": ["VARCHAR"],
}
_TABLE = """CREATE OR REPLACE TEMP TABLE rule_results (person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR,
    rule VARCHAR, fired BOOLEAN, missing VARCHAR[], inputs VARCHAR)"""
# The rows are handed over column by column: half the work of row by row, for one person and for many.
_TAKE = f"""INSERT INTO rule_results SELECT {", ".join(f"unnest(told.{name})" for name in _SHAPE)}
FROM (SELECT from_json(?::VARCHAR, '{json.dumps(_SHAPE)}') AS told)"""
_AT_ONCE = 20_000  # rows handed over in one text
_FLAGS = (
    "is_needle",
    "is_neuraxial",
    "is_implant",
    "uses_xray",
    "uses_steroid",
    "uses_contrast",
    "uses_heat",
)
# The rows of a scope beside a person: its options with what they involve, or its medicines.
_SCOPED = {
    "option": "SELECT o.person, o.problem, o.option, any_value(o.name) AS option_name, any_value(o.class) AS class, "
    "any_value(o.listed) AS listed, any_value(o.declined) AS declined, "
    "bool_or(p.procedure_code IS NOT NULL OR u.option IS NOT NULL) AS is_procedure, "
    + ", ".join(f"coalesce(bool_or(p.{flag}), false) AS {flag}" for flag in _FLAGS)
    + ", coalesce(max_by(p.bleeding_class, p.bleeding_rank), 'none') AS bleeding_class "
    "FROM (SELECT *, unnest(CASE WHEN len(procedure_codes) = 0 THEN [NULL] ELSE procedure_codes END) AS code "
    "FROM options) o LEFT JOIN knowledge.procedure_flags p ON p.procedure_code = o.code "
    "LEFT JOIN (SELECT option FROM knowledge.option_links WHERE kind = 'unchecked') u ON u.option = o.option "
    "GROUP BY o.person, o.problem, o.option",
    "drug": "SELECT person, NULL AS problem, drug, bool_or(in_use) AS in_use, bool_and(as_needed) AS as_needed, "
    "max(amount_per_day) AS amount_per_day FROM (SELECT person, ingredient AS drug, active AS in_use, as_needed, "
    "amount_per_day_max AS amount_per_day FROM medications "
    "WHERE active IS DISTINCT FROM false AND ingredient IS NOT NULL "
    "UNION ALL SELECT person, unnest(drugs), NULL, NULL, NULL FROM options "
    "UNION ALL SELECT person, lower(id), NULL, NULL, NULL FROM case_asked WHERE kind = 'drug') "
    "GROUP BY person, drug",
}
_CLASSES = """SELECT person, drug_class, active, array_to_string(drugs, ', ') FROM person_classes
WHERE active IS NOT NULL"""
_CLASS = class_column("")


# person, problem, option, drug, rule, fired, missing, inputs
Result = tuple[str, str | None, str | None, str | None, str, bool | None, list[str], str | None]


@dataclass(frozen=True)
class Scope:
    """The rules about one kind of row as a program, and which of them each kind of row keeps."""

    name: str
    rules: tuple[Rule, ...]
    program: Program
    inputs: tuple[Inputs, ...]
    keeps_undecided: NDArray[np.bool_]
    each_problem: NDArray[np.bool_]


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `rule_results` and `rule_tiers`, with the clinic's own rules where there are some."""
    own = own_rules.taken(cursor)
    rule_words.write(cursor, rules.clinic_text(*own) if own else ())
    plans.execute(cursor, _TABLE)
    case = _Case(cursor, fact_names(own))
    found = [row for scope in scopes(own) for row in case.results(scope)]
    for start in range(0, len(found), _AT_ONCE):
        columns = dict(zip(_SHAPE, zip(*found[start : start + _AT_ONCE], strict=True), strict=True))
        plans.execute(cursor, _TAKE, [json.dumps(columns, ensure_ascii=False)])


@lru_cache(maxsize=8)
def scopes(own: tuple[str, str] | None) -> tuple[Scope, ...]:
    """The programs of the packaged rules and of a clinic's own file (text, name); a scope without rules has none."""
    every = (*rules.packaged(), *(rules.clinic_text(*own) if own else ()))
    return tuple(
        _scope(name, chosen)
        for name in rules.SCOPES
        if (chosen := tuple(rule for rule in every if rule.about == name))
    )


def _scope(name: str, chosen: tuple[Rule, ...]) -> Scope:
    program = compile_rules([rule.condition for rule in chosen], rules.vocabulary().of(name))
    return Scope(
        name,
        chosen,
        program,
        tuple(Inputs(rule, program) for rule in chosen),
        np.array([rule.tier != "NOTE" for rule in chosen]),
        np.array([_is_per_problem(rule) for rule in chosen]),
    )


@lru_cache(maxsize=8)
def fact_names(own: tuple[str, str] | None) -> tuple[str, ...]:
    """The facts that these rules look at or show."""
    named = {name for scope in scopes(own) for inputs in scope.inputs for name in inputs.names}
    return tuple(name for name in rules.vocabulary().facts if name in named)


@lru_cache(maxsize=1)
def _problem_facts() -> frozenset[str]:
    """Facts that may differ between two problems of one person."""
    own = {r["fact"] for r in rows("facts") if "problem" in (r["source_kind"], r["then_kind"])}
    return frozenset(own)


def _is_per_problem(rule: Rule) -> bool:
    return rule.about == "option" or any(name in _problem_facts() for name in rule.condition.names)


class _Case:
    """The facts and classes of the people at hand, read once for all scopes."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, facts: Sequence[str]) -> None:
        self._cursor = cursor
        self.facts = _facts(cursor, facts)
        person = self.facts["person"]
        self.is_first = np.array(
            [at == 0 or person[at - 1] != who for at, who in enumerate(person)], np.bool_
        )
        self.classes: dict[str, Classes] = {who: {} for who in person}
        for who, drug_class, active, drugs in plans.query(cursor, _CLASSES).fetchall():
            self.classes.setdefault(who, {})[drug_class] = (active, drugs)

    def results(self, scope: Scope) -> Iterator[Result]:
        """The rows of `rule_results` about this scope."""
        who, own = self._known(scope)
        if not len(who):
            return
        matrix = self._matrix(scope, who, own)
        every = scope.program.answers(matrix)
        answers = every[:, scope.program.roots]
        kept = (answers == TRUE) | (answers == CANNOT_TELL) & scope.keeps_undecided
        kept &= self.is_first[who, None] | scope.each_problem
        missing = _missing(scope.program, matrix, every, kept)
        person, problem = self.facts["person"], self.facts["problem"]
        nothing = [None] * len(who)
        option, drug = own.get("option", nothing), own.get("drug", nothing)
        tables = [(own, range(len(who))), (self.facts, who.tolist())]
        for i, j in zip(*(place.tolist() for place in np.nonzero(kept)), strict=True):
            rule, fired, at = scope.rules[j], bool(answers[i, j] == TRUE), who[i]
            inputs = None
            if fired or rule.blocks_when_unknown:
                values = {
                    name: table[name][places[i]]
                    for table, places in reversed(tables)
                    for name in scope.inputs[j].names
                    if name in table
                }
                inputs = scope.inputs[j].text(values, self.classes[person[at]], every[i])
            yield (
                person[at],
                problem[at] if scope.each_problem[j] else None,
                option[i],
                drug[i],
                rule.id,
                fired or None,
                [] if fired else missing[i, j],
                inputs,
            )

    def _known(self, scope: Scope) -> tuple[NDArray[np.intp], Mapping[str, list[Any]]]:
        """The rows of a scope: which of the facts' rows each belongs to, and the columns it has of its own."""
        keys = list(zip(self.facts["person"], self.facts["problem"], strict=True))
        if scope.name == "person":
            return np.arange(len(keys)), {}
        own = _Columns(self._cursor, _SCOPED[scope.name])
        rows_of: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for at, key in enumerate(zip(own["person"], own["problem"], strict=True)):
            rows_of[key].append(at)
        by_problem = scope.name == "option"
        found = [
            (at, row)
            for at, (person, problem) in enumerate(keys)
            for row in rows_of[person, problem if by_problem else None]
        ]
        columns = {
            name: [values[row] for _, row in found]
            for name, values in own.items()
            if name not in ("person", "problem")
        }
        return np.array([at for at, _ in found], np.intp), columns

    def _matrix(
        self, scope: Scope, who: NDArray[np.intp], own: Mapping[str, list[Any]]
    ) -> NDArray[np.float64]:
        """Rows by the program's columns; NaN is not known."""
        kinds, texts = rules.vocabulary().of(scope.name), Words(dict(scope.program.words.numbers))
        matrix = np.zeros((len(who), len(scope.program.columns)))
        for at, name in enumerate(scope.program.columns):
            words = texts if name in kinds and kinds[name].type in _TEXTS else None
            if name in own:
                matrix[:, at] = as_numbers(own[name], words)
            elif name in self.facts:
                matrix[:, at] = as_numbers(self.facts[name], words)[who]
            elif name.startswith(_CLASS):
                drug_class = name.removeprefix(_CLASS)
                held = [
                    self.classes[person].get(drug_class, _NOT_KNOWN)[0] for person in self.facts["person"]
                ]
                matrix[:, at] = as_numbers(held)[who]
        return matrix


_NOT_KNOWN = (None, None)
_TEXTS = ("choice", "text")


def _facts(cursor: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, list[Any]]:
    """The facts as columns, in the order of person and problem."""
    if plans.keeps(cursor):
        return fact_columns.from_cells(cursor, names)
    listed = "".join(f', "{name}"' for name in names)
    return _Columns(cursor, f"SELECT person, problem{listed} FROM facts ORDER BY person, problem")


class _Columns(dict[str, list[Any]]):
    """What a SELECT found, as columns."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, select: str) -> None:
        found = plans.query(cursor, select)
        names = [column[0] for column in found.description or ()]
        lines = found.fetchall()
        columns = [list(column) for column in zip(*lines, strict=True)] if lines else [[] for _ in names]
        super().__init__(zip(names, columns, strict=True))


def _missing(
    program: Program, matrix: NDArray[np.float64], every: Answers, kept: NDArray[np.bool_]
) -> dict[tuple[int, int], list[str]]:
    """What each kept row that cannot be decided waits for, each name once, in the order of the condition."""
    names = program.openings[3]
    row, condition, opening = program.missing(matrix, every)
    wanted = kept[row, condition]
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for i, j, at in zip(
        row[wanted].tolist(), condition[wanted].tolist(), opening[wanted].tolist(), strict=True
    ):
        if names[at] not in found[i, j]:
            found[i, j].append(names[at])
    return found
