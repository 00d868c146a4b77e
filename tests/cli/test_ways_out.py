"""Every way a command line can end: one exit code, one clear line, data on stdout, narration on stderr."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pain_tui import __version__
from pain_tui.cli import common, leaving, main
from pain_tui.errors import InputError, StoreError
from tests.cli.program import run


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (["whre"], "'whre' is neither a verb nor a file.", "Did you mean `pain-tui where`?"),
        (["where", "--nope"], "No such option: --nope", "`pain-tui where --help` shows how it is used."),
        (["init"], "Missing argument 'FILE'.", "`pain-tui init --help` shows how it is used."),
        (
            ["audit", "nonsense"],
            "No such command 'nonsense'.",
            "`pain-tui audit --help` shows how it is used.",
        ),
        (["--nope"], "No such option: --nope", "`pain-tui --help` shows how it is used."),
        (["audit", "list", "x", "--last", "0"], "Invalid value for '--last'", "--help"),
    ],
)
def test_wrong_usage_is_two_lines_and_exit_2(words: list[str], said: str, hint: str) -> None:
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith(f"Error: {said}")
    assert hint in second


def test_help_and_version_are_data() -> None:
    helped, version = run("--help"), run("--version")
    assert (helped.returncode, helped.stderr, version.returncode, version.stderr) == (0, "", 0, "")
    assert "init" in helped.stdout
    assert version.stdout.startswith(f"pain-tui {__version__}  knowledge ")
    assert "model" in version.stdout
    assert "\x1b" not in helped.stdout


def test_a_missing_file_is_exit_4(tmp_path: Path) -> None:
    ended = run("verify", tmp_path / "missing.duckdb")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "does not exist" in ended.stderr


def _command(function: object) -> object:
    """A command with one verb that does what `function` does."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command("go")(function)  # type: ignore[type-var]
    app.command("other")(lambda: None)
    return typer.main.get_command(app)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (InputError("a", "b"), 3),
        (StoreError("a"), 4),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (typer.Exit(10), 10),
    ],
)
def test_each_ending_has_its_code(raised: BaseException, code: int) -> None:
    def go() -> None:
        raise raised

    assert leaving.run_command(_command(go), ["go"]) == code


def test_a_bug_is_exit_1_with_a_trace_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Error messages and local variables may be about a person; neither is written or printed."""

    def go() -> None:
        family = "Canaryname"
        try:
            raise KeyError(family)
        except KeyError as error:
            raise ValueError(f"cannot handle {family}") from error

    assert leaving.run_command(_command(go), ["go"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a bug of its own (ValueError, test_ways_out.py line" in printed.err
    log = Path(printed.err.split(" is in ")[1].strip().rstrip("."))
    written = log.read_text()
    assert "ValueError" in written
    assert "KeyError" in written
    assert "in go" in written
    assert "Canaryname" not in written + printed.err


def test_a_closed_pipe_is_no_error() -> None:
    program = f"{sys.executable} -m pain_tui doctor --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "{0\n"
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        (["clinic.duckdb"], ["open", "clinic.duckdb"]),
        (["./where"], ["open", "./where"]),
        (["where"], ["where"]),
        (["--passphrase-file", "p", "clinic.duckdb"], ["open", "--passphrase-file", "p", "clinic.duckdb"]),
        (["--version"], ["--version"]),
        ([], ["open"]),
    ],
)
def test_a_name_is_a_verb_or_else_a_path(words: list[str], becomes: list[str]) -> None:
    class Command:
        commands = {"where": None, "open": None}

    assert leaving.words_for(Command(), words) == becomes


def test_every_verb_has_an_example() -> None:
    def verbs(command: object, path: str) -> list[tuple[str, object]]:
        found = getattr(command, "commands", None)
        if found is None:
            return [(path, command)]
        return [each for name, below in found.items() for each in verbs(below, f"{path} {name}")]

    everything = verbs(typer.main.get_command(main.build()), "pain-tui")
    assert len(everything) > 10
    lacking = [path for path, verb in everything if not _has_example(path, verb)]
    assert lacking == []


def _has_example(path: str, verb: object) -> bool:
    text = str(getattr(verb, "help", "") or "")
    return (
        path == "pain-tui open"
        or f"Example: {path}" in text.replace("\n", " ")
        or "Example: pain-tui" in text
    )


# --- common ---


def test_json_is_the_same_bytes_for_the_same_things() -> None:
    import datetime as dt
    from decimal import Decimal

    import numpy as np

    shape = {
        "a": 0.12345650000000001, "b": 0.0078125, "b2": 0.0234375, "c": -0.0, "d": np.float64(1 / 3),
        "e": np.int64(3),
        "f": Decimal("1.25"),
        "g": dt.date(2026, 1, 2), "h": None, "i": (True, "é\x9b"),
    }  # fmt: skip
    text = common.json_text(shape, line=True)
    assert list(json.loads(text))[:2] == ["schema", "versions"]
    assert (
        '"a": 0.123457, "b": 0.007812, "b2": 0.023438, "c": 0.0, "d": 0.333333, "e": 3, '
        '"f": 1.25, "g": "2026-01-02", "h": null, '
        '"i": [true, "é\\u009b"]' in text
    )


def test_json_never_says_not_a_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        common.json_text({"a": float("nan")})


def test_a_name_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    common.out("Evil\x1b[2J\x07 \x9b31m \u202eeman\r")
    assert capsys.readouterr().out == "Evil\ufffd[2J\ufffd \ufffd31m \ufffdeman\ufffd\n"


def test_notes_are_only_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    common.note("working")
    with common.progress("reading", 10) as advance:
        advance(5)
    assert capsys.readouterr() == ("", "")
