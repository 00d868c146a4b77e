"""Lists over many people as plain text: one person, finding or limit a line."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.report import words

Row = Mapping[str, Any]

FICTIONAL = "FICTIONAL: no real people."


def people(rows: Sequence[Row], *, fictional: bool) -> str:
    """The clinic list: tab-free columns, counts of each tier, in the order given."""
    lines = [FICTIONAL] if fictional else []
    wide = max([14, *(len(row["person"]) for row in rows)])  # an imported id may be a long one
    lines.append(
        f"{'person':<{wide}} {'age':>4} sex {'STOP':>5} {'CAUTION':>8} {'NOTE':>5} {'MISSING':>8}  problem"
    )
    for row in rows:
        age = "?" if row["age_years"] is None else str(row["age_years"])
        sex = {"female": "F", "male": "M"}.get(row["sex"] or "", "?")
        problems = (
            "; ".join(words.words(name) for name in row["problems"] if name) or "no pain problem recorded"
        )
        state = "" if row["is_alive"] else " (died)"
        lines.append(
            f"{row['person']:<{wide}} {age:>4} {sex:<3} {row['STOP']:>5} {row['CAUTION']:>8} {row['NOTE']:>5} "
            f"{row['MISSING']:>8}  {problems}{state}"
        )
    lines.append(f"{len(rows)} people.")
    return "\n".join(lines)


def findings(rows: Sequence[Row], *, fictional: bool) -> str:
    """One finding a line: person, tier, what it is about, why, what to do."""
    lines = [FICTIONAL] if fictional else []
    for row in rows:
        about = row.get("option") or row.get("drug")
        named = f" ({words.words(about)})" if about else ""
        do = f" Do: {row['do']}" if row.get("do") else ""
        own = f" ({words.OWN_RULE})" if words.is_own(row["rule"]) else ""
        lines.append(f"{row['person']}  {row['tier']}{named}: {row['say']}{do} [{row['rule']}]{own}")
    lines.append(f"{len(rows)} findings.")
    return "\n".join(lines)


def limits(rows: Sequence[Row], *, fictional: bool) -> str:
    """One limit a line: person, what cannot be said, what would close it."""
    lines = [FICTIONAL] if fictional else []
    lines += [f"{row['person']}  {row['say']} {row['remedy']}" for row in rows]
    lines.append(f"{len(rows)} limits.")
    return "\n".join(lines)
