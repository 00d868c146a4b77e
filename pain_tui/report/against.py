"""The strongest case against one option, put together from its assessment: what it adds, who disagrees, harm, instead.

Nothing is calculated and nothing is weighed: each sentence repeats a row of the assessment with its number, so
that the reader can disagree with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pain_tui.report import words

Row = Mapping[str, Any]
GRAVE = ("moderate", "mild_to_severe", "severe", "life_threatening")


def case_against(
    option: Row, *, findings: Sequence[Row] = (), positions: Sequence[Row] = (), watch: Row | None = None
) -> list[tuple[str, list[str]]]:
    """Headings with their sentences; headings without a sentence are left out.

    option, watch: options of the `assess` shape; findings: those of the person; positions: both sides of a dispute.
    """
    parts = (
        ("What it adds", _adds(option)),
        ("The other side of the evidence", _disputes(option, positions)),
        ("How sure", _sure(option)),
        ("On the way", _gates(option)),
        ("Harm", _harm(option)),
        ("For this person", _person(option, findings)),
        ("Instead", _instead(option, watch)),
    )
    made = [(title, list(sentences)) for title, sentences in parts]
    return [(title, sentences) for title, sentences in made if sentences]


def lines(option: Row, parts: Sequence[tuple[str, list[str]]]) -> Iterator[str]:
    """The same as plain text."""
    yield f"THE CASE AGAINST: {option['name']}"
    for title, sentences in parts:
        yield f"{title}:"
        yield from (f"  {sentence}" for sentence in sentences)
    if not parts:
        yield "Nothing in the tables speaks against it. That is not a proof for it."


def _adds(option: Row) -> Iterator[str]:
    response, extra, comparator = option["response"], option["extra"], option["comparator"]
    if option["option"] == "watch":
        return
    if response is None:
        yield f"No estimate: {(option['no_estimate'] or {}).get('say') or 'no reason given'}"
        return
    if comparator:
        kind = words.words(option["comparator_kind"] or "the comparator")
        yield (
            f"{words.of_100(comparator)} reach the same with {kind} alone; with it {words.of_100(response)} "
            f"({words.horizon(response)})."
        )
    if extra is None:
        yield f"How much of it is due to the treatment is not known: {option['comparator_why'] or 'no control data'}"
        return
    also = "" if extra["lo"] > 0 else "; the interval includes no gain at all"
    yield f"The extra is {words.more_of_100(extra)}{also}."


def _disputes(option: Row, positions: Sequence[Row]) -> Iterator[str]:
    for position in positions:
        if position.get("position") == "against":
            rows = ", ".join(position.get("rows") or ())
            yield f"{_sentence(position['say'])}{f' [{rows}]' if rows else ''}"
    if option["disputed"] and not positions:
        yield "Guidelines or trials disagree; see the evidence rows."


def _sure(option: Row) -> Iterator[str]:
    if option["response"] is None:
        return
    yield f"Certainty of the evidence: {words.words(option['certainty'] or 'not graded')}."
    if option["borrowed_from"]:
        yield f"Borrowed from {words.condition_name(option['borrowed_from'])}: not shown for this condition."
    if option.get("alike"):
        yield str(option["alike"])


def _gates(option: Row) -> Iterator[str]:
    for gate in option["gates"]:
        if gate.get("state") == "passed":
            continue
        share = "how many pass is not known" if gate.get("p") is None else f"{words.of_100(gate)} pass"
        yield f"First a step to pass, {words.words(gate['name'])}: {share}."


def _harm(option: Row) -> Iterator[str]:
    listed = option["harm"]
    grave = [h for h in listed if str(h["severity"]) in GRAVE] or listed
    for harm in sorted(grave, key=lambda h: -(h["p"] or 0))[:5]:
        yield f"{_upper(words.words(harm['event']))} ({words.words(harm['severity'])}): {words.harm_rate(harm)}."
    if not listed and option["option"] != "watch":
        yield words.NO_HARM


def _person(option: Row, findings: Sequence[Row]) -> Iterator[str]:
    if option["declined"]:
        yield "This person has declined it."
    if option.get("prior_relief_pct") is not None:
        yield f"Given before, with {words.number(option['prior_relief_pct'])} % relief."
    for finding in findings:
        if finding["option"] == option["option"] and finding["tier"] in ("STOP", "CAUTION"):
            yield f"{finding['tier']}: {_sentence(finding['say'])}"
    if option["stopped_drugs"]:
        yield f"Not usable here: {', '.join(option['stopped_drugs'])}."
    for answer, said in (("not_clear", "Not clear"), ("cannot_tell", "Cannot be told")):
        items = dict.fromkeys(
            words.words(c["item"]) for c in option["procedure_check"] if c["answer"] == answer
        )
        if items:
            yield f"{said} before the procedure: {'; '.join(items)}."


def _instead(option: Row, watch: Row | None) -> Iterator[str]:
    if watch is None or option["option"] == "watch" or watch["response"] is None:
        return
    yield f"With no new treatment {words.of_100(watch['response'])} reach {words.horizon(watch['response'])}."


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "?", "!")) else f"{text}."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
