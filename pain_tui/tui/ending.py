"""How the running program ends: by a key, by a bug of ours, or because its terminal or session goes away.

Every way goes through `exit`. Before an end that nobody chose, `going_away` is called once: the last moment to
keep what was not saved.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from pain_tui.tui.background import Background
    from pain_tui.tui.desk import Desk

LONGEST_SAVE = 30.0  # seconds that leaving by a key waits for a save under way
SHORTEST_SAVE = 0.4  # and that a hang-up does; a save cut off is a transaction that did not happen


class Ending(App[None], inherit_bindings=False):
    """Part of the program (app.py): leaving, chosen or not."""

    desk: "Desk"
    background: "Background"

    def __init__(self, keep_trace: Callable[[BaseException], object] | None = None) -> None:
        super().__init__()
        self.leaving_now = False
        self._keep_trace = keep_trace
        self._going = Lock()

    def going_away(self) -> None:
        """Keep unsaved work: the terminal is gone or the program was told to end.

        Called once, before `exit`; from the program's own thread when that still answers, else from the one
        that watches the terminal. It has about a third of a second.
        """

    def keep_once(self) -> None:
        """Call `going_away`, however often and from whatever thread the end is announced."""
        if self._going.acquire(blocking=False):
            self.going_away()

    def end(self, code: int) -> None:
        """Leave because the terminal or the session is gone; `code` is what a shell reports."""
        try:
            self.keep_once()
        finally:
            self._leave(SHORTEST_SAVE, return_code=code)

    def exit(self, *arguments: Any, **named: Any) -> None:
        """Leave at once: counting is broken off, saving is waited for."""
        self._leave(LONGEST_SAVE, *arguments, **named)

    def _leave(self, patience: float, *arguments: Any, **named: Any) -> None:
        self.leaving_now = True
        self.background.finish("save", patience)
        self.desk.break_off()
        super().exit(*arguments, **named)

    def _bug(self, error: BaseException) -> tuple[str, str]:
        """A bug of ours in two sentences; the trace is kept without values, since those can be a person's."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        kept = self._keep_trace(error) if self._keep_trace else None
        where = f"{Path(last.filename).name} line {last.lineno}"
        said = f"pain-tui met a bug of its own ({type(error).__name__}, {where})."
        return said, f"The trace, without patient data, is in {kept}." if kept else "Nothing was stored."

    def _handle_exception(self, error: Exception) -> None:
        """Leave without the usual trace on the screen: it would show a person's values."""
        if self._keep_trace is None:
            super()._handle_exception(error)
            return
        self.keep_once()
        self.exit(return_code=1, message="\n".join(self._bug(error)))
