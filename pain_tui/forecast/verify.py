"""Are the bundled files the packaged ones, do they fit the evidence, does a build give them again?"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pain_tui.errors import ModelError
from pain_tui.forecast import load
from pain_tui.forecast.tables import FOLDER, evidence_hash


@dataclass(frozen=True)
class Check:
    """One thing that was checked."""

    name: str
    passed: bool
    say: str


def verify(folder: Path, evidence: Path = FOLDER, *, rebuild: bool = True) -> list[Check]:
    """All checks, in order. Raises ModelError only when there is no manifest to check against."""
    manifest = load.read_manifest(folder)
    checks = [_file(folder, name, entry["sha256"]) for name, entry in sorted(manifest["files"].items())]
    fits = manifest["evidence_hash"] == evidence_hash(evidence)
    checks.append(
        Check(
            "evidence",
            fits,
            "built from these evidence tables"
            if fits
            else "built from other evidence tables: forecasts are refused",
        )
    )
    versions = _versions(manifest.get("made_with", {}))
    checks.append(
        Check("libraries", not versions, "; ".join(versions) or "the libraries of the build are installed")
    )
    if all(c.passed for c in checks if c.name in manifest["files"]):
        checks.append(_parity(folder))
    if rebuild and fits:
        checks.append(_rebuilt(folder, evidence))
    return checks


def _file(folder: Path, name: str, expected: str) -> Check:
    try:
        with (folder / name).open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return Check(name, False, "missing")
    return Check(
        name,
        actual == expected,
        "as packaged" if actual == expected else f"SHA-256 is {actual[:8]}, the manifest says {expected[:8]}",
    )


def _versions(made_with: dict[str, str]) -> list[str]:
    import joblib
    import numpy
    import sklearn

    here = {"numpy": numpy.__version__, "joblib": joblib.__version__, "scikit-learn": sklearn.__version__}
    return [
        f"{name} is {here.get(name)}, the build had {version}"
        for name, version in made_with.items()
        if here.get(name) != version
    ]


def _parity(folder: Path) -> Check:
    """The estimator's probabilities of every cell against the plain numbers."""
    import numpy as np

    from pain_tui.forecast.design import design, theta
    from pain_tui.forecast.predict import Rows, predict

    try:
        estimator = load.load_artefact(folder)
        data = json.loads((folder / load.NUMBERS).read_text(encoding="utf-8"))
    except (ModelError, ValueError) as error:
        return Check("parity", False, str(error))
    model = load.from_numbers(data)
    parameters = theta(model, horizon=data["horizons"][0])
    cell = np.array(sorted(parameters.treated_at), dtype=np.int64)
    nothing = np.full((len(cell), len(model.terms)), np.nan)
    rows = Rows.plain(
        cell, np.full(len(cell), model.pair_of("", "")), nothing, np.ones(nothing.shape, dtype=np.int8)
    )
    distance = np.abs(
        estimator.predict_proba(design(model, parameters, rows))[:, 1] - predict(model, rows)["p_response"]
    ).max()
    return Check(
        "parity",
        bool(distance < 1e-12),
        f"joblib and plain numbers differ by {distance:.1e} at most over {len(cell)} cells",
    )


def _rebuilt(folder: Path, evidence: Path) -> Check:
    import tempfile

    from pain_tui.forecast.build import build

    with tempfile.TemporaryDirectory() as place:
        again = build(Path(place), evidence)
    held = load.read_manifest(folder)
    differ = [
        name for name, entry in held["files"].items() if again["files"][name]["sha256"] != entry["sha256"]
    ]
    return Check(
        "rebuild",
        not differ,
        "a new build gives the same bytes" if not differ else f"a new build differs in {', '.join(differ)}",
    )
