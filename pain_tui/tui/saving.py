"""From unsaved edits to the calls that store them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from pain_tui.patients import decide, edit
from pain_tui.patients.file import PatientFile
from pain_tui.tui.draft import Edit

DECISIONS = ("list_review", "override", "plan")


def save(
    file: PatientFile,
    person: str,
    edits: Sequence[Edit],
    *,
    actor: str,
    at: datetime,
    as_of: date,
    versions: Mapping[str, Any],
) -> None:
    """All of it in one piece of writing work: one transaction, or nothing."""
    with file.attached(write=True):
        changes = [_change(one) for one in edits if one.table not in DECISIONS]
        if changes:
            edit.apply(file, changes, actor=actor, at=at)
        for one in edits:
            if one.table == "list_review":
                seen = datetime.combine(one.values.get("seen") or as_of, time())
                decide.state_list_complete(
                    file, person, one.values["list"], one.values["complete"], actor=actor, at=at, seen_at=seen
                )
            elif one.table == "override":
                decide.record_override(file, person, actor=actor, at=at, **one.values)
            elif one.table == "plan":
                decide.save_plan(
                    file, person, versions=versions, seen=one.version, actor=actor, at=at, **one.values
                )


def _change(one: Edit) -> edit.Change:
    if one.op == "none":
        raise AssertionError("a slot that holds nothing is not saved")
    row_id = None if one.op == "add" else one.row_id
    return edit.Change(one.table, one.op, one.person, row_id, dict(one.values), one.reason, one.version)
