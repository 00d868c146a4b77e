"""The opioid panel: the total with every dose, its factor and source, what sedates beside it, naloxone, and the
questionnaires: items first, number last. No colour on a person.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pain_tui.patients.normalise.tables import rows
from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes.history import mme_lines
from pain_tui.tui.widgets.lines import Line, Piece, head, line, pair, paragraph, quiet, rule, tier

_AT = 12


def panel(chart: Chart, width: int) -> list[Line]:
    """The whole panel of one person."""
    opioid: Row = chart.assessment.get("opioid") or {}
    return [
        *_exposure(chart, opioid, width),
        rule(),
        *_co_sedation(chart, opioid, width),
        rule(),
        *_naloxone(opioid.get("naloxone") or {}, width),
        rule(),
        *_instruments(opioid.get("instruments") or [], width),
    ]


def _exposure(chart: Chart, opioid: Row, width: int) -> Iterator[Line]:
    mme = opioid.get("mme") or {}
    yield head("Exposure, by the CDC 2022 factors")
    for dose in mme.get("doses", []):
        if dose.get("included"):
            amount = f"{words.number(dose['per_day'])} {_unit(dose['unit'])}"
            said = f"{amount} x {words.number(dose['factor'], 3)} = {words.number(dose['mme_per_day'])} MME"
            yield from paragraph(f"{dose['drug']}: {said}", width, indent="  ")
            if dose.get("factor_cdc2016") not in (None, dose["factor"]):
                yield quiet(f"  2016 factor {words.number(dose['factor_cdc2016'], 3)}")
            if dose.get("doubt"):
                yield from paragraph(dose["doubt"], width - 2, first="  ", indent="  ", style="missing")
    yield from mme_lines(chart, width)
    if mme.get("state") == "cannot_total" and mme.get("lower_bound"):
        least = f"At least {words.number(mme['lower_bound'])} MME a day from the doses that are known."
        yield from paragraph(least, width)
    if mme.get("scheduled_mme_per_day") not in (None, mme.get("total_mme_per_day")):
        alone = words.number(mme["scheduled_mme_per_day"])
        yield from paragraph(f"Scheduled alone: {alone} MME; the rest is as needed.", width)
    sources = dict.fromkeys(_short(dose["source"]) for dose in mme.get("doses", []) if dose.get("source"))
    for source in sources:
        yield from paragraph(f"Source: {source}", width, indent="  ", style="quiet")


def _co_sedation(chart: Chart, opioid: Row, width: int) -> Iterator[Line]:
    yield head("Sedation beside it")
    rules = opioid.get("co_sedation") or []
    told = [f for f in chart.findings if f["rule"] in rules]
    for finding in told:
        for number, item in enumerate(paragraph(finding["say"], width - 9)):
            yield line(*(tier(finding["tier"]) if number == 0 else (" " * 8,)), " ", *item.pieces)
    if not told:
        yield from paragraph(
            "No rule on sedating medicines fired; what was not known stands under limits.", width
        )


def _naloxone(naloxone: Row, width: int) -> Iterator[Line]:
    offer = naloxone.get("offer")
    said = "cannot tell" if offer is None else "offer it" if offer else "no trigger of the guideline is met"
    yield from pair("Naloxone", said, width, at=_AT, style="missing" if offer is None else "")
    for title, names in (("because of", naloxone.get("reasons")), ("talk about", naloxone.get("consider"))):
        if names:
            yield from pair(
                title,
                "; ".join(_triggers().get(str(n), words.plain_id(str(n).lower())) for n in names),
                width,
                at=_AT,
            )
    if naloxone.get("not_known"):
        open_facts = ", ".join(name.replace("_", " ") for name in naloxone["not_known"])
        yield from pair("not known", open_facts, width, at=_AT, style="missing")


def _instruments(instruments: list[Any], width: int) -> Iterator[Line]:
    yield from paragraph("Questionnaires: the answers first, the number last", width, style="head")
    if not instruments:
        yield line("Nothing is recorded.")
    if any(found["frequency"] and "default base rate" in found["frequency"] for found in instruments):
        yield from paragraph(
            "The clinic's own base rate: ort_oud_base_rate in [clinic] of the settings (pain-tui where).",
            width,
            style="quiet",
        )
    for found in instruments:
        yield line(Piece(found["instrument"], "head"))
        yield from _items(found["instrument"], found["items"], width)
        yield from _result(found, width)


def _items(instrument: str, items: list[Any], width: int) -> Iterator[Line]:
    """Yes, no and not known, each on its own line: a long list of single items is not read."""
    groups: dict[str, list[str]] = {"yes": [], "no": [], "not known": []}
    for item in items:
        name = _labels().get((instrument, item["item"]), item["item"].replace("_", " "))
        if item["answer"] in (None, ""):
            groups["not known"].append(name)
        elif item["answer"] in ("0", "1"):
            groups["yes" if item["answer"] == "1" else "no"].append(name)
        else:
            groups["yes"].append(f"{name} {item['answer']}")
    for title, names in groups.items():
        if names:
            style = "missing" if title == "not known" else ""
            yield from pair(f"  {title}", "; ".join(names), width, at=_AT, style=style)


def _result(found: Row, width: int) -> Iterator[Line]:
    if found["score"] is None:
        yield from pair(
            "  score", "none while items are missing" if _missing(found) else found["why"], width, at=_AT
        )
    else:
        meaning = f", {found['meaning']}" if found["meaning"] else ""
        yield from pair("  score", f"{words.number(found['score'])}{meaning}", width, at=_AT)
    if found["frequency"]:
        yield from pair("", found["frequency"], width, at=_AT)
    if found["source"]:
        yield from pair("  source", _short(found["source"]), width, at=_AT, style="quiet")


@cache
def _labels() -> dict[tuple[str, str], str]:
    """What each item is called, by questionnaire and key."""
    return {
        (row["instrument"], row["key"]): row["label"]
        for row in rows("opioid_instruments")
        if row["row_type"] == "item"
    }


@cache
def _triggers() -> dict[str, str]:
    """What each reason to offer naloxone is, in words."""
    return {row["trigger_code"]: row["condition"] for row in rows("naloxone_triggers")}


def _missing(found: Row) -> bool:
    return any(item["answer"] in (None, "") for item in found["items"])


def _unit(unit: str | None) -> str:
    return "mg a day" if unit == "mg" else unit or ""


def _short(source: str) -> str:
    """A source without where its text was read."""
    return source.split(" repo ")[0].split(" ; ")[0]
