"""What the kills of kills.py interrupt: one function a kind of action, and the worker that does it over and over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pain_tui.patients import backup, crypt, decide, edit, intake, migrate, passphrase, restore, room
from pain_tui.patients.patient_file import PatientFile
from pain_tui.tui import saving
from pain_tui.tui.draft import Edit
from tests.patients import clinic

WHO: dict[str, Any] = {"actor": clinic.WHO, "at": clinic.AT}
PEOPLE = 150  # of one import
TIMES = 400  # actions a worker does at most


def cheap() -> None:
    """No knowledge tables, and keys that cost 1 MB."""
    whole = room.open_room
    room.open_room = lambda *a, **k: whole(*a, **{**k, "knowledge": False})  # type: ignore[assignment]
    crypt.SCRYPT_N = 2**10


# --- the actions -----------------------------------------------------------------------------------------


def bring(file: PatientFile, n: int) -> None:
    """An import of people with two observations each."""
    people = [{"person": f"K{n}-{i}", "fictional": True, "sex": "female"} for i in range(PEOPLE)]
    seen = [{"person": p["person"], "code": "nrs_average", "value": float(v)} for p in people for v in (3, 4)]
    found = {"person": people, "observation": seen}
    intake.bring_in(file, found, source=f"k{n}", reader="csv", rows_read=3 * PEOPLE, **WHO)


def enter(file: PatientFile, n: int) -> None:
    """Three medicines and a corrected name in one transaction."""
    added = [edit.Change("medication", "add", "P-0", None, {"drug": f"e{n}"}) for _ in range(3)]
    edit.apply(file, [*added, edit.Change("person_name", "correct", "P-0", None, {"given": f"e{n}"})], **WHO)


def override(file: PatientFile, n: int) -> None:
    """A STOP overridden with a reason."""
    decide.record_override(file, "P-0", f"r{n}", tier="STOP", reason="because", **WHO)


def sign(file: PatientFile, n: int) -> None:
    """A plan saved as a draft, then signed."""
    decide.save_plan(file, "P-0", options=["watch"], note=f"p{n}", state="signed", **WHO)


def save(file: PatientFile, n: int) -> None:
    """What the screens store at once: a medicine, a list stated complete, an override, a plan."""

    def one(table: str, op: str, **values: Any) -> Edit:
        return Edit(table, op, "P-1", None, values, says="", slot=table)

    edits = [
        one("medication", "add", drug=f"s{n}"),
        one("list_review", "add", list="medication", complete=True),
        one("override", "add", rule=f"s{n}", tier="CAUTION", kind="acknowledge"),
        one("plan", "add", options=["watch"], note=f"s{n}"),
    ]
    saving.save(file, "P-1", edits, as_of=clinic.AT.date(), versions={}, **WHO)


def copy(file: PatientFile, n: int) -> None:
    """A backup."""
    backup.backup(file, file.path.with_name(f"copy-{n}.duckdb"), **WHO)


def rekey(file: PatientFile, n: int) -> None:
    """Another passphrase."""
    passphrase.change(file, f"words number {n}", None, **WHO)


def recode(file: PatientFile, n: int) -> None:
    """Another recovery code."""
    passphrase.new_recovery_code(file, **WHO)


def remove(file: PatientFile, n: int) -> None:
    """A person deleted, and the file written anew."""
    person = f"X-{n}"
    edit.apply(file, [edit.Change("person", "add", person, None, {"fictional": True})], **WHO)
    decide.delete_person(file, person, **WHO)
    backup.rewrite(file)


ACTIONS: dict[str, Callable[[PatientFile, int], None]] = {
    "import": bring,
    "edit": enter,
    "override": override,
    "sign": sign,
    "save": save,
    "backup": copy,
    "passphrase": rekey,
    "recovery code": recode,
    "delete": remove,
}
KINDS = (*ACTIONS, "migrate", "restore")


# --- the worker ------------------------------------------------------------------------------------------


def work(path: Path, kind: str, say: Callable[[str, str, int], None]) -> None:
    """Do one kind of action until killed, an edit between each two; say what has begun and what has ended."""
    if kind == "migrate":
        migrate.FOLDER = path.parent / "migrations"
        say("begin", kind, 0)
        clinic.open_again(path).close()
        say("end", kind, 0)
        return
    file = clinic.open_again(path)
    if kind == "restore":
        _work_restoring(file, say)
        return
    for n in range(TIMES):
        for each in (kind, "edit") if kind != "edit" else ("edit",):
            say("begin", each, n)
            ACTIONS[each](file, n)
            say("end", each, n)


def _work_restoring(file: PatientFile, say: Callable[[str, str, int], None]) -> None:
    source = backup.backup(file, file.path.with_name("source.duckdb"), **WHO)
    enter(file, 1)
    file.close()
    say("begin", "restore", 0)
    restore.restore(source, file.path, passphrase=clinic.PASSPHRASE, key_file=None, **WHO)
    say("end", "restore", 0)
