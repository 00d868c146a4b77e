"""What lies beside the patient file (an unsaved draft) is as unreadable and as tamper-evident as the file."""

from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from tests.patients import clinic

DRAFT = b'{"drug": "Canarydrug"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clinic.duckdb"


def test_only_the_same_file_and_purpose_unseals(path: Path) -> None:
    with clinic.new(path) as file:
        sealed = file.seal(DRAFT, "draft P-1")
        assert b"Canary" not in sealed
        assert file.seal(DRAFT, "draft P-1") != sealed
        assert file.unseal(sealed, "draft P-1") == DRAFT
        with pytest.raises(StoreError, match="another file"):
            file.unseal(sealed, "draft P-2")
    with clinic.open_again(path) as file:
        assert file.unseal(sealed, "draft P-1") == DRAFT
    with clinic.new(path.with_name("other.duckdb")) as other, pytest.raises(StoreError):
        other.unseal(sealed, "draft P-1")


def test_every_changed_byte_and_every_cut_is_refused(path: Path) -> None:
    with clinic.new(path) as file:
        sealed = file.seal(DRAFT, "draft P-1")
        for place in range(len(sealed)):
            changed = bytearray(sealed)
            changed[place] ^= 1
            with pytest.raises(StoreError):
                file.unseal(bytes(changed), "draft P-1")
            with pytest.raises(StoreError):
                file.unseal(sealed[:place], "draft P-1")


def test_a_new_passphrase_still_unseals(path: Path) -> None:
    from pain_tui.patients import passphrase

    with clinic.new(path) as file:
        sealed = file.seal(DRAFT, "draft P-1")
        passphrase.change(file, "quite another one", None, actor=clinic.WHO, at=clinic.AT)
    with clinic.open_again(path, "quite another one") as file:
        assert file.unseal(sealed, "draft P-1") == DRAFT


def test_a_plain_fictional_file_keeps_its_draft_plain(path: Path) -> None:
    with clinic.new(path, passphrase=None) as file:
        assert file.unseal(file.seal(DRAFT, "draft"), "draft") == DRAFT
