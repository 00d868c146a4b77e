"""A framed pane of lines: it scrolls, and the arrow keys go from one selectable line to the next.

Only the lines in view are rendered, so a list of a hundred thousand costs the same as one of ten.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pain_tui.tui.widgets.lines import Line

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui

MARK = ">"


class Pane(ScrollView, can_focus=True):
    """Lines in a frame; the frame's title says what, its subtitle how many."""

    BINDINGS: ClassVar = [
        Binding("up", "cursor(-1)", "Up", show=False),
        Binding("down", "cursor(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
    ]

    class Moved(Message):
        """The selection is now on another line."""

        def __init__(self, pane: "Pane", key: str) -> None:
            super().__init__()
            self.pane = pane
            self.key = key

        @property
        def control(self) -> "Pane":
            """The pane that sent it."""
            return self.pane

    class Chosen(Moved):
        """Enter was pressed on a line."""

    class Beyond(Message):
        """Somebody wants on past the first (step -1) or last (1) line, or to the very end (far)."""

        def __init__(self, pane: "Pane", step: int, far: bool = False) -> None:
            super().__init__()
            self.pane = pane
            self.step = step
            self.far = far

        @property
        def control(self) -> "Pane":
            """The pane that sent it."""
            return self.pane

    def __init__(self, *, id: str, title: str = "", selectable: bool = False) -> None:
        super().__init__(id=id)
        self.border_title = title
        self.lines: list[Line] = []
        self.selectable = selectable
        self.expected = 0  # columns inside the frame, until they are known
        self.paged: Callable[[int], None] | None = None  # what page up and down mean here
        self._stops: list[int] = []  # numbers of the selectable lines
        self._at = 0  # which of them is selected
        self._width = -1  # content width that the lines were last shown at
        self._base: Style | None = None
        self._moved = False  # until the reader moves, the first line stays selected

    @property
    def key(self) -> str | None:
        """What the selected line stands for."""
        return self.lines[self._stops[self._at]].key if self._stops else None

    @property
    def room(self) -> int:
        """Columns for text; before the first layout, what the screen expects it to be."""
        return max((self.content_size.width or self.expected) - 2, 10)

    def show(self, lines: Sequence[Line], *, title: str | None = None, count: str | None = None) -> None:
        """Replace the lines; the selection stays on the same key when it is still there."""
        if title is not None and title != self.border_title:
            self.border_title = title
        if count is not None and count != self.border_subtitle:
            self.border_subtitle = count
        if self.lines == lines and self._width == self.content_size.width:
            return
        before = self.key
        self.lines, self._width = list(lines), self.content_size.width
        self._stops = (
            [number for number, item in enumerate(self.lines) if item.key is not None]
            if self.selectable
            else []
        )
        keys = [self.lines[number].key for number in self._stops]
        if before in keys and self._moved:
            self._at = keys.index(before)
        else:
            self._at = min(self._at, max(len(keys) - 1, 0)) if self._moved else 0
        self.virtual_size = Size(self.content_size.width, len(self.lines))
        self.refresh()

    def fit(self, most: int) -> int:
        """As high as its lines, up to a limit; the rest scrolls. The rows it takes, frame and all."""
        rows = min(max(len(self.lines), 1), max(most, 1)) + self.gutter.height
        self.styles.height = "1fr" if self.has_class("-maximized") else rows
        return rows

    def take_rest(self) -> None:
        """As high as there is room: what `fit` set at another width is forgotten."""
        self.styles.height = "1fr"

    def select(self, key: str) -> None:
        """Move the selection to a key, when it is there."""
        for place, number in enumerate(self._stops):
            if self.lines[number].key == key:
                self._go(place)
                return

    def action_cursor(self, step: int) -> None:
        """One selectable line on, or one line of scrolling when nothing can be selected."""
        if self._stops:
            self._go(self._at + step)
        else:
            self.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """One screenful on, or as the screen says."""
        if self.paged is not None:
            self.paged(step)
            return
        height = max(self.content_size.height - 1, 1)
        if self._stops:
            self._go(self._at + step * height)
        else:
            self.scroll_relative(y=step * height, animate=False)

    def action_edge(self, end: int) -> None:
        """To the first or the last line."""
        if self._stops:
            self._go(len(self._stops) - 1 if end else 0)
            self.post_message(self.Beyond(self, 1 if end else -1, far=True))
        else:
            self.scroll_to(y=len(self.lines) if end else 0, animate=False)

    def choose(self) -> None:
        """Say that the selected line was chosen."""
        if self.key is not None:
            self.post_message(self.Chosen(self, self.key))

    def edge(self, end: bool) -> None:
        """Select the last line, or the first."""
        if self._stops:
            self._go(len(self._stops) - 1 if end else 0)

    def _go(self, place: int) -> None:
        if place < 0 == self._at or place >= len(self._stops) == self._at + 1:
            self.post_message(self.Beyond(self, -1 if place < 0 else 1))
        place = min(max(place, 0), len(self._stops) - 1)
        moved = place != self._at
        self._moved = True
        self._at = place
        self._keep_in_view()
        self.refresh()
        if moved and self.key is not None:
            self.post_message(self.Moved(self, self.key))

    def _keep_in_view(self) -> None:
        number = self._stops[self._at]
        first = 0 if self._at == 0 else number  # headings above the first row come back into view
        last = (
            len(self.lines) - 1
            if self._at == len(self._stops) - 1 and len(self.lines) - number < 4
            else number
        )
        self.scroll_to_region(Region(0, first, 1, max(last - first + 1, 1)), animate=False, force=True)

    def on_resize(self) -> None:
        """Keep the scrolled size right; the screen fills the lines anew."""
        self.virtual_size = Size(self.content_size.width, len(self.lines))
        if self._moved and self._stops:  # a neighbour that grew must not push the selection out of view
            self._keep_in_view()

    def on_focus(self) -> None:
        """The mark shows where the focus is, also without colour."""
        self.refresh()

    def on_blur(self) -> None:
        """See on_focus."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the view, cut to the width."""
        width = self.content_size.width
        number = y + self.scroll_offset.y
        base = self._ground
        if number >= len(self.lines):
            return Strip.blank(width, base)
        item = self.lines[number]
        if item.rule:
            return Strip([Segment("─" * width, base + self._style("rule"))])
        chosen = bool(self._stops) and self._stops[self._at] == number
        return self._strip(item, width, chosen, base)

    def _strip(self, item: Line, width: int, chosen: bool, base: Style) -> Strip:
        mark = MARK if chosen else " "
        segments = [Segment(mark, base + self._style("accent") if chosen else base)]
        segments += [
            Segment(piece.text, base + self._style(piece.style) if piece.style else base)
            for piece in item.pieces
        ]
        strip = Strip(segments).adjust_cell_length(width, base)
        if chosen and self.has_focus:
            strip = strip.apply_style(self._style("cursor"))
        return strip

    def _style(self, name: str) -> Style:
        return cast("PainTui", self.app).piece_style(name)

    @property
    def _ground(self) -> Style:
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Another theme, another focus: the ground colour is asked for anew."""
        self._base = None
        super().notify_style_update()
