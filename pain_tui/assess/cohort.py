"""Score a whole patient file: forecasts and findings of everybody into Parquet, CSV or JSON lines.

People are taken in partitions in the order of their ids, each through the same steps as one person; the rows
go to a staging file beside the output, so that memory stays flat, and from there in one ordered copy to the
output, which appears only when it is whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pain_tui import spreadsheet
from pain_tui.assess import case, engine
from pain_tui.errors import InputError, StoreError
from pain_tui.knowledge import load
from pain_tui.patients import crypt, room
from pain_tui.patients.file import PatientFile

PARTITION = 500
FORMATS = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880",
    ".csv": "FORMAT csv, HEADER true, NULLSTR ''",
    ".jsonl": "FORMAT json, ARRAY false",
}


@dataclass(frozen=True)
class Scored:
    """How much was written. without_estimate: person-problem-options with a reason in place of a number."""

    people: int
    forecasts: int
    without_estimate: int
    findings: int


def score(
    file: PatientFile,
    out: Path,
    findings: Path | None,
    run: case.Run,
    *,
    versions: Mapping[str, str | None],
    people: Sequence[str] | None = None,
    jobs: int = 1,
    with_identity: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Scored:
    """Write one row per person-problem-option to `out` and, if asked, one row per finding to `findings`.

    people: only these ids. jobs: partitions worked on at the same time. with_identity: names too.
    progress: told how many people each finished partition had. The same file, day and versions give the same
    bytes, whatever the jobs.
    Raises InputError for an ending that is no format, StoreError when the output cannot be written.
    """
    outputs = [path for path in (out, findings) if path is not None]
    formats = [_format(path) for path in outputs]
    staging = out.with_name(f".{out.name}.staging")
    with _instance(file, staging, [_partial(path) for path in outputs]) as instance:
        chosen = _chosen(file, instance, people)
        instance.execute(_STAGING_TABLES)
        for cursor, size in _assessed(file, instance, chosen, run, jobs):
            cursor.execute(_KEEP_FORECASTS, {"identity": with_identity})
            cursor.execute(_KEEP_FINDINGS)
            cursor.close()
            if progress:
                progress(size)
        stamp = [versions.get("program"), _rules_version(versions), versions.get("model")]
        queries = (_forecasts_sql(with_identity), _FINDINGS)
        for path, form, query in zip(outputs, formats, queries, strict=False):
            _copy(instance, query, path, form, [run.as_of, file.kind == "fictional", *stamp])
        counts = instance.execute(_COUNTS).fetchone()
    assert counts is not None
    return Scored(len(chosen), *(int(count) for count in counts))


_STAGING_TABLES = """
CREATE TABLE staging.forecasts (
    person VARCHAR, problem VARCHAR, condition VARCHAR, option VARCHAR, outcome VARCHAR,
    horizon_weeks DOUBLE, denominator VARCHAR, level DOUBLE, p_response DOUBLE, lo DOUBLE, hi DOUBLE,
    p_comparator DOUBLE, comparator_lo DOUBLE, comparator_hi DOUBLE, comparator_kind VARCHAR,
    extra DOUBLE, extra_lo DOUBLE, extra_hi DOUBLE, no_estimate_code VARCHAR, "check" VARCHAR, tier VARCHAR,
    family VARCHAR, given VARCHAR);
CREATE TABLE staging.findings (
    person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR, rule VARCHAR, tier VARCHAR, about VARCHAR,
    say VARCHAR, "do" VARCHAR, source VARCHAR, strength VARCHAR, sureness VARCHAR, checked DATE,
    inputs VARCHAR, origin VARCHAR);
"""

_KEEP_FORECASTS = """
INSERT INTO staging.forecasts
SELECT o.person, o.problem, o.condition, o.option, f.outcome, f.horizon_weeks, f.denominator, f.level,
    round_even(f.p_response, 6), round_even(f.lo, 6), round_even(f.hi, 6),
    round_even(f.p_comparator, 6), round_even(f.comparator_lo, 6), round_even(f.comparator_hi, 6),
    coalesce(f.comparator_kind, CASE WHEN f.p_response IS NOT NULL THEN 'no control data' END),
    round_even(f.extra, 6), round_even(f.extra_lo, 6), round_even(f.extra_hi, 6),
    f.no_estimate_code, p."check", p.tier, n.family, n.given
FROM options o JOIN plan p USING (person, problem, option)
LEFT JOIN forecast f USING (person, problem, option)
LEFT JOIN case_name n ON n.person = o.person AND $identity
ORDER BY o.person, o.problem, o.option
"""

_KEEP_FINDINGS = """
INSERT INTO staging.findings
SELECT person, problem, option, drug, rule, tier, about, say, "do", source, strength, sureness, checked,
    inputs, origin
FROM findings ORDER BY ALL
"""

_FINDINGS = """
SELECT *, ?::DATE AS as_of, ?::BOOLEAN AS fictional, ?::VARCHAR AS version_program,
    ?::VARCHAR AS version_knowledge, ?::VARCHAR AS version_model
FROM staging.findings
"""

_COUNTS = """
SELECT (SELECT count(*) FROM staging.forecasts),
    (SELECT count(*) FROM staging.forecasts WHERE p_response IS NULL),
    (SELECT count(*) FROM staging.findings)
"""


def _rules_version(versions: Mapping[str, str | None]) -> str | None:
    """The knowledge, and the clinic's own rules where there are some: together they decide the findings."""
    own = versions.get("clinic_rules")
    return f"{versions.get('knowledge')}+clinic.{own}" if own else versions.get("knowledge")


def _forecasts_sql(with_identity: bool) -> str:
    columns = "*" if with_identity else "* EXCLUDE (family, given)"
    return _FINDINGS.replace("SELECT *", f"SELECT {columns}").replace("staging.findings", "staging.forecasts")


def _format(path: Path) -> str:
    if path.suffix not in FORMATS:
        raise InputError(f"{path}: no such output format.", f"The name ends in {', '.join(FORMATS)}.")
    if not path.parent.is_dir():
        raise StoreError(f"{path.parent} is not a folder.", "Make it first, or choose another place.")
    return FORMATS[path.suffix]


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


@contextmanager
def _instance(
    file: PatientFile, staging: Path, outputs: Sequence[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An own closed DuckDB that may read the patient file, use the staging file and write the outputs."""
    for path in (staging, *outputs):
        path.unlink(missing_ok=True)
    extension = room.extension_path() if file.is_encrypted else None
    allowed = [str(path.absolute()) for path in outputs]
    instance = load.connect(file.path, extension=extension, copies=[staging.absolute()], also=allowed)
    try:
        room.attach(instance, staging.absolute(), None, write=True, catalog="staging", new=True)
        yield instance
    finally:
        instance.close()
        for path in (staging, Path(f"{staging}.wal"), *outputs):
            with suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def _attached(file: PatientFile, instance: duckdb.DuckDBPyConnection) -> Iterator[None]:
    key = file.data_key()
    room.attach(instance, file.path, None if key is None else crypt.duckdb_key(key), write=False)
    try:
        yield
    finally:
        room.detach(instance)


def _chosen(
    file: PatientFile, instance: duckdb.DuckDBPyConnection, people: Sequence[str] | None
) -> list[str]:
    with _attached(file, instance):
        sql = "SELECT person FROM clinic.main.person WHERE is_current ORDER BY person"
        found = instance.execute(sql).fetchall()
    everybody = [str(row[0]) for row in found]
    if people is None:
        return everybody
    unknown = sorted(set(people) - set(everybody))
    if unknown:
        named = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
        raise InputError(f"Not in this patient file: {named}.", "`pain-tui people FILE` lists who is.")
    return sorted(set(people))


def _assessed(
    file: PatientFile, instance: duckdb.DuckDBPyConnection, chosen: Sequence[str], run: case.Run, jobs: int
) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """(cursor on which the steps have run, how many people) for each partition, in order."""
    parts = [chosen[start : start + PARTITION] for start in range(0, len(chosen), PARTITION)]
    with _attached(file, instance):
        if jobs == 1 or len(parts) < 2:
            for part in parts:
                yield _assess(instance, part, run), len(part)
            return
        from joblib import Parallel, delayed  # joblib takes 0.1 s to import, for one partition for nothing

        working = Parallel(n_jobs=jobs, backend="threading", return_as="generator", pre_dispatch=jobs)
        cursors = working(delayed(_assess)(instance, part, run) for part in parts)
        for cursor, part in zip(cursors, parts, strict=True):
            yield cursor, len(part)


def _assess(
    instance: duckdb.DuckDBPyConnection, people: Sequence[str], run: case.Run
) -> duckdb.DuckDBPyConnection:
    cursor = instance.cursor()
    case.from_file(cursor, people, run)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE case_name AS SELECT person, family, given FROM clinic.main.person_name "
        "SEMI JOIN case_chosen USING (person) WHERE is_current"
    )
    engine.run(cursor, until="110_plan")  # what later steps make is not written
    return cursor


def _copy(
    instance: duckdb.DuckDBPyConnection, query: str, path: Path, form: str, values: Sequence[object]
) -> None:
    partial = _partial(path).absolute()
    quoted = str(partial).replace("'", "''")
    if path.suffix == ".csv":
        query = spreadsheet.harmless_sql(query)
    try:
        instance.execute(f"COPY ({query}) TO '{quoted}' ({form})", list(values))
    except duckdb.Error as error:
        raise StoreError(f"{path} could not be written: {error}", "Check the disk and the folder.") from error
    partial.replace(path)
