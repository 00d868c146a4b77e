"""`pain-tui model build`: evidence tables to the bundled model, byte for byte the same on every run.

Writes the plain numbers, the joblib artefact (the scikit-learn estimator at its prior), the card and the
manifest with the SHA-256 of each. The version is the evidence's date and the first 8 hex digits of the hash
over the numbers.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

from pain_tui.forecast import load, prior
from pain_tui.forecast.card import card
from pain_tui.forecast.tables import BUILT_FROM, FOLDER, evidence_hash, rows

EVIDENCE_DATE = "2026-11-24"  # the day the tables were last read against their sources


def build(folder: Path, evidence: Path = FOLDER) -> dict[str, Any]:
    """Build into `folder` and return the manifest."""
    model = prior.assemble(evidence)
    numbers = json.dumps(model, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    version = f"{EVIDENCE_DATE}-{hashlib.sha256(numbers).hexdigest()[:8]}"
    files = {
        load.NUMBERS: numbers,
        load.ARTEFACT: artefact(model, version),
        load.CARD: card(model, version, _counts(evidence)).encode(),
    }
    manifest = {
        "version": version,
        "evidence_hash": evidence_hash(evidence),
        "evidence_files": list(BUILT_FROM),
        "evidence_date": EVIDENCE_DATE,
        "fitted_to_patients": False,
        "made_with": _libraries(),
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / load.MANIFEST).write_text(
        json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )
    load.load.cache_clear()
    return manifest


def artefact(model: dict[str, Any], version: str) -> bytes:
    """The joblib bytes: the estimator at its prior for the default horizon, parameters named."""
    import joblib

    from pain_tui.forecast.design import theta
    from pain_tui.forecast.estimator import PriorLogisticRegression

    plain = load.from_numbers(model, version)
    parameters = theta(plain, horizon=plain.data["horizons"][0])
    estimator = PriorLogisticRegression(prior_mean=parameters.mean, prior_covariance=parameters.covariance)
    estimator.from_prior(len(parameters.names))
    estimator.parameter_names_ = list(parameters.names)
    estimator.version_ = version
    stream = io.BytesIO()
    joblib.dump(estimator, stream, compress=("zlib", 6), protocol=5)
    return stream.getvalue()


def _counts(evidence: Path) -> dict[str, int]:
    rates = rows("responder_rates", evidence)
    return {
        "rate_rows": len(rates),
        "trials": len({r["trial_id"] for r in rates}),
        "slope_rows": sum(r["outcome_domain"] == "response" for r in rows("effect_modifiers", evidence)),
        "strata_rows": len(rows("strata", evidence)),
    }


def _libraries() -> dict[str, str]:
    import joblib
    import numpy
    import sklearn

    return {"numpy": numpy.__version__, "joblib": joblib.__version__, "scikit-learn": sklearn.__version__}
