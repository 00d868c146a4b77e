"""The look after a kill of kills.py: opens the file and compares it with what the worker had said."""

from collections.abc import Callable
from pathlib import Path

from pain_tui.patients import backup, migrate
from pain_tui.patients import file as patient_file
from pain_tui.patients.patient_file import PatientFile
from tests.patients import clinic
from tests.patients.kill_actions import PEOPLE, enter


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
