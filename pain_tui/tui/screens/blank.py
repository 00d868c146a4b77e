"""A blank screen for privacy. It hides, it does not lock."""

from textual.screen import ModalScreen


class BlankScreen(ModalScreen[None]):
    """The same key brings everything back."""

    DEFAULT_CSS = "BlankScreen { background: $background; }"
    BINDINGS = [
        ("b", "app.pop_screen", "Back"),
        ("f9", "app.pop_screen", "Back"),
        ("escape", "app.pop_screen", "Back"),
    ]
