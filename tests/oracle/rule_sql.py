"""A rule's condition written out as three-valued SQL: the slow, plain second implementation of the rule program."""

from collections.abc import Iterator

from pain_tui.knowledge.rule_language import CONFIRMED, Condition, Node, Test, Value


def sql(condition: Condition) -> str:
    """The condition over columns named like its facts and class tests."""
    return _sql(condition.tree)


def missing_sql(condition: Condition) -> str:
    """A list of the names whose absence leaves the condition undecided; to be read only where it is NULL."""
    entries = list(_missing(condition.tree, ()))
    return f"list_distinct(list_filter([{', '.join(entries)}], lambda x: x IS NOT NULL))" if entries else "[]"


def _sql(node: Node) -> str:
    if isinstance(node, Test):
        return _test(node)
    if node.word == "not":
        return f"(NOT {_sql(node.parts[0])})"
    return "(" + f" {node.word.upper()} ".join(_sql(part) for part in node.parts) + ")"


def _test(test: Test) -> str:
    left, others = _value(test.left), [_value(value) for value in test.others]
    no = "NOT " if test.negated else ""
    if test.sign == "yes":
        return left
    if test.sign == "null":
        return f"({left} IS {no}NULL)"
    if test.sign == "in":
        return f"({left} {no}IN ({', '.join(others)}))"
    if test.sign == "between":
        return f"({left} {no}BETWEEN {others[0]} AND {others[1]})"
    return f"({left} {test.sign} {others[0]})"


def _value(value: Value) -> str:
    if value.literal is None:
        return f'"{value.name}"'
    return f"'{value.literal}'" if value.kind.type == "text" else value.literal


def _missing(node: Node, guards: tuple[str, ...]) -> Iterator[str]:
    """One list entry per name: the name when it is NULL and every joined part above it is undecided."""
    if isinstance(node, Test):
        if not node.asks_null:
            for name in node.names:
                conditions = [*guards, f'"{name}" IS NULL']
                wanted = CONFIRMED if name.startswith("any_active ") else name
                yield f"CASE WHEN {' AND '.join(conditions)} THEN '{wanted}' END"
        return
    for part in node.parts:
        guard = () if isinstance(part, Test) else (f"{_sql(part)} IS NULL",)
        yield from _missing(part, guards + guard)
