"""The verbs about the program itself: versions, paths, health."""

from typing import Annotated

import typer

from pain_tui.cli import common


def register(app: typer.Typer) -> None:
    """Add `--version`, `where` and `doctor`."""
    app.callback()(program)
    app.command()(where)


def _print_versions(wanted: bool) -> None:
    if wanted:
        stated = common.versions()
        common.out(
            f"pain-tui {stated['program']}  knowledge {stated['knowledge']}  "
            f"model {stated['model'] or 'none'}"
        )
        raise typer.Exit(0)


def program(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_versions,
            is_eager=True,
            help="Print program, knowledge and model versions.",
        ),
    ] = False,
) -> None:
    """Offline decision support for interventional pain medicine.

    `pain-tui FILE` opens the screens on a patient file; `pain-tui demo` shows the fictional clinic.
    """


def where(json: common.JsonOption = False) -> None:
    """Print the paths in use.

    Example: pain-tui where
    """
    from pain_tui import paths

    folders = {
        "program": paths.PACKAGE,
        "knowledge": paths.PACKAGE / "knowledge",
        "models": paths.data_folder("models"),
        "sample_data": paths.data_folder("sample_data"),
        "settings": paths.settings_folder(),
        "state": paths.state_folder(),
        "bug_log": paths.state_folder() / "bugs.log",
    }
    if json:
        common.write_json({"paths": {name: str(folder) for name, folder in folders.items()}})
        return
    for name, folder in folders.items():
        common.out(f"{name:12} {folder}")
