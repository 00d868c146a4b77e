"""The age of the genetic tables on a day."""

from datetime import date, timedelta

import pytest

from pain_tui.knowledge import ages

AS_OF = date(2026, 11, 24)


def test_a_gene_with_a_date_of_its_own_is_told_by_it() -> None:
    """CYP2D6 and G6PD come from older copies than the other genes."""
    own = {gene: ages.of_gene(gene, AS_OF)[0].data_date for gene in ("CYP2D6", "G6PD", "CYP2C19")}
    assert own == {"CYP2D6": date(2024, 8, 27), "G6PD": date(2023, 8, 1), "CYP2C19": date(2025, 11, 5)}
    assert "not checked" in ages.sentence(ages.of_gene("G6PD", AS_OF))
    assert "not checked" not in ages.sentence(ages.of_gene("CYP2D6", AS_OF))


def test_every_part_has_its_date_and_its_age() -> None:
    told = ages.sentence(ages.overall(AS_OF))
    assert "2025-11-05 (1.1 years old)" in told and "2024-05-29 (2.5 years old)" in told
    assert told.endswith("up to 2026-04-30.")
    assert ages.dates(ages.overall(AS_OF)) == "tables of 2024-05-29, compared 2026-04-30"


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "0 days"), (0, "0 days"), (365, "365 days"), (366, "1.0 years")]
)
def test_days_become_years(days: int, words: str) -> None:
    part = ages.overall(date(2025, 11, 5) + timedelta(days=days))[0]
    assert f"({words} old" in part.words
