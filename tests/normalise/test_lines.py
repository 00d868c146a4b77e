"""Medicines written as one line: what is read, and what is left unknown with its reason; never a silent wrong number."""

from datetime import date
from typing import Any

import pytest

from pain_tui.patients.normalise import records

DAY = date(2026, 11, 24)

# line -> ingredient, dose least and most, unit, scheduled and most times a day
READ = [
    ("oxycodone ER 20 mg BID", "oxycodone", 20, 20, "mg", 2, 2),
    ("oxycodone 5 mg q4h prn max 4/d", "oxycodone", 5, 5, "mg", 0, 4),
    ("oxycodone .5 mg bid", "oxycodone", 0.5, 0.5, "mg", 2, 2),
    ("oxycodone 10 mg x 3 daily", "oxycodone", 10, 10, "mg", 3, 3),
    ("oxycodone 10 mg 1 tab q4h; max 4 tabs/24h", "oxycodone", 10, 10, "mg", 4, 4),
    ("oxycodone 5 mg 1-0-2", "oxycodone", 5, 5, "mg", 3, 3),
    ("fentanyl 25 mcg/hr q72h", "fentanyl", 25, 25, "mcg/h", 1 / 3, 1 / 3),
    ("fentanyl patch 25 q72h", "fentanyl", 25, 25, "mcg/h", 1 / 3, 1 / 3),
    ("fentanyl 12,5 µg/h alle 3 Tage", "fentanyl", 12.5, 12.5, "mcg/h", 1 / 3, 1 / 3),
    ("methadone 10 tid", "methadone", 10, 10, "mg", 3, 3),
    ("methadone 5 mg 1.5 tabs q8h", "methadone", 7.5, 7.5, "mg", 3, 3),
    ("methadone 10 mg 1/2 tab bid", "methadone", 5, 5, "mg", 2, 2),
    ("methadone 10mg/ml 3 ml daily", "methadone", 30, 30, "mg", 1, 1),
    ("Suboxone 8/2 SL bid", "buprenorphine", 8, 8, "mg", 2, 2),
    ("Suboxone 8-2 mg film 1 SL bid", "buprenorphine", 8, 8, "mg", 2, 2),
    ("tramadol 50 2 tabs qid prn", "tramadol", 100, 100, "mg", 0, 4),
    ("morphine 15 mg/5 mL 10 mL q4h", "morphine", 30, 30, "mg", 6, 6),
    ("morphine 30 mg daily in divided doses", "morphine", 30, 30, "mg", 1, 1),
    ("Norco 10/325 1-2 q6h prn #120/30d", "hydrocodone", 10, 20, "mg", 0, 4),
    ("hydrocodone-acetaminophen 5-325 1 po q6h prn pain #20", "hydrocodone", 5, 5, "mg", 0, 4),
    ("Percocet 5/325 1-2 tabs q4-6h prn max 8/day", "oxycodone", 5, 10, "mg", 0, 4),
    ("Tylenol #3 1-2 q4h prn max 10/day", "codeine", 30, 60, "mg", 0, 5),
    ("co-codamol 30/500 two tablets four times a day", "codeine", 60, 60, "mg", 4, 4),
    ("hydromorphone 2,5 mg qid", "hydromorphone", 2.5, 2.5, "mg", 4, 4),
    ("Oramorph 10mg/5ml 2,5 ml 4-hourly", "morphine", 5, 5, "mg", 6, 6),
    ("MST 30 mg 1-0-1", "morphine", 30, 30, "mg", 2, 2),
    ("Targin 20/10 1-0-1", "oxycodone", 20, 20, "mg", 2, 2),
    ("Oxygesic 10 mg 1-0-0-1", "oxycodone", 10, 10, "mg", 2, 2),
    ("Jurnista 8 mg 1x1", "hydromorphone", 8, 8, "mg", 1, 1),
    ("Sevredol 10 mg bei Bedarf max 6x tgl", "morphine", 10, 10, "mg", 0, 6),
    ("tapentadol 50-100 mg q4-6h prn", "tapentadol", 50, 100, "mg", 0, 6),
]  # fmt: skip


def _medicine(line: str) -> tuple[dict[str, Any], list[str]]:
    read = records.normalise(
        {"person": {"person": "p"}, "medications": [{"drug": line}]}, place="x", as_of=DAY
    )
    return read.case["medication"][0], [problem.sentence() for problem in read.problems]


@pytest.mark.parametrize("case", READ, ids=lambda case: case[0])
def test_a_line_gives_its_dose_and_its_frequency(case: tuple[Any, ...]) -> None:
    line, ingredient, low, high, unit, per_day, most = case
    row, said = _medicine(line)
    assert row["drug"] == line
    assert (row["ingredient"], row["dose"], row["dose_max"], row["unit"]) == (ingredient, low, high, unit), (
        said
    )
    assert (row["per_day"], row["per_day_max"]) == pytest.approx((per_day, most), rel=1e-4), said


# line -> ingredient (None: not known), words of the reason; the dose is not known
UNKNOWN = [
    ("Oxy ER 20 BID + IR 5 q4h prn max 4/d", None, "not a known medicine name"),
    ("oxycodone 10 mg AM, 20 mg PM", "oxycodone", "more than one order in one line"),
    ("morphine ER 60 mg qam and 30 mg qhs", "morphine", "more than one order in one line"),
    ("fentanyl 75 + 25 mcg/h patches q3d", "fentanyl", "more than one order in one line"),
    ("oxycodone 20 mg BID (decrease to 10 mg BID)", "oxycodone", "the dose changes within the line"),
    ("gabapentin 300/300/600", "gabapentin", "may be several doses"),
    ("OxyContin 10/20/40", "oxycodone", "may be several doses"),
    ("Tilidin 50/4 2x1", "tilidine", "may be several doses"),
    ("gabapentin 300 tid", "gabapentin", "has no unit"),
    ("fentanyl 100 q72h", "fentanyl", "has no unit"),
    ("morphine 15 mg/5 mL q4h", "morphine", "how much is taken at a time is not written"),
    ("stopped oxycodone 10 mg bid", None, "not a known medicine name"),
    ("morphine and gabapentin 300 mg tid", None, ""),
]


@pytest.mark.parametrize(("line", "ingredient", "says"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_a_line_that_may_mean_two_things_leaves_the_dose_unknown(
    line: str, ingredient: str | None, says: str
) -> None:
    row, said = _medicine(line)
    assert row["dose"] is None and row["per_day_max"] is None or row["dose"] is None
    assert ingredient is None or row["ingredient"] == ingredient
    assert any(says in sentence for sentence in said) or not says


def test_drops_are_not_counted_as_pieces_of_a_strength() -> None:
    row, said = _medicine("tramadol 100 mg Tropfen 20 Tropfen 4x tgl")
    assert row["dose"] is None, said


def test_a_number_that_was_read_by_its_sizes_is_said() -> None:
    assert any("a size that is sold" in sentence for sentence in _medicine("methadone 10 tid")[1])


def test_cells_of_their_own_come_before_the_line() -> None:
    cells = {"drug": "oxycodone 5 mg tid", "dose": "10", "unit": "mg", "per_day": "2"}
    read = records.normalise({"person": {"person": "p"}, "medications": [cells]}, place="x", as_of=DAY)
    row = read.case["medication"][0]
    assert (row["dose"], row["per_day"]) == (10, 2)


@pytest.mark.parametrize(
    "name", ["morphine 10 mg tablet", "Percocet 10/325", "MS Contin 30 mg", "lisinopril 10"]
)
def test_a_name_alone_is_no_line(name: str) -> None:
    row, _ = _medicine(name)
    assert row["ingredient"] and row["dose"] is None and row["per_day_max"] is None


def test_in_is_no_nose() -> None:
    assert _medicine("morphine 30 mg daily in divided doses")[0]["route"] is None
