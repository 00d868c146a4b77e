"""What `pain-tui demo` does: the fictional clinic is made once, kept in a folder, and opened."""

from pathlib import Path

from pain_tui.cli import common

CLINIC = "clinic.duckdb"
SHOWN_IN_FULL = "FIC-T01"


def show(folder: Path, *, reset: bool) -> None:
    """Open the fictional clinic kept in `folder`; without a terminal print its list and one full assessment."""
    from pain_tui.cli import assessing, quick, screens

    file = folder / CLINIC
    if reset:
        _throw_away(file)
    if not file.exists():
        _make(file)
    if quick.has_screen():
        screens.open_screens(file)
        return
    assessing.people(file)
    common.out()
    assessing.assess(file, SHOWN_IN_FULL)


def _make(file: Path) -> None:
    """The clinic of sample_data, read by the same reader as any other folder of tables."""
    from pain_tui.paths import data_folder
    from pain_tui.patients.fictional.people import default_as_of
    from pain_tui.patients.file import create
    from pain_tui.patients.readers import bring, dispatch
    from pain_tui.patients.readers.base import Options

    file.parent.mkdir(parents=True, exist_ok=True)
    common.note(f"Making the fictional clinic in {file} ...")
    with create(
        file,
        kind="fictional",
        passphrase=None,
        default_as_of=default_as_of(),
        time_zone="UTC",
        actor=common.actor(),
        at=common.now(),
    ) as made:
        read = dispatch.read(
            [data_folder("sample_data") / "clinic"], "csv", Options(as_of=default_as_of(), time_zone="UTC")
        )
        bring.store(made, read.readings, declare_fictional=False, actor=common.actor(), at=common.now())


def _throw_away(file: Path) -> None:
    for made in (file, Path(f"{file}.wal")):
        made.unlink(missing_ok=True)
