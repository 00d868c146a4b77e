"""Two screens, a `score` and an `import` at one encrypted file at once, each a process of its own. A program, not a test.

    python -m tests.patients.together --seconds 60 --folder EMPTY_FOLDER

A screen here is the desk behind the screens (list, chart, save), the only door they have to the file. Both screens count
one medicine's doses up, one by one, each from what it last saw: a lost update would make the sum too small. Prints one
JSON object: what each did, how often a stale edit was refused (both values named), errors, and what was lost.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pain_tui.errors import StoreError
from pain_tui.patients import crypt
from tests.patients import clinic

CHEAP = "from pain_tui.patients import crypt; crypt.SCRYPT_N = 2**10; "
PERSON = "P-0"


def screen(path: Path, name: str, until: float) -> dict[str, Any]:
    """Open, and again and again: read the chart, give one dose more, save. Returns what happened."""
    from pain_tui.tui.desk import Desk
    from pain_tui.tui.draft import Edit

    told: dict[str, Any] = {"who": name, "saved": 0, "refused": 0, "errors": [], "longest": 0.0}
    desk = Desk(path, actor=name)
    desk.open(clinic.PASSPHRASE)
    while time.time() < until:
        began, dose = time.monotonic(), -1.0
        try:
            desk.clinic()
            chart = desk.chart(PERSON)
            row = next(row for row in chart.medicines if row["drug"] == "counted")
            version = chart.row_versions["medication", row["row_id"]]
            dose = row["dose"] + 1
            edit = Edit(
                "medication",
                "correct",
                PERSON,
                row["row_id"],
                {"dose": dose, "indication": name},
                says="",
                slot="d",
                version=version,
            )
            desk.save(PERSON, [edit])
            told["saved"] += 1
        except StoreError as error:
            if f"there now screen {'12'.replace(name[-1], '')}, yours {name}" in error.message:
                told["refused"] += 1
            else:
                told["errors"].append(str(error))
        told["longest"] = round(max(told["longest"], time.monotonic() - began), 1)
    desk.close()
    return told


def verb(path: Path, name: str, until: float) -> dict[str, Any]:
    """The real command, again and again. `import` brings in one more person each time."""
    told: dict[str, Any] = {"who": name, "done": 0, "errors": [], "longest": 0.0}
    number = 0
    while time.time() < until:
        began, number = time.monotonic(), number + 1
        folder = path.parent / name
        folder.mkdir(exist_ok=True)
        if name == "import":
            source = folder / f"more{number}.jsonl"
            record = {"person": {"person": f"I-{number}", "age": 50, "sex": "female"}, "medications": []}
            source.write_text(json.dumps(record) + "\n")
            words = ["import", str(path), str(source), "--declare-fictional"]
        else:
            words = ["score", str(path), "--out", str(folder / f"out{number}.csv")]
        ended = subprocess.run(
            [sys.executable, "-c", f"{CHEAP}from pain_tui.cli.main import run; run()", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode == 0:
            told["done"] += 1
        else:
            told["errors"].append(ended.stderr[-500:])
        told["longest"] = round(max(told["longest"], time.monotonic() - began), 1)
    return told


def everybody(folder: Path, seconds: float) -> dict[str, Any]:
    """Start the four, wait, and look at the file."""
    from pain_tui.patients import edit

    path, secret = folder / "clinic.duckdb", folder / "secret"
    secret.write_text(clinic.PASSPHRASE + "\n")
    with clinic.new(path) as file:
        clinic.bring(file, clinic.tables())
        counted = {"drug": "counted", "dose": 0.0, "unit": "mg"}
        edit.apply(file, [edit.Change("medication", "add", PERSON, None, counted)], actor="a", at=clinic.AT)
    until = time.time() + seconds + 3  # they need a moment to start
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.patients.together", "--folder", str(folder), "--as", name]
            + ["--until", str(until)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PAIN_TUI_PASSPHRASE_FILE": str(secret)},
        )
        for name in ("screen 1", "screen 2", "score", "import")
    ]
    told = [json.loads(each.communicate()[0]) for each in started]
    return {"seconds": seconds, **_look(path, told)}


def _look(path: Path, told: list[dict[str, Any]]) -> dict[str, Any]:
    saved = sum(each.get("saved", 0) for each in told)
    brought = next(each["done"] for each in told if each["who"] == "import")
    with clinic.open_again(path) as file, file.attached() as cursor:
        row = cursor.execute(
            "SELECT (SELECT dose FROM clinic.main.medication WHERE drug = 'counted' AND is_current), "
            "(SELECT count(*) FROM clinic.main.medication WHERE drug = 'counted'), "
            "(SELECT count(*) FROM clinic.main.person WHERE starts_with(person, 'FIC-I-'))"
        ).fetchone()
        breaks = [found.say for found in file.breaks(cursor)]
    dose, versions, people = row or (0, 0, 0)
    return {
        "processes": told,
        "saved": saved,
        "lost updates": int(saved - dose) + int(saved + 1 - versions) + int(brought - people),
        "refused as stale": sum(each.get("refused", 0) for each in told),
        "errors": [error for each in told for error in each["errors"]],
        "audit": breaks,
    }


def main() -> None:
    """All of it, or one of the four."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--as", dest="name")
    asked.add_argument("--until", type=float)
    options = asked.parse_args()
    crypt.SCRYPT_N = 2**10
    if options.name is None:
        told = everybody(options.folder, options.seconds)
        print(json.dumps(told, indent=1))
        sys.exit(1 if told["errors"] or told["lost updates"] or told["audit"] else 0)
    does = screen if options.name.startswith("screen") else verb
    print(json.dumps(does(options.folder / "clinic.duckdb", options.name, options.until)))


if __name__ == "__main__":
    main()
