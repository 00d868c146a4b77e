"""The patient file opens only for those who may, tells each refusal apart, and keeps nothing in clear."""

import datetime as dt
import json
import os
import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import crypt, migrate, patient_file, room
from pain_tui.patients import file as files
from pain_tui.patients import passphrase as passphrases
from tests.patients import clinic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it's a clinic.duckdb"


@pytest.mark.parametrize("passphrase", [clinic.PASSPHRASE, None], ids=["encrypted", "plain"])
def test_what_went_in_comes_out(path: Path, passphrase: str | None) -> None:
    with clinic.new(path, passphrase=passphrase) as file:
        clinic.bring(file, clinic.tables())
    with clinic.open_again(path, passphrase) as file, file.attached() as cursor:
        names = cursor.execute("SELECT family FROM clinic.main.person_name ORDER BY person").fetchall()
        tested = cursor.execute("SELECT positions_tested FROM clinic.main.genotype_call LIMIT 1").fetchone()
    assert names == [("Canaryname",)] * 3
    assert tested == (["rs3892097"],)


def test_nothing_stands_in_clear_in_any_file(path: Path) -> None:
    """Names, ids and values: not in the database, its WAL, the keys, or a backup."""
    from pain_tui.patients import backup, edit

    with clinic.new(path, real=True) as file:
        clinic.bring(file, clinic.tables(fictional=False))
        with file.attached(
            write=True
        ) as cursor:  # look while the WAL of an unfinished piece of work is there
            cursor.execute("UPDATE clinic.main.person_name SET given = 'Othercanary'")
            _no_canary(path.parent)
        backup.backup(file, path.parent / "copy.duckdb", actor=clinic.WHO, at=clinic.AT)
        edit.apply(
            file,
            [edit.Change("person_name", "correct", "P-0", None, {"given": "Thirdcanary"})],
            actor="a",
            at=clinic.AT,
        )
    _no_canary(path.parent)


def _no_canary(folder: Path) -> None:
    files = [each for each in folder.iterdir() if each.is_file()]
    assert any(each.suffix == ".duckdb" for each in files)
    for each in files:
        contents = each.read_bytes().lower()
        for canary in (b"canary", b"given0", b"p-0\0", b"cyp2d6", b"facet", b"create table"):
            assert canary not in contents, f"{canary!r} in {each.name}"


def test_the_canary_search_finds_what_is_in_clear(tmp_path: Path) -> None:
    """The search above can fail: a plain file holds the names."""
    with clinic.new(tmp_path / "plain.duckdb", passphrase=None) as file:
        clinic.bring(file, clinic.tables())
    with pytest.raises(AssertionError, match="canary"):
        _no_canary(tmp_path)


def test_every_refusal_has_its_own_sentence(path: Path, tmp_path: Path) -> None:
    clinic.new(path, real=True).close()
    said = {
        "wrong passphrase": _refusal(path, passphrase="another one"),
        "no passphrase": _refusal(path, passphrase=None),
        "missing": _refusal(tmp_path / "missing.duckdb"),
        "folder": _refusal(tmp_path),
        "text": _refusal(_copy(path, "text", b"person,name\n" * 1000)),
        "empty": _refusal(_copy(path, "empty", b"")),
        "cut": _refusal(_copy(path, "cut", path.read_bytes()[: path.stat().st_size // 3])),
        "tampered": _refusal(_copy(path, "tampered", _tampered(path.read_bytes()))),
        "keys missing": _refusal(_copy(path, "nokeys", path.read_bytes(), keys=False)),
        "keys damaged": _refusal(_copy(path, "badkeys", path.read_bytes(), keys=b'{"format": 1}')),
        "keys foreign": _refusal(_foreign_keys(path)),
        "duckdb": _refusal(_other_duckdb(tmp_path)),
        "sqlite": _refusal(_sqlite(tmp_path)),
    }
    assert "does not open" in said["wrong passphrase"]
    assert "needs its passphrase" in said["no passphrase"]
    assert "does not exist" in said["missing"]
    assert "is a folder" in said["folder"]
    for not_ours in ("text", "empty", "sqlite"):
        assert "is not a patient file" in said[not_ours]
    assert "cut.duckdb is damaged" in said["cut"]
    assert "was changed after it was written" in said["tampered"]
    assert {each.name for each in tmp_path.glob("*.turn")}.isdisjoint(
        {"text.duckdb.turn", "empty.duckdb.turn"}
    )
    assert "keys file is not beside it" in said["keys missing"]
    assert "badkeys.keys is damaged" in said["keys damaged"]
    assert "do not belong together" in said["keys foreign"]
    assert "not a patient file of pain-tui" in said["duckdb"]
    assert len(set(said.values())) == len(said)


def _tampered(contents: bytes) -> bytes:
    """One bit of every block changed, so that one that is read at once is among them."""
    changed = bytearray(contents)
    for place in range(20_000, len(changed), 4_000):
        changed[place] ^= 1
    return bytes(changed)


def _refusal(path: Path, **how: str | None) -> str:
    with pytest.raises(StoreError) as refused:
        clinic.open_again(path, **how)
    assert refused.value.hint
    assert refused.value.exit_code == 4
    return refused.value.message


def _copy(path: Path, name: str, contents: bytes, keys: bool | bytes = True) -> Path:
    made = path.with_name(f"{name}.duckdb")
    made.write_bytes(contents)
    if keys is not False:
        crypt.keys_path(made).write_bytes(crypt.keys_path(path).read_bytes() if keys is True else keys)
    return made


def _foreign_keys(path: Path) -> Path:
    other = path.with_name("foreign.duckdb")
    clinic.new(other).close()
    other.write_bytes(path.read_bytes())
    return other


def _other_duckdb(folder: Path) -> Path:
    with duckdb.connect(str(folder / "other.duckdb")) as connection:
        connection.execute("CREATE TABLE meta (a INTEGER)")
    return folder / "other.duckdb"


def _sqlite(folder: Path) -> Path:
    sqlite3.connect(folder / "lite.duckdb").executescript("CREATE TABLE meta (key, value);")
    return folder / "lite.duckdb"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_to_a_file_opens_as_the_file_does(path: Path, tmp_path: Path) -> None:
    """The keys lie beside the file; a program that looks beside the link finds none and asks for nothing."""
    clinic.new(path).close()
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.symlink_to(path)
    assert crypt.is_encrypted(link)
    with clinic.open_again(link) as file:
        file.audit("view", "FIC-1", at=clinic.AT)
        assert file.verify_audit() == []
    assert [each.name for each in link.parent.iterdir()] == ["link.duckdb"] and link.is_symlink()


def test_a_flipped_bit_anywhere_is_found(path: Path) -> None:
    """Authenticated encryption: opening and reading everything never gives a silently different file."""
    from pain_tui.patients import backup

    with clinic.new(path, real=True) as file:
        clinic.bring(file, clinic.tables(fictional=False))
    whole = path.read_bytes()
    header, body = [0, 9, 20, 100, 4096 + 10, 8192 + 20], [12288 + 8 + n * 30011 for n in range(8)]
    found = 0
    for place in [*header, *body]:
        damaged = bytearray(whole)
        damaged[place] ^= 4
        path.write_bytes(damaged)
        try:
            with clinic.open_again(path, note_opening=False) as file:
                backup.verify(file)
        except StoreError:
            found += 1
            continue
        # a bit in a block that is not in use may pass; what is read must then be the same
        with clinic.open_again(path, note_opening=False) as file, file.attached() as cursor:
            assert cursor.execute("SELECT count(*) FROM clinic.main.observation").fetchone() == (6,)
    assert found >= len(header)


def test_a_newer_file_is_refused_and_untouched(path: Path) -> None:
    with clinic.new(path) as file, file.attached(write=True) as cursor:
        cursor.execute("UPDATE clinic.main.meta SET value = '99' WHERE key = 'schema_version'")
    before = path.read_bytes()
    assert f"version 99, known here are 1 to {migrate.latest()}" in _refusal(path)
    assert path.read_bytes() == before


def test_newer_keys_are_refused(path: Path) -> None:
    clinic.new(path).close()
    stored = json.loads(crypt.keys_path(path).read_text())
    stored["format"] = 2
    crypt.keys_path(path).write_text(json.dumps(stored))
    assert "newer than this program" in _refusal(path)


def test_an_older_file_is_migrated_after_a_copy(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clinic.new(path) as file:
        clinic.bring(file, clinic.tables())
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    (folder / f"{migrate.latest() + 1:04}_next.sql").write_text("ALTER TABLE visit ADD COLUMN room VARCHAR;")
    monkeypatch.setattr(migrate, "FOLDER", folder)
    with clinic.open_again(path) as file, file.attached() as cursor:
        assert cursor.execute("SELECT count(room), count(*) FROM clinic.main.visit").fetchone() == (0, 3)
        assert file.meta["schema_version"] == str(migrate.latest())
        assert file.verify_audit() == []
    monkeypatch.undo()
    monkeypatch.setattr(crypt, "SCRYPT_N", 2**10)
    with (
        clinic.open_again(path.with_name(f"{path.stem}.version-{migrate.latest()}.duckdb")) as copy,
        copy.attached() as cursor,
    ):
        assert cursor.execute("SELECT count(*) FROM clinic.main.visit").fetchone() == (3,)


def test_a_migration_that_fails_changes_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.new(path).close()
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    (folder / "0099_bad.sql").write_text(
        "ALTER TABLE visit ADD COLUMN room VARCHAR; SELECT nonsense FROM nowhere;"
    )
    monkeypatch.setattr(migrate, "FOLDER", folder)
    with pytest.raises(duckdb.Error):
        clinic.open_again(path)
    monkeypatch.undo()
    with clinic.open_again(path) as file:
        assert file.meta["schema_version"] == str(migrate.latest())


def test_real_people_need_a_passphrase(path: Path) -> None:
    with pytest.raises(StoreError, match="always encrypted"):
        clinic.new(path, real=True, passphrase=None)
    assert not path.exists()


def test_create_never_touches_what_is_there(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(StoreError, match="already there"):
        clinic.new(path)
    assert path.read_text() == "mine"


def test_recovery_code_and_new_passphrase(path: Path) -> None:
    with clinic.new(path, real=True) as file:
        code = file.recovery_code
    assert code is not None
    with clinic.open_again(path, code.lower().replace("-", " ")) as file:
        passphrases.change(file, "quite another one", None, actor=clinic.WHO, at=clinic.AT)
    assert "does not open" in _refusal(path)
    with clinic.open_again(path, "quite another one") as file:
        newer = passphrases.new_recovery_code(file, actor=clinic.WHO, at=clinic.AT)
        assert file.verify_audit() == []
    assert "does not open" in _refusal(path, passphrase=code)
    clinic.open_again(path, newer).close()


def test_a_key_file_is_asked_for_and_must_be_the_right_one(path: Path, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.key", tmp_path / "wrong.key"
    right.write_bytes(b"r" * 64)
    wrong.write_bytes(b"w" * 64)
    clinic.new(path, key_file=right).close()
    assert "needs its key file" in _refusal(path)
    with pytest.raises(StoreError, match="key file is another one"):
        clinic.open_again(path, key_file=wrong)
    clinic.open_again(path, key_file=right).close()


def test_passphrases_are_the_same_in_every_unicode_form(path: Path) -> None:
    clinic.new(path, passphrase="Schlüssel für Übung").close()
    clinic.open_again(path, "Schlu\u0308ssel fu\u0308r U\u0308bung").close()


@pytest.mark.full_cost_keys
def test_the_key_function_is_memory_hard_at_its_real_cost(path: Path) -> None:
    clinic.new(path).close()
    wrap = json.loads(crypt.keys_path(path).read_text())["wraps"][0]
    assert wrap["kdf"] == "scrypt"
    assert 128 * wrap["n"] * wrap["r"] >= 2**27
    clinic.open_again(path).close()


def test_crafted_keys_cannot_ask_for_all_memory(path: Path) -> None:
    clinic.new(path).close()
    keys = crypt.read(path)
    crypt.write(
        path, crypt.Keys(keys.file_id, tuple({**wrap, "n": 2**30} for wrap in keys.wraps), keys.anchor)
    )
    assert "more memory" in _refusal(path)


def test_a_failed_piece_of_work_leaves_no_trace(path: Path) -> None:
    with clinic.new(path) as file:
        with pytest.raises(ZeroDivisionError), file.attached(write=True) as cursor:
            cursor.execute("INSERT INTO clinic.main.visit VALUES ('P', now()::TIMESTAMP, 'x', NULL, NULL)")
            raise ZeroDivisionError
        with file.attached() as cursor:
            assert cursor.execute("SELECT count(*) FROM clinic.main.visit").fetchone() == (0,)
        assert file.verify_audit() == []


def test_a_lost_tail_is_noticed_on_opening(path: Path) -> None:
    """An older database beside newer keys: a WAL or a last save has been lost."""
    with clinic.new(path) as file:
        earlier = path.read_bytes()
        clinic.bring(file, clinic.tables())
    path.write_bytes(earlier)
    assert "has lost its last 1 action" in _refusal(path)


def test_the_instance_is_closed_to_every_other_path(path: Path) -> None:
    with clinic.new(path) as file, file.attached() as cursor:
        for statement in (
            "ATTACH 'x.duckdb' AS x",
            "SELECT * FROM read_text('/etc/hostname')",
            "COPY (SELECT 1) TO 'x.csv'",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(statement)


def test_several_threads_share_one_file(path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with clinic.new(path) as file:
        clinic.bring(file, clinic.tables())

        def work(number: int) -> int:
            if number % 3 == 0:
                file.audit("view", f"P-{number}", at=clinic.AT)
            with file.attached() as cursor:
                row = cursor.execute("SELECT count(*) FROM clinic.main.person").fetchone()
            return row[0] if row else -1

        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(work, range(24))) == {3}
        assert file.verify_audit() == []


def test_writing_inside_reading_is_our_own_mistake(path: Path) -> None:
    with clinic.new(path) as file, file.attached(), pytest.raises(RuntimeError), file.attached(write=True):
        pass


def test_unknown_duckdb_errors_still_become_a_sentence() -> None:
    error = room.explain(duckdb.IOException("IO Error: Something quite new"), Path("a.duckdb"))
    assert "Something quite new" in error.message


def test_the_opening_is_in_the_audit_once(path: Path) -> None:
    clinic.new(path).close()
    with clinic.open_again(path) as file:
        for _ in range(3):
            with file.attached() as cursor:
                actions = cursor.execute("SELECT action FROM clinic.main.audit ORDER BY seq").fetchall()
    assert actions == [("create",), ("open",)]


def test_a_glance_does_not_wait_for_the_knowledge(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.new(path).close()
    with clinic.open_again(path) as file:
        monkeypatch.setattr(
            patient_file.PatientFile, "_with_knowledge", lambda _: pytest.fail("knowledge was loaded")
        )
        with file.glance() as cursor:
            assert cursor.execute("SELECT count(*) FROM clinic.main.person").fetchone() == (0,)


def test_a_new_file_and_its_copies_have_small_blocks(path: Path) -> None:
    """A block is decrypted whole: with DuckDB's own size the first look at a clinic was 1.7 times the plain one."""
    from pain_tui.patients import backup

    with clinic.new(path) as file:
        backup.backup(file, path.with_name("copy.duckdb"), actor=clinic.WHO, at=clinic.AT)
    for each in (path, path.with_name("copy.duckdb")):
        with clinic.open_again(each) as file, file.attached() as cursor:
            size = cursor.execute(
                "SELECT block_size FROM pragma_database_size() WHERE database_name = 'clinic'"
            ).fetchone()
        assert size == (room.BLOCK_BYTES,)


def test_what_is_made_ahead_is_the_room_that_is_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encryption part loads while the key function works: once, also when the passphrase is wrong."""
    clinic.new(path).close()
    rooms: list[duckdb.DuckDBPyConnection] = []
    whole = room.open_room

    def counted(file: Path, *, encrypted: bool, knowledge: bool) -> duckdb.DuckDBPyConnection:
        made = whole(file, encrypted=encrypted, knowledge=knowledge)
        rooms.extend([made] if encrypted else [])
        return made

    monkeypatch.setattr(room, "open_room", counted)
    with clinic.open_again(path, ahead=True) as file:
        file.audit("view", "FIC-1", at=clinic.AT)
        assert len(rooms) == 1 and file.verify_audit() == []
    with pytest.raises(StoreError, match="passphrase"):
        clinic.open_again(path, "not the one", ahead=True)
    for closed in rooms:
        with pytest.raises(duckdb.ConnectionException):
            closed.execute("SELECT 1")
    assert len(rooms) == 2


def test_what_fails_ahead_is_said_to_who_needs_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the encryption part an encrypted file can be looked at, and not written."""
    clinic.new(path).close()

    def missing() -> Path:
        raise StoreError("The encryption part is not installed.", "")

    monkeypatch.setattr(room, "extension_path", missing)
    with clinic.open_again(path, ahead=True) as file:
        with file.glance() as cursor:
            assert cursor.execute("SELECT count(*) FROM clinic.main.person").fetchone() == (0,)
        with pytest.raises(StoreError, match="encryption part"):
            file.audit("view", "FIC-1", at=clinic.AT)


def test_an_older_copy_put_in_place_of_an_open_file_is_not_written_on(path: Path) -> None:
    """A folder that synchronises brings yesterday's file back: what it lacks must not be forgotten."""
    with clinic.new(path) as file:
        clinic.bring(file, clinic.tables())
    older = path.read_bytes()
    with clinic.open_again(path) as file:
        file.audit("view", "P-1", at=clinic.AT)
        path.with_name("older").write_bytes(older)
        path.with_name("older").replace(path)
        with pytest.raises(StoreError, match="has lost its last 2"):
            file.audit("view", "P-2", at=clinic.AT)
    with pytest.raises(StoreError, match="has lost its last 2"):
        clinic.open_again(path)


@pytest.mark.parametrize(("minutes", "is_said"), [(9, False), (10, False), (11, True)])
def test_a_clock_that_runs_behind_the_file_is_said(path: Path, minutes: int, is_said: bool) -> None:
    clinic.new(path).close()
    said: list[str] = []
    patient_file_at = clinic.AT - dt.timedelta(minutes=minutes)
    files.open_file(
        path, passphrase=clinic.PASSPHRASE, actor="x", at=patient_file_at, on_notice=said.append
    ).close()
    assert [("clock" in each) for each in said] == ([True] if is_said else [])
