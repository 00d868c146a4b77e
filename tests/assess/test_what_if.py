"""What would be different: short ways of naming a fact, and a no that another answer would turn into a yes."""

from datetime import UTC, datetime

import pytest

from pain_tui.assess import case, what_if
from pain_tui.errors import UsageError
from pain_tui.patients import edit
from pain_tui.patients import file as patient_file
from tests.assess.people import AS_OF

AT = datetime(2026, 11, 20, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> patient_file.PatientFile:
    """One smoker with pain after back surgery, who has sleep apnoea on the condition list."""
    file = patient_file.create(
        tmp_path_factory.mktemp("clinic") / "c.duckdb",
        kind="fictional",
        passphrase=None,
        default_as_of=AS_OF,
        time_zone="UTC",
        actor="test",
        at=AT,
    )
    rows = {
        "person": {"birth_date": "1966-05-05", "sex": "female", "fictional": True},
        "problem": {"condition": "psps2", "is_primary": True, "site": "lumbar"},
        "observation": {"code": "smoking", "text": "current", "at": "2026-11-01"},
        "condition": {"comorbidity": "sleep_apnoea_obstructive", "certainty": "certain"},
    }
    changes = [edit.Change(table, "add", "FIC-1", None, values, None) for table, values in rows.items()]
    edit.apply(file, changes, actor="test", at=AT)
    return file


def chance(found: what_if.Compared, option: str) -> tuple[float, float]:
    (row,) = (row for row in found.options if row["option"] == option)
    return row["before"]["response"]["p"], row["after"]["response"]["p"]


@pytest.mark.parametrize(
    "setting", ["smoking=0", "smoking=no", "current_smoker=0", "current_smoker=no", "smoking=former"]
)
def test_not_smoking_is_said_in_any_way(clinic: patient_file.PatientFile, setting: str) -> None:
    found = what_if.what_if(clinic, "FIC-1", [setting], case.Run(AS_OF))
    before, after = chance(found, "scs_10khz")
    assert after > before + 0.05
    assert "procedure.implant_smoking" in {row["rule"] for row in found.gone_findings}


def test_smoking_again_changes_nothing(clinic: patient_file.PatientFile) -> None:
    before, after = chance(what_if.what_if(clinic, "FIC-1", ["smoking=1"], case.Run(AS_OF)), "scs_10khz")
    assert after == before


def test_the_short_name_of_a_fact(clinic: patient_file.PatientFile) -> None:
    with pytest.raises(UsageError, match="body mass index"):
        what_if.what_if(clinic, "FIC-1", ["bmi=2400"], case.Run(AS_OF))


def test_a_no_that_is_outvoted_is_refused(clinic: patient_file.PatientFile) -> None:
    with pytest.raises(UsageError, match="another answer of this person says yes"):
        what_if.what_if(clinic, "FIC-1", ["has_sleep_apnoea=no"], case.Run(AS_OF))
