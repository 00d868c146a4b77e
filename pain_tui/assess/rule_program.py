"""Answer many rules for many people at once, three-valued: FALSE 0, cannot tell 1, TRUE 2.

In this order `and` is the smallest of its parts, `or` the largest and `not x` is 2 - x, which is three-valued logic.
The conditions of all rules of one scope become one list of tests over numbered columns and a few layers of
smallest-of and largest-of, so that one person costs a handful of array operations and a million cost as many.
What a rule says stands in its row; here are only the rules of logic.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pain_tui.knowledge.rule_language import CONFIRMED, Condition, Joined, Node, Test, Value

FALSE, CANNOT_TELL, TRUE = 0, 1, 2
_ALWAYS = "always"  # a column that holds 0, for a comparison of two literals
_INFINITE = np.inf

Matrix = NDArray[np.float64]
Answers = NDArray[np.int8]
Interval = tuple[float, float]


@dataclass
class Words:
    """Texts as numbers. Equal texts have equal numbers; there is no order in them."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, word: str) -> int:
        """The number of a text, a new one when it was not seen before."""
        return self.numbers.setdefault(word, len(self.numbers))


@dataclass(frozen=True)
class Layer:
    """The joined parts of one height: `nodes` become the smallest (`and`) or largest (`or`) of their children."""

    is_and: bool
    nodes: NDArray[np.intp]
    children: NDArray[np.intp]
    starts: NDArray[np.intp]


@dataclass(frozen=True)
class Program:
    """The tests and layers of a list of conditions over named columns.

    columns: names of the matrix's columns, in order. differences: pairs of columns (left, right) whose difference is
    appended to the matrix. roots: where the answer of each condition stands. openings: (test, column, condition, name)
    of every fact that a test waits for.
    """

    columns: tuple[str, ...]
    words: Words
    differences: tuple[tuple[int, int], ...]
    column: NDArray[np.intp]
    low: Matrix
    high: Matrix
    negated: NDArray[np.bool_]
    asks_null: NDArray[np.bool_]
    layers: tuple[Layer, ...]
    roots: NDArray[np.intp]
    openings: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], tuple[str, ...]]
    places: Mapping[int, int]

    def place(self, node: Node) -> int:
        """Where the answer of a part of a condition stands (parts under a `not` have none)."""
        return self.places[id(node)]

    def answers(self, matrix: Matrix) -> Answers:
        """Every test and joined part of every row: people x (tests + parts); NaN in the matrix is not known."""
        values = self._with_differences(matrix)[:, self.column]
        unknown = np.isnan(values)
        inside = (values >= self.low) & (values <= self.high)
        tests = np.where(unknown, CANNOT_TELL, inside * np.int8(TRUE)).astype(np.int8)
        tests[:, self.asks_null] = unknown[:, self.asks_null] * np.int8(TRUE)
        tests[:, self.negated] = TRUE - tests[:, self.negated]
        parts = sum(len(layer.nodes) for layer in self.layers)
        every = np.concatenate([tests, np.zeros((len(matrix), parts), np.int8)], axis=1)
        for layer in self.layers:
            join = np.minimum if layer.is_and else np.maximum
            every[:, layer.nodes] = join.reduceat(every[:, layer.children], layer.starts, axis=1)
        return every

    def missing(self, matrix: Matrix, every: Answers) -> tuple[NDArray[np.intp], ...]:
        """(row, condition, opening) of each unknown fact that leaves its condition undecided, in this order.

        A fact counts when its test is undecided and so is every part above it.
        """
        waits = every == CANNOT_TELL
        for layer in reversed(self.layers):
            lengths = np.diff(np.append(layer.starts, len(layer.children)))
            waits[:, layer.children] &= np.repeat(waits[:, layer.nodes], lengths, axis=1)
        test, column, condition, _ = self.openings
        row, opening = np.nonzero(waits[:, test] & np.isnan(matrix[:, column]))
        return row, condition[opening], opening

    def _with_differences(self, matrix: Matrix) -> Matrix:
        if not self.differences:
            return matrix
        left, right = (list(side) for side in zip(*self.differences, strict=True))
        return np.concatenate([matrix, matrix[:, left] - matrix[:, right]], axis=1)


def compile_rules(conditions: Sequence[Condition], columns: Iterable[str]) -> Program:
    """The program of these conditions. columns: every name they may use; class tests are added."""
    return _Compiler(conditions, columns).program()


class _Compiler:
    """Collects tests, parts and openings while it walks the trees."""

    def __init__(self, conditions: Sequence[Condition], columns: Iterable[str]) -> None:
        used = {name for condition in conditions for name in condition.names}
        classes = {f"any_active {name}" for condition in conditions for name in condition.classes}
        self.names = (*(name for name in columns if name in used), *sorted(classes), _ALWAYS)
        self.number = {name: nr for nr, name in enumerate(self.names)}
        self.conditions = conditions
        self.words = Words()
        self.differences: list[tuple[int, int]] = []
        self.tests: list[tuple[int, float, float, bool, bool]] = []
        # (is_and, height, children); a child is a test (number) or a part (-1 - number) until all tests are known
        self.parts: list[tuple[bool, int, list[int]]] = []
        self.openings: list[tuple[int, int, int, str]] = []
        self.places: dict[int, int] = {}
        self.condition = 0

    def program(self) -> Program:
        roots = []
        for number, condition in enumerate(self.conditions):
            self.condition = number
            roots.append(self._node(condition.tree, negated=False))
        final = self._place
        column, low, high, negated, asks = (
            zip(*self.tests, strict=True) if self.tests else ((), (), (), (), ())
        )
        test, of, owner, names = zip(*self.openings, strict=True) if self.openings else ((), (), (), ())
        return Program(
            columns=self.names,
            words=self.words,
            differences=tuple(self.differences),
            column=np.array(column, np.intp),
            low=np.array(low, np.float64),
            high=np.array(high, np.float64),
            negated=np.array(negated, np.bool_),
            asks_null=np.array(asks, np.bool_),
            layers=tuple(self._layers()),
            roots=np.array([final(root) for root in roots], np.intp),
            openings=(np.array(test, np.intp), np.array(of, np.intp), np.array(owner, np.intp), tuple(names)),
            places={key: final(place) for key, place in self.places.items()},
        )

    def _place(self, child: int) -> int:
        return child if child >= 0 else len(self.tests) - 1 - child

    def _layers(self) -> Iterator[Layer]:
        heights = sorted({height for _, height, _ in self.parts})
        for height in heights:
            for is_and in (True, False):
                chosen = [
                    (nr, children)
                    for nr, (kind, high, children) in enumerate(self.parts)
                    if high == height and kind == is_and
                ]
                if chosen:
                    starts = np.cumsum([0] + [len(children) for _, children in chosen[:-1]])
                    yield Layer(
                        is_and,
                        np.array([len(self.tests) + nr for nr, _ in chosen], np.intp),
                        np.array([self._place(c) for _, children in chosen for c in children], np.intp),
                        starts.astype(np.intp),
                    )

    def _node(self, node: Node, *, negated: bool) -> int:
        """A `not` is carried down to the tests: not (a and b) is (not a) or (not b), also when one is unknown."""
        if isinstance(node, Test):
            place = self._test(node, node.negated != negated)
        elif node.word == "not":
            return self._node(node.parts[0], negated=not negated)
        else:
            place = self._joined(node, negated)
        if not negated:
            self.places[id(node)] = place
        return place

    def _joined(self, node: Joined, negated: bool) -> int:
        children = [self._node(part, negated=negated) for part in node.parts]
        return self._part((node.word == "and") != negated, children)

    def _part(self, is_and: bool, children: list[int]) -> int:
        if len(children) == 1:
            return children[0]
        height = 1 + max((self.parts[-1 - c][1] if c < 0 else 0) for c in children)
        self.parts.append((is_and, height, children))
        return -len(self.parts)

    def _test(self, test: Test, negated: bool) -> int:
        if test.sign == "null":
            return self._leaf(test.left, (), (0, 0), negated, asks_null=True)
        if test.sign == "in":
            leaves = [self._compared("=", test.left, value, negated) for value in test.others]
            return self._part(negated, leaves)
        if test.sign == "between":
            low, high = test.others
            return self._part(
                not negated,
                [
                    self._compared(">=", test.left, low, negated),
                    self._compared("<=", test.left, high, negated),
                ],
            )
        if test.sign == "yes":
            return self._leaf(test.left, (), (1, 1), negated)
        return self._compared(test.sign, test.left, test.others[0], negated)

    def _compared(self, sign: str, left: Value, right: Value, negated: bool) -> int:
        if left.name is None and right.name is not None:
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return self._compared(turned.get(sign, sign), right, left, negated)
        interval = _interval("=" if sign == "<>" else sign, 0.0 if right.name else self._literal(right))
        if left.name is None:
            value = self._literal(left)
            holds = interval[0] <= value <= interval[1]
            return self._constant(holds != (negated != (sign == "<>")))
        others = (right,) if right.name else ()
        return self._leaf(left, others, interval, negated != (sign == "<>"))

    def _constant(self, holds: bool) -> int:
        self.tests.append((self.number[_ALWAYS], 0.0, 0.0, not holds, False))
        return len(self.tests) - 1

    def _literal(self, value: Value) -> float:
        text = str(value.literal)
        if value.kind.type == "text":
            return float(self.words.number(text))
        return float(text == "true") if value.kind.type == "flag" else float(text)

    def _leaf(
        self,
        left: Value,
        others: Sequence[Value],
        interval: Interval,
        negated: bool,
        *,
        asks_null: bool = False,
    ) -> int:
        names = [str(value.name) for value in (left, *others)]
        column = self.number[names[0]]
        if others:
            self.differences.append((column, self.number[names[1]]))
            column = len(self.names) + len(self.differences) - 1
        self.tests.append((column, *interval, negated, asks_null))
        place = len(self.tests) - 1
        if not asks_null:
            for name in names:
                told = CONFIRMED if name.startswith("any_active ") else name
                self.openings.append((place, self.number[name], self.condition, told))
        return place


def _interval(sign: str, value: float) -> Interval:
    """The values that pass, both ends included."""
    return {
        "=": (value, value),
        "<": (-_INFINITE, float(np.nextafter(value, -_INFINITE))),
        "<=": (-_INFINITE, value),
        ">": (float(np.nextafter(value, _INFINITE)), _INFINITE),
        ">=": (value, _INFINITE),
    }[sign]


def as_numbers(values: Sequence[Any], words: Words | None = None) -> Matrix:
    """One column as the matrix holds it: NULL is NaN, yes is 1; with `words`, each text is its number."""
    if words is not None:
        values = [None if value is None else words.number(value) for value in values]
    return np.array(values, dtype=np.float64)
