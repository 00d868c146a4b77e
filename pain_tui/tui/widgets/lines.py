"""What a pane shows, as plain lines of styled pieces.

Patient text is never parsed as markup, so a name with brackets in it stays a name. The styles are the words
of STYLES; their colours and weights stand in app.tcss.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from pain_tui.report.json_form import UNSAFE

STYLES = ("stop", "caution", "note", "missing", "quiet", "head", "accent", "changed", "bar", "extra")
TIER_STYLES = {"STOP": "stop", "CAUTION": "caution", "NOTE": "note", "MISSING": "missing"}


_HARMLESS = {ord(mark): "\N{REPLACEMENT CHARACTER}" for mark in UNSAFE} | {ord("\n"): " ", ord("\t"): " "}


@dataclass(frozen=True)
class Piece:
    """Some text in one style; an empty style is plain."""

    text: str
    style: str = ""

    def __post_init__(self) -> None:
        if not self.text.isprintable():  # a name or a note must not drive the terminal or break the frame
            object.__setattr__(self, "text", self.text.translate(_HARMLESS))


@dataclass(frozen=True)
class Line:
    """One line. `key` makes it selectable and says what it stands for; `rule` draws it across the pane."""

    pieces: tuple[Piece, ...] = ()
    key: str | None = None
    rule: bool = False

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(piece.text for piece in self.pieces)


def line(*parts: str | Piece, key: str | None = None) -> Line:
    """A line from strings and pieces."""
    return Line(tuple(Piece(part) if isinstance(part, str) else part for part in parts), key)


def rule() -> Line:
    """A line drawn across the pane, between two thoughts."""
    return Line(rule=True)


def head(text: str) -> Line:
    """A column heading."""
    return line(Piece(text, "head"))


def quiet(text: str) -> Line:
    """Units and hints only: text that matters is never dimmed."""
    return line(Piece(text, "quiet"))


def hint(text: str, width: int) -> list[Line]:
    """A hint that may need several lines."""
    return list(paragraph(text, width, style="quiet"))


def tier(word: str, width: int = 8) -> tuple[Piece, Piece]:
    """A tier word and the space up to a fixed width; weighted so that it is told apart without colour."""
    return Piece(word, TIER_STYLES.get(word, "")), Piece(" " * max(width - len(word), 0))


def paragraph(
    text: str, width: int, *, first: str = "", indent: str = "", style: str = "", key: str | None = None
) -> Iterator[Line]:
    """Wrap a sentence; `first` and `indent` go before its first and other lines; the first takes `key`."""
    for number, part in enumerate(
        wrap(text, max(width, 12), initial_indent=first, subsequent_indent=indent) or [""]
    ):
        yield line(Piece(part, style), key=key if number == 0 else None)


def pair(name: str, text: str, width: int, *, at: int = 9, style: str = "") -> Iterator[Line]:
    """A short name, then a wrapped text beside it."""
    parts = wrap(text, max(width - at, 12)) or [""]
    for number, part in enumerate(parts):
        yield line(
            Piece((name if number == 0 else "").ljust(at), "head" if number == 0 else ""), Piece(part, style)
        )


def cut(text: object, width: int) -> str:
    """A text cut to a width, with two dots when something was left out; padded to it otherwise."""
    words = str(text)
    if len(words) > width:
        words = words[: max(width - 2, 0)] + ".."[:width]
    return words.ljust(width)


def plain(lines: Iterable[Line]) -> str:
    """The lines as linear text, for the plain twin and for tests."""
    return "\n".join(item.text.rstrip() for item in lines if not item.rule)
