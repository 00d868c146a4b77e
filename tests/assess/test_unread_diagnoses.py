"""A diagnosis nobody could place keeps the condition list open: absence is then not known."""

from datetime import date

import pytest

from pain_tui.assess import case, engine
from pain_tui.knowledge.load import connect
from pain_tui.patients.normalise.records import normalise

AS_OF = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("condition", "apnoea"),
    [
        ({"code": "I10", "system": "ICD-10-CM", "text": "Hypertension"}, False),
        ({"code": "Z00.00", "system": "ICD-10-CM", "text": "Examination"}, False),
        ({"text": "breathing stops at night"}, None),
        ({"code": "999999999", "system": "SNOMED-CT", "text": "something else"}, None),
        ({"text": "breathing stops at night", "resolved": "2020-01-01", "onset": "2019-01-01"}, False),
        ({"code": "G47.33", "system": "ICD-10-CM", "text": "Obstructive sleep apnoea"}, True),
    ],
)
def test_absence_is_false_only_on_a_list_that_was_understood(
    condition: dict[str, str], apnoea: bool | None
) -> None:
    record = {
        "person": {"person": "FIC-U1", "birth_date": "1970-01-01", "sex": "male", "fictional": True},
        "conditions": [condition],
    }
    rows = normalise(record, place="test", as_of=AS_OF).case
    cursor = connect().cursor()
    case.from_records(cursor, rows, case.Run(AS_OF))
    engine.run(cursor)
    assert cursor.execute("SELECT has_sleep_apnoea FROM facts").fetchone() == (apnoea,)
    unread = cursor.execute("SELECT count(*) FROM limits WHERE code = 'unknown_diagnosis'").fetchone()
    assert unread == (int(apnoea is None),)
