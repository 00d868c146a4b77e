"""Files made to harm: refused in one sentence before they are unpacked, parsed or run, in little memory."""

import datetime as dt
import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest

from pain_tui import outside_files
from pain_tui.errors import InputError
from pain_tui.genotype import tabix, vcf
from pain_tui.patients.readers import dispatch
from pain_tui.patients.readers.base import Options
from tests.genotype import bgzip

DAY = Options(as_of=dt.date(2026, 11, 20), person="p1")
READERS = (None, *dispatch.NAMES)
NAMES = {
    **dict.fromkeys(READERS, "observation.csv"),
    "fhir": "bundle.ndjson", "vcf": "sample.vcf", "synthea": "observations.csv", "record": "people.jsonl",
    "pharmcat": "report.json",
}  # fmt: skip


class Evil:
    """Unpickled, it would leave a folder behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@lru_cache(maxsize=2)
def _workbook(*, bomb: bool = False) -> bytes:
    """An Excel file with a macro and a link to elsewhere; as a bomb, a sheet of 100 MB in 100 kB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub AutoOpen() Shell")
        book.writestr("xl/externalLinks/externalLink1.xml", '<externalLink Target="https://example.org/x"/>')
        book.writestr("../../leaves/the/folder.xml", "x")
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(100 if bomb else 1):
                sheet.write(b"0" * (1 << 20))
    return made.getvalue()


def _lying_parquet() -> bytes:
    """Metadata that promises 2**62 rows in a footer longer than the file."""
    return b"PAR1" + b"\x15\x04" + b"\xfe" * 9 + b"\x00" * 40 + (2**31 - 1).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("what", "word"),
    [
        ("workbook", "Excel"), ("zip bomb", "Excel"), ("old workbook", "Excel"), ("parquet", "Parquet"),
        ("pickle", "pickle"), ("database", "database"), ("utf-16", "UTF-16"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_by_its_first_bytes(
    tmp_path: Path, reader: str | None, what: str, word: str
) -> None:
    mark = tmp_path / "ran"
    content = {
        "workbook": _workbook, "zip bomb": lambda: _workbook(bomb=True),
        "old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504,
        "parquet": _lying_parquet, "pickle": lambda: pickle.dumps(Evil(mark)),
        "database": lambda: b"\0" * 8 + b"DUCK" + b"\0" * 4000,
        "utf-16": lambda: "person,code\n".encode("utf-16"),
    }[what]()  # fmt: skip
    path = tmp_path / NAMES[reader]
    path.write_bytes(content)
    done = dispatch.read([path], reader, DAY)
    assert not done.readings and len(done.errors) == 1
    error = done.errors[0][1]
    assert isinstance(error, InputError) and word in error.message and error.hint
    assert not mark.exists() and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("reader", [None, "csv", "fhir", "record", "diary", "synthea"])
def test_records_packed_with_gzip_are_not_unpacked(tmp_path: Path, reader: str | None) -> None:
    path = tmp_path / NAMES[reader]
    path.write_bytes(gzip.compress(b"person,code\n" * 1000))
    (error,) = dispatch.read([path], reader, DAY).errors
    assert "gzip" in error[1].message


_MEASURED = """
import datetime as dt, json, resource, sys, time
from pathlib import Path
from pain_tui.patients.readers import dispatch
from pain_tui.patients.readers.base import Options
began = time.process_time()
done = dispatch.read([Path(sys.argv[1])], sys.argv[2] or None, Options(as_of=dt.date(2026, 11, 20), person="p1"))
print(json.dumps({
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "seconds": time.process_time() - began,
    "readings": len(done.readings), "errors": [str(error) for _, error in done.errors],
}))
"""


def _measured(path: Path, reader: str | None) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path), reader or ""],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


_BEGINNINGS = {
    None: b"person,code,value,at\np1,", "csv": b"person,code,value,at\np1,", "diary": b"at,nrs\n2026-11-01,",
    "synthea": b"DATE,PATIENT,ENCOUNTER,CODE\n2026-11-01,", "fhir": b'{"resourceType": "Patient", "id": "',
    "record": b'{"person": {"person": "', "array": b"rsid\tchromosome\tposition\tgenotype\nrs1\t1\t1\t",
    "vcf": b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\nchr1\t1\t",
    "lab": b"gene,diplotype\nCYP2D6,", "outside": b"CYP2D6\t", "pharmcat": b'{"a": "',
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_line_of_two_gigabytes_takes_little_memory(tmp_path: Path, reader: str | None) -> None:
    path = tmp_path / NAMES[reader]
    path.write_bytes(_BEGINNINGS[reader])
    os.truncate(path, 2 << 30)  # the rest of the file, with holes: one line of zero bytes
    found = _measured(path, reader)
    assert found["readings"] == 0 and len(found["errors"]) == 1  # type: ignore[arg-type]
    assert int(found["mb"]) < 600, found  # type: ignore[call-overload]


@pytest.mark.parametrize("reader", ["vcf", "array", "outside", "lab"])
@pytest.mark.parametrize("shape", ["one line", "many lines"])
def test_a_packed_file_that_unpacks_to_gigabytes_is_not_read_on(
    tmp_path: Path, reader: str, shape: str
) -> None:
    path = tmp_path / f"{NAMES[reader]}.gz"
    piece = (b"0" * 2047 + (b"\n" if shape == "many lines" else b"0")) * 512
    with gzip.open(path, "wb", compresslevel=9) as packed:
        packed.write(_BEGINNINGS[reader] + b"x\n")
        for _ in range(100):
            packed.write(piece)
    found = _measured(path, reader)
    assert found["readings"] == 0, found
    (said,) = found["errors"]  # type: ignore[misc]
    ends = ("without a line end", "500 times its size", "line 4: 1 columns")
    assert any(words in said for words in ends), said
    assert int(found["mb"]) < 600, found  # type: ignore[call-overload]


def test_a_file_of_long_runs_is_refused_where_it_stops_being_honest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 times its size is what sorted genotypes reach; 1000 times is a bomb. Read whole below, refused above."""
    monkeypatch.setattr(outside_files, "_UNPACKED_FREELY", 1 << 20)
    honest, bomb = tmp_path / "honest.gz", tmp_path / "bomb.gz"
    honest.write_bytes(gzip.compress(b"".join(b"%d\t0|0\t0|0\n" % (n // 50) for n in range(400_000))))
    assert sum(1 for _ in outside_files.byte_lines(honest, packed=True)) == 400_000
    bomb.write_bytes(gzip.compress(b"0|0\t0|0\n" * 1_000_000))
    with pytest.raises(InputError, match="500 times"):
        list(outside_files.byte_lines(bomb, packed=True))


def test_a_bgzip_block_holds_no_more_than_the_format_allows(tmp_path: Path) -> None:
    path = tmp_path / "x.vcf.gz"
    path.write_bytes(bgzip._block(b"0" * 65_536)[:-8] + bgzip._block(b"0" * 65_536)[-8:])
    with path.open("rb") as file:
        assert len(tabix._block(path, file, 0)[0]) == 65_536
    path.write_bytes(bgzip._block(b"0" * 65_537))
    with path.open("rb") as file, pytest.raises(InputError, match="damaged"):
        tabix._block(path, file, 0)


@pytest.mark.parametrize("spoil", ["bomb", "negative chunks", "negative windows", "endless bins"])
def test_a_crafted_index_is_passed_over(tmp_path: Path, spoil: str) -> None:
    import struct

    path = tmp_path / "x.vcf.gz"
    path.write_bytes(gzip.compress(_BEGINNINGS["vcf"] + b"x\tA\tG\t.\tPASS\t.\tGT\t0/0\n"))
    head = b"TBI\1" + struct.pack("<8i", 1, 2, 1, 2, 0, 35, 0, 5) + b"chr1\0"
    body = {
        "bomb": b"\0" * (80 << 20),
        "negative chunks": struct.pack("<iIi", 2**31 - 1, 0, -1) * 3,
        "negative windows": struct.pack("<ii", 0, -5),
        "endless bins": struct.pack("<iIi", 2**31 - 1, 0, 2**30),
    }[spoil]
    index = tmp_path / "x.vcf.gz.tbi"
    index.write_bytes(gzip.compress(head + body))
    os.utime(path, (0, 0))
    assert vcf.call_vcf(path, build="GRCh38")[0].sample == "S"


def test_a_document_crowded_with_values_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text('{"a": [' + "[]," * 4_000_001 + "[]]}")
    for reader in ("fhir", "record", "pharmcat"):
        (error,) = dispatch.read([path], reader, DAY).errors
        assert "4,000,000 values" in error[1].message and "NDJSON" in error[1].hint


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: int) -> None:
    monkeypatch.setattr(outside_files, "LONGEST_LINE", 100)
    path = tmp_path / "x.txt"
    path.write_bytes(b"a\n" + b"b" * (99 + over) + b"\n")
    if over:
        with pytest.raises(InputError, match="line 2: over 100 bytes"):
            list(outside_files.text_lines(path))
    else:
        assert [len(line) for line in outside_files.text_lines(path)] == [2, 100]


def test_lines_end_as_every_editor_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffa\r\nb\rc\nd\u2028e\r\r".encode())
    assert list(outside_files.text_lines(path)) == ["a\n", "b\n", "c\n", "d\u2028e\n", "\n"]
