"""The small language of a rule's `when`: parse and check it; `assess.rule_program` answers it, three-valued.

Allowed: names (facts and the columns of the rule's scope), literals, comparisons, `and or not`, `in
(literals)`,
`between`, `is null`, and `any_active('class')`. Anything else is refused with its place, so that a
clinic's own rule file
can be trusted no further than a rule. NULL is "cannot tell"; nothing here turns it into an answer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pain_tui.errors import RuleError

ALLOWED = (
    "Allowed are names of facts, numbers, 'text', true, false, = <> < <= > >=, and, or, not, in (...), "
    "between ... and ..., is null, is not null, any_active('class') and parentheses."
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^'\n]*')|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|<>|[=<>(),]))"
)
_WORDS = {"and", "or", "not", "in", "between", "is", "null", "true", "false", "any_active"}
_CLASS = "any_active "
CONFIRMED = "medication_list_complete"  # what would settle an open question about a class of medicines
_SIGNS = {"=", "<>", "<", "<=", ">", ">="}


@dataclass(frozen=True)
class Kind:
    """What a name holds: number, flag, choice or text, and for a choice its words."""

    type: str
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Value:
    """A leaf: a name, a class test (its name starts with `any_active `) or a literal as it was written."""

    kind: Kind
    name: str | None = None
    literal: str | None = None


@dataclass(frozen=True)
class Test:
    """A comparison over leaves. It is NULL exactly when one of its names is, unless it asks `is null`.

    sign: `yes` (a flag by itself), `null`, `in`, `between`, or one of = <> < <= > >=. negated: `not in` and the like.
    """

    sign: str
    left: Value
    others: tuple[Value, ...] = ()
    negated: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The facts and class tests it looks at."""
        return tuple(value.name for value in (self.left, *self.others) if value.name)

    @property
    def asks_null(self) -> bool:
        """Whether it asks if a fact is known, which always has an answer."""
        return self.sign == "null"


@dataclass(frozen=True)
class Joined:
    """`and`, `or` or `not` over parts."""

    word: str
    parts: tuple["Node", ...]


Node = Test | Joined


@dataclass(frozen=True)
class Condition:
    """A parsed `when`: its tree, the names it uses and the classes it asks for."""

    tree: Node
    names: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def may_be_unknown(self) -> frozenset[str]:
        """Names that the condition asks about with `is null`: for these, not knowing is an answer it
        planned for.
        """
        return frozenset(_asked(self.tree))

    def alternatives(self) -> tuple[tuple["Node", Test], ...]:
        """(the whole alternative, one of its tests) of every `or`: what holds is why a rule fired."""
        return tuple(_alternatives(self.tree, None))


def class_column(name: str) -> str:
    """The name of the column that says whether a medicine of a class is active."""
    return _CLASS + name


def parse(text: str, kinds: Mapping[str, Kind], classes: frozenset[str], *, place: str) -> Condition:
    """Parse one condition.

    kinds: every name the rule's scope may use. classes: drug classes that any_active may ask for.
    place: where the rule stands, for the message. Raises RuleError with the place and the offending word.
    """
    return _Parser(text, kinds, classes, place).condition()


def _asked(node: Node) -> Iterator[str]:
    if isinstance(node, Joined):
        for part in node.parts:
            yield from _asked(part)
    elif node.asks_null:
        yield from node.names


def _alternatives(node: Node, whole: Node | None) -> Iterator[tuple[Node, Test]]:
    if isinstance(node, Test):
        if whole is not None and not node.asks_null:
            yield whole, node
        return
    if node.word == "not":
        return
    for part in node.parts:
        yield from _alternatives(part, part if node.word == "or" else whole)


_DEEPEST = 40  # nobody reads more; each level costs the interpreter some frames of its stack


class _Parser:
    """A recursive descent over the tokens of one condition."""

    def __init__(self, text: str, kinds: Mapping[str, Kind], classes: frozenset[str], place: str) -> None:
        self.text, self.kinds, self.classes, self.place = text, kinds, classes, place
        self.tokens = list(self._tokens())
        self.at = self.depth = 0
        self.names: dict[str, None] = {}
        self.asked: dict[str, None] = {}

    def condition(self) -> Condition:
        if not self.tokens:
            raise self._error("the condition is empty", 0)
        tree = self._either()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return Condition(tree, tuple(self.names), tuple(self.asked))

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        position, end = 0, len(self.text.rstrip())
        while position < end:
            match = _TOKEN.match(self.text, position)
            if match is None:
                start = position + len(self.text[position:]) - len(self.text[position:].lstrip())
                raise self._error(f"'{self.text[start : start + 12]}' is not allowed", start)
            kind = str(match.lastgroup)
            word, start = match.group(kind), match.start(kind)
            if kind == "name" and word.lower() in _WORDS:
                kind, word = "word", word.lower()
            yield kind, word, start
            position = match.end()

    # -- and, or, not -----------------------------------------------------------------------------
    def _either(self) -> Node:
        return self._chain("or", self._all)

    def _all(self) -> Node:
        return self._chain("and", self._negated)

    def _chain(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _negated(self) -> Node:
        if self.depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} brackets or nots within each other", self._position())
        self.depth += 1
        try:
            if self._take("not"):
                return Joined("not", (self._negated(),))
            if self._take("("):
                inside = self._either()
                self._need(")")
                return inside
            return self._test()
        finally:
            self.depth -= 1

    # -- one comparison ---------------------------------------------------------------------------
    def _test(self) -> Node:
        start = self._position()
        left = self._value()
        if self._take("is"):
            negated = self._take("not")
            self._need("null")
            return Test("null", left, negated=negated)
        negated = self._take("not")
        if self._take("in"):
            return self._listed(left, start, negated)
        if self._take("between"):
            low = self._value()
            self._need("and")
            high = self._value()
            self._must_match(left, low, start)
            self._must_match(left, high, start)
            return Test("between", left, (low, high), negated)
        if negated:
            raise self._unexpected()
        if self.at < len(self.tokens) and self.tokens[self.at][1] in _SIGNS:
            sign = self.tokens[self.at][1]
            self.at += 1
            right = self._value()
            self._must_match(left, right, start, ordered=sign not in ("=", "<>"))
            return Test(sign, left, (right,))
        if left.kind.type != "flag":
            raise self._error(
                f"'{left.name or left.literal}' is not a yes/no fact: compare it with something", start
            )
        return Test("yes", left)

    def _listed(self, left: Value, start: int, negated: bool) -> Test:
        self._need("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._need(")")
        for value in values:
            self._must_match(left, value, start)
        return Test("in", left, tuple(values), negated)

    def _literal(self) -> Value:
        start = self._position()
        value = self._value()
        if value.literal is None:
            raise self._error("a list holds literals only", start)
        return value

    def _value(self) -> Value:
        if self.at >= len(self.tokens):
            raise self._error("the condition ends too early", len(self.text))
        kind, word, position = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return Value(Kind("number"), literal=word)
        if kind == "text":
            return Value(Kind("text"), literal=word[1:-1])
        if kind == "word" and word in ("true", "false"):
            return Value(Kind("flag"), literal=word)
        if kind == "word" and word == "any_active":
            return self._class_test(position)
        if kind == "name" and word in self.kinds:
            self.names[word] = None
            return Value(self.kinds[word], name=word)
        if kind == "name":
            raise self._error(f"'{word}' is not a fact that this rule may use", position)
        self.at -= 1
        raise self._unexpected()

    def _class_test(self, position: int) -> Value:
        self._need("(")
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "text":
            raise self._error("any_active takes one class in quotes", position)
        name = self.tokens[self.at][1][1:-1]
        self.at += 1
        self._need(")")
        if name not in self.classes:
            raise self._error(f"'{name}' is not a drug class of drug_classes", position)
        self.asked[name] = None
        return Value(Kind("flag"), name=class_column(name))

    # -- small helpers ----------------------------------------------------------------------------
    def _must_match(self, left: Value, right: Value, start: int, *, ordered: bool = False) -> None:
        groups = {"number": "number", "integer": "number", "flag": "flag", "choice": "text", "text": "text"}
        if groups[left.kind.type] != groups[right.kind.type]:
            raise self._error(
                f"'{left.name or left.literal}' is compared with something of another kind", start
            )
        if ordered and groups[left.kind.type] != "number":
            raise self._error(f"'{left.name or left.literal}' has no order, so < and > do not apply", start)
        for name, literal in ((left, right), (right, left)):
            words = name.kind.choices
            if name.name and words and literal.literal is not None and literal.literal not in words:
                raise self._error(f"'{literal.literal}' is not one of {', '.join(sorted(words))}", start)

    def _take(self, word: str) -> bool:
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at][0] != "text"
            and self.tokens[self.at][1] == word
        ):
            self.at += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._error(f"'{word}' is expected", self._position())

    def _position(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)

    def _unexpected(self) -> RuleError:
        position = self._position()
        return self._error(f"'{self.text[position : position + 12]}' is not expected here", position)

    def _error(self, what: str, position: int) -> RuleError:
        return RuleError(f"{self.place}, character {position + 1} of when: {what}.", ALLOWED)
