"""The clinic list as linear text, one person a line, for pipes and screen readers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pain_tui.tui import words
from pain_tui.tui.panes.patients import mme_words, ordered

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


def lines(desk: "Desk") -> Iterator[str]:
    """Heading, one line a person with the highest warning first, what was set aside."""
    rows, set_aside = desk.clinic()
    found = {person: entry for batch, _ in desk.count_warnings([row.person for row in rows]) for person, entry in batch.items()}
    rows = [replace(row, counts=found[row.person][0], mme=found[row.person][1], first_warning=found[row.person][2]) for row in rows if row.person in found]
    versions = desk.versions
    yield f"{'FICTIONAL' if desk.kind == 'fictional' else 'REAL'} clinic list, {desk.as_of.isoformat()}, offline, model {versions.get('model') or 'none'}, rules {versions.get('knowledge') or 'none'}"
    yield words.count(len(rows), "person", "people")
    for row in ordered(rows, "flag"):
        counts = row.counts
        assert counts is not None
        yield (
            f"{row.name or '(no name)'}, {row.person}, {words.sex_letter(row.sex)} {words.age(row.age_years)}, {row.problem or 'no pain problem recorded'}, "
            f"NRS {words.number(row.nrs, 0)}, {mme_words(row.mme)}, STOP {counts.STOP}, CAUTION {counts.CAUTION}, NOTE {counts.NOTE}, MISSING {counts.MISSING}"
        )
    for place, reason in set_aside:
        yield f"set aside: {place}: {reason}"
