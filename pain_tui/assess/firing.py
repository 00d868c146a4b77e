"""How often each rule fires and is answered in a clinic, so that a rule can be defended or retired."""

from dataclasses import dataclass
from datetime import date
from statistics import median

from pain_tui.assess import case, engine
from pain_tui.patients.file import PatientFile

PARTITION = 1000
TOO_OFTEN = "SELECT value FROM knowledge.rule_limits WHERE name = 'fires_too_often_share'"


@dataclass(frozen=True)
class Fired:
    """One rule or look-up row: people it fired for, people who answered a STOP with an override, its
    highest tier.
    """

    rule: str
    tier: str
    origin: str
    people: int
    overridden: int


@dataclass(frozen=True)
class Firing:
    """All that fired. `too_often`: the share of people above which a rule is reported."""

    people: int
    rows: tuple[Fired, ...]
    too_often: float
    median_stop: float
    median_caution: float

    def reported(self) -> tuple[Fired, ...]:
        """The rules that fire for more than the stated share of people, whatever their tier."""
        return tuple(row for row in self.rows if row.people > self.too_often * self.people)


def firing(file: PatientFile, *, as_of: date) -> Firing:
    """Run the steps up to the findings over everybody and count."""
    counted: dict[tuple[str, str], list[int]] = {}
    tiers: dict[tuple[str, str], str] = {}
    per_person: list[tuple[int, int]] = []
    cursor = file.cursor()
    try:
        with file.attached(cursor=cursor):
            everybody = [
                r[0]
                for r in cursor.execute(
                    "SELECT person FROM clinic.main.person WHERE is_current ORDER BY 1"
                ).fetchall()
            ]
        for start in range(0, len(everybody), PARTITION):
            with file.attached(cursor=cursor):
                case.from_file(cursor, everybody[start : start + PARTITION], case.Run(as_of))
            engine.run(cursor, until="095")
            for rule, origin, tier, people, overridden in cursor.execute(_COUNTS).fetchall():
                entry = counted.setdefault((rule, origin), [0, 0])
                entry[0] += people
                entry[1] += overridden
                tiers[rule, origin] = max(
                    tier, tiers.get((rule, origin), ""), key=("", "NOTE", "CAUTION", "STOP").index
                )
            per_person += cursor.execute(_PER_PERSON).fetchall()
        limit = cursor.execute(TOO_OFTEN).fetchone()
    finally:
        cursor.close()
    rows = [Fired(rule, tiers[rule, origin], origin, n, o) for (rule, origin), (n, o) in counted.items()]
    rows.sort(key=lambda r: (-r.people, r.rule))
    return Firing(
        people=len(everybody),
        rows=tuple(rows),
        too_often=float(limit[0]) if limit else 1.0,
        median_stop=median([stop for stop, _ in per_person] or [0]),
        median_caution=median([caution for _, caution in per_person] or [0]),
    )


_COUNTS = """
SELECT rule, origin, ['NOTE', 'CAUTION', 'STOP'][max(list_position(['NOTE', 'CAUTION', 'STOP'], tier))],
count(DISTINCT person),
    count(DISTINCT person) FILTER (answer = 'override')
FROM findings GROUP BY rule, origin
"""
_PER_PERSON = """
SELECT count(*) FILTER (tier = 'STOP' AND is_counted), count(*) FILTER (tier = 'CAUTION' AND is_counted)
FROM people LEFT JOIN findings USING (person) GROUP BY person
"""
