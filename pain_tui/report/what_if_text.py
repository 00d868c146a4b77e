"""Before and after as plain text: what changed first, then every option side by side."""

from collections.abc import Iterator, Mapping
from typing import Any

from pain_tui.report import words

Row = Mapping[str, Any]


def compared(shape: Row, settings: list[str]) -> str:
    """The text of `what-if`."""
    return "\n".join(_lines(shape, settings))


def _lines(shape: Row, settings: list[str]) -> Iterator[str]:
    if shape["fictional"]:
        yield "FICTIONAL: this is not a real person."
    yield f"Person {shape['person']} as of {words.day(shape['as_of'])}, if {', '.join(settings)}. Nothing is stored."
    before, after = shape["counts"]["before"], shape["counts"]["after"]
    yield ", ".join(
        f"{tier} {before[tier]} -> {after[tier]}" for tier in ("STOP", "CAUTION", "NOTE", "MISSING")
    )
    for title, rows in (("New warning", shape["findings"]["new"]), ("No longer", shape["findings"]["gone"])):
        for finding in rows:
            yield f"{title}: {finding['tier']}: {finding['say']}"
    for title, rows in (("Newly open", shape["limits"]["new"]), ("Closed", shape["limits"]["gone"])):
        for limit in rows:
            yield f"{title}: {limit['say']}"
    yield "Options, before -> after"
    for option in shape["options"]:
        yield _option(option)


def _option(option: Row) -> str:
    was, now = option["before"], option["after"]
    if not option["changed"]:
        return f"{now['position']}. {option['name']}: no change ({_number(now['response'])})"
    place = f"{was['position'] if was else 'not listed'} -> {now['position']}"
    parts = [f"response {_number(was and was['response'])} -> {_number(now['response'])}"]
    parts.append(f"extra {_number(was and was['extra'])} -> {_number(now['extra'])}")
    for name in ("check", "tier"):
        if was and was[name] != now[name]:
            parts.append(f"{name} {words.words(was[name] or 'none')} -> {words.words(now[name] or 'none')}")
    return f"{place}. {option['name']}: {'; '.join(parts)}"


def _number(estimate: Row | None) -> str:
    if estimate is None:
        return "not known"
    p, lo, hi = (round(estimate[key] * 100) for key in ("p", "lo", "hi"))
    return f"{p} of 100 ({lo} to {hi})"
