"""The safety calculators as commands: columns, shapes, echoes, exit codes, bad input as sentences."""

import csv
import io
import json
from pathlib import Path

import pytest

from pain_tui.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of one command."""
    with pytest.raises(SystemExit) as left:
        main.run(list(words))
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def doses(tmp_path: Path) -> Path:
    file = tmp_path / "doses.csv"
    file.write_text(
        "id,drug,route,form,dose,unit,per_day\n"
        "a,oxycodone,oral,tablet,10,mg,4\na,fentanyl,transdermal,patch,25,mcg/h,\nb,levorphanol,oral,tablet,2,mg,3\n",
        encoding="utf-8",
    )
    return file


def test_mme_csv_echoes_and_numbers_its_rows(doses: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "mme", "--csv", str(doses))
    rows = table(out)
    assert code == 0
    assert [(r["row"], r["id"], r["drug"], r["dose"], r["per_day"]) for r in rows] == [
        ("1", "a", "oxycodone", "10", "4"),
        ("2", "a", "fentanyl", "25", ""),
        ("3", "b", "levorphanol", "2", "3"),
    ]
    assert [
        (r["mme_per_day"], r["included"], r["why_not"], r["state"], r["total_mme_per_day"]) for r in rows
    ] == [
        ("60", "true", "", "total", "120"),
        ("60", "true", "", "total", "120"),
        ("", "false", "NO_FACTOR", "cannot_total", ""),
    ]
    assert "must not be used to choose a dose" in err


def test_mme_json_has_the_agreed_keys(doses: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "mme", "--csv", str(doses), "--json")
    shape = json.loads(out)
    assert list(shape)[:2] == ["schema", "versions"]
    first = shape["mme"][0]
    assert {"id", "state", "total_mme_per_day", "doses"} <= set(first)
    keys = {
        "drug",
        "route",
        "per_day",
        "unit",
        "factor",
        "mme_per_day",
        "included",
        "why_not",
        "source",
        "row",
    }
    assert keys <= set(first["doses"][0])
    assert shape["mme"][1]["total_mme_per_day"] is None


def test_the_same_input_gives_the_same_bytes(doses: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(capsys, "mme", "--csv", str(doses), "--json")[1]
        == run(capsys, "mme", "--csv", str(doses), "--json")[1]
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the column id and drug is missing"),
        ("id\n1\n", "the column drug is missing"),
        ("id,drug,drug\n1,a,b\n", "stands there twice"),
        ("id,drug\n1,a,b\n", "3 cells, but the first line names 2 columns"),
        ('id,drug\n1,"a\n', "not readable as CSV"),
    ],
)
@pytest.mark.parametrize("verb", ["mme", "interact"])
def test_bad_csv_is_one_sentence_with_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, text: str, says: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    code, _, err = run(capsys, verb, "--csv", str(file))
    assert (code, says in err) == (3, True), err
    assert "Traceback" not in err


def test_a_column_that_is_not_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "more.csv"
    file.write_text("id,drug,colour\n1,morphine,red\n", encoding="utf-8")
    assert "colour is not used" in run(capsys, "mme", "--csv", str(file))[2]


def test_interact_has_the_agreed_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "drugs.csv"
    file.write_text("id,drug\na,hydromorphone\na,diazepam\na,nosuchdrug\n", encoding="utf-8")
    _, out, _ = run(capsys, "interact", "--csv", str(file))
    alert, unread = table(out)
    assert (
        alert["row"],
        alert["drug_a"],
        alert["drug_b"],
        alert["severity"],
        alert["management_code"],
        alert["tier"],
    ) == (
        "1",
        "diazepam",
        "hydromorphone",
        "major",
        "AVOID_OR_LOWEST_DOSE_NALOXONE",
        "STOP",
    )
    assert (unread["row"], unread["drug_a"], unread["severity"]) == ("3", "nosuchdrug", "")
    assert "not a known medicine name" in unread["note"]


def test_hold_answers_a_row_a_guideline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hold.csv"
    file.write_text("drug,procedure,last_dose\nrivaroxaban,ILESI_L,2026-11-20T08:00\n", encoding="utf-8")
    _, out, err = run(capsys, "hold", "--csv", str(file))
    rows = {row["guideline"]: row for row in table(out)}
    assert rows["ASRA-IPM-2018"]["earliest_procedure_at"] == "2026-11-23T08:00:00"
    assert rows["ASRA-IPM-2018"]["stop_at"] == ""
    assert "prescriber" in err


def test_score_instrument_puts_the_number_after_the_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "peg.csv"
    file.write_text("id,pain,enjoyment,general_activity\n1,5,6,7\n2,5,,7\n", encoding="utf-8")
    _, out, _ = run(capsys, "score-instrument", "PEG", "--csv", str(file))
    one, two = table(out)
    assert (one["row"], one["id"], one["pain"], one["score"]) == ("1", "1", "5", "6")
    assert (two["score"], "enjoyment" in two["why"]) == ("", True)
    header = out.splitlines()[0].split(",")
    assert header.index("general_activity") < header.index("score")


def test_an_unknown_instrument_is_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,total\n1,2\n", encoding="utf-8")
    code, _, err = run(capsys, "score-instrument", "NOPE", "--csv", str(file))
    assert (code, "ORT-OUD" in err) == (2, True)


@pytest.mark.parametrize(
    ("row", "value", "code"),
    [
        ("fentanyl_label,morphine,oral,180", "50", "INITIAL_PATCH"),
        ("fentanyl_label,morphine,oral,59.9", "", "NOT_TOLERANT"),
        ("fentanyl_label,morphine,oral,60", "25", "INITIAL_PATCH"),
        ("fentanyl_label,morphine,oral,134.5", "", ""),
        ("fentanyl_label,morphine,oral,1125", "", "OUT_OF_TABLE"),
        ("fentanyl_label,fentanyl,transdermal,50", "", ""),
        ("methadone_label,morphine,oral,100", "10-20", "METHADONE_PCT"),
        ("methadone_label,morphine,oral,99", "20-30", "METHADONE_PCT"),
        ("bup_label,morphine,oral,81", "", "NOT_ADEQUATE"),
    ],
)
def test_convert_looks_up_one_way_and_answers_no_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, value: str, code: str
) -> None:
    file = tmp_path / "convert.csv"
    file.write_text(f"table,from_drug,from_route,dose\n{row}\n", encoding="utf-8")
    _, out, err = run(capsys, "convert", "--csv", str(file))
    first = table(out)[0]
    assert (first["to_value"], first["code"]) == (value, code)
    assert code or first["why"]
    assert "one-way" in err


def test_taper_works_the_steps_out_and_never_urges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "taper.csv"
    file.write_text(
        "start,pct,of,steps,interval,months_of_use\n60,10,remaining,3,month,24\n60,10,,0,month,\n",
        encoding="utf-8",
    )
    _, out, err = run(capsys, "taper", "--csv", str(file), "--json")
    one, two = json.loads(out)["tapers"]
    assert (one["doses"], one["pace_code"]) == ([54.0, 48.6, 43.74], "TAPER_LONG")
    assert two["doses"] == [] and "steps" in two["why"]
    assert "taper now" not in (out + err).lower()
