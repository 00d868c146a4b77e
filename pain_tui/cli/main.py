"""The command `pain-tui`: joins the verb groups and leaves with one exit code.

Each verb group is one module with `register(app)`. Only the group of the asked verb is loaded, so that one
verb does not pay for the others, and `--help` loads no library at all.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from pain_tui.cli.verbs import MODULE_OF, help_text

if TYPE_CHECKING:
    import typer

VERB_GROUPS = tuple(dict.fromkeys((*MODULE_OF.values(), "about")))


def build(groups: tuple[str, ...] = VERB_GROUPS) -> "typer.Typer":
    """The command with these verb groups registered; all of them when left out."""
    import typer

    from pain_tui.cli import about

    app = typer.Typer(
        name="pain-tui",
        help="Offline decision support for interventional pain medicine.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=False,
    )
    app.callback()(about.program)
    for group in groups:
        import_module(f"pain_tui.cli.{group}").register(app)
    return app


def run(arguments: list[str] | None = None) -> None:
    """Run one command line and leave with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--help"]:
        sys.stdout.write(help_text() + "\n")
        return
    _look_for_own_rules()
    if len(words) <= 1:
        # The screens on a plain path need no command-line library: a quarter second less to the first frame.
        from pain_tui.cli import quick

        if quick.opened(words):
            return
    import typer

    from pain_tui.cli.leaving import run_command

    only = MODULE_OF.get(words[0]) if words else None
    groups = VERB_GROUPS if only is None else (only,)
    sys.exit(run_command(typer.main.get_command(build(groups)), words))


def _look_for_own_rules() -> None:
    """The clinic's own rules lie in the settings folder, when there are some; they are read when first needed."""
    from pain_tui.knowledge import own_rules
    from pain_tui.paths import settings_folder

    file = settings_folder() / own_rules.NAME
    own_rules.look_at(file if file.exists() else None)
