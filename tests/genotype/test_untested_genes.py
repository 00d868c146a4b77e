"""Genes nobody tested are listed by what they are looked at for, each once, on the screen and in its text."""

from typing import Any

from pain_tui.genotype.definitions import load
from pain_tui.report import text
from pain_tui.report.gene_roles import by_role
from pain_tui.tui.panes.genotype import gene_rows


def _untested() -> list[dict[str, Any]]:
    return [{"gene": name, "state": "not_tested", "inhibitors": [], "drugs": []} for name in load().genes]


def test_every_gene_has_one_role() -> None:
    names = list(load().genes)
    roles = by_role(names)
    assert sorted(name for found in roles.values() for name in found) == sorted(names)
    assert roles["addiction"][0] == "DRD2" and "IL6" in roles["inflammation"]
    assert by_role([]) == {}


def test_the_text_names_each_untested_gene_once() -> None:
    lines = list(text.genotype_lines({"genes": _untested(), "as_of": "2026-11-24"}))
    at = lines.index("Not tested, which is never read as normal:")
    listed = [line for line in lines[at + 1 :] if line.startswith("  ")]
    named = [name for line in listed for name in line.split(": ", 1)[1].split(", ")]
    assert sorted(named) == sorted(load().genes)


def test_the_screen_lists_what_nothing_rests_on_by_role() -> None:
    class Chart:
        assessment = {"genes": _untested()}

    for width in (50, 78, 118):
        told = [item.text for item in gene_rows(Chart(), width)]  # type: ignore[arg-type]  # only what is read
        listed = told[next(n for n, row in enumerate(told) if row.startswith("Not tested, and no")) :]
        (addiction,) = [row for row in listed if row.startswith("addiction")]
        assert "DRD2" in addiction and all(len(row.rstrip()) <= width for row in listed)
        assert "OPRD1" in " ".join(listed)
