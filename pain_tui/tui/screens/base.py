"""What the six screens share: three header lines, panes, one footer line; keys from the registry."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static

from pain_tui.tui import actions
from pain_tui.tui.chart import Chart
from pain_tui.tui.widgets.footer import WIDE, KeyFooter
from pain_tui.tui.widgets.header import Header
from pain_tui.tui.widgets.lines import cut
from pain_tui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui


class _Covered:
    """A container whose panes cover it whole: drawing its own background would be thrown away."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return []


class Row(_Covered, Horizontal):
    """Columns beside each other."""


class Column(_Covered, Vertical):
    """Panes below each other."""


class ClinicScreen(Screen[None]):
    """One of the six screens. A subclass names its panes, and fills them from the chart."""

    screen_id: ClassVar[str] = ""
    # (pane id, title, can lines be selected), left and right column
    left: ClassVar[tuple[tuple[str, str, bool], ...]] = ()
    right: ClassVar[tuple[tuple[str, str, bool], ...]] = ()
    right_width: ClassVar[int | None] = 38  # columns of the right side; None: half
    ALLOW_IN_MAXIMIZED_VIEW: ClassVar[str | None] = "Header, KeyFooter"  # identity and STOP never go
    below = ""  # title of a second pane under the first, on narrow screens only

    @property
    def clinic(self) -> "PainTui":
        """The running program."""
        return cast("PainTui", self.app)

    @property
    def chart(self) -> Chart | None:
        """The open person."""
        return self.clinic.chart

    @property
    def wide(self) -> bool:
        """Two columns, or one."""
        return self.extent.width >= WIDE and not self.clinic.large

    @property
    def extent(self) -> Size:
        """The size of the screen, also before its first layout."""
        return self.size if self.size.width else self.app.size

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground below header, panes and footer: one line, as often as it is needed."""
        ground = Strip.blank(crop.width, self.rich_style)
        for each in self.get_line_filters():
            ground = ground.apply_filter(each, self.background_colors[1])
        return [ground] * crop.height

    def compose(self) -> ComposeResult:
        """Header, panes, footer."""
        yield Header(self.screen_id)
        with Row(id="body"):
            for side in ("left", "right"):
                panes = getattr(self, side)
                if panes:
                    with Column(classes=side, id=f"{side}-{self.screen_id}") as column:
                        if side == "right" and self.right_width:
                            column.styles.width = self.right_width
                        yield from self.compose_side(side)
                        for name, title, selectable in panes:
                            yield Pane(id=name, title=title, selectable=selectable)
                        if side == "left" and self.below:
                            yield Pane(id=f"{self.screen_id}-below", title=self.below).add_class("below")
        walk = Static("", id="walk", markup=False)
        walk.display = False
        yield walk
        yield KeyFooter(self.screen_id)

    def compose_side(self, side: str) -> ComposeResult:
        """What stands above the panes of a column; nothing by default."""
        yield from ()

    def pane(self, name: str) -> Pane:
        """One pane by its id."""
        return self.query_one(f"#{name}", Pane)

    def on_mount(self) -> None:
        """Focus starts on what is most used."""
        self.set_class(not self.wide, "narrow")
        for side in ("left", "right"):
            for name, _, _ in getattr(self, side):
                self.pane(name).expected = self._expected(side)
        self.pane((self.left or self.right)[0][0]).focus()
        self.renew()

    def _expected(self, side: str) -> int:
        """Columns inside the frames of one side."""
        width = self.extent.width
        if not self.wide or not self.right:
            return width - 2
        right = self.right_width or width // 2
        return (right if side == "right" else width - right) - 2

    def on_screen_resume(self) -> None:
        """Show what is open now."""
        self.renew()

    def on_resize(self) -> None:
        """Two columns or one, and lines cut to the new width."""
        self.set_class(not self.wide, "narrow")
        self.clinic.check_size(self.size)
        self.call_after_refresh(self.renew)

    def renew(self) -> None:
        """Header, panes and footer anew from the program's state."""
        if not self.is_mounted or not self.extent.width:
            return
        self.query_one(Header).show(self.clinic.standing(), self.chart)
        self.fill()
        self._walk()
        self.query_one(KeyFooter).refresh()

    def _walk(self) -> None:
        said, strip = self.clinic.walk_line(self.screen_id), self.query_one("#walk", Static)
        if strip.display != bool(said):
            strip.display = bool(said)
        if said:
            strip.update(cut(said, self.extent.width - 2).rstrip())

    def fill(self) -> None:
        """Fill the panes; a subclass says with what."""
        raise NotImplementedError

    def on_pane_moved(self, message: Pane.Moved) -> None:
        """Another line is selected: what stands beside it changes."""
        message.stop()
        self.fill()
        self.query_one(KeyFooter).refresh()

    # --- actions ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that cannot act is off, not silently dead."""
        if action != "do":
            return True
        name = str(parameters[0])
        entry = actions.BY_ID.get(name)
        if entry is None or self.screen_id not in entry.screens:
            return False
        test = getattr(self, f"can_{name}", None) or getattr(self.clinic, f"can_{name}", None)
        return bool(test()) if test else self._answers(name)

    def _answers(self, name: str) -> bool:
        return (
            actions.screen_name(name) is not None
            or hasattr(self, f"do_{name}")
            or hasattr(self.clinic, f"do_{name}")
        )

    def action_do(self, name: str) -> None:
        """Run one action of the registry: the screen's own way first, the program's otherwise."""
        target = actions.screen_name(name)
        if target is not None:
            self.clinic.go(target)
            return
        method = getattr(self, f"do_{name}", None) or getattr(self.clinic, f"do_{name}", None)
        if method is not None:
            method()

    def can_save(self) -> bool:
        """There is something to save, and this is no what-if."""
        return bool(self.clinic.draft and len(self.clinic.draft)) and self.clinic.trial is None

    def can_undo(self) -> bool:
        """There is something to take back."""
        laid = self.clinic.draft if self.clinic.trial is None else self.clinic.trial
        return laid is not None and bool(laid.edits)  # edits that cancel out can be taken back too

    def do_choose(self) -> None:
        """Enter on the selected line of the focused pane."""
        focused = self.focused
        if isinstance(focused, Pane):
            focused.choose()

    do_edit = do_choose
