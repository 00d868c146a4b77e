"""Starting is cheap and reaches no network: what a fresh interpreter has loaded after each kind of start."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import run

_HEAVY = (
    "textual",
    "rich",
    "duckdb",
    "numpy",
    "sklearn",
    "scipy",
    "joblib",
    "pandas",
    "pyarrow",
    "cryptography",
)


def _loaded(program: str) -> set[str]:
    script = f"{program}\nimport sys\nprint('\\n'.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return set(ended.stdout.split())


_HELP = """
import contextlib, io
from pain_tui.cli.main import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    run(["--help"])
"""


def test_help_loads_nothing_heavy() -> None:
    assert _loaded(_HELP) & set(_HEAVY) == set()


def test_the_core_knows_no_terminal() -> None:
    parts = ("file", "intake", "edit", "decide", "backup", "people")
    program = "\n".join(f"import pain_tui.patients.{part}" for part in parts)
    assert _loaded(program) & {"textual", "typer", "rich", "sklearn", "scipy", "pandas", "pyarrow"} == set()


def test_the_test_run_refuses_the_network() -> None:
    """The hook that guards every other test works: here, and in every Python that a test starts."""
    import socket

    with pytest.raises(BaseException, match=r"socket\.getaddrinfo"):
        socket.getaddrinfo("localhost", 80)
    with socket.socket() as one, pytest.raises(BaseException, match=r"socket\.connect"):
        one.connect(("127.0.0.1", 9))
    with socket.socket() as one, pytest.raises(BaseException, match=r"socket\.bind"):
        one.bind(("127.0.0.1", 0))
    ended = subprocess.run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 80)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "NetworkTouched" in ended.stderr


def test_the_event_loops_own_pair_is_allowed() -> None:
    import asyncio

    asyncio.new_event_loop().close()


def test_the_locks_name_no_host() -> None:
    """Hashes and versions only: where a package comes from is the installer's business."""
    locks = sorted(Path(__file__).parents[2].glob("requirements*.lock"))
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text


_STRACE = Path("/usr/bin/strace")


@pytest.mark.slow
@pytest.mark.skipif(not _STRACE.exists(), reason="strace is not installed")
def test_no_system_call_reaches_the_network(tmp_path: Path) -> None:
    """Below Python too, with DuckDB's extension loaded: no connect, bind, listen or send."""
    trace, passphrase = tmp_path / "trace", tmp_path / "passphrase"
    passphrase.write_text("correct horse battery\n")
    for words in (
        ["init", str(tmp_path / "c.duckdb"), "--passphrase-file", str(passphrase)],
        ["verify", str(tmp_path / "c.duckdb"), "--passphrase-file", str(passphrase)],
        ["doctor"],
    ):
        ended = subprocess.run(
            [_STRACE, "-f", "-qq", "-e", "trace=%network", "-o", trace, sys.executable, "-m", "pain_tui"]
            + words,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        calls = trace.read_text().splitlines()
        outside = [
            call
            for call in calls
            if any(f" {name}(" in call for name in ("connect", "bind", "sendto", "listen"))
        ]
        assert outside == []


def test_doctor_proves_being_offline() -> None:
    ended = run("doctor", "--offline-proof")
    assert ended.returncode == 0, ended.stdout
    assert "network calls                        none" in ended.stdout
    assert "\nwrong" not in ended.stdout


def test_the_table_of_verbs_is_what_the_modules_register() -> None:
    """`--help` and the choice of the module come from a table; it must not drift from the verbs."""
    import typer

    from pain_tui.cli import main, verbs

    everything = typer.main.get_command(main.build())
    assert sorted(verbs.MODULE_OF) == sorted(everything.commands)  # type: ignore[attr-defined]
    for verb, module in verbs.MODULE_OF.items():
        assert verb in typer.main.get_command(main.build((module,))).commands, verb  # type: ignore[attr-defined]
    assert all(len(line) <= 80 for line in verbs.help_text().splitlines())


def test_a_verb_loads_only_its_own_group() -> None:
    program = """
import contextlib, io
from pain_tui.cli.main import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    run(["where"])
import sys
assert "pain_tui.cli.safety" not in sys.modules
"""
    assert _loaded(program) & set(_HEAVY) == set()
