"""The opioid panel of one person, from rows of the step tables: MME, co-sedation, naloxone, questionnaires."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.assess import finding_codes, instrument_panel

Row = dict[str, Any]
_MME = (
    "state",
    "total_mme_per_day",
    "lower_bound",
    "scheduled_mme_per_day",
    "total_cdc2016_per_day",
    "reason",
)


def of_person(
    mme: Sequence[Row],
    doses: Sequence[Row],
    findings: Sequence[Row],
    naloxone_open: Sequence[Row],
    answers: Mapping[str, str],
    base_rates: Mapping[str, float],
) -> Row:
    """The `opioid` part of the `assess` shape. mme: the person's row of step 030, or none; answers: fact -> value;
    base_rates: the clinic's own share by questionnaire.
    """
    total = mme[0] if mme else {}
    shown = [{k: v for k, v in dose.items() if k not in ("person", "row_id")} for dose in doses]
    return {
        "mme": {**{name: total.get(name) for name in _MME}, "doses": shown},
        "co_sedation": [f["rule"] for f in findings if f["panel"] == "co_sedation"],
        "naloxone": naloxone(findings, naloxone_open),
        "instruments": instrument_panel.of_facts(answers, base_rates=base_rates),
    }


def naloxone(findings: Sequence[Row], open_facts: Sequence[Row]) -> Row:
    """Offer it? None while a fact that would decide it is not known; what only asks for a talk stands apart."""
    offers = [f for f in findings if f["panel"] == "naloxone_offer"]
    talks = [f for f in findings if f["panel"] == "naloxone_consider"]
    reasons = [word for f in offers for word in (f["inputs"].get("reasons") or f["say"]).split(", ")]
    missing = [] if offers else [row["fact"] for row in open_facts]
    return {
        "offer": True if offers else None if missing else False,
        "reasons": reasons,
        "triggers": finding_codes.naloxone_triggers(f["inputs"] for f in offers),
        "consider": finding_codes.naloxone_triggers(f["inputs"] for f in talks),
        "not_known": missing,
    }
