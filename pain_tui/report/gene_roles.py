"""Genes named by what they are looked at for, so that a long list of untested ones can be read."""

from collections.abc import Collection

from pain_tui.knowledge.rows import rows


def by_role(names: Collection[str]) -> dict[str, list[str]]:
    """role -> genes among `names`, both in the order in which genes are shown."""
    roles: dict[str, list[str]] = {}
    for row in rows("genes_shown"):
        if row["gene"] in names:
            roles.setdefault(row["role"], []).append(row["gene"])
    return roles
