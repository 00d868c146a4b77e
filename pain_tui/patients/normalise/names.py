"""One name for each fact, whichever way it was written.

The names are those of the knowledge table `facts`; other spellings are its aliases. The table of units speaks of
`fields` (`phq9`): `unit_field` says which one belongs to a fact (`phq9_total`).
"""

from functools import lru_cache

from pain_tui.patients.normalise.tables import rows, split


def fact(name: str) -> str | None:
    """The fact's own name for a name or alias in any case; None when nothing is called that."""
    return _names().get(_key(name))


def unit_field(fact_name: str) -> str | None:
    """The field of the units table that belongs to a fact; None when the fact has no unit rows."""
    return _fields().get(fact_name)


def known() -> list[str]:
    """Every name and alias, for offering near matches."""
    return sorted(_names())


def _key(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in rows("facts"):
        for alias in split(row.get("aliases", "").replace(";", "|")):
            names.setdefault(_key(alias), _fact_of(row))
    for row in rows("facts"):
        names[_key(_fact_of(row))] = _fact_of(row)
    # Names that other tables use and the facts table does not list (yet) stay under their own name.
    for row in rows("effect_modifiers"):
        if row["record_field"]:
            names.setdefault(_key(row["record_field"]), row["record_field"])
    for row in rows("units"):
        if row["row_type"] == "range":
            names.setdefault(_key(row["field"]), row["field"])
    for row in rows("code_maps"):
        if row["target_kind"] in ("observation", "value") and row["target"] and row["mapping"] != "panel":
            names.setdefault(_key(row["target"]), row["target"])
    return names


def _fact_of(row: dict[str, str]) -> str:
    return row.get("fact") or row.get("name") or ""


@lru_cache(maxsize=1)
def _fields() -> dict[str, str]:
    fields = {row["field"]: row["field"] for row in rows("units") if row["row_type"] == "range"}
    by_fact = dict(fields)
    for field in fields:
        by_fact[_names().get(_key(field), field)] = field
    return by_fact
