"""Unsaved changes outlive a kill: sealed, whole, offered to the next window and to no other while one lives."""

import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from pain_tui.patients import file as patient_file
from pain_tui.tui.draft import Draft, Edit
from pain_tui.tui.kept import Keeper, left_over

AT = datetime(2026, 11, 24)
CHILD = """
import sys
from datetime import date, datetime
from pathlib import Path
from pain_tui.patients import file as patient_file
from pain_tui.tui.draft import Draft, Edit
from pain_tui.tui.kept import Keeper
at = datetime(2026, 11, 24)
keeper = Keeper(patient_file.open_file(Path(sys.argv[1]), passphrase="right horse", actor="dr", at=at), "dr")
number, draft = 0, Draft("P-7")
while True:
    number += 1
    values = {"code": "isi_total", "value": float(number), "at": date(2026, 11, 20)}
    draft.edits[:] = [Edit("observation", "add", "P-7", None, values, "secretword", "field:isi_total")]
    keeper.keep(draft, at)
    print(number, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> patient_file.PatientFile:
    """An encrypted file."""
    return patient_file.create(
        tmp_path / "real.duckdb", kind="real", passphrase="right horse", time_zone="UTC", actor="t", at=AT
    )


def _edit(value: float) -> Edit:
    values = {"value": value, "at": date(2026, 11, 20), "seen": AT}
    return Edit("observation", "add", "P-7", None, values, "ISI", "field:isi_total", version=3)


def test_a_kill_in_the_middle_of_a_change_loses_no_change_that_was_told(
    file: patient_file.PatientFile,
) -> None:
    """Whatever was on the disk before the kill comes back; nobody can read it without the file's key."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(file.path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = 0
    while told < 10:
        told = int(child.stdout.readline())
    assert list(left_over(file)) == []  # a living window holds it
    child.send_signal(signal.SIGKILL)
    told = max([told, *(int(number) for number in child.stdout.read().split())])
    child.wait()
    (place,) = file.path.parent.glob("*.draft-*")
    assert b"secretword" not in place.read_bytes() and place.stat().st_mode & 0o777 == 0o600
    (found,) = left_over(file)
    assert found.draft.edits[0].values["value"] >= told
    assert found.draft.edits[0].values["at"] == date(2026, 11, 20)
    found.drop()
    assert not place.exists()
    file.close()


def test_a_line_cut_off_leaves_the_one_before(file: patient_file.PatientFile) -> None:
    """Half a line is as if it had not been written."""
    keeper = Keeper(file, "dr")
    keeper.keep(Draft("P-7", [_edit(1)]), AT)
    keeper.keep(Draft("P-7", [_edit(2)]), AT)
    (place,) = file.path.parent.glob("*.draft-*")
    whole = place.read_bytes()
    place.with_name("real.duckdb.draft-cut").write_bytes(whole[:-5])
    (found,) = left_over(file)
    assert found.draft.edits == [_edit(1)]
    found.lock.close()
    file.close()


def test_with_nothing_unsaved_the_file_is_gone(file: patient_file.PatientFile) -> None:
    """Saved or thrown away: nothing is left to be offered."""
    keeper = Keeper(file, "dr")
    keeper.keep(Draft("P-7", [_edit(1)]), AT)
    keeper.keep(Draft("P-7"), AT)
    assert list(file.path.parent.glob("*.draft-*")) == []
    file.close()
