"""How often a key was seen in a source of millions of rows, in 10 bytes a key.

The newest keys are in a dictionary; when that is full they move into sorted arrays of 64-bit hashes. Two keys of
ten million share a hash once in 400,000 sources; the second would then be marked as a repetition, which loses nothing.
"""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_NEWEST = 200_000


class SeenKeys:
    """Counts keys."""

    def __init__(self, newest: int = _NEWEST) -> None:
        self._limit = newest
        self._newest: dict[int, int] = {}
        self._hashes: np.ndarray | None = None
        self._counts: np.ndarray | None = None

    def times(self, key: str) -> int:
        """How often this key was seen, this time included."""
        digest = hashlib.blake2b(key.encode(errors="replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        count = self._newest.get(number)
        if count is None:
            count = self._older(number)
        self._newest[number] = count + 1
        if len(self._newest) >= self._limit:
            self._move()
        return count + 1

    def _older(self, number: int) -> int:
        if self._hashes is None or self._counts is None:
            return 0
        import numpy as np

        place = int(np.searchsorted(self._hashes, np.uint64(number)))
        there = place < len(self._hashes) and int(self._hashes[place]) == number
        return int(self._counts[place]) if there else 0

    def _move(self) -> None:
        """The newest counts are the ones that hold; a key may be in both."""
        import numpy as np

        fresh = np.fromiter(self._newest.keys(), np.uint64, len(self._newest))
        counts = np.fromiter((min(n, 65_535) for n in self._newest.values()), np.uint16, len(self._newest))
        if self._hashes is not None and self._counts is not None:
            fresh, counts = np.concatenate([fresh, self._hashes]), np.concatenate([counts, self._counts])
        self._hashes, first = np.unique(fresh, return_index=True)
        self._counts = counts[first]
        self._newest.clear()
