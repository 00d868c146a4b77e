"""docs/sources.md is what the tables say, and every rule stands on it."""

import importlib.util
from pathlib import Path

from pain_tui.knowledge import rules
from pain_tui.knowledge.rows import rows

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    """Run `python docs/make_sources.py` after changing a table."""
    place = importlib.util.spec_from_file_location("make_sources", DOCS / "make_sources.py")
    assert place is not None and place.loader is not None
    maker = importlib.util.module_from_spec(place)
    place.loader.exec_module(maker)
    assert (DOCS / "sources.md").read_text(encoding="utf-8") == maker.page()
    assert (DOCS / "evidence.md").read_text(encoding="utf-8") == maker.evidence_page()


def test_every_genetic_source_has_a_date_and_a_licence() -> None:
    """On the evidence page, as the tables have it."""
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    for row in rows("pgx_sources"):
        assert row["date"] and row["licence"] and f"| {row['source']} | {row['version']} |" in page


def test_every_rule_is_tied_to_a_source() -> None:
    page = (DOCS / "sources.md").read_text(encoding="utf-8")
    for rule in rules.packaged():
        assert f"| {rule.id} | {rule.tier} |" in page
