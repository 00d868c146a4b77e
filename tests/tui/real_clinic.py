"""A small fictional patient file made from the packaged teaching cases, for tests over the real core."""

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pain_tui.paths import data_folder
from pain_tui.patients import file as patient_file
from pain_tui.patients import intake
from pain_tui.patients.fictional.people import default_as_of
from pain_tui.patients.normalise import records

MADE_AT = datetime(2026, 11, 24, 5, 0)
CASES = ("01_hidden_inhibitor", "04_cancer_pain", "07_person_has_died")


def make(path: Path, cases: tuple[str, ...] = CASES) -> Path:
    """Write the file; the fictional clinic's own day is its default as-of date."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in cases:
        case = json.loads((data_folder("sample_data") / "cases" / f"{name}.json").read_text(encoding="utf-8"))
        for table, found in records.normalise(case["record"], place=name).rows.items():
            tables[table] += found
    with patient_file.create(
        path,
        kind="fictional",
        passphrase=None,
        default_as_of=default_as_of(),
        time_zone="UTC",
        actor="test",
        at=MADE_AT,
    ) as made:
        intake.bring_in(
            made, tables, source="cases", reader="record", rows_read=len(cases), actor="test", at=MADE_AT
        )
    return path
