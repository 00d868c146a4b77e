"""The plan as a note to copy into the record: no name, plain text, every number with its interval and its comparator."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pain_tui.report import json_form, words

Row = Mapping[str, Any]


def note(shape: Row, plan: Row | None, *, preferences: Sequence[Row] = (), blocks: Sequence[Row] = ()) -> str:
    """The text. shape: the `assess` shape with versions; plan: its row as saved or drafted; blocks: why not signed."""
    return json_form.clean("\n".join(_lines(shape, plan, preferences, blocks)) + "\n")


def _lines(shape: Row, plan: Row | None, preferences: Sequence[Row], blocks: Sequence[Row]) -> Iterator[str]:
    if shape["fictional"]:
        yield "FICTIONAL: this is not a real person."
    yield f"Pain plan, {words.day(shape['as_of'])}, person {shape['person']}"
    for problem in shape["problems"]:
        yield f"Problem: {words.condition_name(problem['condition'] or problem['problem'])}"
    goals = [p for p in preferences if p["kind"] == "goal"]
    yield f"Goals: {'; '.join(str(p['text']) for p in goals) or 'none recorded'}"
    yield f"Plan: {_state(plan)}"
    chosen = list((plan or {}).get("options") or ())
    for option in (o for problem in shape["problems"] for o in problem["options"] if o["option"] in chosen):
        yield from _option(option)
    declined = [
        str(p.get("name") or words.option_name(p["option"])) for p in preferences if p["kind"] == "declined"
    ]
    if declined:
        yield f"Declined by the person: {'; '.join(declined)}"
    yield from _said(plan)
    yield from _warnings(shape, blocks)
    versions = shape.get("versions") or {}
    yield (
        f"pain-tui {versions.get('program') or '?'}, knowledge {versions.get('knowledge') or '?'}, "
        f"model {versions.get('model') or 'none'}. Evidence of groups, not a promise; chosen by the clinician."
    )


def _state(plan: Row | None) -> str:
    if not plan:
        return "none"
    state = str(plan.get("state") or "draft")
    by = f" by {plan['actor']}" if plan.get("actor") else ""
    return f"{state.upper() if state == 'draft' else state}{by}, {words.day(plan.get('at'))}"


def _option(option: Row) -> Iterator[str]:
    yield f"- {option['name']}"
    response = option["response"]
    if response is None:
        yield f"  No estimate: {(option['no_estimate'] or {}).get('say') or 'no reason given'}"
    else:
        share = words.number(response["level"] * 100)
        yield f"  {words.of_100(response)} reach {words.horizon(response)} ({share} % interval)"
        if option["comparator"]:
            yield f"  {words.of_100(option['comparator'])} with {words.words(option['comparator_kind'])}"
            if words.comparator_note(option):
                yield f"  {words.comparator_note(option)}"
        if option["extra"]:
            kind = words.words(option["comparator_kind"] or "the comparator")
            yield f"  Extra over {kind}: {words.more_of_100(option['extra'])}"
        elif option["option"] != "watch":
            yield f"  Extra not known: {option['comparator_why'] or 'no control data'}"
    known = [h for h in option["harm"] if h["p"] is not None]
    if known:
        yield from (f"  Harm: {words.words(h['event'])}: {words.harm_rate(h)}" for h in known[:4])
    elif option["option"] != "watch":
        yield "  Harms: how often is not in the tables"
    if option["disputed"]:
        yield "  The evidence is disputed; both sides were in view."


def _said(plan: Row | None) -> Iterator[str]:
    if not plan:
        return
    yield f"Stop rule: {plan.get('stop_rule') or 'none written'}"
    if plan.get("note"):
        yield f"Note: {plan['note']}"
    if plan.get("state") == "signed":
        discussed = plan.get("discussed")
        said = "not recorded" if discussed is None else "yes" if discussed else "no"
        yield f"Options and harms discussed with the person: {said}"


def _warnings(shape: Row, blocks: Sequence[Row]) -> Iterator[str]:
    for finding in shape["findings"]:
        if finding["tier"] == "STOP" and finding["is_counted"]:
            answer = "overridden" if finding.get("answer") else "OPEN"
            yield f"STOP ({answer}): {finding['say']}"
    for block in blocks:
        if not block["is_answered"] and block["kind"] != "tier":
            yield f"Not to be signed yet: {block['say']}"
    yield f"Not known: {shape['counts']['MISSING']} facts that a warning waits for"
