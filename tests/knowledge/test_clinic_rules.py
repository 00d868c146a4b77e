"""A clinic's own rule file may add findings or raise a tier; it may not lower, silence or redefine
anything.
"""

from pathlib import Path

import pytest

from pain_tui.errors import RuleError
from pain_tui.knowledge import rules

GOOD = """
[[rule]]
id = "clinic.bring_a_driver"
tier = "NOTE"
about = "option"
when = "is_neuraxial and age_years >= 80"
say = "{option_name} at age {age_years}."
do = "Arrange somebody to bring the person home."
source = "clinic meeting, May 2026"
strength = "local"
checked = 2026-05-04
"""


def read(text: str) -> tuple[rules.Rule, ...]:
    return rules.clinic_text(text, "own.toml")


def test_a_good_file_is_read_and_marked_as_the_clinics_own() -> None:
    (rule,) = read(GOOD)
    assert rule.clinic_own and rule.id == "clinic.bring_a_driver"
    assert rule.condition.names == ("is_neuraxial", "age_years")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('id = "clinic.bring_a_driver"', 'id = "opioid.mme_50"'), "starts with 'clinic.'"),
        (('tier = "NOTE"', 'tier = "SILENT"'), "tier 'SILENT' is not allowed"),
        (('about = "option"', 'about = "clinic"'), "about 'clinic' is not allowed"),
        (("is_neuraxial and", "postcode = '1' and"), "'postcode' is not a fact"),
        (("age_years >= 80", "age_years >= 80; drop table facts"), "'; drop table'"),
        (('about = "option"', 'about = "person"'), "'is_neuraxial' is not a fact"),
        (("{age_years}", "{name}"), "{name} in its text"),
        (("checked = 2026-05-04", 'checked = "soon"'), "checked is not a date"),
        (('do = "Arrange somebody to bring the person home."\n', ""), "without do"),
        (('strength = "local"', 'strength = "very"'), "strength 'very' is not allowed"),
        (("checked =", 'sql = "drop"\nchecked ='), "with sql, which a rule does not take"),
        (("checked =", 'covers = ["CKD:nsaid"]\nchecked ='), "never silences"),
        (("checked =", 'raises = "no.such"\nchecked ='), "not a packaged rule"),
        (("checked =", 'raises = "opioid.benzodiazepine"\nchecked ='), "does not raise"),
        (("[[rule]]", "[settings]\nquiet = true\n[[rule]]"), "Only [[rule]] rows"),
        (("[[rule]]", "[[rule"), "cannot be read"),
    ],
)
def test_what_a_clinic_may_not_do_is_refused_with_the_place(change: tuple[str, str], why: str) -> None:
    with pytest.raises(RuleError) as refused:
        read(GOOD.replace(*change))
    assert why in str(refused.value)
    assert "own.toml" in refused.value.message


def test_the_same_id_twice_is_refused() -> None:
    with pytest.raises(RuleError, match="used already"):
        read(GOOD + GOOD)


def test_every_problem_of_a_file_is_told_at_once() -> None:
    broken = GOOD.replace("age_years", "shoe_size") + GOOD.replace("NOTE", "LOUD")
    with pytest.raises(RuleError) as refused:
        read(broken)
    assert "shoe_size" in refused.value.message and "LOUD" in refused.value.message
    assert "2 of 2 rules refused" in refused.value.hint


def test_a_tier_may_be_raised() -> None:
    raised = GOOD.replace('tier = "NOTE"', 'tier = "STOP"').replace(
        "checked =", 'raises = "opioid.mme_50"\nchecked ='
    )
    (rule,) = read(raised)
    assert rule.raises == "opioid.mme_50" and rule.tier == "STOP"


def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        rules.clinic(tmp_path / "missing.toml")
    binary = tmp_path / "own.toml"
    binary.write_bytes(b"\xff\xfe\x00rule")
    with pytest.raises(RuleError, match="cannot be read"):
        rules.clinic(binary)


def test_the_hash_follows_the_text_and_not_the_line_ends() -> None:
    assert rules.clinic_hash(GOOD) == rules.clinic_hash(GOOD.replace("\n", "\r\n"))
    assert rules.clinic_hash(GOOD) != rules.clinic_hash(GOOD + " ")
