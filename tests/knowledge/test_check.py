"""The knowledge passes its own checks, and the checks can fail: each is tried on something broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui.knowledge import check, check_links, load, rows, version
from pain_tui.knowledge.sources import lookup


def test_the_knowledge_is_sound() -> None:
    assert check.problems() == []


Change = tuple[str, str, str, str, str]  # table, key column, key, column, new value

BROKEN: list[tuple[Change, str]] = [
    (("drug_interactions", "row_id", "DDI001", "sureness", "certain"), "sureness 'certain'"),
    (("drug_interactions", "row_id", "DDI001", "source_id", "NOBODY"), "NOBODY is not in safety_sources"),
    (("drug_interactions", "row_id", "DDI001", "severity", "awful"), "'awful' (in_use) has no tier"),
    (("drug_interactions", "row_id", "DDI001", "b", "bezodiazepine"), "no drug class bezodiazepine"),
    (("option_links", "option", "tfesi", "code", "TFESI_X"), "TFESI_X is not a procedure code"),
    (("option_links", "option", "paracetamol", "code", "paracetamool"), "paracetamool is not an ingredient"),
    (("conditions", "condition_id", "phn", "candidate_interventions", "magic"), "magic is not an option"),
    (("effect_modifiers", "row_id", "m001", "scope", "all_of_it"), "scope all_of_it"),
    (("effect_modifiers", "row_id", "m001", "condition", "sadness"), "condition sadness"),
    (("effect_modifiers", "row_id", "m001", "record_field", "mood_colour"), "mood_colour: no such fact"),
    (("facts", "fact", "platelets", "type", "colour"), "type 'colour'"),
    (("facts", "fact", "platelets", "unit", "pints"), "unit 'pints'"),
    (("facts", "fact", "opioid_active", "source_code", "opioids"), "no drug class opioids"),
    (("facts", "fact", "has_copd", "source_code", "cpod"), "no code leads to cpod"),
    (("facts", "fact", "egfr", "then_code", "creatinin * 2"), "derived from creatinin"),
    (("tiers", "word", "major", "tier", "LOUD"), "tier 'LOUD'"),
    (("procedure_safety", "row_id", "PSF006", "scope", "needles"), "scope needles"),
    (
        ("limits_words", "code", "no_problem", "say", "The patient is an addict."),
        "not how we speak of people",
    ),
    (
        ("limits_words", "code", "no_problem", "say", "He failed the test; taper now."),
        "not how we speak of people",
    ),
]


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A knowledge in which one cell differs."""
    real = rows.rows

    def apply(change: Change) -> None:
        table, key, value, column, new = change

        def read(name: str) -> tuple[dict[str, str], ...]:
            found = real(name)
            if name != table:
                return found
            assert any(row[key] == value for row in found)
            return tuple({**row, column: new} if row[key] == value else row for row in found)

        monkeypatch.setattr(check, "rows", read)
        monkeypatch.setattr(check_links, "rows", read)

    yield apply


@pytest.mark.parametrize(
    ("change", "said"), BROKEN, ids=[f"{c[0][0]}-{c[0][3]}-{c[0][4][:12]}" for c in BROKEN]
)
def test_a_broken_row_is_named(changed: object, change: Change, said: str) -> None:
    changed(change)  # type: ignore[operator]
    assert any(said in problem for problem in check.problems())


def test_a_file_that_is_not_listed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [table for table in load.tables() if table.name != "tiers"]
    monkeypatch.setattr(check.load, "tables", lambda: iter(listed))
    assert any(problem.startswith("tiers.csv: not listed") for problem in check._files())


@pytest.mark.parametrize(
    "text",
    [
        "known drug seeker", "drug-seeking behaviour", "an abuser of opioids", "addicts", "Taper "
        "now.", "a clean urine",
        "the screen was dirty", "the patient failed", "failed treatment",
    ],
)  # fmt: skip
def test_the_word_list_catches_what_it_must(text: str) -> None:
    assert check.NEVER.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "person with opioid use disorder",
        "clean the skin",
        "the lead failed",
        "taper slowly",
        "addiction medicine",
    ],
)
def test_the_word_list_lets_ordinary_words_through(text: str) -> None:
    assert not check.NEVER.search(text)


def test_the_version_is_a_date_and_eight_of_the_hash() -> None:
    day, digest = version.version()[:10], version.version()[11:]
    assert day == version.released().isoformat()
    assert digest == load.content_hash()[:8] and len(digest) == 8
    assert version.use_until() > version.released()


def test_old_knowledge_is_refused_after_its_last_day() -> None:
    from datetime import timedelta

    from pain_tui.errors import KnowledgeExpired

    version.refuse_when_old(version.use_until())
    with pytest.raises(KnowledgeExpired, match="was to be used until"):
        version.refuse_when_old(version.use_until() + timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "citation", "identifier"),
    [
        ("opioid.benzodiazepine", "CDC opioid guideline", "10.15585/mmwr.rr7103a1"),
        ("DDI001", "CDC 2022 opioid guideline", None),
        ("r001", "Ghahreman 2010", "10.1111/j.1526-4637.2010.00908.x"),
        ("A0333", "CPIC", "10.1002/cpt.2149"),
        ("cdc2022", "Dowell 2022", "10.15585/mmwr.rr7103a1"),
    ],
)
def test_the_paper_behind_a_row_is_one_look_up_away(name: str, citation: str, identifier: str | None) -> None:
    found = lookup(name)
    assert citation in found[0].citation
    if identifier:
        assert identifier in {entry.doi for entry in found}


def test_every_row_with_an_id_has_a_source() -> None:
    """Nobody should meet a number whose paper cannot be found."""
    for table in (
        "responder_rates",
        "effect_modifiers",
        "adverse_events",
        "drug_interactions",
        "drug_conditions",
        "procedure_safety",
    ):
        for row in rows.rows(table):
            found = lookup(row["row_id"])
            assert found and all(entry.citation for entry in found), row["row_id"]


def test_nothing_is_called_that() -> None:
    assert lookup("no such thing") == ()


LICENSED = {
    "snomed": "SNOMED",
    "clinpgx": "CC BY-SA 4.0",
    "codes": "LOINC",
    "pgx": "CPIC",
    "safety": "RxNorm",
}


@pytest.mark.parametrize(("folder", "word"), LICENSED.items())
def test_content_of_others_carries_its_notice(folder: str, word: str) -> None:
    assert word in (load.FOLDER / folder / "NOTICE").read_text(encoding="utf-8")


def test_snomed_codes_stand_only_in_their_folder() -> None:
    """The rest of the tables can be given on without that licence."""
    ours = [row for row in rows.rows("code_maps") if row["system"] == "SNOMED-CT"]
    assert ours
    others = [file for file in Path(load.FOLDER).rglob("*.csv") if file.parent.name != "snomed"]
    assert not [file.name for file in others if ",SNOMED-CT," in file.read_text(encoding="utf-8")]
