"""The palette: every action by its name; drawn with signs that every font has."""

from textual.command import CommandPalette, SearchIcon


class Palette(CommandPalette):
    """Textual's own, without its picture."""

    def on_mount(self) -> None:
        """A plain sign before the line of search."""
        self.query_one(SearchIcon).icon = ">"
