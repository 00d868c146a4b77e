"""The genotype calculators: `call`, `phenotype`, `action`. No patient file; CSV in, CSV or JSON out."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui.cli import common
from pain_tui.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pain_tui.genotype.calls import SampleCalls

BATCH = 200  # samples whose phenotypes are worked out together

CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Read the rows from this CSV (default: standard input)."),
]
InhibitorsOption = Annotated[
    str | None, typer.Option("--inhibitors", metavar="DRUGS", help="Drugs taken now, separated by |.")
]


def register(app: typer.Typer) -> None:
    """Add call, phenotype and action."""
    for verb in (call, phenotype, action):
        app.command()(verb)


def call(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="VCF, array text, PharmCAT JSON or TSV, outside calls, laboratory CSV; any number of them.",
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="KIND", help="vcf, array, pharmcat, outside or lab (guessed when left out)."
        ),
    ] = None,
    sex: Annotated[
        str | None, typer.Option("--sex", metavar="SEX", help="female or male: a male has one X chromosome.")
    ] = None,
    build: Annotated[
        str | None,
        typer.Option("--build", metavar="BUILD", help="GRCh38 or GRCh37, when the file does not say."),
    ] = None,
    outside: Annotated[
        Path | None,
        typer.Option("--outside", metavar="FILE", help="Outside calls to add, such as CYP2D6 and HLA."),
    ] = None,
    json: common.JsonOption = False,
) -> None:
    """Call the genes of genotype files: every possible diplotype, and what was not tested.

    Many files are read by one process; one that cannot be used is said, and the others go on.

    Example: pain-tui call sample.vcf --outside cyp2d6.tsv --json

    Example: pain-tui call folder/*.vcf.gz --json > calls.jsonl
    """
    if sex not in (None, "female", "male", "unknown"):
        raise UsageError(f"--sex {sex!r} is not known.", "Write female, male or unknown.")
    is_many, used = len(files) > 1, 0
    for samples in _batches(files, kind, sex, build, outside):
        shapes = _call_shapes(samples)
        used += len(shapes)
        for shape in shapes:
            if json:
                common.write_json(shape, line=is_many or len(shapes) > 1)
            else:
                _print_calls(shape)
    if not used:
        raise InputError(
            f"None of the {len(files)} files could be used.", "See above what is wrong with each."
        )


def _batches(
    files: list[Path], kind: str | None, sex: str | None, build: str | None, outside: Path | None
) -> "Iterator[list[SampleCalls]]":
    """The samples of all files, some hundred at a time, so that the length of the list does not matter."""
    from pain_tui.genotype.call import call_file

    extra = call_file(outside, kind="outside") if outside is not None else None
    batch: list[SampleCalls] = []
    for file in files:
        try:
            samples = call_file(file, kind=kind, sex=sex, build=build)
        except InputError as error:
            if len(files) == 1:
                raise
            common.say_error(error)
            continue
        if extra is not None:
            samples = _with_outside(samples if len(files) == 1 else [], extra)
        for problem in dict.fromkeys(text for sample in samples for text in sample.problems):
            common.warn(f"{file.name} {problem}")
        batch += samples
        if len(batch) >= BATCH and len(files) > 1:
            yield batch
            batch = []
    if batch:
        yield batch


def _with_outside(samples: "list[SampleCalls]", outside: "list[SampleCalls]") -> "list[SampleCalls]":
    """Outside calls beside the file's own: they replace only what the file could not call."""
    from dataclasses import replace

    if len(samples) != 1:
        raise UsageError(
            "Outside calls belong to one sample, and here is more than one.", "Give one file of one sample."
        )
    extra = outside[0].calls
    named = {c.gene for c in extra if c.state != "not_tested"}
    kept = tuple(c for c in samples[0].calls if c.gene not in named or c.state != "not_tested")
    return [
        replace(samples[0], calls=kept + tuple(extra), problems=samples[0].problems + outside[0].problems)
    ]


def _call_shapes(samples: "list[SampleCalls]") -> list[dict[str, Any]]:
    from pain_tui.assess import genotype_tables

    cursor = _knowledge()
    # numbered: two files' samples may share a name
    genotype_tables.of_calls(
        cursor, [(str(n), s.calls) for n, s in enumerate(samples)], as_of=common.as_of_date(None)
    )
    rows: dict[str, list[dict[str, Any]]] = {str(n): [] for n in range(len(samples))}
    for person, row in genotype_tables.call_rows(cursor):
        rows[person].append(row)
    return [{"sample": s.sample, "build": s.build, "calls": rows[str(n)]} for n, s in enumerate(samples)]


@lru_cache(maxsize=1)
def _knowledge() -> Any:
    """The tables, read once however many files there are."""
    from pain_tui.assess import genotype_tables
    from pain_tui.knowledge import load

    return load.connect(only=genotype_tables.KNOWLEDGE)


def _print_calls(shape: dict[str, Any]) -> None:
    common.out(f"{shape['sample']}  {shape['build'] or 'build not stated'}")
    for row in shape["calls"]:
        common.out(
            f"  {row['gene']:9} {row['state']:13} {' or '.join(row['diplotypes']) or '-':32} "
            f"{row['phenotype'] or '-'}"
        )
        if row["note"]:
            common.out(f"            {row['note']}")


def phenotype(
    gene: Annotated[
        str | None, typer.Argument(metavar="GENE", help="For one pair; without it, CSV is read.")
    ] = None,
    diplotype: Annotated[str | None, typer.Argument(metavar="DIPLOTYPE")] = None,
    inhibitors: InhibitorsOption = None,
    csv: CsvOption = None,
    json: common.JsonOption = False,
) -> None:
    """From a diplotype to the phenotype, by genotype and with the drugs taken now.

    CSV columns: gene, diplotype and, if wanted, inhibitors (names separated by |). Any length.

    Example: pain-tui phenotype CYP2D6 '*1/*4' --inhibitors paroxetine

    Example: pain-tui phenotype --csv pairs.csv > phenotypes.csv
    """
    if (gene is None) != (diplotype is None):
        raise UsageError(
            "A gene and a diplotype belong together.", "For example: pain-tui phenotype CYP2D6 '*1/*4'"
        )
    from pain_tui.cli import genotype_rows

    if gene is not None:
        genotype_rows.one_phenotype(
            {"gene": gene, "diplotype": diplotype, "inhibitors": inhibitors}, as_json=json
        )
    else:
        genotype_rows.many_phenotypes(csv, as_json=json)


def action(
    drug: Annotated[
        str | None, typer.Argument(metavar="DRUG", help="For one question; without it, CSV is read.")
    ] = None,
    gene: Annotated[str | None, typer.Argument(metavar="GENE")] = None,
    diplotype: Annotated[str | None, typer.Argument(metavar="DIPLOTYPE")] = None,
    gene_2: Annotated[str | None, typer.Argument(metavar="GENE_2")] = None,
    diplotype_2: Annotated[str | None, typer.Argument(metavar="DIPLOTYPE_2")] = None,
    inhibitors: InhibitorsOption = None,
    csv: CsvOption = None,
    json: common.JsonOption = False,
) -> None:
    """What CPIC, DPWG and FDA say about a drug for a diplotype, with the drugs taken now.

    CSV columns: drug, gene, diplotype and, if wanted, gene_2, diplotype_2, inhibitors. One row a guideline
    body comes back.

    Example: pain-tui action codeine CYP2D6 '*4/*4'

    Example: pain-tui action amitriptyline CYP2D6 '*1/*4' CYP2C19 '*2/*2' --json
    """
    if drug is not None and (gene is None or diplotype is None):
        raise UsageError(
            "A drug, a gene and a diplotype belong together.",
            "For example: pain-tui action codeine CYP2D6 '*4/*4'",
        )
    if (gene_2 is None) != (diplotype_2 is None):
        raise UsageError("A second gene and its diplotype belong together.", "Give both or none.")
    from pain_tui.cli import genotype_rows

    if drug is not None:
        asked = {
            "drug": drug,
            "gene": gene,
            "diplotype": diplotype,
            "gene_2": gene_2,
            "diplotype_2": diplotype_2,
            "inhibitors": inhibitors,
        }
        genotype_rows.one_action(asked, as_json=json)
    else:
        genotype_rows.many_actions(csv, as_json=json)
