"""Unsaved edits of one person: laid over the assessment at once, stored only by save, undone one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal


@dataclass(frozen=True)
class Edit:
    """One unsaved change, as `patients.edit.Change`, and the words that name it.

    slot: what it is about; a later edit of the same slot takes the place of an earlier one.
    """

    table: str
    op: Literal["add", "correct", "retire", "none"]  # none: what this slot held is not wanted after all
    person: str
    row_id: str | None
    values: Mapping[str, Any]
    says: str
    slot: str
    reason: str | None = None
    before: str | None = None  # the value it takes the place of, and its day
    before_at: date | None = None
    version: int | None = None  # of the row it corrects: a newer one refuses it


@dataclass
class Draft:
    """The stack of edits of one person."""

    person: str
    edits: list[Edit] = field(default_factory=list)

    def put(self, edit: Edit) -> None:
        """Lay one more edit on top."""
        self.edits.append(edit)

    def undo(self) -> Edit | None:
        """Take the last edit off; None when there is none."""
        return self.edits.pop() if self.edits else None

    def effective(self) -> list[Edit]:
        """The edits that count: the last of each slot, in the order the slots were first touched."""
        last: dict[str, Edit] = {}
        for edit in self.edits:
            last[edit.slot] = edit
        return [edit for edit in last.values() if edit.op != "none"]

    def of_slot(self, slot: str) -> Edit | None:
        """The edit that now counts for a slot."""
        return next((edit for edit in reversed(self.edits) if edit.slot == slot), None)

    def __len__(self) -> int:
        return len(self.effective())

    def words(self, limit: int = 3) -> str:
        """`2 changes (ISI 15 -> 17; + tramadol)`."""
        edits = self.effective()
        named = "; ".join(edit.says for edit in edits[:limit]) + ("; ..." if len(edits) > limit else "")
        return f"{len(edits)} {'change' if len(edits) == 1 else 'changes'} ({named})"
