"""No patient file yet: what can be opened, in one small screen."""

from textual.app import App, ComposeResult
from textual.widgets import Static

from pain_tui.tui.theme import THEMES

WORDS = """No patient file was opened before.

d   open the fictional clinic: seventy invented people,
    fourteen of them teaching cases
q   leave

With a file of your own:
  pain-tui init clinic.duckdb      make a new file; it asks for a passphrase
  pain-tui import clinic.duckdb FILE...
                                   read FHIR bundles, genotype files,
                                   tables, diaries
  pain-tui clinic.duckdb           open it

Nothing leaves this machine: the program never uses the network.
Research use. Options are listed with reasons; the clinician chooses."""


class FirstRun(App[str]):
    """Answers `demo`, or nothing."""

    CSS = "Static { padding: 1 2; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [("d", "leave('demo')", "Demo"), ("q", "quit", "Quit"), ("escape", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """The words."""
        yield Static(WORDS, markup=False)

    def on_mount(self) -> None:
        """The program's own colours."""
        for entry in THEMES:
            self.register_theme(entry)
        self.theme = THEMES[0].name

    def action_leave(self, answer: str) -> None:
        """Give the answer back."""
        self.exit(answer)
