"""The verbs about the program itself: versions, paths, health."""

from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import PainTuiError


def register(app: typer.Typer) -> None:
    """Add `where` and `doctor`."""
    app.command()(where)
    app.command()(doctor)


def _print_versions(wanted: bool) -> None:
    if wanted:
        stated = common.versions()
        common.out(
            f"pain-tui {stated['program']}  knowledge {stated['knowledge']}  "
            f"model {stated['model'] or 'none'}"
            + (f"  clinic's own rules {own}" if (own := stated.get("clinic_rules")) else "")
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
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules",
            metavar="FILE",
            help="The clinic's own rules (otherwise rules.toml of the settings folder); `none` for none.",
        ),
    ] = None,
) -> None:
    """Offline decision support for interventional pain medicine.

    `pain-tui FILE` opens the screens on a patient file; `pain-tui demo` shows the fictional clinic.

    Example: pain-tui --rules own.toml check clinic.duckdb
    """
    if rules is not None:
        from pain_tui.knowledge import own_rules

        own_rules.look_at(None if rules == "none" else Path(rules))


def where(json: common.JsonOption = False) -> None:
    """Print the paths in use.

    Example: pain-tui where
    """
    from pain_tui import paths
    from pain_tui.knowledge import own_rules

    folders = {
        "program": paths.PACKAGE,
        "knowledge": paths.PACKAGE / "knowledge",
        "models": paths.data_folder("models"),
        "sample_data": paths.data_folder("sample_data"),
        "settings": paths.settings_folder(),
        "clinic_rules": paths.settings_folder() / own_rules.NAME,
        "state": paths.state_folder(),
        "bug_log": paths.state_folder() / "bugs.log",
    }
    if json:
        common.write_json({"paths": {name: str(folder) for name, folder in folders.items()}})
        return
    for name, folder in folders.items():
        common.out(f"{name:12} {folder}")


def doctor(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Also look at this patient file (no passphrase needed)."),
    ] = None,
    offline_proof: Annotated[
        bool,
        typer.Option("--offline-proof", help="Show what is checked about being offline, and the result."),
    ] = False,
    json: common.JsonOption = False,
) -> None:
    """Versions and health: installation, terminal, a patient file; exit 3 when something is wrong.

    Example: pain-tui doctor --offline-proof
    """
    from pain_tui.cli import doctor as looks

    checks = [*looks.offline_proof()] if offline_proof else [*looks.installation(), *looks.terminal()]
    if file is not None:
        checks += looks.patient_file(file)
    if json:
        common.write_json(
            {"checks": [{"state": c.state, "about": c.about, "found": c.found} for c in checks]}
        )
    else:
        for check in checks:
            common.out(f"{check.state:6}{check.about:36} {check.found}")
    if any(check.state == "wrong" for check in checks):
        raise typer.Exit(PainTuiError.exit_code)
