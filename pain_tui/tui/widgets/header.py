"""Three lines that never leave: where you are, on what data; who the person is; what is open about them."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from pain_tui.tui import words
from pain_tui.tui.actions import SCREENS, named
from pain_tui.tui.chart import Chart
from pain_tui.tui.widgets.lines import Piece, cut

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui

WIDE = 100


@dataclass(frozen=True)
class Standing:
    """What the header says beyond the person: the file, the versions, the day, the list's counts."""

    kind: str = "fictional"
    model: str | None = None
    knowledge: str | None = None
    as_of: date | None = None
    user: str = ""  # the local name that signed in
    on_list: dict[str, int] = field(default_factory=dict)  # people with each flag; empty while counting
    unsaved: int = 0
    calculating: bool = False
    what_if: int | None = None  # assumptions made; None when no what-if is on
    note: str = ""


class Header(Widget):
    """The three header lines, shortened in words and never in meaning."""

    def __init__(self, screen_id: str) -> None:
        super().__init__(id="header")
        self.screen_id = screen_id
        self.standing = Standing()
        self.chart: Chart | None = None

    def show(self, standing: Standing, chart: Chart | None) -> None:
        """Show this standing and this person."""
        self.standing, self.chart = standing, chart
        self.refresh()

    def lines(self, width: int) -> list[tuple[list[Piece], list[Piece]]]:
        """Left and right pieces of each of the three lines."""
        return [self._where(width), self._who(width), self._open(width)]

    def _where(self, width: int) -> tuple[list[Piece], list[Piece]]:
        kind = Piece("FICTIONAL" if self.standing.kind == "fictional" else "REAL", "kind")
        model = f"  model {_short(self.standing.model)}" if self.standing.model else "  no model"
        rules = f"  rules {_short(self.standing.knowledge)}"
        for left in (self._all_screens("  "), self._all_screens(" "), self._this_screen()):
            tail = f"  offline{model}{rules}" if width >= WIDE else f"  offline{model}"
            if sum(len(piece.text) for piece in left) + len(kind.text) + len(tail) + 2 <= width:
                return left, [kind, Piece(tail)]
        return self._this_screen(), [kind]

    def _all_screens(self, gap: str) -> list[Piece]:
        names = [(f"{number} {name}", name == self.screen_id) for number, name in enumerate(SCREENS, 1)]
        pieces = [
            Piece(f"[{words.upper()}]", "open") if here else Piece(words.title()) for words, here in names
        ]
        return [part for piece in pieces for part in (piece, Piece(gap))][:-1]

    def _this_screen(self) -> list[Piece]:
        number = SCREENS.index(self.screen_id) + 1
        return [Piece(f"[{number} {self.screen_id.upper()}]", "open"), Piece("  1-6 screens", "quiet")]

    def _who(self, width: int) -> tuple[list[Piece], list[Piece]]:
        if self.chart is None:
            day = self.standing.as_of.strftime("%a %Y-%m-%d") if self.standing.as_of else ""
            signed_in = f"signed in: {cut(self.standing.user, 20).rstrip()}   " if self.standing.user else ""
            return [Piece("No patient open", "who")], [Piece(f"{signed_in}{day}   clinic list")]
        return who(self.chart, width)

    def _open(self, width: int) -> tuple[list[Piece], list[Piece]]:
        """In the long words where there is room for all of them, else in the short ones."""
        if width >= WIDE:
            left, right = self._opened(wide=True)
            if sum(len(piece.text) for piece in (*left, *right)) + 2 <= width:
                return left, right
        return self._opened(wide=False)

    def _opened(self, *, wide: bool) -> tuple[list[Piece], list[Piece]]:
        if self.chart is None:
            return self._on_list(wide)
        gap = "   " if wide else "  "
        left: list[Piece] = []
        for word in words.COUNTED:
            value = getattr(self.chart.counts, word)
            style = (
                {"STOP": "stop", "CAUTION": "caution", "MISSING": "missing"}.get(word, "") if value else ""
            )
            left += [Piece(f"{word} {value}", style), Piece(gap)]
        return left[:-1], self._state(wide)

    def _state(self, wide: bool) -> list[Piece]:
        assert self.chart is not None
        unsaved = self.standing.unsaved
        what_if = self.standing.what_if
        if what_if is not None:
            said = (
                f"WHAT IF, {what_if} assumed: nothing is stored" if wide else f"WHAT IF {what_if}: not stored"
            )
            return [
                Piece("reckoning ...  " if self.standing.calculating else "", "caution"),
                Piece(said, "stop"),
            ]
        if self.standing.calculating:
            return [
                Piece(
                    "reckoning: numbers are those before the change" if wide else "reckoning ...", "caution"
                )
            ]
        changes = (
            [Piece(f"NOT SAVED: {unsaved}", "caution"), Piece("   " if wide else "  ")] if unsaved else []
        )
        review = self.chart.reviews.get("medication")
        confirmed = words.ago(review["at"] if review else None, self.chart.as_of)
        plan = f"plan {(self.chart.plan or {}).get('state', 'none')}"
        if wide:
            return [
                *changes,
                Piece(f"medicines confirmed {confirmed}   {plan}   {named('warnings')}: warnings"),
            ]
        return [*changes, Piece(f"{plan}  {named('warnings')} warnings")]

    def _on_list(self, wide: bool) -> tuple[list[Piece], list[Piece]]:
        counts = self.standing.on_list
        left = [Piece("On this list:  " if wide else "On this list: ")]
        if not counts:
            left.append(Piece(self.standing.note or "counting warnings ...", "quiet"))
            return left, []
        for word in ("STOP", "CAUTION", "MISSING"):
            style = word.lower() if counts.get(word) else ""
            left += [Piece(f"{word} {counts.get(word, 0)}", style), Piece("   " if wide else "  ")]
        if self.standing.note:
            left.append(Piece(self.standing.note, "quiet"))
        return left, [Piece("w: next patient with a STOP" if wide else "w next STOP")]

    def render_line(self, y: int) -> Strip:
        """One of the three lines, left part and right part."""
        width = self.size.width
        base = self.rich_style
        left, right = self.lines(width)[y]
        room = width - 1
        used = sum(len(p.text) for p in left) + sum(len(p.text) for p in right)
        pieces = [*left, Piece(" " * max(room - used - (used + 2 < room), 1)), *right]
        segments = [Segment(" ", base)]
        for piece in pieces:
            style = base + cast("PainTui", self.app).piece_style(piece.style) if piece.style else base
            segments.append(Segment(piece.text, style))
        return Strip(segments).adjust_cell_length(width, base)


def who(chart: Chart, width: int) -> tuple[list[Piece], list[Piece]]:
    """Name, number, sex, age with date of birth; then weight, eGFR, allergies. Identity is never cut."""
    person = chart.identity
    wide = width >= WIDE
    name, number = person.name or "(no name)", person.record or person.person
    sex, age, born = words.sex_letter(person.sex), words.age(person.age_years), words.day(person.birth_date)
    if wide:
        left = f"{name}   ID {number}   {sex} {age} y  {born}"
    else:
        left = f"{name}  {number}  {sex}{age} {born}"
    egfr = f"eGFR {words.number(person.egfr, 0)}"
    tail = f"{words.number(person.weight_kg, 0)} kg   {egfr}   " if wide else f"{egfr}  "
    room = width - 2 - len(left) - len(tail) - 2
    return [Piece(left, "who")], [Piece(tail), allergy_words(person.allergies, room)]


def allergy_words(allergies: tuple[str, ...] | None, room: int) -> Piece:
    """Allergies in the room there is; how many are left out is said."""
    if allergies is None:
        return Piece("ALLERGY not recorded"[: max(room, 9)], "missing")
    if not allergies:
        return Piece("no allergies stated"[: max(room, 12)])
    short = tuple(name.partition(" (")[0] for name in allergies)  # without the reaction
    for names in (allergies, short):
        for shown in range(len(names), 0, -1):
            more = f" +{len(names) - shown}" if shown < len(names) else ""
            text = f"ALLERGY {', '.join(names[:shown])}{more}"
            if len(text) <= room and (not more or names is short):
                return Piece(text, "caution")
    return Piece(f"ALLERGY {len(allergies)}: see 3", "caution")


def _short(version: str | None) -> str:
    """The date of a version, or its first piece."""
    if not version:
        return "?"
    return version[:10]
