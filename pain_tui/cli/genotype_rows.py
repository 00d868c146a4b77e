"""Rows in and out of `phenotype` and `action`: one question as arguments, or CSV of any length."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pain_tui import spreadsheet
from pain_tui.assess import genotype_tables
from pain_tui.cli import common, csv_stream
from pain_tui.errors import InputError
from pain_tui.genotype.words import gene_name
from pain_tui.knowledge import load

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class _Question:
    """One calculator: its input columns, the columns it answers with, and how a row finds its answers."""

    keys: tuple[str, ...]
    out: tuple[str, ...]
    joins: str
    order: str = ""


_PHENOTYPE = _Question(
    keys=("gene", "diplotype", "inhibitors"),
    out=(
        "a.state",
        "a.activity_score::DOUBLE AS activity_score",
        "a.phenotype",
        "array_to_string(list_transform(a.acting, lambda d: d.drug || ' ' || d.strength), '|') AS "
        "inhibitors_acting",
        "a.activity_score_with_drugs::DOUBLE AS activity_score_with_drugs",
        "a.phenotype_with_drugs",
        f"{genotype_tables.NOTE} AS note",
    ),
    joins=genotype_tables.ANSWER_JOINS,
)
_ACTION = _Question(
    keys=("drug", "gene", "diplotype", "gene_2", "diplotype_2", "inhibitors"),
    out=(
        "array_to_string(a.genes, '|') AS genes",
        "a.guideline",
        "a.action_code",
        "a.strength",
        "a.if_used_anyway",
        "a.monitor",
        "a.condition",
        "a.say",
        "a.source",
        "a.population",
        "a.sureness",
        "a.row_id",
    ),
    joins=genotype_tables.ACTION_JOINS,
    order=", a.guideline_order, a.population = 'general' DESC, a.population, a.row_id",
)


def one_phenotype(asked: dict[str, str | None], *, as_json: bool) -> None:
    """Answer one pair. Raises InputError for an unknown gene."""
    cursor = load.connect(only=genotype_tables.KNOWLEDGE)
    refuse_unknown_gene(cursor, asked["gene"] or "")
    _one_row(cursor, asked)
    genotype_tables.phenotypes(cursor, "input", as_of=common.as_of_date(None))
    rows = list(_json_phenotypes(cursor, "input"))
    if as_json:
        common.write_json({"phenotypes": rows})
        return
    for row in rows:
        common.out(
            f"{row['gene']} {row['diplotype']}: "
            f"{row['phenotype'] or 'no phenotype'}{_score(row['activity_score'])}"
        )
        if row["inhibitors"] or row["phenotype_with_drugs"] != row["phenotype"]:
            acting = (
                ", ".join(f"{d['drug']} ({d['strength']})" for d in row["inhibitors"]) or "the drugs named"
            )
            common.out(
                f"with {acting}: "
                f"{row['phenotype_with_drugs'] or 'cannot tell'}{_score(row['activity_score_with_drugs'])}"
            )
        if row["note"]:
            common.out(row["note"])


def _score(score: float | None) -> str:
    return "" if score is None else f", activity score {float(score):g}"


def many_phenotypes(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV, in its order."""
    with csv_stream.source(file, ("gene", "diplotype")) as source, csv_stream.target() as target:
        cursor = load.connect(only=genotype_tables.KNOWLEDGE, also=[source.path, target])
        table = _table(cursor, source)
        asked = _asked(table, source, _PHENOTYPE.keys)
        _guarded(
            source.name, lambda: genotype_tables.phenotypes(cursor, asked, as_of=common.as_of_date(None))
        )
        if as_json:
            _write_json_rows("phenotypes", _json_phenotypes(cursor, table, source.columns))
        else:
            _write_csv(cursor, table, source, _PHENOTYPE, target)
    _say_unknown_genes(cursor)


def one_action(asked: dict[str, str | None], *, as_json: bool) -> None:
    """Answer one question. Raises InputError for an unknown gene."""
    cursor = load.connect(only=genotype_tables.KNOWLEDGE)
    for gene in (asked["gene"], asked["gene_2"]):
        if gene is not None:
            refuse_unknown_gene(cursor, gene)
    _one_row(cursor, asked)
    genotype_tables.actions(cursor, "input", as_of=common.as_of_date(None))
    rows = list(_json_actions(cursor, "input"))
    if as_json:
        common.write_json({"actions": rows})
        return
    for row in rows:
        strength = f" ({row['strength']})" if row["strength"] else ""
        common.out(f"{row['guideline'] or '-':10} {row['action_code'] or '-'}{strength}")
        for label in ("if_used_anyway", "monitor", "condition"):
            if row[label]:
                common.out(f"           {label.replace('_', ' ')}: {row[label]}")
        common.out(f"           {row['say']}")
        if row["source"]:
            common.out(f"           {row['source']}")


def many_actions(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV, in its order; one row a guideline row comes back."""
    with csv_stream.source(file, ("drug", "gene", "diplotype")) as source, csv_stream.target() as target:
        cursor = load.connect(only=genotype_tables.KNOWLEDGE, also=[source.path, target])
        table = _table(cursor, source)
        asked = _asked(table, source, _ACTION.keys)
        _guarded(source.name, lambda: genotype_tables.actions(cursor, asked, as_of=common.as_of_date(None)))
        if as_json:
            _write_json_rows("actions", _json_actions(cursor, table, source.columns))
        else:
            _write_csv(cursor, table, source, _ACTION, target)


def refuse_unknown_gene(cursor: "duckdb.DuckDBPyConnection", gene: str) -> None:
    """For one pair: an unknown gene is an error with the genes that are known."""
    known = cursor.execute("SELECT gene, scheme FROM knowledge.genes_shown ORDER BY position").fetchall()
    if gene_name(gene) not in {name for name, _ in known}:
        listed = ", ".join(name for name, scheme in known if scheme != "marker")
        raise InputError(f"{gene!r} is not a gene of the tables.", f"Genes with a phenotype: {listed}.")


def _one_row(cursor: "duckdb.DuckDBPyConnection", asked: dict[str, str | None]) -> None:
    columns = ", ".join(f"?::VARCHAR AS {name}" for name in asked)
    cursor.execute(f"CREATE TEMP TABLE input AS SELECT {columns}", list(asked.values()))


def _table(cursor: "duckdb.DuckDBPyConnection", source: csv_stream.Source) -> str:
    """The table to read: the input taken in once, by all cores; its row ids are the order of the lines."""
    csv_stream.run(cursor, f"CREATE TEMP TABLE input AS SELECT * FROM {source.sql}", source.name)
    return "input"


def _asked(table: str, source: csv_stream.Source, keys: Sequence[str]) -> str:
    """The question's columns; one that the file does not have is unknown."""
    columns = ", ".join(key if key in source.columns else f"NULL::VARCHAR AS {key}" for key in keys)
    return f"(SELECT {columns} FROM {table})"


def _guarded(name: str, work: Any) -> None:
    import duckdb

    try:
        work()
    except duckdb.InvalidInputException as error:
        raise csv_stream.bad_line(name, error) from error


def _numbered(columns: Sequence[str]) -> str:
    """The number of a row of the table; a column of that name hides the ids that DuckDB keeps."""
    return "row_number() OVER ()" if "rowid" in columns else "rowid + 1"


def _joined(
    table: str, columns: Sequence[str], keys: Sequence[str], out: str, joins: str, *, row: str = "rowid + 1"
) -> str:
    named = ", ".join(key if key in columns else f"NULL::VARCHAR AS {key}" for key in keys)
    echo = ", ".join(f"i.{_identifier(c)}" for c in columns)
    missing = "".join(f", i.{key}" for key in keys if key not in columns)
    extra = "".join(f", {_identifier(c)}" for c in columns if c not in keys)
    inner = f"SELECT {row} AS row, {named}{extra} FROM {table}"
    return f"SELECT i.row, {echo}{missing}, {out} FROM ({inner}) i {joins} ORDER BY i.row"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _write_csv(
    cursor: "duckdb.DuckDBPyConnection",
    table: str,
    source: csv_stream.Source,
    question: _Question,
    target: str,
) -> None:
    names = {part.rsplit(" AS ", 1)[-1].removeprefix("a.") for part in question.out} | {"row"}
    columns = [name for name in source.columns if name not in names]
    out, row = ", ".join(question.out), _numbered(source.columns)
    query = _joined(table, columns, question.keys, out, question.joins, row=row) + question.order
    safe = spreadsheet.harmless_sql(query)
    _guarded(source.name, lambda: cursor.execute(f"COPY ({safe}) TO '{target}' (FORMAT csv, HEADER)"))


def _json_phenotypes(
    cursor: "duckdb.DuckDBPyConnection", table: str, columns: Sequence[str] = _PHENOTYPE.keys
) -> Iterator[dict[str, Any]]:
    out = (
        "a.activity_score, a.phenotype, a.acting, a.activity_score_with_drugs, "
        "a.phenotype_with_drugs, a.state, "
        f"{genotype_tables.NOTE} AS note"
    )
    kept = [name for name in columns if name in _PHENOTYPE.keys]
    query = _joined(table, kept, _PHENOTYPE.keys, out, _PHENOTYPE.joins, row=_numbered(columns))
    for row in _rows(cursor, query):
        yield {
            "row": row["row"],
            "gene": row["gene"],
            "diplotype": row["diplotype"],
            "state": row["state"],
            "activity_score": row["activity_score"],
            "phenotype": row["phenotype"],
            "inhibitors": row["acting"] or [],
            "activity_score_with_drugs": row["activity_score_with_drugs"],
            "phenotype_with_drugs": row["phenotype_with_drugs"],
            "note": row["note"],
            "inhibitors_written": row["inhibitors"],
        }


def _json_actions(
    cursor: "duckdb.DuckDBPyConnection", table: str, columns: Sequence[str] = _ACTION.keys
) -> Iterator[dict[str, Any]]:
    kept = [name for name in columns if name in _ACTION.keys]
    out = ", ".join(("a.genes", *_ACTION.out[1:]))
    query = _joined(table, kept, _ACTION.keys, out, _ACTION.joins, row=_numbered(columns)) + _ACTION.order
    for row in _rows(cursor, query):
        yield {**row, "genes": row["genes"] or []}


def _rows(cursor: "duckdb.DuckDBPyConnection", query: str) -> Iterator[dict[str, Any]]:
    result = cursor.execute(query)
    names = [column[0] for column in result.description]
    while chunk := result.fetchmany(10_000):
        for row in chunk:
            yield dict(zip(names, row, strict=True))


def _write_json_rows(name: str, rows: Iterator[dict[str, Any]]) -> None:
    """One JSON object whose list is written row by row, so that its length does not matter."""
    opening = common.json_text({name: []}).rsplit("[]", 1)
    sys.stdout.write(opening[0] + "[")
    for number, row in enumerate(rows):
        sys.stdout.write((",\n    " if number else "\n    ") + common.json_row(row))
    sys.stdout.write("\n  ]" + opening[1] + "\n")


def _say_unknown_genes(cursor: "duckdb.DuckDBPyConnection") -> None:
    counted = cursor.execute(
        "SELECT list(DISTINCT gene ORDER BY gene) FILTER (symbol IS NULL), count(symbol) FROM asked_texts"
    ).fetchone()
    unknown, used = counted or (None, 0)
    if not unknown:
        return
    named = ", ".join(map(str, unknown[:20]))
    if not used:
        raise InputError(
            f"No row has a gene of the tables; found {named}.", "See `pain-tui knowledge` for the genes."
        )
    common.warn(f"Not a gene of the tables: {named}. Those rows have no answer.")
