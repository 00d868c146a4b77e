"""Write the fictional clinic: the teaching cases and a seeded draw, as the project's own CSV tables.

Run from the top of a checkout: python sample_data/make.py
The same seed gives the same bytes; a test compares them with the committed files.
"""

import csv
import json
from pathlib import Path

from pain_tui.patients.fictional.people import default_as_of, draw_people

HERE = Path(__file__).resolve().parent
SEED = 20261120
DRAWN = 56

# File name -> (key of the record, columns).
TABLES: dict[str, tuple[str, list[str]]] = {
    "person": ("person", ["person", "family", "given", "birth_date", "sex", "death_date", "fictional"]),
    "problem": (
        "problems",
        [
            "person",
            "problem",
            "condition",
            "icd10",
            "site",
            "side",
            "level",
            "onset_date",
            "confirmed_by",
            "is_primary",
        ],
    ),
    "observation": ("observations", ["person", "code", "value", "unit", "text", "at"]),
    "medication": (
        "medications",
        [
            "person",
            "drug",
            "dose",
            "unit",
            "per_day",
            "frequency",
            "as_needed",
            "start",
            "stop",
            "authored",
            "status",
            "indication",
        ],
    ),
    "condition": ("conditions", ["person", "code", "system", "text", "onset", "resolved"]),
    "allergy": ("allergies", ["person", "substance", "reaction", "severity"]),
    "device": ("devices", ["person", "kind", "mri", "at"]),
    "treatment": (
        "treatments",
        [
            "person",
            "option",
            "drug",
            "date",
            "relief_pct",
            "lasted_weeks",
            "adverse_event",
            "stopped_because",
        ],
    ),
    "genotype_call": (
        "genotype",
        ["person", "gene", "state", "diplotype", "copy_number", "method", "laboratory", "date"],
    ),
    "list_review": ("reviews", ["person", "list", "complete", "at"]),
    "visit": ("visits", ["person", "at", "reason"]),
}


def records() -> list[dict]:
    """The teaching cases first, then the drawn people."""
    cases = [
        json.loads(file.read_text(encoding="utf-8"))["record"]
        for file in sorted((HERE / "cases").glob("*.json"))
    ]
    return cases + list(draw_people(DRAWN, SEED, default_as_of()))


def rows(people: list[dict], key: str) -> list[dict]:
    """All rows of one kind, each with its person."""
    if key == "person":
        return [record["person"] for record in people]
    return [{"person": record["person"]["person"], **row} for record in people for row in record[key]]


def write(folder: Path) -> None:
    """Write every table of the clinic into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    people = records()
    for name, (key, columns) in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns, extrasaction="raise", lineterminator="\n")
            table.writeheader()
            table.writerows({k: _text(v) for k, v in row.items()} for row in rows(people, key))


def _text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


if __name__ == "__main__":
    write(HERE / "clinic")
