"""What is on the table for a problem, which procedures belong to it, and what stays off."""

from datetime import timedelta

import duckdb
import pytest

from pain_tui.assess import case
from pain_tui.errors import UsageError
from tests.assess.people import AS_OF, Row, person, run

Cursor = duckdb.DuckDBPyConnection


def _options(
    cursor: Cursor, problem: Row | None = None, asked: tuple[tuple[str, str], ...] = (), **rows: list[Row]
) -> dict[str, Row]:
    problems = [] if problem is None else [{"person": "p", "problem": "p1", **problem}]
    run(cursor, "060", {"problem": problems, **rows}, case.Run(AS_OF, asked=asked))
    cursor.execute("SELECT * FROM options")
    names = [column[0] for column in cursor.description or ()]
    return {row[names.index("option")]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def test_every_condition_lists_its_candidates_and_watching(cursor: Cursor) -> None:
    """No new treatment is always an option."""
    rows = cursor.execute("SELECT condition_id, candidate_interventions FROM knowledge.conditions").fetchall()
    assert len(rows) > 20
    for condition, candidates in rows:
        assert set(_options(cursor, {"condition": condition})) == {*candidates.split(";"), "watch"}


def test_without_a_condition_there_is_only_watching_and_what_was_asked(cursor: Cursor) -> None:
    """A problem whose condition is not known gets no list made up for it."""
    assert set(_options(cursor, {}, asked=(("option", "idds"),))) == {"watch", "idds"}


def test_a_proposed_condition_is_not_used_before_it_is_confirmed(cursor: Cursor) -> None:
    """A code that does not name one condition for sure lists nothing."""
    assert set(_options(cursor, {"condition": "crps", "condition_certainty": "ask"})) == {"watch"}


def test_nobody_is_offered_anything_after_death(cursor: Cursor) -> None:
    """A person who has died has no plan."""
    assert _options(cursor, {"condition": "crps"}, person=[person(death_date=AS_OF)]) == {}


def test_a_resolved_problem_has_no_options(cursor: Cursor) -> None:
    """Resolved on the day is no longer open."""
    assert _options(cursor, {"condition": "crps", "resolved": AS_OF}) == {}


def test_an_asked_option_says_so_also_where_the_condition_lists_it(cursor: Cursor) -> None:
    """What the list has already is not asked twice."""
    found = _options(
        cursor, {"condition": "crps"}, asked=(("option", "idds"), ("option", "drg_s"), ("procedure", "SGB"))
    )
    assert {name: found[name]["listed"] for name in ("idds", "drg_s", "SGB")} == {
        "idds": "asked",
        "drg_s": "asked",
        "SGB": "asked",
    }
    assert found["SGB"]["procedure_codes"] == ["SGB"]


@pytest.mark.parametrize(
    ("site", "codes", "unknown"),
    [("left hand", ["SGB"], False), ("right foot", ["LSB"], False), (None, ["LSB", "SGB"], True)],
)
def test_the_site_chooses_the_procedure(
    cursor: Cursor, site: str | None, codes: list[str], unknown: bool
) -> None:
    """A sympathetic block of a hand is a stellate block; without a site both are checked."""
    found = _options(cursor, {"condition": "crps", "site": site})["sympathetic_block"]
    assert (found["procedure_codes"], found["site_unknown"]) == (codes, unknown)


def test_the_condition_stands_in_for_a_missing_site(cursor: Cursor) -> None:
    """Lumbar facet pain names its own region."""
    found = _options(cursor, {"condition": "facet_lumbar"})["facet_ia_steroid"]
    assert (found["procedure_codes"], found["site_unknown"]) == (["FACET_IA_TL"], False)


def test_a_class_option_has_its_member_drugs(cursor: Cursor) -> None:
    """Findings are made per member."""
    found = _options(cursor, {"condition": "pdn"})
    assert found["tca"]["drugs"] == ["amitriptyline", "nortriptyline"]
    assert found["watch"]["drugs"] == [] and found["watch"]["procedure_codes"] == []


def test_declined_and_earlier_treatments_are_marked(cursor: Cursor) -> None:
    """The last relief with the same treatment, and a wish, stand beside the option."""
    found = _options(
        cursor,
        {"condition": "lumbar_radicular"},
        preference=[{"person": "p", "kind": "declined", "option": "scs_tonic"}],
        treatment=[
            {
                "person": "p",
                "row_id": "1",
                "option": "tfesi",
                "date": AS_OF - timedelta(days=400),
                "relief_pct": 80,
            },
            {
                "person": "p",
                "row_id": "2",
                "option": "tfesi",
                "date": AS_OF - timedelta(days=90),
                "relief_pct": 20,
            },
            {
                "person": "p",
                "row_id": "3",
                "option": "tfesi",
                "date": AS_OF + timedelta(days=1),
                "relief_pct": 99,
            },
        ],
    )
    assert found["scs_tonic"]["declined"] and not found["tfesi"]["declined"]
    assert (found["tfesi"]["prior_relief_pct"], found["tfesi"]["times_given"]) == (20, 2)


def test_an_asked_id_must_be_known(cursor: Cursor) -> None:
    """A misspelt option is refused, not silently ignored."""
    assert case.asked(cursor, ["tfesi", "sgb", "Tramadol"]) == (
        ("option", "tfesi"),
        ("procedure", "SGB"),
        ("drug", "tramadol"),
    )
    with pytest.raises(UsageError, match="tfsei"):
        case.asked(cursor, ["tfsei"])


def test_only_the_offered_horizons_are_taken() -> None:
    """12, 26 and 52 weeks."""
    with pytest.raises(UsageError, match="13"):
        case.Run(AS_OF, 13)


@pytest.mark.parametrize(
    ("option", "condition"), [("tn_mvd", "trigeminal_neuralgia"), ("acupuncture", "clbp_nonspecific")]
)
def test_what_is_done_to_the_body_without_a_check_is_never_clear(
    cursor: Cursor, option: str, condition: str
) -> None:
    """Nothing that could be asked has been asked: the check is open, and a limit says so."""
    problem = [{"person": "p", "problem": "p1", "condition": condition}]
    run(cursor, "120", {"problem": problem}, case.Run(AS_OF, asked=(("option", option),)))
    assert cursor.execute('SELECT "check" FROM plan WHERE option = ?', [option]).fetchall() == [
        ("cannot_tell",)
    ]
    said = cursor.execute("SELECT say FROM limits WHERE code = 'no_procedure_link'").fetchall()
    (name,) = cursor.execute("SELECT name FROM options WHERE option = ?", [option]).fetchone() or ("",)
    assert len(said) == 1 and name in said[0][0]


def test_only_what_is_not_invasive_needs_no_check(cursor: Cursor) -> None:
    """An option linked to nothing at all ('none') must leave the body alone."""
    found = cursor.execute(
        "SELECT option FROM knowledge.option_links l JOIN knowledge.interventions i ON i.intervention_id = l.option "
        "WHERE l.kind = 'none' AND i.invasiveness IS DISTINCT FROM 'non_invasive'"
    ).fetchall()
    assert found == []
