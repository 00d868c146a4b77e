"""Damaged input of every reader and parser: a refusal or an answer, never a traceback, a hang, or much memory."""

import os
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target, corpus

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
_WORDS = (
    b"\0",
    b"\xff\xfe",
    b'"',
    b"'",
    b",",
    b"\t",
    b"\n",
    b"1e999",
    b"-1",
    b"null",
    b"{",
    b"[[",
    "½".encode(),
)


@pytest.fixture(params=sorted(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    return TARGETS[request.param]


def test_good_input_and_former_faults(target: Target, tmp_path: Path) -> None:
    for data in (b"", *target.seeds, *(each.read_bytes() for each in corpus(target.name))):
        target.run(data, tmp_path)


def damaged(data: bytes, draw: random.Random) -> bytes:
    """A few bytes cut, doubled, changed or put in."""
    out = bytearray(data)
    for _ in range(draw.randint(1, 5)):
        at = draw.randrange(len(out) + 1)
        how = draw.randrange(5)
        if how == 0:
            del out[at : at + draw.randrange(1, 30)]
        elif how == 1:
            out[at:at] = out[at : at + draw.randrange(1, 60)]
        elif how == 2 and at < len(out):
            out[at] = draw.randrange(256)
        elif how == 3:
            del out[at:]
        else:
            out[at:at] = draw.choice(_WORDS)
    return bytes(out)


@FEW
@given(seed=st.integers(0, 2**32))
def test_damaged_input(target: Target, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    target.run(damaged(draw.choice(target.seeds), draw), tmp_path)


@FEW
@given(data=st.binary(max_size=200))
def test_any_bytes(target: Target, tmp_path: Path, data: bytes) -> None:
    target.run(data, tmp_path)


def test_the_corpus_belongs_to_targets() -> None:
    folder = Path(__file__).parent / "corpus"
    known = {name.replace(" ", "-") for name in TARGETS}
    assert {each.name for each in folder.iterdir()} <= known
    assert sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) < 100_000


def _python_with_atheris() -> str | None:
    """PAIN_TUI_FUZZ_PYTHON names a Python that has atheris and pain-tui; else this one, if it has it."""
    named = os.environ.get("PAIN_TUI_FUZZ_PYTHON")
    return named or (sys.executable if find_spec("atheris") else None)


@pytest.mark.slow
@pytest.mark.skipif(_python_with_atheris() is None, reason="atheris is not installed (not in the locks)")
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_hundred_thousand_inputs_of_the_coverage_guided_fuzzer(name: str, tmp_path: Path) -> None:
    """The figure of docs/security.md; an input that fails stays in the folder of the test."""
    ended = subprocess.run(
        [str(_python_with_atheris()), "-m", "tests.fuzz.drive", name]
        + ["--inputs", "100000", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "Done 100000 runs" in ended.stderr
