"""What `pain-tui demo` does: the fictional clinic is made once, kept in a folder, and opened."""

from pathlib import Path

from pain_tui.cli import common
from pain_tui.errors import UsageError

CLINIC = "clinic.duckdb"
SHOWN_IN_FULL = "FIC-T01"
OTHERS = 56  # people besides the teaching cases


def show(
    folder: Path, *, reset: bool, seed: int | None = None, large: bool = False, plain: bool = False
) -> None:
    """Open the fictional clinic kept in `folder`; plain, or without a terminal, print its list and one assessment.

    seed: other people around the teaching cases, the same for the same seed. large: for a projector.
    """
    from pain_tui.cli import assessing, quick, screens

    file = folder / CLINIC
    if seed is not None and file.exists() and not reset:
        raise UsageError(
            f"{file} is there already, and a seed makes other people.",
            "Add --reset to make it anew, or name another folder.",
        )
    if reset:
        _throw_away(file)
    if not file.exists():
        _make(file) if seed is None else _draw(file, seed)
    if quick.has_screen() and not plain:
        screens.run_screens(file, None, None, None, "contrast" if large else None, large=large)
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


def _draw(file: Path, seed: int) -> None:
    """The teaching cases, and as many drawn people as the usual clinic has besides."""
    from pain_tui.patients.fictional.clinic import teaching_cases, write_clinic
    from pain_tui.patients.fictional.people import default_as_of, draw_people

    file.parent.mkdir(parents=True, exist_ok=True)
    common.note(f"Making a fictional clinic of seed {seed} in {file} ...")
    people = [*(case["record"] for case in teaching_cases()), *draw_people(OTHERS, seed, default_as_of())]
    made, _ = write_clinic(file, people, as_of=default_as_of(), actor=common.actor(), at=common.now())
    made.close()


def _throw_away(file: Path) -> None:
    for made in (file, Path(f"{file}.wal")):
        made.unlink(missing_ok=True)
