"""The command `pain-tui`: joins the verb groups and leaves with one exit code.

Each verb group is one module with `register(app)`. Those modules import nothing heavy at the top, so that
`--help` needs neither Textual, nor DuckDB, nor scikit-learn.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

VERB_GROUPS = (
    "screens",
    "patient_file",
    "importing",
    "assessing",
    "scoring",
    "genotype",
    "safety",
    "model",
    "knowing",
    "sample",
    "about",
)


def build() -> "typer.Typer":
    """The whole command, every verb group registered."""
    import typer

    app = typer.Typer(
        name="pain-tui",
        help="Offline decision support for interventional pain medicine.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=False,
    )
    for group in VERB_GROUPS:
        if find_spec(f"pain_tui.cli.{group}") is not None:
            import_module(f"pain_tui.cli.{group}").register(app)
    return app


def run(arguments: list[str] | None = None) -> None:
    """Run one command line and leave with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if len(words) <= 1:
        # The screens on a plain path need no command-line library: a quarter of a second less to the first frame.
        from pain_tui.cli import quick

        if quick.opened(words):
            return
    import typer

    from pain_tui.cli.leaving import run_command

    sys.exit(run_command(typer.main.get_command(build()), words))
