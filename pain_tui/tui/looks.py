"""The program's own themes, in force from the first frame on, and the styles of words in them."""

from rich.style import Style
from textual.app import App
from textual.reactive import Reactive
from textual.theme import Theme

from pain_tui.tui.theme import THEMES, styles

NO_STYLE = Style()


class Looks(App[None], inherit_bindings=False):
    """Part of the program (app.py).

    The first theme is the default of the class and known before the program is made, since changing the theme
    afterwards has every style sheet parsed once more before the first frame.
    """

    theme: Reactive[str] = Reactive(THEMES[0].name)
    _styles: dict[str, Style]
    _styles_of = ""

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's and our own."""
        return {**self._registered_themes, **{theme.name: theme for theme in THEMES}}

    def piece_style(self, name: str) -> Style:
        """The style of a word of lines.STYLES in the present theme."""
        if self._styles_of != self.theme:
            self._styles, self._styles_of = styles(self.current_theme), self.theme
        return self._styles.get(name, NO_STYLE)
