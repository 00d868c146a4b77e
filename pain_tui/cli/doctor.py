"""What `pain-tui doctor` looks at: this installation, this terminal, one patient file, and being offline.

Each check is one line: a word (ok, look, wrong), what was looked at, and what was found.
"""

import hashlib
import locale
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pain_tui.errors import PainTuiError

_PARTS = (
    "duckdb",
    "duckdb-extension-httpfs",
    "textual",
    "typer",
    "rich",
    "numpy",
    "scikit-learn",
    "cryptography",
)
_CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "temp_file_encryption": "true",
    "lock_configuration": "true",
}
_ATTEMPTS = (
    ("read a file", "SELECT * FROM read_text('/etc/hostname')"),
    ("read from the web", "SELECT * FROM read_csv('https://example.org/a.csv')"),
    ("attach from the web", "ATTACH 'https://example.org/a.duckdb' AS elsewhere (READ_ONLY)"),
    ("attach another file", "ATTACH 'another.duckdb' AS elsewhere"),
    ("write a file", "COPY (SELECT 1) TO 'copied.csv'"),
    ("install an extension", "INSTALL spatial"),
    ("load an extension", "LOAD 'another.duckdb_extension'"),
    ("open up again", "SET enable_external_access = true"),
)


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    state: Literal["ok", "look", "wrong"]
    about: str
    found: str


def installation() -> Iterator[Check]:
    """Versions, and whether the packaged parts are there and fit together."""
    yield Check("ok", "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for part in _PARTS:
        try:
            yield Check("ok", part, version(part))
        except PackageNotFoundError:
            yield Check("wrong", part, "not installed")
    yield _own_rules()
    yield from _knowledge()
    yield _model()


def _knowledge() -> Iterator[Check]:
    from pain_tui.patients import room

    try:
        instance = room.open_room(Path("none.duckdb").resolve(), encrypted=True, knowledge=True)
    except PainTuiError as error:
        yield Check("wrong", "knowledge", error.message)
        return
    tables = instance.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'knowledge'"
    ).fetchone()
    instance.close()
    yield Check("ok", "encryption", "DuckDB's signed extension loads")
    yield Check("ok", "knowledge", f"{tables[0] if tables else 0} tables load")


def _own_rules() -> Check:
    from pain_tui.knowledge import own_rules

    try:
        own = own_rules.in_use()
    except PainTuiError as error:
        own_rules.look_at(None)  # everything else can be looked at without them
        return Check("wrong", "clinic's own rules", error.message)
    return Check("ok", "clinic's own rules", f"{own.name}, {own.version}" if own else "none")


def _model() -> Check:
    from pain_tui.cli import common

    stated = common.versions()["model"]
    return (
        Check("ok", "model", stated)
        if stated
        else Check("look", "model", "none: warnings work, forecasts do not")
    )


def terminal() -> Iterator[Check]:
    """What the screens will have to live with."""
    size = shutil.get_terminal_size(fallback=(0, 0))
    if not sys.stdout.isatty():
        yield Check("look", "terminal", "not a terminal; verbs print plain text, the screens need one")
    elif size.columns < 80 or size.lines < 24:
        yield Check("look", "terminal", f"{size.columns} x {size.lines}; the screens need 80 x 24")
    else:
        yield Check("ok", "terminal", f"{size.columns} x {size.lines}, TERM={os.environ.get('TERM', '')}")
    encoding = (locale.getpreferredencoding(False) or "").lower()
    state: Literal["ok", "look"] = "ok" if encoding.replace("-", "") == "utf8" else "look"
    yield Check(state, "locale", f"{encoding or 'unknown'}; output is always UTF-8")
    yield Check("ok", "colour", "off (NO_COLOR)" if os.environ.get("NO_COLOR") else "as the terminal has it")


def patient_file(path: Path) -> Iterator[Check]:
    """A patient file from outside, without its passphrase: is it there, alone, and nobody else's to read."""
    from pain_tui.patients import crypt

    if not path.is_file():
        yield Check("wrong", "file", f"{path} does not exist")
        return
    yield Check("ok", "file", f"{path}, {path.stat().st_size:,} bytes")
    keys = crypt.keys_path(path)
    if keys.exists():
        yield _keys(path, keys)
    else:
        yield Check("look", "keys", f"no {keys.name} beside it: not encrypted, or its keys are missing")
    for each in (path, keys):
        if each.exists() and os.name == "posix" and each.stat().st_mode & 0o077:
            yield Check("look", "permissions", f"{each.name} can be read by others; `chmod 600 {each}`")
    if Path(f"{path}.wal").exists():
        yield Check(
            "look",
            "wal",
            f"{path.name}.wal belongs to the file: in use, or left by a crash; it is read on opening",
        )
    yield _lock(path)


def _keys(path: Path, keys: Path) -> Check:
    from pain_tui.patients import crypt

    try:
        crypt.read(path)
    except PainTuiError as error:
        return Check("wrong", "keys", error.message)
    return Check("ok", "keys", f"{keys.name} is whole; back up both together")


def _lock(path: Path) -> Check:
    """Whether another program holds the file now. DuckDB says it before it asks for a key."""
    import duckdb

    from pain_tui.patients import room

    instance = room.open_room(path.resolve(), encrypted=False, knowledge=False)
    try:
        room.attach(instance, path.resolve(), None, write=False, wait=0)
    except PainTuiError as error:
        if "in use" in error.message:
            return Check("look", "lock", error.message)
        if "encrypted" in error.message:
            return Check("ok", "lock", "nobody else has it open for writing")
        return Check("wrong", "lock", error.message)
    except duckdb.Error as error:  # pragma: no cover - every DuckDB error is explained above
        return Check("wrong", "lock", type(error).__name__)
    finally:
        instance.close()
    return Check("ok", "lock", "nobody else has it open for writing")


# --- being offline ---------------------------------------------------------------------------------------


def offline_proof() -> Iterator[Check]:
    """Do real work while counting every network call Python makes, and try to get out of DuckDB."""
    calls = _watch_the_network()
    yield from _duckdb_is_closed()
    yield from _extension()
    yield from _work()
    seen = sorted(set(calls))
    yield Check(
        "wrong" if seen else "ok", "network calls", ", ".join(seen) if seen else "none while all this ran"
    )
    yield _open_sockets()
    yield Check("look", "see it yourself", "strace -f -e trace=network pain-tui doctor   (Linux)")


def _watch_the_network() -> list[str]:
    """The growing list of network calls of this process; Python itself reports them, whoever makes them."""
    calls: list[str] = []
    watched = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
               "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request"}  # fmt: skip

    def hear(event: str, _: tuple[Any, ...]) -> None:
        if event in watched:
            calls.append(event)

    sys.addaudithook(hear)
    return calls


def _duckdb_is_closed() -> Iterator[Check]:
    import duckdb

    from pain_tui.patients import room

    instance = room.open_room(Path("none.duckdb").resolve(), encrypted=True, knowledge=True)
    settings = dict(instance.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    for name, wanted in _CLOSED.items():
        is_so = settings.get(name) == wanted
        yield Check("ok" if is_so else "wrong", f"duckdb {name}", str(settings.get(name)))
    for what, statement in _ATTEMPTS:
        try:
            instance.execute(statement)
        except duckdb.Error as error:
            yield Check("ok", f"duckdb cannot {what}", type(error).__name__)
        else:
            yield Check("wrong", f"duckdb can {what}", statement)
    instance.close()


def _extension() -> Iterator[Check]:
    from pain_tui.patients import room

    found = room.extension_path()
    digest = hashlib.sha256(found.read_bytes()).hexdigest()
    yield Check("ok", "extension", f"{found.name}, DuckDB's signature accepted, SHA-256 {digest}")


def _work() -> Iterator[Check]:
    """A fictional file made, written, read and verified in a folder of its own."""
    import tempfile

    from pain_tui.cli import common
    from pain_tui.patients import backup, edit, file

    with tempfile.TemporaryDirectory() as folder:
        made = file.create(
            Path(folder) / "proof.duckdb",
            kind="fictional",
            passphrase="only for this proof",
            time_zone="UTC",
            actor="doctor",
            at=common.now(),
        )
        with made:
            person = edit.Change("person", "add", "FIC-1", None, {"fictional": True})
            edit.apply(made, [person], actor="doctor", at=common.now())
            health = backup.verify(made)
    state: Literal["ok", "wrong"] = "ok" if health.is_whole and health.rows["person"] == 1 else "wrong"
    yield Check(state, "work", "an encrypted fictional file was made, written, read and checked")


def _open_sockets() -> Check:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        return Check("look", "open sockets", "cannot be listed on this system")
    found = [entry for entry in descriptors.iterdir() if _leads_to_a_socket(entry)]
    return Check("look" if found else "ok", "open sockets", str(len(found)))


def _leads_to_a_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except OSError:
        return False
