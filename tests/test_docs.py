"""The docs say what the program is: keys from the registry, links that lead somewhere."""

import re
import runpy
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]


def test_the_key_table_is_the_registry() -> None:
    made = runpy.run_path(str(TOP / "docs" / "make_keys.py"))["text"]()
    assert (TOP / "docs" / "keys.md").read_text(encoding="utf-8") == made


@pytest.mark.parametrize(
    ("script", "page"), [("make_glossary.py", "glossary.md"), ("make_tour.py", "tour.md")]
)
def test_generated_pages_are_up_to_date(script: str, page: str) -> None:
    made = runpy.run_path(str(TOP / "docs" / script))["text"]()
    assert (TOP / "docs" / page).read_text(encoding="utf-8") == made


def test_pictures_are_of_invented_people_and_fetch_nothing() -> None:
    """Each picture of the tour is there, says FICTIONAL, and names no address to load from."""
    pictures = sorted((TOP / "docs" / "images").glob("*.svg"))
    assert len(pictures) >= 10
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert "FICTIONAL" in text, picture.name
        assert "url(" not in text.replace("url(#", "") and "<image" not in text and "@font-face" not in text
        assert set(re.findall(r"https?://[^\"'< ]+", text)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("lock", sorted(TOP.glob("*.lock")), ids=lambda lock: lock.name)
def test_a_lock_has_hashes_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text
