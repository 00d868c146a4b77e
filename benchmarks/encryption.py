"""What encryption costs: the same clinic plain and encrypted, in one run, as ratios.

    python benchmarks/encryption.py [--people 10000] [--runs 9] [--score]

Runs alternate, so that a busy machine slows both; the ratio is that of the processor time, since the wall clock of
a busy machine says little. Opening is measured without the key function, whose cost is meant (it is printed apart),
and as the program opens a file: with the knowledge tables where a verb has them. `--score` also times the verb
`score` on both files (minutes).
"""

import argparse
import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from pain_tui.patients import backup, crypt, people, room
from pain_tui.patients import file as patient_file

AT = dt.datetime(2026, 11, 24, 8)
WORDS = "only for this benchmark"


def make(folder: Path, count: int) -> tuple[Path, Path]:
    """A fictional clinic of `count` people, and its encrypted twin."""
    made_by_verb, plain, twin = (folder / f"{name}.duckdb" for name in ("sample", "plain", "encrypted"))
    verb = [
        sys.executable,
        "-m",
        "pain_tui",
        "sample",
        "--people",
        str(count),
        "--seed",
        "1",
        "--out",
        str(made_by_verb),
    ]
    subprocess.run(verb, check=True, stdout=subprocess.DEVNULL)
    made = patient_file.create(twin, kind="fictional", passphrase=WORDS, time_zone="UTC", actor="b", at=AT)
    key = crypt.duckdb_key(made.data_key() or b"")
    made.close()
    twin.unlink()
    blocks = f"BLOCK_SIZE {room.BLOCK_BYTES}"
    with duckdb.connect() as connection:
        connection.load_extension(str(room.extension_path()))
        connection.execute(f"ATTACH '{made_by_verb}' AS made (READ_ONLY)")
        connection.execute(f"ATTACH '{plain}' AS plain ({blocks})")
        connection.execute(f"ATTACH '{twin}' AS twin (ENCRYPTION_KEY ?, {blocks})", [key])
        connection.execute("COPY FROM DATABASE made TO plain")  # both copied, so that both are as tidy
        connection.execute("COPY FROM DATABASE made TO twin")
    return plain, twin


def opened(path: Path, *, knowledge: bool = True) -> patient_file.PatientFile:
    """The file, without a note of the opening."""
    return patient_file.open_file(
        path, passphrase=WORDS, actor="b", at=AT, note_opening=False, knowledge=knowledge
    )


def clinic_list(path: Path) -> None:
    """Open and read the first page of the clinic list."""
    with opened(path) as file, file.glance() as cursor:
        people.clinic_list(cursor, as_of=AT, limit=50)


def read_everything(path: Path) -> None:
    """Open and read every block, as the verb `verify` does."""
    with opened(path, knowledge=False) as file:
        backup.verify(file)


def one_person(path: Path) -> None:
    """Open and read all rows of one person, as an assessment does."""
    from pain_tui.assess import case

    with opened(path) as file, file.attached() as cursor:
        case.from_file(cursor, ["FIC-0007"], case.Run(AT.date()))


def bare_opening(path: Path) -> None:
    """Open without the knowledge tables, as the verbs do that care for the file."""
    with opened(path, knowledge=False) as file, file.attached() as cursor:
        cursor.execute("SELECT count(*) FROM clinic.main.person").fetchall()


def save(path: Path) -> None:
    """Open and write one audit row: transaction, checkpoint, anchor."""
    with opened(path) as file:
        file.audit("view", "FIC-0007", at=AT)


def ratio(name: str, work: Callable[[Path], None], plain: Path, twin: Path, runs: int) -> None:
    """Print medians of the processor time and of the wall clock, and the ratio of the first."""
    times: dict[Path, list[tuple[float, float]]] = {plain: [], twin: []}
    for path in (plain, twin):  # both once, so that neither pays for imports
        work(path)
    for _ in range(runs):
        for path in (plain, twin):
            began, worked = time.perf_counter(), used()
            work(path)
            times[path].append((used() - worked, time.perf_counter() - began))
    (a, wall_a), (b, wall_b) = (
        [statistics.median(parts) * 1000 for parts in zip(*times[p], strict=True)] for p in (plain, twin)
    )
    print(
        f"{name:36} plain {a:9.1f} ms   encrypted {b:9.1f} ms   ratio {b / a:5.2f}"
        f"   (wall {wall_a:.0f} and {wall_b:.0f})"
    )


def used() -> float:
    """Processor seconds of this process and the ones it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def load_the_encryption_part() -> None:
    """What an encrypted file costs once a process: DuckDB checks the signature over 20 MB."""
    instance = duckdb.connect(config={"allow_unsigned_extensions": False})
    instance.load_extension(str(room.extension_path()))
    instance.close()


def score(path: Path) -> None:
    """The verb `score`, in a process of its own."""
    secret = path.with_name("secret")
    secret.write_text(WORDS + "\n")
    verb = [sys.executable, "-m", "pain_tui", "score", str(path), "--out", str(path.with_suffix(".parquet"))]
    subprocess.run(
        verb,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PAIN_TUI_PASSPHRASE_FILE": str(secret)},
    )


def main() -> None:
    """Make both files, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=9)
    arguments.add_argument("--score", action="store_true")
    asked = arguments.parse_args()
    began = time.perf_counter()
    crypt.new_keys("x", WORDS, None)
    print(f"key function, twice (its cost is meant): {time.perf_counter() - began:.2f} s")
    crypt.SCRYPT_N = 2**10
    with tempfile.TemporaryDirectory() as folder:
        plain, twin = make(Path(folder), asked.people)
        sizes = [
            f"{name} {path.stat().st_size:,} bytes" for name, path in (("plain", plain), ("encrypted", twin))
        ]
        print(f"{asked.people:,} people: {', '.join(sizes)}")
        ratio("open and clinic list", clinic_list, plain, twin, asked.runs)
        began = used()
        for _ in range(5):
            load_the_encryption_part()
        print(f"loading the encryption part, once a process: {(used() - began) * 200:.0f} ms")
        ratio("open without the knowledge", bare_opening, plain, twin, asked.runs)
        ratio("open and one person's rows", one_person, plain, twin, asked.runs)
        ratio("open and save one row", save, plain, twin, asked.runs)
        ratio("open and read every block", read_everything, plain, twin, asked.runs)
        if asked.score:
            ratio("score", score, plain, twin, 1)


if __name__ == "__main__":
    main()
