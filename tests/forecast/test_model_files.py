"""The bundled files: reproducible, tied to the evidence, and nothing unpickled that is not ours."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pain_tui.errors import ModelError
from pain_tui.forecast import build, card, load, prior, tables, verify
from pain_tui.paths import data_folder

PACKAGED = data_folder("models")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged model that a test may spoil."""
    place = tmp_path / "models"
    shutil.copytree(PACKAGED, place)
    return place


def test_build_is_the_packaged_model_byte_for_byte(tmp_path: Path) -> None:
    manifest = build.build(tmp_path / "again")
    for name in manifest["files"]:
        assert (tmp_path / "again" / name).read_bytes() == (PACKAGED / name).read_bytes(), (
            f"run `pain-tui model build`: {name}"
        )
    assert (tmp_path / "again" / load.MANIFEST).read_bytes() == (PACKAGED / load.MANIFEST).read_bytes()


def test_version_is_date_and_hash() -> None:
    version = load.read_manifest(PACKAGED)["version"]
    date, digest = version.rsplit("-", 1)
    assert len(date) == 10 and len(digest) == 8 and int(digest, 16) >= 0
    assert load.read_manifest(PACKAGED)["fitted_to_patients"] is False


def test_verify_passes_on_the_packaged_model() -> None:
    checks = verify.verify(PACKAGED, rebuild=False)
    assert all(c.passed for c in checks), checks
    assert {"parity", "evidence"} <= {c.name for c in checks}


class Evil:
    """Unpickled, it would leave a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def test_a_crafted_pickle_is_refused_before_it_is_opened(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (folder / load.ARTEFACT).write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(ModelError, match="SHA-256"):
        load.load_artefact(folder)
    assert not mark.exists()
    assert not next(c for c in verify.verify(folder, rebuild=False) if c.name == load.ARTEFACT).passed


def test_a_crafted_pickle_with_its_own_manifest_is_not_opened_either(folder: Path, tmp_path: Path) -> None:
    """Whoever sends a model folder can write its manifest too; only the packaged hash counts."""
    mark = tmp_path / "ran"
    (folder / load.ARTEFACT).write_bytes(pickle.dumps(Evil(mark)))
    manifest = json.loads((folder / load.MANIFEST).read_text())
    manifest["files"][load.ARTEFACT]["sha256"] = hashlib.sha256(
        (folder / load.ARTEFACT).read_bytes()
    ).hexdigest()
    (folder / load.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="SHA-256"):
        load.load_artefact(folder)
    parity = next(c for c in verify.verify(folder, rebuild=False) if c.name == "parity")
    assert not parity.passed and not mark.exists()


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ([], "objects"),
        ({"../outside.json": {"sha256": "0"}}, "name of a file"),
        ({"/etc/passwd": {"sha256": "0"}}, "name of a file"),
        ({"..": {"sha256": "0"}}, "name of a file"),
        ({load.NUMBERS: "0"}, "sha256"),
        ({load.NUMBERS: {"sha256": 1}}, "sha256"),
    ],
)
def test_a_crafted_manifest_is_one_sentence(folder: Path, files: object, word: str) -> None:
    manifest = json.loads((folder / load.MANIFEST).read_text())
    (folder / load.MANIFEST).write_text(json.dumps({**manifest, "files": files}))
    for opened in (load.load_from, verify.verify):
        with pytest.raises(ModelError, match=word):
            opened(folder)


@pytest.mark.parametrize("content", ["[" * 100_000, '"' + "x" * 1_000_001 + '"', '{"version": 1}'])
def test_a_manifest_that_is_none_is_one_sentence(folder: Path, content: str) -> None:
    (folder / load.MANIFEST).write_text(content)
    with pytest.raises(ModelError, match="manifest"):
        load.read_manifest(folder)


@pytest.mark.parametrize("name", [load.NUMBERS, load.ARTEFACT])
def test_one_changed_byte_is_refused(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(bytes(content))
    opened = load.load_from if name == load.NUMBERS else load.load_artefact
    with pytest.raises(ModelError, match="SHA-256"):
        opened(folder)


@pytest.mark.parametrize("spoil", ["missing", "not_json", "a_list", "no_files"])
def test_a_spoiled_manifest_is_one_sentence(folder: Path, spoil: str) -> None:
    file = folder / load.MANIFEST
    if spoil == "missing":
        file.unlink()
    else:
        file.write_text(
            {"not_json": "{", "a_list": "[]", "no_files": json.dumps({"version": "x", "evidence_hash": "y"})}[
                spoil
            ]
        )
    with pytest.raises(ModelError, match="manifest"):
        load.load_from(folder)


def test_other_evidence_refuses_forecasts(folder: Path, tmp_path: Path) -> None:
    changed = tmp_path / "evidence"
    shutil.copytree(tables.FOLDER, changed)
    file = changed / "responder_rates.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",0.54,", ",0.55,", 1), encoding="utf-8")
    with pytest.raises(ModelError, match="other evidence"):
        load.load_from(folder, changed)


def test_evidence_hash_sees_what_the_model_reads_and_nothing_else(tmp_path: Path) -> None:
    whole = tables.evidence_hash()
    same = tmp_path / "same"
    shutil.copytree(tables.FOLDER, same)
    (same / "adverse_events.csv").write_text("anything\n")
    file = same / "conditions.csv"
    file.write_bytes(
        file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"M54.16", b"M54.99")
    )
    assert tables.evidence_hash(same) == whole
    other = tmp_path / "other"
    shutil.copytree(tables.FOLDER, other)
    file = other / "bias_rule.csv"
    file.write_text(file.read_text().replace("-0.3,", "-0.31,", 1))
    assert tables.evidence_hash(other) != whole


def test_an_empty_card_item_fails_the_build(tmp_path: Path) -> None:
    file = tmp_path / "card.toml"
    file.write_text('["Title"]\ntext = "a"\n\n["Limitations"]\ntext = "  "\n')
    with pytest.raises(ModelError, match="Limitations"):
        card.card(prior.assemble(), "v", {"rate_rows": 1, "trials": 1, "slope_rows": 1}, file)


def test_card_says_what_it_is() -> None:
    text = (PACKAGED / load.CARD).read_text(encoding="utf-8")
    assert "Fitted to no patient" in text and load.read_manifest(PACKAGED)["version"] in text
    assert "{" not in text


def test_the_program_forecasts_without_scikit_learn() -> None:
    script = (
        "import sys\n"
        "from tests.forecast import people\n"
        "from pain_tui.forecast import step\n"
        "c = people.cursor()\n"
        "people.lay(c, [{'person': 'A', 'condition': 'knee_oa', 'options': ['nsaid', 'watch']}])\n"
        "step.run(c)\n"
        "assert len(people.table(c)) == 2\n"
        "found = {m.split('.')[0] for m in sys.modules}\n"
        "print(sorted(found & {'sklearn', 'scipy', 'pandas', 'pyarrow', 'joblib', 'textual', 'typer'}))\n"
    )
    place = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=place, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_joblib_and_plain_numbers_agree_with_predictors() -> None:
    """Design rows of people with values, through the estimator, against the matrix path."""
    from pain_tui.forecast.coding import CODED
    from pain_tui.forecast.design import design, theta
    from pain_tui.forecast.predict import Rows, predict

    model, estimator = load.load(), load.load_artefact()
    parameters = theta(model, horizon=12)
    assert list(parameters.names) == estimator.parameter_names_
    cell = np.array(sorted(parameters.treated_at))
    pair = np.array([model.pair_of(model.cells[i]["condition"], model.cells[i]["option"]) for i in cell])
    x = np.random.default_rng(1).uniform(-0.4, 0.4, (len(cell), len(model.terms)))
    rows = Rows.plain(cell, pair, x, np.full(x.shape, CODED, dtype=np.int8))
    made = predict(model, rows)
    X = design(model, parameters, rows)
    assert np.abs(estimator.predict_proba(X)[:, 1] - made["p_response"]).max() < 1e-12
    variance = estimator.decision_variance(X)
    at_50 = made["logit_variance"] + model.step50[cell] ** 2 * model.data["shift30"]["variance"]
    assert np.abs(variance - at_50).max() < 1e-12
    controlled = rows.take(np.flatnonzero([c in parameters.control_at for c in cell]))
    held = estimator.predict_proba(design(model, parameters, controlled, arm="control"))[:, 1]
    assert np.abs(held - predict(model, controlled)["p_comparator"]).max() < 1e-12
