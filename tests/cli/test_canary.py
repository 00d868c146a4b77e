"""Names planted in a real file: after a working day no file that the program wrote holds one of them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import run

_FAMILY, _GIVEN, _ID = "Zyxcanary", "Quocanary", "canary-0815"
_SEARCHED = [word.encode() for word in ("zyxcanary", "quocanary", "canary-0815", "codeine", "1957-03-14")]


def _bundle() -> dict[str, object]:
    person = {
        "resourceType": "Patient",
        "id": _ID,
        "name": [{"family": _FAMILY, "given": [_GIVEN]}],
        "gender": "female",
        "birthDate": "1957-03-14",
    }
    order = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{_ID}"},
        "authoredOn": "2026-11-01",
        "medicationCodeableConcept": {"text": "codeine 30 mg oral tablet"},
        "dosageInstruction": [{"text": f"1 tablet every 6 hours, given to {_FAMILY}"}],
    }
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": person}, {"resource": order}],
    }


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """The outside file and the passphrase lie apart from everything the program writes."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "bundle.json").write_text(json.dumps(_bundle()))
    (tmp_path / "outside" / "secret").write_text("correct horse battery\n")
    for folder in ("work", "home", "temp"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_no_name_is_left_in_any_file(day: Path) -> None:
    work, secret = day / "work", str(day / "outside" / "secret")
    clinic = work / "clinic.duckdb"
    where = {
        "HOME": str(day / "home"), "XDG_STATE_HOME": str(day / "home" / "state"), "TMPDIR": str(day / "temp"),
        "PAIN_TUI_PASSPHRASE_FILE": secret,
    }  # fmt: skip

    def does(*words: str | Path, code: int = 0) -> str:
        ended = run(*words, **where)
        assert ended.returncode == code, ended.stderr
        return ended.stdout

    does("init", clinic)
    does("import", clinic, day / "outside" / "bundle.json", "--as-of", "2026-11-24")
    assert _ID in does("people", clinic, "--as-of", "2026-11-24")
    does(
        "score",
        clinic,
        "--out",
        work / "f.parquet",
        "--findings",
        work / "w.parquet",
        "--as-of",
        "2026-11-24",
    )
    does("backup", clinic, work / "copy.duckdb")
    _killed_in_the_middle(clinic, where)
    _killed_with_a_draft(clinic, where)
    _killed_in_a_change_of_passphrase(clinic, where)
    assert clinic.with_name("clinic.keys.next").exists() and list(work.glob("clinic.duckdb.draft-*"))
    (work / "kept").mkdir()  # as they lie there after the crash, before anything tidies up
    for file in (*work.glob("clinic.duckdb.draft-*"), clinic.with_name("clinic.keys.next")):
        (work / "kept" / file.name).write_bytes(file.read_bytes())
    said = _crashed(clinic, where)
    assert [word for word in _SEARCHED if word.decode() in said.lower()] == []
    does("export", clinic, "--deidentify", "--smallest-cell", "2", "--out", work / "tables", code=3)
    does("import", clinic, _others(day), "--as-of", "2026-11-24")
    does("export", clinic, "--deidentify", "--smallest-cell", "2", "--out", work / "tables")
    does("verify", clinic)
    does("audit", "verify", clinic)
    does("delete", clinic, "nobody", "--yes", code=3)
    _search(day, written_with_ids={"f.parquet", "w.parquet"})


def _others(day: Path) -> Path:
    """Four more people like her, so that some leave with an export without identity."""
    entries = []
    for number in range(4):
        bundle = json.loads(
            json.dumps(_bundle()).replace(_ID, f"{_ID}-{number}").replace("m1", f"m1{number}")
        )
        entries += bundle["entry"]
    path = day / "outside" / "others.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def _run_and_kill(program: str, where: dict[str, str], code: int) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **where}, check=False, timeout=60,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == code, ended.stderr
    return ended.stdout + ended.stderr


_OPENED = """
import datetime as dt, os, signal
from pathlib import Path
from pain_tui.patients import crypt, file, passphrase
crypt.SCRYPT_N = 2**10
at = dt.datetime(2026, 11, 24)
opened = file.open_file(Path({clinic!r}), passphrase="correct horse battery", actor="a", at=at, knowledge=False)
"""


def _killed_with_a_draft(clinic: Path, where: dict[str, str]) -> None:
    program = (
        _OPENED.format(clinic=str(clinic))
        + f"""
from pain_tui.tui.draft import Draft, Edit
from pain_tui.tui.kept import Keeper
edit = Edit("preference", "add", {_ID!r}, None, {{"text": "{_FAMILY} wants to walk"}}, "goal: {_GIVEN}", "goal:new0")
Keeper(opened, "a").keep(Draft({_ID!r}, [edit]), at)
os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    _run_and_kill(program, where, -signal.SIGKILL)


def _killed_in_a_change_of_passphrase(clinic: Path, where: dict[str, str]) -> None:
    """The coming keys are announced, and the commit never happens."""
    program = (
        _OPENED.format(clinic=str(clinic))
        + f"""
opened._commit = lambda cursor: os.kill(os.getpid(), signal.SIGKILL)
opened.opening_is_noted = True
passphrase.change(opened, "{_FAMILY} {_GIVEN} new", None, actor="a", at=at)
"""
    )
    _run_and_kill(program, where, -signal.SIGKILL)


def _crashed(clinic: Path, where: dict[str, str]) -> str:
    """A bug of ours whose message and variables hold a name: what is printed. Its log is searched with the rest."""
    program = f"""
import sys
from pain_tui.assess import case
from pain_tui.patients import crypt
crypt.SCRYPT_N = 2**10
def broken(*_, **__):
    person = "{_FAMILY}"
    raise ValueError(person, "{_ID}")
case.from_file = broken
sys.argv = ["pain-tui", "people", {str(clinic)!r}]
from pain_tui.cli.main import run
run()
"""
    return _run_and_kill(program, where, 1)


def _killed_in_the_middle(clinic: Path, where: dict[str, str]) -> None:
    program = f"""
import datetime as dt, os, signal
from pathlib import Path
from pain_tui.patients import edit, file
at = dt.datetime(2026, 11, 24)
words = "correct horse battery"
opened = file.open_file(Path({str(clinic)!r}), passphrase=words, actor="a", at=at, knowledge=False)
with opened.attached(write=True) as cursor:
    cursor.execute("UPDATE clinic.main.person_name SET given = '{_GIVEN} again'")
    cursor.execute("CREATE TEMP TABLE spill AS SELECT '{_FAMILY}' || i AS x FROM range(200000) t(i)")
    cursor.execute("SELECT count(*) FROM (SELECT x FROM spill ORDER BY x)").fetchall()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **where}, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL


def _search(day: Path, written_with_ids: set[str]) -> None:
    """Scores carry the opaque id and the drug of a finding, an export without identity a drug that enough people
    take, by design; nothing else may stand anywhere.
    """
    written = [
        file for folder in ("work", "home", "temp") for file in (day / folder).rglob("*") if file.is_file()
    ]
    assert {"clinic.duckdb", "clinic.keys", "copy.duckdb", *written_with_ids} <= {
        file.name for file in written
    }
    for file in written:
        contents = file.read_bytes().lower()
        allowed = {_ID.encode(), b"codeine"} if file.name in written_with_ids else set()
        if file.parent.name == "tables":
            allowed = {b"codeine"}
        assert [word for word in _SEARCHED if word in contents and word not in allowed] == [], file
