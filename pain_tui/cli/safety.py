"""The safety calculators: mme, interact, hold, score-instrument, convert, taper. No patient file; CSV
in, CSV or JSON out.
"""

from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common

CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Read the rows from this CSV (default: standard input)."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for verb in (mme, interact, hold, convert, taper):
        app.command()(verb)
    app.command("score-instrument")(score_instrument)


def mme(csv: CsvOption = None, json: common.JsonOption = False) -> None:
    """Morphine milligram equivalents a day, by the CDC 2022 factors with the 2016 factor beside each.

    CSV columns: id, drug, route, form, dose, unit, per_day (and indication, if wanted). Rows with one id
    are one person. A dose is that of one administration; a patch's dose is the mcg/h worn. MME must not
    be used to choose a new dose.

    Example: pain-tui mme --csv doses.csv --json
    """
    from pain_tui.cli import safety_medicines

    safety_medicines.mme(csv, as_json=json)


def interact(csv: CsvOption = None, json: common.JsonOption = False) -> None:
    """Which medicines of a list do not go together: one alert a pair, the more specific row first.

    A pair of which no row of the tables speaks is named (JSON: no_row); that is no all-clear.

    CSV columns: id, drug (and route, form, indication, if wanted). Rows with one id are one person.

    Example: pain-tui interact --csv drugs.csv
    """
    from pain_tui.cli import safety_medicines

    safety_medicines.interact(csv, as_json=json)


def hold(csv: CsvOption = None, json: common.JsonOption = False) -> None:
    """How long before a procedure a medicine that thins the blood is stopped, one row a guideline.

    CSV columns: drug, procedure, and if wanted dose, renal (CrCl in mL/min), indication,
    bleeding_modifiers, last_dose, procedure_at (local times). Always agree with the prescriber; never
    stop on this alone.

    Example: pain-tui hold --csv questions.csv
    """
    from pain_tui.cli import safety_medicines

    safety_medicines.hold(csv, as_json=json)


def score_instrument(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="ORT, ORT-OUD, RIOSORD-VHA, PEG, PHQ-9, ODI ...")
    ],
    csv: CsvOption = None,
    base_rate: Annotated[
        float | None,
        typer.Option(
            "--base-rate", metavar="P", help="Share with the condition in this clinic, 0 to 1, for ORT-OUD."
        ),
    ] = None,
    json: common.JsonOption = False,
) -> None:
    """Score a questionnaire from its items or its total: the items first, the number last.

    CSV columns: id, sex, age and one column an item (0/1 or its value), or total.

    Example: pain-tui score-instrument ORT-OUD --csv answers.csv
    """
    from pain_tui.cli import safety_scores

    safety_scores.score_instrument(name, csv, base_rate=base_rate, as_json=json)


def convert(csv: CsvOption = None, json: common.JsonOption = False) -> None:
    """Look a dose up in the labels' conversion tables: one way only, with the label's caution.

    CSV columns: table, from_drug, from_route, dose (mg a day), and if wanted to_drug, to_route.

    Example: pain-tui convert --csv doses.csv
    """
    from pain_tui.cli import safety_scores

    safety_scores.convert(csv, as_json=json)


def taper(csv: CsvOption = None, json: common.JsonOption = False) -> None:
    """Look up how fast a dose may be lowered once both agree to, and work the steps out.

    CSV columns: start (mg a day), and if wanted months_of_use or days_of_use, pct, of (original or
    remaining), steps, interval. A look-up, never advice to lower a dose.

    Example: pain-tui taper --csv plans.csv
    """
    from pain_tui.cli import safety_scores

    safety_scores.taper(csv, as_json=json)
