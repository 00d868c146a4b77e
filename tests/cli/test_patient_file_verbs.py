"""The verbs that make and care for a patient file, run as a shell would."""

import json
from pathlib import Path

import pytest

from tests.cli.program import run


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    made = tmp_path / "secret.txt"
    made.write_text("correct horse battery\n")
    return made


@pytest.fixture
def clinic(tmp_path: Path, secret: Path) -> Path:
    path = tmp_path / "clinic.duckdb"
    assert run("init", path, "--passphrase-file", secret).returncode == 0
    return path


def test_init_prints_the_recovery_code_once(tmp_path: Path, secret: Path) -> None:
    ended = run("init", tmp_path / "a.duckdb", "--passphrase-file", secret, "--json")
    made = json.loads(ended.stdout)
    assert (made["kind"], made["encrypted"], len(made["recovery_code"])) == ("real", True, 39)
    code = tmp_path / "code.txt"
    code.write_text(made["recovery_code"])
    assert run("verify", tmp_path / "a.duckdb", "--passphrase-file", code).returncode == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--no-encryption"], 2),
        (["--as-of", "2026-01-01"], 2),
        (["--fictional", "--no-encryption", "--as-of", "soon"], 2),
        (["--fictional", "--no-encryption", "--time-zone", "Mars/Olympus"], 2),
        ([], 4),
        (["--fictional", "--no-encryption"], 0),
    ],
)
def test_init_takes_only_what_makes_sense(tmp_path: Path, words: list[str], code: int) -> None:
    path = tmp_path / "a.duckdb"
    ended = run("init", path, *words)
    assert ended.returncode == code, ended.stderr
    assert path.exists() == (code == 0)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("1234567\n")
    ended = run("init", tmp_path / "a.duckdb", "--passphrase-file", short)
    assert (ended.returncode, "at least 8" in ended.stderr) == (4, True)


def test_without_terminal_and_passphrase_nothing_is_asked(clinic: Path, secret: Path) -> None:
    ended = run("verify", clinic, stdin="correct horse battery\n")
    assert ended.returncode == 4
    assert "--passphrase-file" in ended.stderr
    assert run("verify", clinic, PAIN_TUI_PASSPHRASE_FILE=str(secret)).returncode == 0


def test_verify_and_audit_agree(clinic: Path, secret: Path) -> None:
    whole = json.loads(run("verify", clinic, "--passphrase-file", secret, "--json").stdout)
    assert (whole["whole"], whole["rows"]["person"], whole["audit_breaks"]) == (True, 0, [])
    audit = json.loads(run("audit", "verify", clinic, "--passphrase-file", secret, "--json").stdout)
    assert (audit["whole"], audit["anchored"]) == (True, True)
    listed = run("audit", "list", clinic, "--passphrase-file", secret).stdout.splitlines()
    assert [line.split()[4] for line in listed] == ["create", "open", "open", "open"]


def test_backup_and_restore(clinic: Path, secret: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    assert run("backup", clinic, copy, "--passphrase-file", secret).stdout.strip() == str(copy)
    clinic.write_bytes(b"")
    assert run("verify", clinic, "--passphrase-file", secret).returncode == 4
    ended = run("restore", copy, clinic, "--passphrase-file", secret)
    assert ended.returncode == 0, ended.stderr
    assert "is kept as" in ended.stderr
    assert run("verify", clinic, "--passphrase-file", secret).returncode == 0


def test_the_passphrase_changes(clinic: Path, secret: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("something else entirely\n")
    assert run("passphrase", clinic, "--passphrase-file", secret).returncode == 4
    assert (
        run("passphrase", clinic, "--passphrase-file", secret, "--new-passphrase-file", new).returncode == 0
    )
    assert run("verify", clinic, "--passphrase-file", secret).returncode == 4
    assert run("verify", clinic, "--passphrase-file", new).returncode == 0


def test_a_key_file_is_made_and_then_needed(tmp_path: Path, secret: Path) -> None:
    path, key = tmp_path / "a.duckdb", tmp_path / "a.key"
    assert run("init", path, "--passphrase-file", secret, "--key-file", key).returncode == 0
    assert len(key.read_bytes()) == 64
    assert run("verify", path, "--passphrase-file", secret).returncode == 4
    assert run("verify", path, "--passphrase-file", secret, "--key-file", key).returncode == 0


def test_deleting_asks_and_an_unknown_person_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    run("init", path, "--fictional", "--no-encryption")
    assert run("delete", path, "X").returncode == 2
    ended = run("delete", path, "X", "--yes")
    assert (ended.returncode, "no person X" in ended.stderr) == (3, True)


def test_doctor_looks_at_a_file_without_its_passphrase(clinic: Path) -> None:
    ended = run("doctor", clinic, "--json")
    checks = {check["about"]: check for check in json.loads(ended.stdout)["checks"]}
    assert (checks["keys"]["state"], checks["lock"]["state"]) == ("ok", "ok")
    clinic.with_suffix(".keys").write_text("{}")
    ended = run("doctor", clinic)
    assert (ended.returncode, "is damaged" in ended.stdout) == (3, True)
