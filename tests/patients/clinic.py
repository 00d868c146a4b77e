"""A small patient file for the tests of this folder, and the people in it."""

import datetime as dt
from pathlib import Path
from typing import Any

from pain_tui.patients import file as patient_file
from pain_tui.patients import intake

AT = dt.datetime(2026, 11, 24, 8, 0)
WHO = "dr-test"
PASSPHRASE = "correct horse battery"


def new(
    path: Path, *, real: bool = False, passphrase: str | None = PASSPHRASE, **more: Any
) -> patient_file.PatientFile:
    """An empty file, encrypted unless `passphrase=None`."""
    kind: patient_file.Kind = "real" if real else "fictional"
    return patient_file.create(
        path, kind=kind, passphrase=passphrase, time_zone="Europe/Vienna", actor=WHO, at=AT, **more
    )


def open_again(path: Path, passphrase: str | None = PASSPHRASE, **more: Any) -> patient_file.PatientFile:
    """The same file, opened."""
    return patient_file.open_file(path, passphrase=passphrase, actor=WHO, at=AT, **more)


def tables(
    people: int = 3, *, fictional: bool = True, family: str = "Canaryname"
) -> dict[str, list[dict[str, Any]]]:
    """Rows as a reader gives them."""
    ids = [f"P-{number}" for number in range(people)]
    return {
        "person": [
            {"person": p, "birth_date": dt.date(1960 + n, 1, 1), "sex": "female", "fictional": fictional}
            for n, p in enumerate(ids)
        ],
        "person_name": [{"person": p, "family": family, "given": f"Given{n}"} for n, p in enumerate(ids)],
        "problem": [{"person": p, "problem": "back", "condition": "facet", "is_primary": True} for p in ids],
        "observation": [
            {
                "person": p,
                "code": "nrs_average",
                "value": 4.0 + day,
                "at": dt.datetime(2026, 11, day, 9),
                "source_key": f"o{p}{day}",
            }
            for p in ids
            for day in (1, 2)
        ],
        "genotype_call": [
            {
                "person": p,
                "gene": "CYP2D6",
                "state": "called",
                "diplotype": "*1/*4",
                "positions_tested": ["rs3892097"],
            }
            for p in ids
        ],
        "visit": [
            {"person": p, "at": dt.datetime(2026, 12, 1 + n, 9), "reason": "review"}
            for n, p in enumerate(ids)
        ],
    }


def bring(
    file: patient_file.PatientFile, found: dict[str, list[dict[str, Any]]], **more: Any
) -> intake.Brought:
    """Import rows as one source."""
    return intake.bring_in(
        file,
        found,
        source="test",
        reader="csv",
        rows_read=sum(map(len, found.values())),
        actor=WHO,
        at=AT,
        **more,
    )
