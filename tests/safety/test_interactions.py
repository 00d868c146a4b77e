"""Interactions: every row is found, the more specific row wins, one alert a pair, washout, rules of
several drugs.
"""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case
from pain_tui.assess.calculators import interactions, medicine_rows
from pain_tui.assess.calculators.medicine_rows import Asked
from pain_tui.knowledge import load
from pain_tui.patients.normalise import medicines, records
from tests.oracle import interactions as oracle
from tests.safety import whole
from tests.safety.asking import DAY

Cursor = duckdb.DuckDBPyConnection
Alert = dict[str, Any]


def ask(cursor: Cursor, people: dict[str, list[str | dict[str, str]]]) -> dict[str, list[Alert]]:
    """The alerts of each person; a medicine is a name or its cells."""
    asked = []
    for person, drugs in people.items():
        for drug in drugs:
            cells = {"drug": drug} if isinstance(drug, str) else drug
            asked.append(Asked(len(asked) + 1, person, cells))
    found = interactions.interactions(cursor, asked, as_of=DAY).alerts
    return {person: [alert for alert in found if alert["id"] == person] for person in people}


def pair(cursor: Cursor, *drugs: str | dict[str, str]) -> list[Alert]:
    return ask(cursor, {"p": list(drugs)})["p"]


def _is_plain(name: str) -> bool:
    product = medicines.parse(name)
    return [part.ingredient for part in product.parts] == [name]


def _representatives() -> dict[str, tuple[str, str]]:
    """For each pair row one plain drug a side."""
    chosen = {}
    for row in oracle.pair_rows():
        for one in oracle.sides(row, "a"):
            other = next(
                (o for o in oracle.sides(row, "b") if oracle.speaks(row, one, o) and _is_plain(o)), None
            )
            if other and _is_plain(one):
                chosen[row["row_id"]] = (one, other)
                break
    return chosen


def test_every_pair_row_is_answered_as_the_plain_second_reading_says(cursor: Cursor) -> None:
    """One pair of drugs for every row of the table; a mismatch names row and pair."""
    chosen = _representatives()
    assert len(chosen) > 250
    found = ask(cursor, {row_id: list(drugs) for row_id, drugs in chosen.items()})
    wrong = []
    for row_id, (one, other) in chosen.items():
        expected = oracle.winner(one, other)
        shown = [a for a in found[row_id] if {a["drug_a"], a["drug_b"]} == {one, other}]
        if (
            len(shown) != 1
            or expected is None
            or shown[0]["row_id"] != expected["row_id"]
            or shown[0]["severity"] != expected["severity"]
        ):
            wrong.append(
                f"{row_id} {one} + {other}: {[(a['row_id'], a['severity']) for a in shown]}, "
                f"expected {expected and expected['row_id']}"
            )
        elif row_id != expected["row_id"] and row_id not in shown[0]["also"]:
            wrong.append(f"{row_id} {one} + {other}: beaten by {expected['row_id']} and not listed beside it")
    assert wrong == []


@pytest.mark.parametrize(
    ("drugs", "row_id", "severity"),
    [
        (("hydromorphone", "diazepam"), "DDI001", "major"),
        (("tramadol", "tedizolid"), "DDI278", "minor"),
        (("prilocaine", "acetaminophen"), "DDI284", "minor"),
        (("methadone", "ritonavir"), "DDI263", "moderate"),
        (("methadone", "diazepam"), "DDI001", "major"),
        (("tizanidine", "fluvoxamine"), "DDI147", "contraindicated"),
        (("Xanax", "OxyContin"), "DDI001", "major"),
    ],
)
def test_the_more_specific_row_wins(
    cursor: Cursor, drugs: tuple[str, str], row_id: str, severity: str
) -> None:
    found = pair(cursor, *drugs)
    assert [(a["row_id"], a["severity"]) for a in found] == [(row_id, severity)]


def test_treatment_of_opioid_use_disorder_is_not_withheld(cursor: Cursor) -> None:
    """With the indication, the row on keeping the treatment; without it, the boxed warning."""
    for_oud = pair(cursor, {"drug": "methadone", "indication": "opioid use disorder"}, "diazepam")
    assert for_oud[0]["management_code"] == "CONTINUE_MOUD_MITIGATE"
    sublingual = pair(cursor, {"drug": "buprenorphine", "route": "sublingual", "form": "tablet"}, "diazepam")
    assert sublingual[0]["management_code"] == "CONTINUE_MOUD_MITIGATE"
    patch = pair(cursor, {"drug": "buprenorphine", "route": "transdermal", "form": "patch"}, "diazepam")
    assert patch[0]["management_code"] == "AVOID_OR_LOWEST_DOSE_NALOXONE"


@pytest.mark.parametrize("drug", ["aspirin", "dipyridamole", "cilostazol"])
def test_morphine_delays_only_oral_p2y12_inhibitors(cursor: Cursor, drug: str) -> None:
    assert "DDI037" not in [a["row_id"] for a in pair(cursor, "morphine", drug)]
    assert "DDI037" in [a["row_id"] for a in pair(cursor, "morphine", "clopidogrel")]


def test_a_drug_is_not_paired_with_itself_except_acetaminophen(cursor: Cursor) -> None:
    assert pair(cursor, "naproxen", "naproxen") == []
    assert [a["row_id"] for a in pair(cursor, "Tylenol", "acetaminophen 325 mg tablet")] == ["DDI214"]


def test_a_suggested_class_is_marked(cursor: Cursor) -> None:
    """Zopiclone is a z-drug by suggestion only: the alert says so."""
    found = pair(cursor, "zopiclone", "oxycodone")
    assert found and found[0]["suggested"] and "suggestion" in found[0]["say"]


def test_an_unchecked_row_is_never_more_than_a_note(cursor: Cursor) -> None:
    unchecked = [row for row in oracle.pair_rows() if row["sureness"] == "unchecked"]
    assert unchecked
    chosen = {
        row_id: drugs
        for row_id, drugs in _representatives().items()
        if row_id in {row["row_id"] for row in unchecked}
    }
    for alerts in ask(cursor, {row_id: list(drugs) for row_id, drugs in chosen.items()}).values():
        for alert in alerts:
            assert alert["sureness"] != "unchecked" or alert["tier"] == "NOTE"


@pytest.mark.parametrize(
    ("rule", "enough", "too_few"),
    [
        ("TRIPLE_WHAMMY", ["ibuprofen", "lisinopril", "furosemide"], ["ibuprofen", "lisinopril"]),
        (
            "TRIPLE_OPIOID_BENZO_CARISOPRODOL",
            ["oxycodone", "diazepam", "carisoprodol"],
            ["oxycodone", "diazepam"],
        ),
        ("OPIOID_PLUS_TWO_CNS", ["oxycodone", "diazepam", "zolpidem"], ["oxycodone", "diazepam"]),
        ("SEROTONIN_LOAD_3", ["tramadol", "sertraline", "sumatriptan"], ["tramadol", "sertraline"]),
        ("QT_LOAD_2", ["ondansetron", "haloperidol"], ["ondansetron"]),
        ("MULTIPLE_OPIOIDS", ["oxycodone", "morphine"], ["oxycodone"]),
    ],
)
def test_rules_of_several_drugs(cursor: Cursor, rule: str, enough: list[str], too_few: list[str]) -> None:
    found = ask(cursor, {"enough": list(enough), "few": list(too_few)})
    assert rule in [a["drug_a"] for a in found["enough"]]
    assert rule not in [a["drug_a"] for a in found["few"]]


@pytest.mark.parametrize(
    ("drugs", "row", "gives_way"),
    [
        (("methadone", "haloperidol"), "DDI108", "DDI248"),
        (("citalopram", "haloperidol"), "DDI112", "DDI248"),
        (("amitriptyline", "oxybutynin"), "DDI159", "DDI249"),
    ],
)
def test_two_drugs_are_told_once_by_the_same_mechanism(
    cursor: Cursor, drugs: tuple[str, str], row: str, gives_way: str
) -> None:
    """The rule of several drugs stands inside the alert of its only two drugs, not beside it."""
    found = {alert["row_id"]: alert for alert in pair(cursor, *drugs)}
    assert gives_way not in found
    assert gives_way in found[row]["also"]


def test_a_rule_of_several_drugs_stays_beside_what_says_something_else(cursor: Cursor) -> None:
    """Three drugs, or a pair that is told for another mechanism (serotonin)."""
    three = [a["drug_b"] for a in pair(cursor, "methadone", "haloperidol", "ondansetron")]
    assert "haloperidol + methadone + ondansetron" in three
    assert "DDI248" in [a["row_id"] for a in pair(cursor, "methadone", "citalopram")]


def test_the_more_severe_of_two_alerts_is_never_dropped() -> None:
    """With a milder pair row, or one that is not checked, the rule of several drugs is told too."""
    for change in ("severity = 'moderate'", "sureness = 'unchecked'"):
        connection = load.connect()
        with connection.cursor() as own:
            own.execute(f"UPDATE knowledge.interaction_told SET {change} WHERE row_id = 'DDI108'")
            rows = {a["row_id"]: a["severity"] for a in pair(own, "methadone", "haloperidol")}
        connection.close()
        assert rows["DDI248"] == "major"


def test_a_spinal_opioid_counts_only_where_it_is_written(cursor: Cursor) -> None:
    """Two tablets without a route are not taken for a pump; a written pump is."""
    assert "DDI027" not in [a["row_id"] for a in pair(cursor, "OxyContin", "MS Contin")]
    spinal = pair(cursor, {"drug": "morphine", "route": "intrathecal"}, "oxycodone")
    assert "DDI027" in [a["row_id"] for a in spinal]


def test_two_extended_release_opioids_are_major(cursor: Cursor) -> None:
    """An extended and an immediate release is common practice; two extended ones are not."""
    found = ask(
        cursor,
        {
            "usual": ["OxyContin", "oxycodone 5 mg tablet", "morphine 15 mg tablet"],
            "two": ["OxyContin", "MS Contin"],
        },
    )
    severity = {
        person: next(a["severity"] for a in alerts if a["drug_a"] == "MULTIPLE_OPIOIDS")
        for person, alerts in found.items()
    }
    assert severity == {"usual": "moderate", "two": "major"}


@pytest.mark.parametrize(("days", "active"), [(7, "absent"), (8, True), (None, True)])
def test_alvimopan_meets_only_an_opioid_of_more_than_seven_days(
    cursor: Cursor, days: int | None, active: object
) -> None:
    opioid: dict[str, Any] = {"drug": "oxycodone", "status": "active"}
    if days is not None:
        opioid["start"] = (DAY - timedelta(days=days)).isoformat()
    record = {"person": {"person": "p"}, "medications": [{"drug": "alvimopan", "status": "active"}, opioid]}
    found = _rules(cursor, record)
    assert found.get("alvimopan oxycodone", "absent") == active or days == 7  # the PAMORA row stays


def _with_ages(cursor: Cursor, age: int | None, drugs: list[str]) -> dict[str, bool | None]:
    person: dict[str, Any] = {"person": "p"} if age is None else {"person": "p", "age": age}
    record = {"person": person, "medications": [{"drug": drug, "status": "active"} for drug in drugs]}
    return _rules(cursor, record)


def _rules(cursor: Cursor, record: dict[str, Any]) -> dict[str, bool | None]:
    read = records.normalise(record, place="test", as_of=DAY)
    case.from_records(cursor, read.case, case.Run(DAY))
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE options (person VARCHAR, option VARCHAR, drugs VARCHAR[], "
        "declined BOOLEAN)"
    )
    medicine_rows.run_steps(cursor, ("010", "020", "021", "074", "075"))
    return dict(
        cursor.execute(
            "SELECT drug_a || ' ' || CASE WHEN contains(drug_b, '+') THEN '' ELSE drug_b END, "
            "active FROM interactions"
        ).fetchall()
    )


@pytest.mark.parametrize(("age", "active"), [(64, "absent"), (65, True), (66, True), (None, None)])
def test_a_rule_for_older_adults_needs_the_age(cursor: Cursor, age: int | None, active: object) -> None:
    """Just below, at and above 65; without an age nobody can tell."""
    found = _with_ages(cursor, age, ["oxycodone", "diazepam", "gabapentin"])
    assert found.get("THREE_CNS_ACTIVE ", "absent") == active


@pytest.mark.parametrize(("days", "alerts"), [(13, True), (14, False), (15, False)])
def test_washout_counts_days_since_stopping(cursor: Cursor, days: int, alerts: bool) -> None:
    """An MAOI stopped less than 14 days ago still meets tramadol."""
    stop = (DAY - timedelta(days=days)).isoformat()
    start = date(2024, 1, 1).isoformat()
    medications = [
        {"drug": "tramadol", "status": "active", "start": start},
        {"drug": "phenelzine", "status": "completed", "start": start, "stop": stop},
    ]
    found = _rules(cursor, {"person": {"person": "p", "age": 50}, "medications": medications})
    assert ("phenelzine tramadol" in found) is alerts


def test_a_cancelled_order_has_no_washout(cursor: Cursor) -> None:
    stop = (DAY - timedelta(days=2)).isoformat()
    medications = [
        {"drug": "tramadol", "status": "active"},
        {"drug": "phenelzine", "status": "cancelled", "stop": stop},
    ]
    assert _rules(cursor, {"person": {"person": "p", "age": 50}, "medications": medications}) == {}


def test_an_order_of_unknown_activity_cannot_be_told(cursor: Cursor) -> None:
    medications = [{"drug": "tramadol", "status": "active"}, {"drug": "phenelzine", "status": "on-hold"}]
    found = _rules(cursor, {"person": {"person": "p", "age": 50}, "medications": medications})
    assert found == {"phenelzine tramadol": None}


# The tier that `interact` gives is the one that an assessment gives: (drugs, tier, who says so there).
AGREE = [
    (("oxycodone", "alprazolam"), "STOP", {"opioid.benzodiazepine"}),
    (("buprenorphine", "diazepam"), "STOP", {"opioid.benzodiazepine"}),
    (("oxycodone", "gabapentin"), "CAUTION", {"opioid.gabapentinoid"}),
    (("morphine", "zolpidem"), "CAUTION", {"opioid.z_drug"}),
    (("tramadol", "phenelzine"), "STOP", {"opioid.maoi"}),
    (("tramadol", "sertraline"), "CAUTION", {"DDI040"}),
    (("oxycodone", "naltrexone"), "STOP", {"opioid.naltrexone"}),
    (("tizanidine", "ciprofloxacin"), "STOP", {"heart.tizanidine_cyp1a2", "DDI148"}),
    (("warfarin", "ibuprofen"), "CAUTION", {"bleeding.nsaid_anticoagulant"}),
    (("warfarin", "aspirin"), "CAUTION", {"bleeding.dual_antithrombotic"}),
    (("apixaban", "aspirin"), "CAUTION", {"bleeding.dual_antithrombotic"}),
    (("lithium", "ibuprofen"), "CAUTION", {"kidney.lithium_nsaid"}),
    (("celecoxib", "fluconazole"), "NOTE", {"DDI209"}),
]  # fmt: skip


@pytest.mark.parametrize(("drugs", "tier", "by"), AGREE, ids=[" with ".join(case[0]) for case in AGREE])
def test_interact_and_an_assessment_give_one_tier(
    cursor: Cursor, drugs: tuple[str, str], tier: str, by: set[str]
) -> None:
    (alert,) = [a for a in pair(cursor, *drugs) if " + " not in a["drug_b"]]
    assert alert["tier"] == tier
    found = whole.assess(
        cursor, {"medications": [{"drug": d, "status": "active", "start": "2026-11-01"} for d in drugs]}
    )
    told = {row["rule"]: row["tier"] for row in found.findings if row["rule"] in {alert["row_id"], *by}}
    assert told and min(told.values(), key=["STOP", "CAUTION", "NOTE"].index) == tier, told


def test_a_benzodiazepine_beside_treatment_of_opioid_use_disorder_is_no_stop(cursor: Cursor) -> None:
    (alert,) = pair(cursor, {"drug": "methadone", "indication": "opioid use disorder"}, "alprazolam")
    assert (alert["tier"], alert["row_id"]) == ("CAUTION", "DDI024")


def test_a_pair_without_a_row_is_named_and_no_all_clear(cursor: Cursor) -> None:
    """The reference has no row for two antiplatelets or for ginkgo with warfarin: that is said."""
    asked = [
        Asked(n, person, {"drug": drug})
        for n, (person, drug) in enumerate(
            [
                ("a", "clopidogrel"),
                ("a", "aspirin"),
                ("b", "warfarin"),
                ("b", "ginkgo"),
                ("c", "morphine"),
                ("c", "diazepam"),
            ],
            1,
        )
    ]
    found = interactions.interactions(cursor, asked, as_of=DAY)
    assert found.without == [("a", "aspirin", "clopidogrel"), ("b", "ginkgo", "warfarin")]


def test_one_alert_a_pair_in_a_long_list(cursor: Cursor) -> None:
    drugs = [
        "oxycodone",
        "alprazolam",
        "carisoprodol",
        "gabapentin",
        "sertraline",
        "tramadol",
        "warfarin",
        "aspirin",
    ]
    drugs += ["ibuprofen", "amiodarone", "fluconazole", "linezolid", "methadone", "ondansetron", "tizanidine"]
    alerts = [a for a in pair(cursor, *drugs) if " + " not in a["drug_b"]]
    pairs = [(a["drug_a"], a["drug_b"]) for a in alerts]
    assert len(pairs) >= 40 and len(pairs) == len(set(pairs))
    assert all(a["row_id"] not in a["also"] for a in alerts)


@pytest.mark.parametrize(
    ("person", "drugs", "row", "tier"),
    [
        ({}, ["ketorolac", "warfarin"], "DDI208", "STOP"),
        ({"age": 78}, ["tramadol"], "DCO193", "CAUTION"),
        ({"age": 70}, ["tramadol"], None, ""),
        ({}, ["naproxen", "warfarin"], None, ""),
    ],
)
def test_a_rule_never_hides_a_row_that_stands_higher(
    cursor: Cursor, person: dict[str, Any], drugs: list[str], row: str | None, tier: str
) -> None:
    """The rules on NSAIDs (CAUTION) and on opioids at 65 (NOTE) tell the rows they cover, up to their own tier."""
    medicines_taken = [{"drug": drug, "start": "2026-09-01", "status": "active"} for drug in drugs]
    record = {"person": {"person": "p", "age": 50, **person}, "medications": medicines_taken}
    told = {rule: t for rule, t in whole.fired(whole.assess(cursor, record)).items() if rule in COVERED}
    assert told == ({row: tier} if row else {})


COVERED = {"DDI208", "DDI194", "DDI195", "DDI196", "DCO193", "DCO180"}
