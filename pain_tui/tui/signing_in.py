"""Another name at the keyboard: the dialog for it, and what must be settled before."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pain_tui.tui import messages
from pain_tui.tui.actions import named
from pain_tui.tui.draft import Draft
from pain_tui.tui.visit import dialog

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


class SigningIn:
    """Part of the program (app.py)."""

    desk: "Desk"
    draft: Draft | None
    notify: Callable[..., None]
    push_screen: Callable[..., Any]
    renew: Callable[[], None]
    work: Callable[..., None]

    def can_sign_in(self) -> bool:
        """The file is open."""
        return self.desk.is_open

    def do_sign_in(self) -> None:
        """Who is there? Unsaved changes are their maker's: they are saved or undone first."""
        if self.draft is not None and len(self.draft):
            self.notify(
                f"Unsaved changes are {self.desk.actor}'s: {named('save')} saves, {named('undo')} undoes; then sign in."
            )
        else:
            self.work("names", lambda: messages.LocalUsers(tuple(self.desk.local_users())))

    def on_local_users(self, message: messages.LocalUsers) -> None:
        """Ask; where there is nobody to choose from, say how there comes to be."""
        if not message.names:
            self.notify(
                f"This file has no local users, so the audit names {self.desk.actor}. "
                f"`pain-tui user add {self.desk.file_name} NAME` makes one.",
                timeout=10,
            )
            return
        self.push_screen(dialog("sign_in", "SignInDialog")(self.desk, message.names), self._signed_in)

    def _signed_in(self, fits: bool | None) -> None:
        if fits:
            self.notify(f"Signed in as {self.desk.local_name}: the audit names {self.desk.actor}.")
            self.renew()
