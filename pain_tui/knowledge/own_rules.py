"""The clinic's own rules: which file they come from, and that it passes before anything is answered with it.

A front end names the file once (`look_at`); every instance with the knowledge then takes the rules in
(knowledge.load), and `versions` states their hash. Without a named file there are none.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pain_tui.errors import RuleError

if TYPE_CHECKING:  # the way to `--help` and to the first screen goes through here
    import duckdb

PREFIX = "clinic."  # the ids of a clinic's own rules, and only those, start with it
NAME = "rules.toml"  # in the user's settings folder
_WITHOUT = "Mend it, or go on without it: pain-tui --rules none ..."
_LARGEST = 1_000_000  # bytes; a clinic's rules are a page or two


@dataclass(frozen=True)
class OwnRules:
    """The text of a rule file that passed, and its name for messages."""

    text: str
    name: str

    @property
    def version(self) -> str:
        """First 8 hex of the hash over the text."""
        from pain_tui.knowledge.rules import clinic_hash

        return clinic_hash(self.text)


_file: Path | None = None


def look_at(file: Path | None) -> None:
    """From now on the clinic's own rules stand in this file; None: there are none. Nothing is read yet."""
    global _file
    _file = file


def in_use() -> OwnRules | None:
    """The rules of the named file. Raises RuleError with every problem when it cannot be read or does not pass."""
    if _file is None:
        return None
    return read(_file)


def read(file: Path) -> OwnRules:
    """A rule file, checked. Raises RuleError with every problem found."""
    from pain_tui.knowledge.rules import clinic_text

    try:
        if file.stat().st_size > _LARGEST:
            raise RuleError(
                f"{file} is larger than a rule file can be.",
                f"A rule file is a page or two of TOML. {_WITHOUT}",
            )
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(
            f"The clinic's own rules in {file} cannot be read: {error}",
            f"A rule file is TOML in UTF-8. {_WITHOUT}",
        ) from error
    try:
        clinic_text(text, file.name)
    except RuleError as refused:
        raise RuleError(refused.message, f"{refused.hint}\nThe file is {file}. {_WITHOUT}") from refused
    return OwnRules(text, file.name)


def put(connection: "duckdb.DuckDBPyConnection", own: OwnRules | None) -> None:
    """Make `knowledge.own_rules` of an instance: one row, or none."""
    connection.execute("CREATE OR REPLACE TABLE knowledge.own_rules (text VARCHAR, name VARCHAR)")
    if own is not None:
        connection.execute("INSERT INTO knowledge.own_rules VALUES (?, ?)", [own.text, own.name])


def taken(cursor: "duckdb.DuckDBPyConnection") -> tuple[str, str] | None:
    """(text, name) of the rules that the cursor's instance took in."""
    found = cursor.execute("SELECT text, name FROM knowledge.own_rules").fetchone()
    return (str(found[0]), str(found[1])) if found else None
