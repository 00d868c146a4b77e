"""Answer rows person by person when the rows of one person may stand anywhere in a file of any length.

A short input is answered in memory. A longer one is laid out on disk by person (a private folder, removed at
the end), answered part by part, and given back in the order of the input: memory stays bounded by one part.
"""

import heapq
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

from pain_tui.assess.calculators.medicine_rows import Asked

Answer = tuple[int, dict[str, Any]]
Answerer = Callable[[list[Asked]], Iterable[Answer]]

IN_MEMORY = 5_000  # rows answered at once
_PARTS = 256


def in_order(
    rows: Iterator[Asked], answer: Answerer, *, in_memory: int = IN_MEMORY
) -> Iterator[dict[str, Any]]:
    """The answers in the order of their number. `answer` is given whole people and returns (number, answer) pairs."""
    first = list(islice(rows, in_memory + 1))
    if len(first) <= in_memory:
        yield from (found for _, found in sorted(answer(first), key=_number))
        return
    with tempfile.TemporaryDirectory(prefix="pain-tui-") as folder:
        inputs = _laid_out(Path(folder), first, rows)
        outputs = list(_answered(inputs, answer, in_memory))
        with ExitStack() as opened:
            lines = [_lines(opened.enter_context(file.open(encoding="utf-8"))) for file in outputs]
            yield from (found for _, found in heapq.merge(*lines, key=_number))


def _number(pair: Answer) -> int:
    return pair[0]


def _laid_out(folder: Path, first: list[Asked], rest: Iterator[Asked]) -> list[Path]:
    """One file a part; all rows of one person are in one part."""
    files = [folder / f"{part:03d}.in" for part in range(_PARTS)]
    with ExitStack() as opened:
        handles = [opened.enter_context(file.open("w", encoding="utf-8")) for file in files]
        for source in (first, rest):
            for asked in source:
                line = json.dumps([asked.row, asked.id, dict(asked.cells)], ensure_ascii=False)
                handles[crc32(asked.id.encode()) % _PARTS].write(line + "\n")
    return [file for file in files if file.stat().st_size]


def _answered(files: Sequence[Path], answer: Answerer, in_memory: int) -> Iterator[Path]:
    """Answer the parts, several small ones together; one file of sorted answers for each."""
    rows: list[Asked] = []
    for file in files:
        with file.open(encoding="utf-8") as lines:
            part = [Asked(*json.loads(line)) for line in lines]
        if rows and len(rows) + len(part) > in_memory:
            yield _written(file.with_suffix(".out"), rows, answer)
            rows = []
        rows += part
        file.unlink()
    if rows:
        yield _written(files[-1].with_suffix(".end"), rows, answer)


def _written(output: Path, rows: list[Asked], answer: Answerer) -> Path:
    with output.open("w", encoding="utf-8") as handle:
        for number, found in sorted(answer(rows), key=_number):
            handle.write(json.dumps([number, found], ensure_ascii=False, default=_plain) + "\n")
    return output


def _plain(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _lines(handle: Iterable[str]) -> Iterator[Answer]:
    for line in handle:
        number, found = json.loads(line)
        yield number, found
