"""Textual bindings and command-palette entries, made from the registry of actions."""

from collections.abc import Callable

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider

from pain_tui.tui import actions

# Keys that a pane handles itself and that the registry only lists.
_OWN = {"tab_section", "next_group"}


def bindings(screen: str) -> list[BindingType]:
    """The bindings of one screen."""
    return [
        Binding(
            key,
            f"do('{action.id}')",
            action.label,
            show=False,
            tooltip=action.help,
            id=action.id if key == action.key else f"{action.id}-twin",
        )
        for action in actions.of_screen(screen)
        for key in action.keys
        if action.id not in _OWN
    ]


class ActionProvider(Provider):
    """Every action of the present screen, found by its name or its help."""

    def _entries(self) -> list[actions.Action]:
        screen_id = getattr(self.screen, "screen_id", "")
        return [
            a
            for a in actions.of_screen(screen_id)
            if a.id != "palette" and self.screen.check_action("do", (a.id,))
        ]

    def _command(self, action: actions.Action) -> tuple[str, str]:
        return (
            f"{action.label}  ({', '.join((action.shown_key, *((action.twin,) if action.twin else ())))})",
            action.help,
        )

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for action in self._entries():
            title, explained = self._command(action)
            yield DiscoveryHit(title, self._runner(action), help=explained)

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for action in self._entries():
            title, explained = self._command(action)
            score = max(matcher.match(title), matcher.match(explained) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(title), self._runner(action), help=explained)

    def _runner(self, action: actions.Action) -> Callable[[], None]:
        screen = self.screen

        def run() -> None:
            screen.call_later(screen.run_action, f"do('{action.id}')")

        return run
