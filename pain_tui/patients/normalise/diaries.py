"""Rows of diary: one moment that a person wrote down. `nrs` is a rating of 0 to 10 and nothing else: a number on
another scale goes into `intensity`, beside the scale's name."""

from pain_tui.patients.normalise.others import within
from pain_tui.patients.normalise.problem import ROW, VALUE, Problem
from pain_tui.patients.normalise.row import Written

NRS_SCALE = "0-10"
_HOLDS = ("nrs", "intensity", "interference", "sleep_hours", "steps", "medication_taken", "note")


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
    on_nrs = scale in (None, NRS_SCALE)
    if not on_nrs:
        _tell_not_on(w, scale)
    row = {
        "person": w.person,
        "at": at,
        "nrs": within(w, "nrs", "nrs_average") if on_nrs else None,
        "intensity": None if on_nrs else (w.number("intensity") if w.text("intensity") else w.number("nrs")),
        "interference": within(w, "interference", "peg") if on_nrs else None,
        "sleep_hours": within(w, "sleep_hours", "sleep_hours"),
        "steps": within(w, "steps", "steps"),
        "medication_taken": w.text("medication_taken"),
        "note": w.text("note"),
        "symptom": w.text("symptom"),
        "scale": scale,
    }
    if not any(row[name] is not None for name in _HOLDS):
        w.problem(
            Problem(
                "no_value", "the entry holds nothing", "", "", "Missing stays unknown; nothing was stored"
            ),
            ROW,
        )
        return False
    w.sink.add("diary", row)
    return True


def _tell_not_on(w: Written, scale: str | None) -> None:
    """Interference is kept as 0 to 10 only; a number on another scale is told, not converted."""
    if w.value("interference") is not None:
        w.problem(
            Problem(
                "other_scale", f"interference on the scale {scale} cannot be kept", str(scale), "Interference is 0 to 10",
                "Give it as 0 to 10",
            ),
            VALUE,
        )  # fmt: skip
