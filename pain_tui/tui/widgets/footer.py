"""The last line: at most seven keys, eight when wide. Nothing is ever cut; a key that cannot act is dim."""

from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from pain_tui.tui import actions

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui

WIDE = 100


class KeyFooter(Widget):
    """Built from the registry of actions for the screen it stands on."""

    def __init__(self, screen_id: str) -> None:
        super().__init__(id="keys")
        self.screen_id = screen_id

    def entries(self, width: int) -> list[tuple[actions.Action, str]]:
        """The keys that fit, with the words to show; words get shorter before a key is left out."""
        wide = width >= WIDE
        listed = actions.footer(self.screen_id, wide=wide)
        for short in (not wide, True):
            shown = [(a, (a.short or a.label) if short else a.label) for a in listed]
            if self._length(shown, wide) <= width:
                return shown
        while len(shown) > 3 and self._length(shown, wide) > width:
            del shown[-3]
        return shown

    def _length(self, shown: list[tuple[actions.Action, str]], wide: bool) -> int:
        gap = 3 if wide else 2
        return (
            1 + sum(len(action.shown_key) + 1 + len(word) for action, word in shown) + gap * (len(shown) - 1)
        )

    def render_line(self, y: int) -> Strip:
        """The one line."""
        width = self.size.width
        base = self.rich_style
        key = base + cast("PainTui", self.app).piece_style("key")
        off = base + cast("PainTui", self.app).piece_style("quiet")
        gap = Segment(" " * (3 if width >= WIDE else 2), base)
        segments = [Segment(" ", base)]
        for number, (action, word) in enumerate(self.entries(width)):
            able = bool(self.screen.check_action("do", (action.id,)))
            segments += [gap] if number else []
            segments += [
                Segment(action.shown_key, key if able else off),
                Segment(f" {word}", base if able else off),
            ]
        return Strip(segments).adjust_cell_length(width, base)
