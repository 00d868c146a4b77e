"""Kill the program at random moments, many times, and look at what is left. A program of its own, not a test.

    python -m tests.patients.kills --rounds 500 --seed 1 --folder EMPTY_FOLDER

This process imports everything once and never opens DuckDB; each round forks a worker that does one kind of action
over and over, waits until the worker says that it has begun one, kills it a random moment later (`kill -9`), and
forks a second process that opens the file and compares it with what the worker had said. Prints one JSON object:
kills, kills in the middle of an action, by kind, and every fault found.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pain_tui.patients import backup, crypt, decide, edit, intake, migrate, passphrase, restore, room
from pain_tui.patients import file as patient_file
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


# --- the look afterwards ---------------------------------------------------------------------------------


def look(path: Path, kind: str, said: list[tuple[str, str, int]]) -> list[str]:
    """Everything that is wrong with the file after a kill."""
    ended = {(each, n) for word, each, n in said if word == "end"}
    begun = {(each, n) for word, each, n in said if word == "begin"} - ended
    if kind == "migrate":
        migrate.FOLDER = path.parent / "migrations"
    faults: list[str] = []
    with _opened(path, ended, begun, faults) as file:
        health = backup.verify(file)
        faults += [f"audit: {found.say}" for found in health.breaks]
        with file.attached() as cursor:

            def count(question: str) -> int:
                row = cursor.execute(question).fetchone()
                return int(row[0]) if row else 0

            if kind == "restore":
                faults += _after_restoring(path, count, ended)
            elif kind == "migrate":
                if count("SELECT count(*) FROM clinic.main.visit WHERE room IS NULL") != 3:
                    faults.append("the migration is half done")
            else:
                faults += _effects(count, ended, begun)
        enter(file, 9999)  # and it can be written again
        if file.verify_audit():
            faults.append("the audit broke after going on")
    return faults + _copies(path, ended)


def _opened(
    path: Path, ended: set[tuple[str, int]], begun: set[tuple[str, int]], faults: list[str]
) -> PatientFile:
    """With the last passphrase that was said to hold, or with the one that was being set."""
    finished = max((n for each, n in ended if each == "passphrase"), default=None)
    words = clinic.PASSPHRASE if finished is None else f"words number {finished}"
    coming = [f"words number {n}" for each, n in begun if each == "passphrase"]
    try:
        return clinic.open_again(path, words)
    except patient_file.StoreError:
        if not coming:
            raise
        return clinic.open_again(path, coming[0])


# how many rows one action leaves, and how many audit rows
_LEFT = {
    "import": (
        "(SELECT count(*) FROM clinic.main.person WHERE starts_with(person, 'K{n}-')) + "
        "(SELECT count(*) FROM clinic.main.observation WHERE starts_with(person, 'K{n}-')) + "
        "(SELECT count(*) FROM clinic.main.import_run WHERE source = 'k{n}')",
        3 * PEOPLE + 1,
    ),
    "edit": (
        "(SELECT count(*) FROM clinic.main.medication WHERE drug = 'e{n}') + "
        "(SELECT count(*) FROM clinic.main.person_name WHERE given = 'e{n}')",
        4,
    ),
    "override": ("(SELECT count(*) FROM clinic.main.override WHERE rule = 'r{n}')", 1),
    "sign": ("(SELECT count(*) FROM clinic.main.plan WHERE note = 'p{n}' AND state = 'signed')", 1),
    "save": (
        "(SELECT count(*) FROM clinic.main.medication WHERE drug = 's{n}') + "
        "(SELECT count(*) FROM clinic.main.override WHERE rule = 's{n}') + "
        "(SELECT count(*) FROM clinic.main.plan WHERE note = 's{n}')",
        3,
    ),
    "delete": ("(SELECT -count(*) FROM clinic.main.person WHERE person = 'X-{n}')", 0),
}
# an action's rows and its audit rows are there together
_PAIRS = (
    ("override", "kind = 'override'", "override"),
    ("plan", "state = 'signed'", "plan.signed"),
    ("plan", "state = 'draft'", "plan.draft"),
    ("list_review", "TRUE", "list_review"),
    ("medication", "TRUE", "medication.add"),
    ("import_run", "TRUE", "import"),
)


def _effects(
    count: Callable[[str], int], ended: set[tuple[str, int]], begun: set[tuple[str, int]]
) -> list[str]:
    faults = []
    for each, n in sorted(ended | begun):
        if each not in _LEFT:
            continue
        question, whole = _LEFT[each]
        there = count(f"SELECT {question.format(n=n)}")
        if (each, n) in ended and there != whole:
            faults.append(f"lost: {each} {n} was finished, {there} of {whole} rows are there")
        elif (each, n) in begun and there not in (0, whole) and each != "delete":
            faults.append(f"half: {each} {n} was not finished, {there} of {whole} rows are there")
    for table, which, action in _PAIRS:
        rows = count(f"SELECT count(*) FROM clinic.main.{table} WHERE {which}")
        noted = count(f"SELECT count(*) FROM clinic.main.audit WHERE action = '{action}'")
        if rows != noted:
            faults.append(f"half: {rows} rows of {table}, {noted} audit rows {action}")
    changed = count("SELECT count(*) FROM clinic.main.audit WHERE action = 'passphrase'")
    finished = len([1 for each, _ in ended if each == "passphrase"])
    if not finished <= changed <= finished + 1:
        faults.append(f"half: {finished} passphrases set, {changed} audit rows")
    return faults


def _after_restoring(path: Path, count: Callable[[str], int], ended: set[tuple[str, int]]) -> list[str]:
    newer = count("SELECT count(*) FROM clinic.main.medication WHERE drug = 'e1'")
    kept = sorted(path.parent.glob("*.before-restore-*.duckdb"))
    faults = []
    if ended and newer:
        faults.append("lost: the restoring was finished, the file is the one before")
    if not newer:  # then the newer file must be whole under its other name
        with clinic.open_again(kept[0], note_opening=False) as other:
            if not backup.verify(other).is_whole or backup.verify(other).rows["medication"] != 3:
                faults.append("lost: the replaced file is not whole")
    return faults


def _copies(path: Path, ended: set[tuple[str, int]]) -> list[str]:
    """Every backup that has its name opens, with the passphrase of its moment, and is whole."""
    faults = []
    there = {int(each.stem.split("-")[1]): each for each in path.parent.glob("copy-*.duckdb")}
    for n in sorted(n for each, n in ended if each == "backup"):
        if n not in there:
            faults.append(f"lost: backup {n} was finished")
    for n, each in there.items():
        if n > 1 and n not in (max(there), max(there) - 1):
            continue  # the first and the last ones say enough, and the rounds stay short
        with clinic.open_again(each, note_opening=False) as opened:
            if not backup.verify(opened).is_whole:
                faults.append(f"backup {n} is not whole")
    return faults


# --- the rounds ------------------------------------------------------------------------------------------


def child(job: Callable[[Callable[[str], None]], None]) -> tuple[int, int]:
    """Fork; the child runs `job(write)` and ends. Returns its id and the end of the pipe to read."""
    reading, writing = os.pipe()
    made = os.fork()
    if made:
        os.close(writing)
        return made, reading
    os.close(reading)
    code = 0
    try:
        job(lambda text: os.write(writing, text.encode()) and None)
    except BaseException:
        os.write(writing, ("fault " + json.dumps(traceback.format_exc()[-1500:]) + "\n").encode())
        code = 1
    os._exit(code)


def all_of(reading: int) -> str:
    """What is left in a pipe, until its other end is closed."""
    parts = []
    while part := os.read(reading, 65536):
        parts.append(part)
    os.close(reading)
    return b"".join(parts).decode()


class Rounds:
    """Makes the file once; then round after round on a copy of it."""

    def __init__(self, folder: Path, seed: int, kinds: tuple[str, ...] = KINDS) -> None:
        self.folder, self.draw, self.kinds = folder, random.Random(seed), kinds
        self.lasts: dict[str, float] = {}  # how long an action of a kind took
        self.kills = self.inside = 0
        self.by_kind: dict[str, list[int]] = {kind: [0, 0] for kind in kinds}
        self.faults: list[str] = []
        made, reading = child(self._make)
        said = all_of(reading)
        os.waitpid(made, 0)
        assert not said, said

    def _make(self, _: Callable[[str], None]) -> None:
        (self.folder / "template").mkdir()
        with clinic.new(self.folder / "template" / "clinic.duckdb") as file:
            clinic.bring(file, clinic.tables())
        slow = self.folder / "template" / "migrations"
        shutil.copytree(migrate.FOLDER, slow)
        (slow / "0098_next.sql").write_text(
            "ALTER TABLE visit ADD COLUMN room VARCHAR; CREATE TABLE slow AS SELECT range AS i FROM range(300000);"
        )

    def round(self, number: int) -> None:
        """One worker, one kill, one look."""
        kind = self.kinds[number % len(self.kinds)]
        if kind not in self.lasts:
            self._measure(kind)
        path, worker, reading = self._worker(f"round-{number}", kind)
        said = self._until_it_began(reading, kind, self.draw.randint(1, 4))
        time.sleep(self.draw.random() * 1.1 * self.lasts[kind])
        os.kill(worker, signal.SIGKILL)
        said += all_of(reading)
        os.waitpid(worker, 0)
        lines = said.splitlines()
        story = [tuple(json.loads(line)) for line in lines if line.startswith("[") and line.endswith("]")]
        self.faults += [
            f"round {number} ({kind}): worker {line}" for line in lines if line.startswith("fault")
        ]
        begun = len([1 for word, *_ in story if word == "begin"])
        unfinished = begun > len([1 for word, *_ in story if word == "end"])
        self.kills += 1
        self.inside += unfinished
        self.by_kind[kind][0] += 1
        self.by_kind[kind][1] += unfinished
        self._look(number, path, kind, story)
        shutil.rmtree(path.parent)

    def _worker(self, name: str, kind: str) -> tuple[Path, int, int]:
        place = self.folder / name
        shutil.copytree(self.folder / "template", place)
        path = place / "clinic.duckdb"

        def job(write: Callable[[str], None]) -> None:
            work(path, kind, lambda word, each, n: write(json.dumps([word, each, n]) + "\n"))

        return path, *child(job)

    def _measure(self, kind: str) -> None:
        """How long one action of a kind takes, so that the kills fall into all of it."""
        path, worker, reading = self._worker("measured", kind)
        self._until_it_began(reading, kind, 1)
        began, said = time.monotonic(), ""
        while "end" not in said:
            said += os.read(reading, 4096).decode() or "end"
        self.lasts[kind] = time.monotonic() - began
        os.kill(worker, signal.SIGKILL)
        all_of(reading)
        os.waitpid(worker, 0)
        shutil.rmtree(path.parent)

    def _until_it_began(self, reading: int, kind: str, times: int) -> str:
        """Read until the action has begun so often."""
        said = ""
        while True:
            part = os.read(reading, 1)
            if not part:
                return said
            said += part.decode()
            if part != b"\n":
                continue
            line = said.splitlines()[-1]
            if not line.startswith("["):
                continue
            word, each, _ = json.loads(line)
            if each == kind and word == "begin":
                times -= 1
                if times == 0 or kind in ("migrate", "restore"):
                    return said

    def _look(self, number: int, path: Path, kind: str, story: list[tuple[str, str, int]]) -> None:
        def job(write: Callable[[str], None]) -> None:
            for fault in look(path, kind, story):
                write("fault " + json.dumps(fault) + "\n")

        looker, reading = child(job)
        found = all_of(reading)
        os.waitpid(looker, 0)
        self.faults += [f"round {number} ({kind}): {line}" for line in found.splitlines()]

    def told(self) -> dict[str, Any]:
        """What was found."""
        return {
            "kills": self.kills,
            "in the middle of an action": self.inside,
            "milliseconds of one action": {kind: round(1000 * lasts) for kind, lasts in self.lasts.items()},
            "by kind": {kind: f"{inside} of {kills}" for kind, (kills, inside) in self.by_kind.items()},
            "faults": self.faults,
        }


def main() -> None:
    """The rounds, and what they found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--only", choices=KINDS)
    options = asked.parse_args()
    cheap()
    with contextlib.suppress(KeyboardInterrupt):
        rounds = Rounds(options.folder, options.seed, (options.only,) if options.only else KINDS)
        for number in range(options.rounds):
            rounds.round(number)
    print(json.dumps(rounds.told(), indent=1))
    sys.exit(1 if rounds.faults else 0)


if __name__ == "__main__":
    main()
