"""No probability stands alone, in any way out: comparator or "no control data", time, denominator, interval.

Over the teaching cases and some drawn people: the assess shape, the text, the note, the page, the case against, the
scored files in their three formats, and the rows of the plan screen.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, cohort, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.patients.fictional.clinic import teaching_cases, write_clinic
from pain_tui.patients.fictional.people import draw_people
from pain_tui.patients.file import PatientFile
from pain_tui.report import against, html, note, text, words

AS_OF, AT = date(2026, 11, 20), datetime(2026, 11, 20, 8)
RUN = case.Run(AS_OF)
NUMBER = r"\d+(?:\.\d+)?"
OF_100 = re.compile(rf"{NUMBER} of 100")
OF_WHOM = re.compile("|".join(re.escape(said) for said in words.WHO.values()))
WITH_INTERVAL = re.compile(rf"{NUMBER} of 100 \((?:-?{NUMBER} to -?{NUMBER}|{words.NO_INTERVAL})\)")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> PatientFile:
    records = [entry["record"] for entry in teaching_cases()]
    records += list(draw_people(30, 3, AS_OF, first_number=800))
    path = tmp_path_factory.mktemp("bare") / "clinic.duckdb"
    return write_clinic(path, records, as_of=AS_OF, actor="test", at=AT)[0]


@pytest.fixture(scope="module")
def shapes(clinic: PatientFile) -> list[dict[str, Any]]:
    cursor = clinic.cursor()
    with clinic.attached(cursor=cursor):
        case.from_file(cursor, None, RUN)
    engine.run(cursor)
    made = [one.as_dict() | {"versions": {}} for one in assess_people(cursor)]
    assert sum(o["response"] is not None for s in made for o in options(s)) > 100
    return made


def options(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for problem in shape["problems"]:
        yield from problem["options"]


def estimates(value: Any) -> Iterator[dict[str, Any]]:
    """Every shape E, however deep."""
    if isinstance(value, dict):
        if {"p", "lo", "hi", "level"} <= set(value):
            yield value
        for inner in value.values():
            yield from estimates(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from estimates(inner)


def test_every_estimate_has_interval_time_denominator_and_outcome(shapes: list[dict[str, Any]]) -> None:
    found = [e for shape in shapes for e in estimates(shape["problems"])]
    assert len(found) > 500
    for e in found:
        if e["p"] is None:  # a step of which nobody knows how many pass it
            assert e["why"], e
            continue
        assert -1 <= e["lo"] <= e["p"] <= e["hi"] <= 1 and e["level"] == 0.8, e
        assert e["denominator"] and e["outcome"], e
        is_gate = "gate" in e or "state" in e  # a step on the road, passed or not; it has no time of its own
        assert is_gate or e["horizon_weeks"] > 0, e


def test_every_response_has_its_comparator_or_says_why_not(shapes: list[dict[str, Any]]) -> None:
    without = 0
    for option in (o for s in shapes for o in options(s)):
        if option["response"] is None:
            assert option["no_estimate"]["say"] and option["no_estimate"]["code"]
            continue
        assert option["comparator_why"]
        if option["comparator"] is None and option["option"] != "watch":
            assert option["extra"] is None and "No control data" in option["comparator_why"], option
            without += 1
        if option["extra"] is not None:
            assert option["comparator"] is not None and option["comparator_kind"] in (
                "sham",
                "usual_care",
                "mixed",
            )
        for harm in (h for h in option["harm"] if h["p"] is not None):
            assert words.words(harm["timeframe"] or "time not stated") in words.harm_rate(harm), harm
            assert harm["comparator"] or harm["comparator_why"] == words.NO_CONTROL, harm
            assert harm["lo"] is not None or harm["interval_why"] == words.NO_INTERVAL, harm
    assert without > 5


def assert_accompanied(lines: list[str]) -> int:
    """Lines of one assessment or note: each number of 100 has its interval, and what belongs to it is near."""
    seen = 0
    for i, line in enumerate(lines):
        if "of 100" not in line or line.startswith("Numbers are of 100"):
            continue
        if " more of 100" in line or " fewer of 100" in line:
            assert re.search(rf"\(-?{NUMBER} to -?{NUMBER}\)", line), line
            continue
        assert len(WITH_INTERVAL.findall(line)) == len(OF_100.findall(line)), line
        if " reach " in line:
            seen += 1
            assert "weeks" in line and OF_WHOM.search(line), line
            beside = " ".join(lines[i + 1 : i + 3])
            is_watch = any("Watch" in above for above in lines[max(i - 1, 0) : i])
            assert re.search(r"\) with |Extra not known: ", beside) or is_watch, lines[i - 1 : i + 3]
        elif "Harm" in line:
            assert "without it" in line or words.NO_CONTROL in line, line
    return seen


def test_the_text(shapes: list[dict[str, Any]]) -> None:
    assert sum(assert_accompanied(text.assessment(shape).splitlines()) for shape in shapes) > 100


def test_the_note(shapes: list[dict[str, Any]]) -> None:
    seen = 0
    for shape in shapes:
        plan = {"state": "draft", "options": [o["option"] for o in options(shape)], "actor": "x", "at": AT}
        seen += assert_accompanied(note.note(shape, plan).splitlines())
    assert seen > 100


def test_the_case_against(shapes: list[dict[str, Any]]) -> None:
    """Harms there stand with their interval and what happens without."""
    for shape in shapes:
        for option in options(shape):
            parts = against.case_against(option, findings=shape["findings"])
            for line in (line for _, said in parts for line in said if "of 100" in line):
                if "more of 100" in line or "fewer of 100" in line:
                    assert re.search(rf"\(-?{NUMBER} to -?{NUMBER}\)", line), line
                else:
                    assert len(WITH_INTERVAL.findall(line)) == len(OF_100.findall(line)), line


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        self._in = tag == "td"
        if self._in:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._in and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in = self._in and tag != "td"


def test_the_page(shapes: list[dict[str, Any]]) -> None:
    seen = 0
    for shape in shapes:
        reader = _Cells()
        reader.feed(html.page(shape))
        for row in (r for r in reader.rows if r):
            _, name, response, comparator, extra, of_what, _, _ = row
            if response == "not known":
                continue
            seen += 1
            assert WITH_INTERVAL.fullmatch(response) and "weeks" in of_what and OF_WHOM.search(of_what)
            assert WITH_INTERVAL.fullmatch(comparator) or comparator.endswith("."), (name, comparator)
            assert extra == "not known" or re.search(r"of 100 \(-?\d+ to -?\d+\)", extra)
    assert seen > 100


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
def test_the_scored_file(clinic: PatientFile, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"f{ending}"
    cohort.score(clinic, path, tmp_path / f"w{ending}", RUN, versions={})
    rows = duckdb.sql(f"SELECT * FROM '{path}' WHERE p_response IS NOT NULL")
    assert len(rows) > 100
    bare = rows.filter(
        "NOT (lo <= p_response AND p_response <= hi) OR level IS NULL OR horizon_weeks IS NULL OR denominator IS NULL "
        "OR outcome IS NULL OR comparator_kind IS NULL "
        "OR (p_comparator IS NULL) <> (comparator_lo IS NULL) OR (extra IS NULL) <> (extra_lo IS NULL) "
        "OR (p_comparator IS NULL AND option <> 'watch' AND comparator_kind <> 'no control data')"
    )
    assert bare.fetchall() == []


def test_the_rows_of_the_plan_screen(shapes: list[dict[str, Any]]) -> None:
    from pain_tui.tui.panes import plan

    seen = 0
    for shape in shapes:
        for problem in shape["problems"]:
            chart: Any = SimpleNamespace(problem=problem, plan=None, assessment=shape)
            for width in (74, 118):
                counted = ""
                for line in plan.option_lines(chart, "listed", width):
                    if line.key is None:
                        counted = line.text if " at " in line.text or "weeks" in line.text else counted
                        continue
                    option = next(o for o in problem["options"] if o["option"] == line.key)
                    if option["response"] is None:
                        assert "no estimate" in line.text
                        continue
                    seen += 1
                    assert re.search(r"\d+-\d+", line.text), line.text
                    assert option["option"] == "watch" or "weeks" in counted, line.text
                    if option["extra"] is None and option["option"] != "watch":
                        assert "n/c" in line.text
    assert seen > 100
