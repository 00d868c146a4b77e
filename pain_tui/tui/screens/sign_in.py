"""Who is at the keyboard, when several people share one log-in: a local name and its PIN."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from pain_tui.errors import PainTuiError
from pain_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui
    from pain_tui.tui.desk import Desk


class SignInDialog(Dialog[bool]):
    """Asked until it fits, or left; a wrong PIN slows down and is in the audit."""

    title_text = "Sign in"
    keys_text = "enter Next, then sign in   esc Go back, nobody else signed in"

    def __init__(self, desk: "Desk", names: Sequence[str]) -> None:
        super().__init__()
        self.desk, self.names = desk, names

    def body(self) -> ComposeResult:
        """Two lines to type in, and who there is."""
        yield Static(
            f"The audit now names {self.desk.actor}.\nLocal names of this file: {', '.join(self.names)}.\n",
            classes="says",
            markup=False,
        )
        for name, label in (("name", "Local name"), ("pin", "PIN")):
            with Horizontal(classes="row"):
                yield Static(label, classes="label", markup=False)
                yield Input(password=name == "pin", id=name)
        yield Static("", classes="error", id="why", markup=False)
        yield Static(
            "The PIN tells colleagues apart; what protects the file is its passphrase.",
            classes="says",
            markup=False,
        )

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#name", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The name, then the PIN; tried off the main thread, since each try costs its time."""
        event.stop()
        name, pin = (self.query_one(f"#{one}", Input) for one in ("name", "pin"))
        if event.input is name or not pin.value:
            pin.focus()
            return
        said = (name.value.strip(), pin.value)
        pin.value = ""
        self.query_one("#why", Static).update("Looking ...")
        cast("PainTui", self.app).background.start("sign_in", lambda: self._try(*said))

    def _try(self, name: str, pin: str) -> None:
        try:
            self.desk.sign_in(name, pin)
        except PainTuiError as error:
            self.app.call_from_thread(self._refused, f"{error.message} {error.hint}")
        else:
            self.app.call_from_thread(self.dismiss, True)

    def _refused(self, why: str) -> None:
        self.query_one("#why", Static).update(why)
        self.query_one("#pin", Input).focus()
