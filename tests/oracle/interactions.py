"""A second, plain reading of drug_interactions.csv: which row speaks for a pair of plain drug names."""

import csv
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pain_tui" / "knowledge" / "safety"
SEVERITY = ["minor", "moderate", "major", "contraindicated"]
ONLY_P2Y12 = {"clopidogrel", "prasugrel", "ticagrelor"}
ONLY_FOR_OUD = {"DDI023", "DDI024"}
Row = dict[str, str]


def read(name: str) -> list[Row]:
    """One table of the safety folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@lru_cache(maxsize=1)
def members() -> dict[str, list[str]]:
    """Class -> its drugs in the class table, plain names only, in file order."""
    found: dict[str, list[str]] = {}
    for row in read("drug_classes.csv"):
        found.setdefault(row["drug_class"], []).append(row["drug"].lower())
    return found


def pair_rows() -> list[Row]:
    """The rows that name two sides."""
    return [row for row in read("drug_interactions.csv") if row["a_type"] != "rule" and row["b"] != "any"]


def sides(row: Row, side: str) -> list[str]:
    """The plain drugs one side of a row may be."""
    return [row[side].lower()] if row[f"{side}_type"] == "drug" else members().get(row[side], [])


def speaks(row: Row, one: str, other: str) -> bool:
    """Does the row speak of this pair, whichever way round? A drug is never paired with itself."""
    if one == other or row["row_id"] in ONLY_FOR_OUD:
        return False
    for a, b in ((one, other), (other, one)):
        if a in sides(row, "a") and b in sides(row, "b") and (row["row_id"] != "DDI037" or b in ONLY_P2Y12):
            return True
    return False


def winner(one: str, other: str) -> Row | None:
    """The row shown for the pair: checked before unchecked, then the more specific, then the more
    severe, then the first.
    """
    found = [row for row in pair_rows() if speaks(row, one, other)]
    return max(found, key=_weight, default=None)


def _weight(row: Row) -> tuple[bool, int, int, int]:
    specific = (row["a_type"] == "drug") + (row["b_type"] == "drug")
    return row["sureness"] != "unchecked", specific, SEVERITY.index(row["severity"]), -int(row["row_id"][3:])
