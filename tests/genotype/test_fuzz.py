"""Damaged files give an InputError with a line or position, or calls: never anything else."""

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pain_tui.errors import InputError
from pain_tui.genotype.call import call_file
from tests.genotype import files
from tests.genotype.test_array import write
from tests.genotype.test_outside_and_pharmcat import report

RELAXED = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def originals(folder: Path) -> dict[str, bytes]:
    """One good file of each kind."""
    tsv = (
        "PharmCAT v3\nGene\tSource Diplotype\tPhenotype\tOutside Call\tMissing positions\n"
        "CYP2C19\t*1/*2\tx\tno\trs1\n"
    )
    return {
        "vcf": files.vcf(folder / "o.vcf", ("CYP3A5", "CACNA1S")).read_bytes(),
        "array": write(folder / "o.txt").read_bytes(),
        "illumina": write(folder / "o2.txt", style="forward").read_bytes(),
        "pharmcat": json.dumps({"geneReports": {"CYP2C19": report(), "CYP2C9": report("*1/*1")}}).encode(),
        "tsv": tsv.encode(),
        "outside": b"CYP2D6\t*1/*4\nCYP2C19\t*1/*1\tNormal Metabolizer\t1\n",
        "lab": b"gene,diplotype,phenotype,date\nCYP2D6,*1/*4,x,2024-01-01\n",
    }


KINDS = {
    "vcf": "vcf",
    "array": "array",
    "illumina": "array",
    "pharmcat": "pharmcat",
    "tsv": "pharmcat",
    "outside": "outside",
    "lab": "lab",
}


def damaged(data: bytes, seed: int) -> bytes:
    """Cut, flipped, doubled, emptied or filled with other bytes, by seed."""
    draw = random.Random(seed)
    out = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(out) + 1)
        how = draw.randrange(6)
        if how == 0:
            del out[at:]
        elif how == 1 and out:
            out[at % len(out)] = draw.randrange(256)
        elif how == 2:
            out[at:at] = draw.choice(
                [b"\t", b"\n", b'"', b"\0", b"\xff\xfe", b"/", b"1e999", b"-", b"{", b"null", "≥".encode()]
            )
        elif how == 3:
            out[at : at + draw.randrange(40)] = b""
        elif how == 4:
            out[at:at] = out[: draw.randrange(200)]
        else:
            line = out[at:].split(b"\n")[0]
            out[at:at] = b"\n" + line[::-1] + b"\n"
    return bytes(out)


@pytest.mark.parametrize("kind", KINDS)
@RELAXED
@given(seed=st.integers(0, 2**32))
def test_damaged_files(tmp_path: Path, kind: str, seed: int) -> None:
    """Also with the reader guessed, and packed."""
    data = damaged(originals(tmp_path)[kind], seed)
    path = tmp_path / "damaged"
    for content, named in (
        (data, KINDS[kind]),
        (data, None),
        (gzip.compress(data), None),
        (damaged(gzip.compress(data), seed), KINDS[kind]),
    ):
        path.write_bytes(content)
        try:
            for sample in call_file(path, kind=named):
                assert sample.calls
        except InputError as error:
            assert error.message and error.hint


@RELAXED
@given(st.binary(max_size=400), st.sampled_from([None, *sorted(set(KINDS.values()))]))
def test_any_bytes(tmp_path: Path, data: bytes, kind: str | None) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    try:
        call_file(path, kind=kind)
    except InputError as error:
        assert error.message and error.hint


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@RELAXED
@given(
    json_values,
    st.sampled_from(
        ["callSource", "sourceDiplotypes", "variants", "uncalledHaplotypes", "hasUndocumentedVariations"]
    ),
    json_values,
)
def test_pharmcat_with_values_of_any_shape(tmp_path: Path, whole: object, key: str, value: object) -> None:
    path = tmp_path / "p.json"
    for shape in (
        whole,
        {"geneReports": whole},
        {"geneReports": {"CYP2C19": report() | {key: value}, "CYP2C9": report("*1/*1")}},
        {"genes": {"CPIC": {"CYP2C9": whole}}, "matcherMetadata": value},
    ):
        path.write_text(json.dumps(shape))
        try:
            call_file(path, kind="pharmcat")
        except InputError as error:
            assert error.message and error.hint
