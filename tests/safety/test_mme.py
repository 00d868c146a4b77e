"""MME a day: every factor, what stands outside the total, and what makes a total impossible."""

import csv

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import mme as oracle
from tests.safety.asking import mme

Cursor = duckdb.DuckDBPyConnection

FACTORS = [
    (row["drug"], row["route"], row["dose_basis"], float(row["factor_cdc2022"]))
    for row in csv.DictReader(oracle.TABLE.open(encoding="utf-8", newline=""))
    if row["counted_2022"] == "yes" and row["band_min_mg_day"] in ("", ">0")
]


@pytest.mark.parametrize(("drug", "route", "basis", "factor"), FACTORS)
def test_every_factor_of_2022_is_used(
    cursor: Cursor, drug: str, route: str, basis: str, factor: float
) -> None:
    """The table is the only source of a factor; a patch counts the mcg/h worn."""
    patch = basis == "mcg/h"
    found = mme(
        cursor,
        (drug, route, "patch" if patch else "tablet", 10, basis if patch else "mg", "" if patch else 3),
    )
    assert found.state == "total"
    assert found.total_mme_per_day == pytest.approx(10 * factor * (1 if patch else 3))
    assert found.doses[0]["factor"] == factor


@pytest.mark.parametrize(
    ("dose", "factor_2016"),
    [(20, 4), (20.5, 8), (40, 8), (40.5, 10), (60, 10), (60.5, 12), (0.5, 4), (100, 12)],
)
def test_methadone_slides_in_2016_and_not_in_2022(cursor: Cursor, dose: float, factor_2016: float) -> None:
    """Just below, at and above each published band; a total between integer bands must not fall out."""
    found = mme(cursor, ("methadone", "oral", "tablet", dose, "mg", 1))
    assert found.total_mme_per_day == pytest.approx(dose * 4.7)
    assert found.doses[0]["factor_cdc2016"] == factor_2016


def test_the_2016_slide_is_keyed_on_the_daily_total_of_methadone(cursor: Cursor) -> None:
    """Two rows of 15 mg are 30 mg a day: factor 8, not 4 twice."""
    found = mme(
        cursor, ("methadone", "oral", "tablet", 15, "mg", 1), ("methadone", "oral", "tablet", 15, "mg", 1)
    )
    assert found.total_cdc2016_per_day == pytest.approx(240)


@pytest.mark.parametrize(
    ("row", "why_not", "state"),
    [
        (("buprenorphine", "transdermal", "patch", 20, "mcg/h", ""), "EXCLUDE_PARTIAL_AGONIST", "none"),
        (("buprenorphine", "", "", 8, "mg", 1), "EXCLUDE_PARTIAL_AGONIST", "none"),
        (("methadone", "oral", "solution", 80, "mg", 1, "opioid use disorder"), "MOUD_NOT_SCORED", "none"),
        (("levorphanol", "oral", "tablet", 2, "mg", 3), "NO_FACTOR", "cannot_total"),
        (("morphine", "rectal", "suppository", 10, "mg", 6), "NO_FACTOR", "cannot_total"),
        (("morphine", "intrathecal", "", 1, "mg", 1), "NO_FACTOR_PARENTERAL", "cannot_total"),
        (("fentanyl", "buccal", "tablet", 200, "mcg", 4), "NO_FACTOR", "cannot_total"),
        (("fentanyl", "transdermal", "patch", 5, "mg", 1), "UNIT_NOT_USABLE", "cannot_total"),
        (("oxycodone", "oral", "tablet", "", "mg", 4), "UNKNOWN_DOSE", "cannot_total"),
        (("oxycodone", "oral", "tablet", 10, "", 4), "UNKNOWN_DOSE", "cannot_total"),
        (("oxycodone", "oral", "tablet", 10, "mg", ""), "UNKNOWN_FREQUENCY", "cannot_total"),
        (("morphine", "", "", 10, "mg", 4), "UNKNOWN_ROUTE", "cannot_total"),
    ],
)
def test_what_does_not_count_says_why_and_is_never_zero(
    cursor: Cursor, row: tuple[object, ...], why_not: str, state: str
) -> None:
    found = mme(cursor, row)
    assert (found.doses[0]["why_not"], found.state) == (why_not, state)
    assert found.total_mme_per_day is None
    assert found.doses[0]["mme_per_day"] is None
    assert found.reason


def test_a_missing_factor_leaves_a_lower_bound(cursor: Cursor) -> None:
    found = mme(
        cursor, ("oxycodone", "oral", "tablet", 10, "mg", 4), ("levorphanol", "oral", "tablet", 2, "mg", 3)
    )
    assert (found.state, found.total_mme_per_day, found.lower_bound) == ("cannot_total", None, 60)


def test_an_unknown_name_beside_an_opioid_makes_no_total(cursor: Cursor) -> None:
    """It may be an opioid: it is named, never guessed, and near names are offered."""
    found = mme(
        cursor, ("oxycodone", "oral", "tablet", 10, "mg", 4), ("morfine", "oral", "tablet", 10, "mg", 1)
    )
    assert (found.state, found.lower_bound) == ("cannot_total", 60)
    assert "morfine" in (found.reason or "")
    assert "morphine" in found.doses[1]["note"]


def test_no_opioid_on_a_complete_list_is_none_not_zero(cursor: Cursor) -> None:
    found = mme(cursor, ("gabapentin", "oral", "capsule", 300, "mg", 3))
    assert (found.state, found.total_mme_per_day, found.doses[0]["why_not"]) == ("none", None, "NOT_OPIOID")


@pytest.mark.parametrize(
    "brand", ["Percocet 10/325", "PERCOCET 10 mg tablet", "oxycodone-acetaminophen 10-325 mg"]
)
def test_a_combination_counts_the_agonist_only(cursor: Cursor, brand: str) -> None:
    found = mme(cursor, (brand, "", "tablet", 1, "tablet", 4))
    assert found.total_mme_per_day == pytest.approx(60)


DRUGS = st.sampled_from(
    [
        "oxycodone",
        "morphine",
        "hydrocodone",
        "tramadol",
        "methadone",
        "codeine",
        "levorphanol",
        "buprenorphine",
    ]
)
ROWS = st.lists(
    st.tuples(
        DRUGS, st.just("oral"), st.just("tablet"), st.integers(1, 200), st.just("mg"), st.integers(1, 6)
    ),
    min_size=1,
    max_size=5,
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_order_does_not_matter(cursor: Cursor, rows: list[tuple[object, ...]], order: object) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = mme(cursor, *rows), mme(cursor, *shuffled)
    assert (one.state, one.total_mme_per_day, one.lower_bound) == pytest.approx(
        (two.state, two.total_mme_per_day, two.lower_bound)
    )


@QUICK
@given(rows=ROWS)
def test_more_dose_never_lowers_mme(cursor: Cursor, rows: list[tuple[object, ...]]) -> None:
    more = [(d, r, f, dose + 1, u, n) for d, r, f, dose, u, n in rows]  # type: ignore[operator,misc]
    one, two = mme(cursor, *rows), mme(cursor, *more)
    assert one.state == two.state
    assert (two.lower_bound or 0) >= (one.lower_bound or 0)


@QUICK
@given(rows=ROWS)
def test_the_plain_second_implementation_agrees(cursor: Cursor, rows: list[tuple[object, ...]]) -> None:
    doses = [oracle.Dose(str(d), "oral", float(dose) * float(n)) for d, _, _, dose, _, n in rows]  # type: ignore[arg-type,misc]
    expected = oracle.total_2022(doses)
    found = mme(cursor, *rows).total_mme_per_day
    assert found == (None if expected is None else pytest.approx(expected))


@QUICK
@given(rows=ROWS, place=st.integers(0, 4), column=st.sampled_from([3, 5]))
def test_a_dose_that_is_not_known_never_gives_a_total(
    cursor: Cursor, rows: list[tuple[object, ...]], place: int, column: int
) -> None:
    """Blank one dose or one frequency of an opioid that counts: the state is cannot_total."""
    target = place % len(rows)
    if rows[target][0] == "buprenorphine":
        return
    blank = [
        tuple("" if i == target and j == column else cell for j, cell in enumerate(row))
        for i, row in enumerate(rows)
    ]
    assert mme(cursor, *blank).state == "cannot_total"


# Brands without route or form, a rate an hour, ranges a day, and doses that nobody takes:
# (drug, route, form, dose, unit, per_day) -> state, total, words of the note or reason.
WRITTEN = [
    (("fentanyl 25 mcg/hr", "", "", "", "", ""), "total", 60, "read as a patch"),
    (("fentanyl", "", "", "25", "mcg/h", "1"), "total", 60, "read as a patch"),
    (("fentanyl", "intravenous", "", "25", "mcg/h", ""), "cannot_total", None, "no CDC 2022 factor"),
    (("fentanyl", "", "", "50", "mcg", "4"), "cannot_total", None, "no route"),
    (("Duragesic 50", "", "", "", "", ""), "total", 120, ""),
    (("Duragesic 50", "", "", "1", "patch", ""), "total", 120, ""),
    (("Duragesic", "", "", "1", "patch", ""), "cannot_total", None, "no usable dose"),
    (("Duragesic 33", "", "", "1", "patch", ""), "cannot_total", None, "no strength that the tables list"),
    (("Duragesic 50", "", "", "50", "mcg/h", "2"), "total", 120, "what is worn at one time counts"),
    (("Tylenol #4", "", "", "1", "tablet", "4"), "total", 36, ""),
    (("Tylenol", "", "", "1", "tablet", "4"), "none", None, ""),
    (("Targin", "", "", "10", "mg", "2"), "total", 30, ""),
    (("Seglentis", "", "", "2", "tablets", "2"), "total", 35.2, ""),
    (("Actiq 400", "", "", "1", "lozenge", "4"), "cannot_total", None, "no CDC 2022 factor"),
    (("Apadaz 6.12/325", "", "", "1", "tablet", "4"), "cannot_total", None, "no CDC 2022 factor"),
    (("Ionsys 40 mcg/hr", "", "", "1", "patch", ""), "cannot_total", None, "no usable dose"),
    (("Ionsys", "transdermal", "patch", "40", "mcg/h", ""), "cannot_total", None, "no rate an hour"),
    (("APAP/OXYCODONE 10 mg tablet", "", "", "1", "tablet", "4"), "total", 60, ""),
    (("oxycodone HCl/oxycodone terephthalate/aspirin 5 mg", "", "", "1", "tablet", "4"), "total", 30, ""),
    (("Hydrostat IR 2 mg", "", "", "1", "tablet", "4"), "total", 40, ""),
    (("Xtampza ER 9 mg", "", "", "1", "capsule", "2"), "total", 27, "oxycodone base"),
    (("methadone 10 mg tid", "", "tablet", "", "", ""), "total", 141, ""),
    (("Butrans 10", "", "", "1", "patch", ""), "none", None, "outside the total"),
    (("MS Contin 30 mg", "", "", "", "", "2"), "cannot_total", None, "no usable dose"),
    (("morphine", "oral", "", "10", "mg", "q6h"), "total", 40, ""),
    (("morphine", "oral", "", "2,5", "mg", "4"), "total", 10, ""),
    (("morphine", "oral", "", "1e3", "mg", "1"), "cannot_total", None, "not a number"),
    (("oxycodone", "oral", "", "150", "mg", "4"), "total", 900, ""),
    (("oxycodone", "oral", "", "151", "mg", "4"), "total", 906, "check the dose and its unit"),
    (("oxycodone", "oral", "", "1500", "mg", "4"), "total", 9000, "check the dose and its unit"),
    (("oxycodone", "oral", "", "1501", "mg", "4"), "cannot_total", None, "a dose that is not possible"),
    (("fentanyl", "transdermal", "patch", "25", "mg/h", ""), "cannot_total", None, "a dose that is not possible"),
    (("codeine", "oral", "", "30", "mcg", "4"), "total", 0.018, "check the dose and its unit"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "state", "total", "said"), WRITTEN, ids=[str(case[0]) for case in WRITTEN])
def test_as_prescriptions_are_written(
    cursor: Cursor, row: tuple[str, ...], state: str, total: float | None, said: str
) -> None:
    found = mme(cursor, row)
    assert found.state == state
    assert found.total_mme_per_day == (None if total is None else pytest.approx(total))
    assert said in f"{found.reason} {found.doses[0]['note']}"


def test_a_range_a_day_gives_the_scheduled_and_the_largest_dose(cursor: Cursor) -> None:
    found = mme(cursor, ("morphine", "oral", "tablet", "10-20", "mg", "4-6"))
    assert (found.total_mme_per_day, found.scheduled_mme_per_day) == (120, 40)
