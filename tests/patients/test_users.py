"""Local names and PINs: what the audit calls somebody, and how a wrong PIN is slowed down."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui.errors import InputError, StoreError
from pain_tui.patients import users
from pain_tui.patients.patient_file import PatientFile
from tests.cli.program import run
from tests.patients import clinic

BY = {"actor": "ward3", "at": clinic.AT}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PatientFile]:
    """An encrypted file with one local user."""
    with clinic.new(tmp_path / "clinic.duckdb") as made:
        users.add(made, "anna", "2468", **BY)  # type: ignore[arg-type]
        yield made


def _audit(file: PatientFile) -> list[tuple[str, str]]:
    with file.attached() as cursor:
        return cursor.execute(
            "SELECT actor, action FROM clinic.main.audit WHERE action NOT IN ('open', 'create') ORDER BY seq"
        ).fetchall()


def test_a_confirmed_name_is_what_the_audit_says(file: PatientFile) -> None:
    assert users.names(file) == ["anna"]
    assert users.confirm(file, "anna", "2468", login="ward3", at=clinic.AT) == "anna (ward3)"
    file.audit("view", "P-0", at=clinic.AT)
    assert _audit(file) == [("ward3", "user.add"), ("anna (ward3)", "sign_in"), ("anna (ward3)", "view")]
    assert file.verify_audit() == []


@pytest.mark.parametrize(
    ("name", "pin"), [("anna", "2467"), ("anna", ""), ("ANNA", "2468"), ("bert", "2468"), ("", "")]
)
def test_what_does_not_fit_is_refused_and_in_the_audit(file: PatientFile, name: str, pin: str) -> None:
    with pytest.raises(StoreError, match="do not fit"):
        users.confirm(file, name, pin, login="ward3", at=clinic.AT)
    assert _audit(file)[-1] == ("ward3", "pin_failed") and file.actor != "anna (ward3)"


def test_wrong_pins_slow_down_and_a_right_one_ends_it(file: PatientFile) -> None:
    at = clinic.AT
    for _ in range(5):
        with pytest.raises(StoreError, match="do not fit"):
            users.confirm(file, "anna", "0000", login="ward3", at=at)
    with pytest.raises(StoreError, match="5 wrong PINs"):  # also the right one has to wait
        users.confirm(file, "anna", "2468", login="ward3", at=at + dt.timedelta(seconds=1))
    users.confirm(file, "anna", "2468", login="ward3", at=at + dt.timedelta(seconds=2))
    with pytest.raises(StoreError, match="do not fit"):
        users.confirm(file, "anna", "0000", login="ward3", at=at + dt.timedelta(seconds=2))


def test_a_new_pin_and_a_name_taken_away(file: PatientFile) -> None:
    users.add(file, "anna", "1357", **BY)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        users.confirm(file, "anna", "2468", login="ward3", at=clinic.AT)
    users.confirm(file, "anna", "1357", login="ward3", at=clinic.AT)
    users.remove(file, "anna", **BY)  # type: ignore[arg-type]
    assert users.names(file) == []
    with pytest.raises(StoreError):
        users.confirm(file, "anna", "1357", login="ward3", at=clinic.AT)
    with pytest.raises(InputError, match="no local user"):
        users.remove(file, "anna", **BY)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", " anna", "a\x1b[2J", "x" * 41, "anna (root)", "a\nb"])
def test_a_name_that_could_be_taken_for_another_is_refused(file: PatientFile, name: str) -> None:
    with pytest.raises(InputError, match="local name"):
        users.add(file, name, "2468", **BY)  # type: ignore[arg-type]


def test_a_short_pin_is_refused(file: PatientFile) -> None:
    with pytest.raises(InputError, match="too short"):
        users.add(file, "bert", "123", **BY)  # type: ignore[arg-type]


def test_the_pin_does_not_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plain.duckdb"
    with clinic.new(path, passphrase=None) as made:
        users.add(made, "anna", "canarypin", **BY)  # type: ignore[arg-type]
    assert b"canarypin" not in path.read_bytes()


def test_the_verbs(tmp_path: Path) -> None:
    path, pin = tmp_path / "clinic.duckdb", tmp_path / "pin"
    pin.write_text("2468\n")
    assert run("init", path, "--fictional", "--no-encryption").returncode == 0
    assert "anna can sign in" in run("user", "add", path, "anna", "--pin-file", pin, USER="ward3").stdout
    assert run("user", "list", path).stdout == "anna\n"
    signed = {"USER": "ward3", "LOGNAME": "ward3", "PAIN_TUI_USER": "anna", "PAIN_TUI_PIN_FILE": str(pin)}
    listed = run("audit", "list", path, **signed)
    assert "anna (ward3)" in listed.stdout and "sign_in" in listed.stdout, listed.stderr
    pin.write_text("0000\n")
    refused = run("people", path, **signed)
    assert refused.returncode == 4 and "do not fit" in refused.stderr
    asked = run("people", path, **{**signed, "PAIN_TUI_PIN_FILE": ""})
    assert asked.returncode == 4 and "no terminal" in asked.stderr
    assert run("user", "remove", path, "anna").returncode == 0
    assert run("audit", "verify", path).returncode == 0


def test_the_screens_take_the_name_once_the_file_is_open(tmp_path: Path) -> None:
    from pain_tui.tui.desk import Desk

    path = tmp_path / "plain.duckdb"
    with clinic.new(path, passphrase=None) as made:
        users.add(made, "anna", "2468", **BY)  # type: ignore[arg-type]
    desk = Desk(path, actor="ward3", user=("anna", "2468"))
    desk.open()
    assert desk.actor == desk.file.actor == "anna (ward3)"
    desk.close()
    wrong = Desk(path, actor="ward3", user=("anna", "0000"))
    with pytest.raises(StoreError, match="do not fit"):
        wrong.open()
    assert not wrong.is_open and wrong.actor == "ward3"
