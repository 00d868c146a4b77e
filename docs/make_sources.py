"""Write docs/sources.md from the knowledge tables: every rule and every figure tied to its source.

Run: python docs/make_sources.py
"""

from collections.abc import Iterator
from pathlib import Path

from pain_tui.knowledge import rules, version
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.sources import Source, lookup

PAGE = Path(__file__).with_name("sources.md")
EVIDENCE = Path(__file__).with_name("evidence.md")
_START = "<!-- genetic sources: written by docs/make_sources.py -->"

INTRODUCTION = """# Sources

What the warnings and forecasts rest on, and how each source was seen.
This page is written by `docs/make_sources.py` from the tables under `pain_tui/knowledge`; change
those, then run it again.
On any screen `e` shows the source of the line in focus; `pain-tui knowledge source ID` prints it.

## How sure

| word | means |
| --- | --- |
| read | the figure was read in the source, or in a close report of it, which the row then says |
| known | well known, recalled and not read again |
| approximate | best reading of the literature, or arithmetic on a known figure |
| judged | no solid data; a number only so that an honest wide interval can be shown |
| unchecked | remembered or dated, not found again: a marked NOTE at most; it never clears, blocks or counts |

## Licences

| folder | content | terms |
| --- | --- | --- |
| clinpgx | alleles, phenotypes and drug actions derived from PharmCAT and ClinPGx | CC BY-SA 4.0 |
| snomed | SNOMED CT identifiers | licence of SNOMED International |
| codes | LOINC, UCUM, ICD-10, RxNorm and OMOP identifiers | LOINC licence; see its NOTICE |
| pgx | CPIC (CC0), FDA (public), levels of ClinPGx (CC BY-SA 4.0) | see its NOTICE |
| safety, evidence, rules | facts and figures in our own words | Apache-2.0, like the program |
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, *_rules(), *_evidence(), *_safety(), *_genes()]
    return "\n".join(parts).rstrip("\n") + "\n"


def _rules() -> Iterator[str]:
    every = sorted(rules.packaged(), key=lambda rule: rule.id)
    yield f"## Rules ({len(every)})\n"
    yield f"Checked on {max(rule.checked for rule in every)}; to be used until {version.use_until()}.\n"
    yield "| rule | tier | strength | sources |\n| --- | --- | --- | --- |"
    for rule in every:
        cited = "; ".join(_cite(entry) for entry in lookup(rule.id))
        yield f"| {rule.id} | {rule.tier} | {rule.strength} | {cited} |"
    yield ""


def _cite(entry: Source) -> str:
    place = f"doi:{entry.doi}" if entry.doi else entry.pmid or entry.locator or ""
    return f"{entry.citation}{f' ({place})' if place else ''}".replace("|", "/")


def _evidence() -> Iterator[str]:
    for table, title in (
        ("responder_rates", "Response: trials and reviews"),
        ("effect_modifiers", "What makes a response more or less likely"),
        ("adverse_events", "Harms"),
        ("monitoring", "Measures and windows"),
        ("chronic_pain_risk", "Published risk models"),
    ):
        cited: dict[tuple[str, str], list[str]] = {}
        for row in rows(table):
            place = (
                f"doi:{row['doi']}" if row.get("doi") else f"PMID {row['pmid']}" if row.get("pmid") else ""
            )
            cited.setdefault((row.get("citation") or "the project's own judgement", place), []).append(
                next(iter(row.values()))
            )
        yield f"## {title} ({sum(map(len, cited.values()))} rows)\n"
        yield "| source | where | rows |\n| --- | --- | --- |"
        for (citation, place), ids in sorted(cited.items()):
            yield f"| {citation.replace('|', '/')} | {place} | {', '.join(ids)} |"
        yield ""


def _safety() -> Iterator[str]:
    every = rows("safety_sources")
    yield f"## Safety sources ({len(every)})\n"
    yield "| id | source | where |\n| --- | --- | --- |"
    for row in every:
        place = f"doi:{row['doi']}" if row["doi"] else row["pmid_pmcid"] or row["locator"]
        yield f"| {row['source_id']} | {row['citation'].replace('|', '/')} | {place.replace('|', '/')} |"
    yield ""


def _genes() -> Iterator[str]:
    every = rows("pgx_sources")
    yield f"## Genetics: where the tables come from ({len(every)})\n"
    yield "| source | version | date | licence | used for |\n| --- | --- | --- | --- | --- |"
    for row in every:
        cells = (row["source"], row["version"], row["date"], row["licence"], row["used_for"])
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


def evidence_page() -> str:
    """`evidence.md` with its last part, the genetic sources, made anew from the tables."""
    by_hand = EVIDENCE.read_text(encoding="utf-8").split(_START)[0].rstrip()
    return "\n".join([by_hand, "", _START, "", *_genetics()]).rstrip("\n") + "\n"


def _genetics() -> Iterator[str]:
    yield "## Genetics: sources, versions, dates, licences\n"
    yield (
        "`pain_tui/knowledge/clinpgx` holds what derives from PharmCAT and ClinPGx (formerly PharmGKB) and stays under\n"
        "CC BY-SA 4.0; guideline content of CPIC is CC0; allele names and functions are PharmVar's and CPIC's, as PharmCAT\n"
        "gives them. Nothing here is under a licence that forbids this use. NOTICE files in the folders repeat it.\n"
    )
    yield "| part | date | what | sureness | note |\n| --- | --- | --- | --- | --- |"
    for row in rows("table_ages"):
        what = f"{row['gene']} {row['say']}".strip()
        cells = (row["part"], row["data_date"], what, row["sureness"], row["note"])
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""
    yield "| source | version | date | licence | used for |\n| --- | --- | --- | --- | --- |"
    for row in rows("pgx_sources"):
        cells = (row["source"], row["version"], row["date"], row["licence"], row["used_for"])
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


if __name__ == "__main__":
    EVIDENCE.write_text(evidence_page(), encoding="utf-8", newline="\n")
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
