"""Help for the open screen: what it shows, then every key, from the registry."""

from importlib.resources import files

from pain_tui.tui import actions
from pain_tui.tui.screens.dialog import ReadingDialog
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph, rule


class HelpDialog(ReadingDialog):
    """What it is first, keys after it."""

    BINDINGS = [("question_mark", "leave", "Back"), ("f1", "leave", "Back")]

    def __init__(self, screen: str) -> None:
        super().__init__(f"Help: {screen.capitalize()}")
        self.of = screen

    def lines(self, width: int) -> list[Line]:
        """The page of this screen, and its keys."""
        page = files("pain_tui.tui").joinpath("help", f"{self.of}.md").read_text(encoding="utf-8")
        lines: list[Line] = []
        for block in page.strip().split("\n\n"):
            lines += [*paragraph(" ".join(block.split()), width), line("")]
        lines += [rule(), line(Piece("Keys", "head"))]
        for action in actions.of_screen(self.of):
            keys = ", ".join((action.shown_key, *((action.twin.upper(),) if action.twin else ())))
            first, *rest = list(paragraph(f"{action.label}: {action.help}", width - 12))
            lines += [
                line(Piece(f"{keys:<11} ", "accent"), *first.pieces),
                *[line(" " * 12, *item.pieces) for item in rest],
            ]
        return [
            *lines,
            line(Piece(f"{'arrows':<11} ", "accent"), "move or scroll; pgup, pgdn, home, end too"),
            line(Piece(f"{'tab':<11} ", "accent"), "next pane"),
        ]
