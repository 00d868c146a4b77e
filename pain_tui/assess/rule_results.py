"""Step 090: run every rule over every person, option and medicine.

All conditions of one scope stand in one list and are evaluated in one pass, three-valued. A row is kept
where a rule
fired (TRUE), or is a STOP or CAUTION that cannot be decided (NULL); no row means clear. Then, for those
rows only, the missing facts and the inputs
are written down. The wording and the tiers are joined in 095.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

import duckdb

from pain_tui.knowledge import plans, rules
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.rule_language import class_column, column
from pain_tui.knowledge.rules import Rule

Numbered = tuple[int, Rule]

_SHAPES = {
    "options": "person VARCHAR, problem VARCHAR, option VARCHAR, name VARCHAR, class VARCHAR, listed "
    "VARCHAR, "
    "procedure_codes VARCHAR[], drugs VARCHAR[], declined BOOLEAN",
    "rule_results": "person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR, rule VARCHAR, "
    "fired BOOLEAN, "
    "missing VARCHAR[], inputs VARCHAR",
}
# What a rule's `covers` hides in the look-ups, spelled out: two medicines, or a medicine and a condition.
_MAKING = Lock()
_COVERS_OF = """CREATE TABLE IF NOT EXISTS knowledge.covers_of AS
WITH covers AS (SELECT DISTINCT unnest(covers) AS cover FROM ("""
_COVERS_OF_END = """)),
pairs AS (
    SELECT cover, a.ingredient AS drug_a, b.ingredient AS drug_b FROM covers
    JOIN knowledge.cover_terms a ON a.word = split_part(cover, '+', 1)
    JOIN knowledge.cover_terms b ON b.word = split_part(cover, '+', 2) WHERE contains(cover, '+')
),
told AS (
    SELECT cover, 'interaction' AS origin, drug_a AS subject, drug_b AS partner FROM pairs
    UNION SELECT cover, 'interaction', drug_b, drug_a FROM pairs
    UNION SELECT cover, 'drug_condition', t.ingredient, split_part(cover, ':', 1) FROM covers
    JOIN knowledge.cover_terms t ON t.word = split_part(cover, ':', 2)
    WHERE contains(cover, ':') AND NOT starts_with(cover, 'item:')
)
SELECT origin, subject, partner, list(cover) AS covers FROM told GROUP BY origin, subject, partner
"""
_FLAGS = (
    "is_needle",
    "is_neuraxial",
    "is_implant",
    "uses_xray",
    "uses_steroid",
    "uses_contrast",
    "uses_heat",
)


def take_own(cursor: duckdb.DuckDBPyConnection, text: str, name: str) -> None:
    """Use the clinic's own rule file (its text) in the runs of this cursor. Raises RuleError when it does
    not pass.
    """
    rules.clinic_text(text, name)
    cursor.execute("CREATE OR REPLACE TEMP TABLE case_rules AS SELECT ? AS text, ? AS name", [text, name])


def _own(cursor: duckdb.DuckDBPyConnection) -> tuple[Rule, ...]:
    try:
        found = cursor.execute("SELECT text, name FROM case_rules").fetchone()
    except duckdb.CatalogException:
        return ()
    return rules.clinic_text(*found) if found else ()


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `rule_results` and `rule_tiers`, with the clinic's own rules where `take_own` gave some."""
    own = _own(cursor)
    plans.execute(cursor, f"CREATE OR REPLACE TEMP TABLE rule_results ({_SHAPES['rule_results']})")
    every = (*rules.packaged(), *own)
    _write_tiers(cursor, own)
    for scope in rules.SCOPES:
        chosen = [(number, rule) for number, rule in enumerate(every) if rule.about == scope]
        if chosen:
            _run_scope(cursor, scope, chosen)


def _write_tiers(cursor: duckdb.DuckDBPyConnection, own: Sequence[Rule]) -> None:
    """`rule_tiers`: each rule's words, so that later steps join instead of knowing rules.

    The packaged rules' words are written once an instance, as `knowledge.rule_words`.
    """
    with _MAKING:  # cursors of one instance may run at the same time; two makers would undo each other
        try:
            cursor.execute("SELECT rule FROM knowledge.rule_words LIMIT 0")
        except duckdb.CatalogException:
            cursor.execute(_COVERS_OF + _values(rules.packaged()) + _COVERS_OF_END)
            cursor.execute(f"CREATE TABLE IF NOT EXISTS knowledge.rule_words AS {_values(rules.packaged())}")
    more = f" UNION ALL ({_values(own)})" if own else ""
    plans.execute(
        cursor, f"CREATE OR REPLACE TEMP TABLE rule_tiers AS SELECT * FROM knowledge.rule_words{more}"
    )


def _values(every: Sequence[Rule]) -> str:
    """The words of rules as a SELECT over literals."""
    lines = ", ".join(f"({', '.join(_words(rule))})" for rule in every)
    names = (
        'rule, tier, about, title, say, "do", source, strength, checked, blocks, clinic_own, '
        "raises, panel, covers"
    )
    return f"SELECT * FROM (VALUES {lines}) t({names})"


def _words(rule: Rule) -> Iterator[str]:
    texts = (rule.id, rule.tier, rule.about, rule.title, rule.say, rule.do, rule.source, rule.strength)
    yield from (_quoted(text) for text in texts)
    yield f"DATE '{rule.checked}'"
    yield from (str(flag) for flag in (rule.blocks_when_unknown, rule.clinic_own))
    yield from (_quoted(text) if text else "NULL::VARCHAR" for text in (rule.raises, rule.panel))
    yield f"[{', '.join(_quoted(cover) for cover in rule.covers)}]::VARCHAR[]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _run_scope(cursor: duckdb.DuckDBPyConnection, scope: str, chosen: list[Numbered]) -> None:
    keys = "person, problem" + {"person": "", "option": ", option", "drug": ", drug"}[scope]
    conditions = ", ".join(rule.condition.sql() for _, rule in chosen)
    numbers = ", ".join(str(number) for number, _ in chosen)
    plans.execute(
        cursor,
        f"CREATE OR REPLACE TEMP TABLE rule_hits_{scope} AS {_base(scope, chosen)} SELECT * EXCLUDE "
        f"(is_first) FROM (SELECT {keys}, "
        f"is_first, unnest([{conditions}]) AS fired, unnest([{numbers}]) AS number FROM base) "
        f"WHERE (fired OR fired IS NULL AND number NOT IN ({_numbers(chosen, lambda r: r.tier == 'NOTE')})) "
        f"AND (is_first OR number IN ({_numbers(chosen, _is_per_problem)}))",
    )
    told = chosen if plans.keeps(cursor) else _hit(cursor, scope, chosen)
    plans.execute(cursor, _told_sql(scope, keys, told))


def _hit(cursor: duckdb.DuckDBPyConnection, scope: str, chosen: list[Numbered]) -> list[Numbered]:
    """The rules that did not come out clear for somebody: a shorter statement where its plan is not kept."""
    found = cursor.execute(f"SELECT DISTINCT number FROM rule_hits_{scope}").fetchall()
    hit = {number for (number,) in found}
    return [(number, rule) for number, rule in chosen if number in hit] or chosen[:1]


def _told_sql(scope: str, keys: str, told: list[Numbered]) -> str:
    """The statement that writes what is missing and the inputs, for the rules that did not come out clear."""
    names = " ".join(f"WHEN {n} THEN '{rule.id}'" for n, rule in told)
    missing = " ".join(f"WHEN {n} THEN {rule.condition.missing_sql()}" for n, rule in told)
    inputs = " ".join(f"WHEN {n} THEN {_inputs_sql(rule)}" for n, rule in told)
    blocking = _numbers(told, lambda rule: rule.blocks_when_unknown)
    per_problem = _numbers(told, _is_per_problem)
    option = "option" if scope == "option" else "NULL"
    drug = "drug" if scope == "drug" else "NULL"
    return (
        f"INSERT INTO rule_results {_base(scope, told, with_shown=True)} SELECT person, "
        f"CASE WHEN number IN ({per_problem}) THEN problem END, {option}, {drug}, CASE number {names} "
        f"END, fired, "
        f"CASE WHEN fired IS NULL THEN CASE number {missing} END ELSE [] END, "
        f"CASE WHEN fired OR number IN ({blocking}) THEN CASE number {inputs} END END "
        f"FROM rule_hits_{scope} JOIN base USING ({keys})"
    )


def _numbers(chosen: Iterable[Numbered], test: Callable[[Rule], bool]) -> str:
    """The numbers of the rules that pass the test, for an IN list; never empty."""
    return ", ".join(str(number) for number, rule in chosen if test(rule)) or "-1"


def _inputs_sql(rule: Rule) -> str:
    """The values that a rule looked at, as JSON: the facts of `when` and the words its text shows."""
    names = dict.fromkeys((*(n for n in rule.condition.names), *rule.text_names))
    entries = []
    for name in names:
        value = _reasons_sql(rule) if name == "reasons" else column(name)
        entries.append(f"'{name}', {value}")
    entries += [f"'{class_column(c)}', {column(class_column(c))}" for c in rule.condition.classes]
    return f"json_object({', '.join(entries)})::VARCHAR"


def _reasons_sql(rule: Rule) -> str:
    """Which of the alternatives hold, in words: the label of the fact, and its value when it is not a yes."""
    labels = {row["fact"]: row for row in rows("facts")}
    entries = []
    for whole, test in rule.condition.alternatives():
        fact = labels.get(test.names[0]) if test.names else None
        if fact is None:
            continue
        label = fact["label"].replace("'", "''")
        shown = f"'{label}'"
        if fact["type"] in ("number", "integer"):
            shown = f"'{label} ' || format('{{:g}}', round({column(fact['fact'])}::DOUBLE, 1))"
        elif fact["type"] in ("choice", "text"):
            shown = f"'{label} ' || {column(fact['fact'])}"
        entries.append(f"CASE WHEN {whole} AND {test.sql} THEN {shown} END")
    return (
        f"array_to_string(list_distinct(list_filter([{', '.join(entries)}], lambda x: x IS NOT NULL)), ', ')"
    )


@lru_cache(maxsize=1)
def _problem_facts() -> frozenset[str]:
    """Facts that may differ between two problems of one person."""
    own = {r["fact"] for r in rows("facts") if "problem" in (r["source_kind"], r["then_kind"])}
    return frozenset(own)


def _is_per_problem(rule: Rule) -> bool:
    return rule.about == "option" or any(name in _problem_facts() for name in rule.condition.names)


def _base(scope: str, chosen: Iterable[Numbered], *, with_shown: bool = False) -> str:
    """The common table `base`: the keys, the facts these rules use, the scope's columns, class tests and
    words shown.
    """
    words = rules.vocabulary()
    used: dict[str, None] = {}
    classes: dict[str, None] = {}
    for _, rule in chosen:
        used.update(dict.fromkeys(rule.condition.names))
        classes.update(dict.fromkeys(rule.condition.classes))
        if with_shown:
            used.update(dict.fromkeys(rule.text_names))
    parts = [f"f.{column(name)}" for name in used if name in words.facts]
    parts += [f"c.{column(class_column(name))}" for name in classes]
    shown = {name: words.shown[name] for name in used if name in words.shown}
    of_class = {
        name: made.removeprefix("class:") for name, made in shown.items() if made.startswith("class:")
    }
    parts += [f"c.{column(name)}" for name in of_class]
    tables = ["facts f"]
    if classes or of_class:
        tables.append("LEFT JOIN classes c ON c.person = f.person")
    if scope == "option":
        parts += [
            "s.option",
            *(f"s.{column(n)}" for n in used if n in words.scoped["option"] and n != "option"),
        ]
        parts += ["s.option_name"] if "option_name" in shown else []
        tables.append("JOIN scoped s ON s.person = f.person AND s.problem = f.problem")
    if scope == "drug":
        parts += ["s.drug", *(f"s.{column(n)}" for n in used if n in words.scoped["drug"] and n != "drug")]
        tables.append("JOIN scoped s ON s.person = f.person")
    ctes = [*_class_table(classes, of_class), *_scoped_table(scope)]
    if not with_shown:
        ctes.append("firsts AS (SELECT person, min(problem) AS first_problem FROM facts GROUP BY person)")
        tables.append("JOIN firsts n ON n.person = f.person")
        parts.append("f.problem = first_problem AS is_first")
    ctes.append(
        f"base AS (SELECT f.person, f.problem{''.join(', ' + part for part in parts)} FROM "
        f"{' '.join(tables)})"
    )
    return "WITH " + ", ".join(ctes)


def _class_table(classes: Iterable[str], shown: dict[str, str]) -> Iterator[str]:
    """Person by class: active (three-valued), and the names of what is taken."""
    entries = [f"any_value(active) FILTER (drug_class = '{c}') AS {column(class_column(c))}" for c in classes]
    entries += [
        f"any_value(array_to_string(drugs, ', ')) FILTER (drug_class = '{made}' AND active) AS {column(name)}"
        for name, made in shown.items()
    ]
    if entries:
        yield f"classes AS (SELECT person, {', '.join(entries)} FROM person_classes GROUP BY person)"


def _scoped_table(scope: str) -> Iterator[str]:
    """The rows of the scope beside a person: its options with what they involve, or its medicines."""
    if scope == "option":
        flags = ", ".join(f"coalesce(bool_or(p.{flag}), false) AS {flag}" for flag in _FLAGS)
        yield (
            "scoped AS (SELECT o.person, o.problem, o.option, any_value(o.name) AS option_name, "
            "any_value(o.class) AS class, "
            "any_value(o.listed) AS listed, any_value(o.declined) AS declined, "
            "bool_or(p.procedure_code IS NOT NULL) AS is_procedure, "
            f"{flags}, coalesce(max_by(p.bleeding_class, p.bleeding_rank), 'none') AS bleeding_class "
            "FROM (SELECT *, unnest(CASE WHEN len(procedure_codes) = 0 THEN [NULL] ELSE "
            "procedure_codes END) AS code FROM options) o "
            "LEFT JOIN knowledge.procedure_flags p ON p.procedure_code = o.code GROUP BY o.person, "
            "o.problem, o.option)"
        )
    elif scope == "drug":
        yield (
            "scoped AS (SELECT person, drug, bool_or(in_use) AS in_use, bool_and(as_needed) AS "
            "as_needed, max(amount_per_day) AS amount_per_day "
            "FROM (SELECT person, ingredient AS drug, active AS in_use, as_needed, amount_per_day_max "
            "AS amount_per_day FROM medications "
            "WHERE active IS DISTINCT FROM false AND ingredient IS NOT NULL "
            "UNION ALL SELECT person, unnest(drugs), NULL, NULL, NULL FROM options "
            "UNION ALL SELECT person, lower(id), NULL, NULL, NULL FROM case_asked WHERE kind = 'drug') "
            "GROUP BY person, drug)"
        )
