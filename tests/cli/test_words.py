"""No output speaks of people as labels: the word list over every renderer, every verb's help, every page, all knowledge."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.knowledge import load, rules
from pain_tui.knowledge.check import NEVER
from pain_tui.knowledge.rows import rows
from pain_tui.paths import data_folder
from pain_tui.patients.fictional.people import default_as_of
from pain_tui.patients.normalise.records import normalise
from pain_tui.report import against, html, json_form, note, text
from pain_tui.tui.panes import opioid
from pain_tui.tui.panes import plan as plan_panes
from pain_tui.tui.widgets.lines import plain

ROOT = Path(__file__).parents[2]
# Stricter than the check of the knowledge: in what is printed of a person none of these stands at all.
LABELS = re.compile(
    r"\b(addict|addicts|addicted|abuser|abusers|drug[- ]seek\w*|junkie|taper now|non-?compliant)\b",
    re.IGNORECASE,
)
CASES = sorted((data_folder("sample_data") / "cases").glob("*.json"))


@pytest.fixture(scope="module")
def shapes() -> list[dict[str, Any]]:
    """The teaching cases and one person on whom much fires, as the `assess` shape."""
    records = [json.loads(file.read_text(encoding="utf-8"))["record"] for file in CASES]
    records.append(
        {
            "person": {"person": "much", "age": 70, "sex": "male", "fictional": True},
            "problems": [{"problem": "x", "condition": "psps2", "is_primary": True}],
            "medications": [
                {"drug": drug, "dose": 10, "unit": "mg", "per_day": 6, "status": "active", "start": "2026-11-01"}
                for drug in ("oxycodone", "diazepam", "carisoprodol", "gabapentin", "zolpidem", "naltrexone")
            ],
            "conditions": [{"code": code, "system": "icd10"} for code in ("F11.20", "F10.20", "F14.10", "G47.33")],
            "observations": [
                {"code": code, "value": 1, "at": "2026-11-20"}
                for code in ("phq9_item9", "uds_cocaine", "uds_opiates", "ort_pers_illegal", "current_smoker")
            ],
        }
    )  # fmt: skip
    cursor = load.connect().cursor()
    found = []
    for record in records:
        read = normalise(record, place="test", as_of=default_as_of())
        case.from_records(cursor, read.case, case.Run(default_as_of()))
        engine.run(cursor)
        found.append(assess_people(cursor)[0].as_dict())
    cursor.close()
    return found


def _rendered(shape: dict[str, Any]) -> dict[str, str]:
    chart: Any = SimpleNamespace(assessment=shape, findings=shape["findings"])
    options = [option for problem in shape["problems"] for option in problem["options"]]
    return {
        "text": text.assessment(shape),
        "html": html.page(shape),
        "note": note.note(shape, None),
        "json": json_form.shape_text(shape, {"program": "x"}),
        "opioid panel": plain(opioid.panel(chart, 80)),
        "warnings": "\n".join(
            plain(plan_panes.finding_lines(f, 80, key=None, answered="")) for f in shape["findings"]
        ),
        "against": json.dumps(
            [against.case_against(o, findings=shape["findings"]) for o in options], default=str
        ),
    }


def test_no_renderer_labels_a_person(shapes: list[dict[str, Any]]) -> None:
    seen = 0
    for shape in shapes:
        for name, said in _rendered(shape).items():
            seen += len(said)
            for pattern in (NEVER, LABELS):
                match = pattern.search(said)
                assert match is None, (
                    shape["person"],
                    name,
                    said[max(0, match.start() - 60) : match.end() + 40],
                )
    assert seen > 100_000  # else nothing was looked at


def test_no_page_and_no_help_labels_a_person() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "pain_tui").rglob("*.md")]
    assert len(pages) > 15
    for page in pages:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            quoted = "never" in line.lower()  # the pages that say which words are not used
            assert quoted or not NEVER.search(line), f"{page.name} line {number}: {line}"


def test_no_rule_and_no_advice_labels_a_person_or_cuts_a_dose() -> None:
    for rule in rules.packaged():
        assert not LABELS.search(f"{rule.say} {rule.do}"), rule.id
    for table, columns in {
        "drug_interactions": ("effect", "management", "mechanism"),
        "drug_conditions": ("guidance",),
        "procedure_items": ("why", "do", "settle"),
        "recommendations_cdc2022": ("action",),
        "naloxone_triggers": ("label",),
        "limits_words": ("say", "remedy"),
        "opioid_instruments": ("label",),
    }.items():
        for row in rows(table):
            for column in columns:
                assert not LABELS.search(row.get(column) or ""), (table, row.get("row_id"), column)
