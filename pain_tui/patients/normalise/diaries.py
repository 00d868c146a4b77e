"""Rows of diary: one moment that a person wrote down. A scale is not assumed where the file names another."""

from pain_tui.patients.normalise.others import within
from pain_tui.patients.normalise.problem import ROW, Problem
from pain_tui.patients.normalise.row import Written


def diary(w: Written) -> bool:
    """One moment of a diary. The scale is the file's own word; a number is not assumed to be 0-10."""
    at, _ = w.moment("at")
    if at is None:
        if not w.refused:
            w.problem(
                Problem(
                    "no_date",
                    "the entry has no time",
                    "",
                    "at: 2026-11-20 or 2026-11-20T08:30",
                    "Give the time",
                ),
                ROW,
            )
        return False
    scale = w.text("scale")
    row = {
        "person": w.person,
        "at": at,
        "nrs": within(w, "nrs", "nrs_average") if scale in (None, "0-10") else w.number("nrs"),
        "interference": within(w, "interference", "peg")
        if scale in (None, "0-10")
        else w.number("interference"),
        "sleep_hours": within(w, "sleep_hours", "sleep_hours"),
        "steps": within(w, "steps", "steps"),
        "medication_taken": w.text("medication_taken"),
        "note": w.text("note"),
        "scale": scale,
    }
    if not any(
        row[name] is not None
        for name in ("nrs", "interference", "sleep_hours", "steps", "medication_taken", "note")
    ):
        w.problem(
            Problem(
                "no_value", "the entry holds nothing", "", "", "Missing stays unknown; nothing was stored"
            ),
            ROW,
        )
        return False
    w.sink.add("diary", row)
    return True
