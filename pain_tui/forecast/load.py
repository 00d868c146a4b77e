"""Open the bundled model: plain numbers for the program, the joblib artefact only for audit and learning.

The program reads `pain_evidence.json`: no scikit-learn, nothing unpickled. The joblib file is read once into
memory, its SHA-256 compared with the packaged manifest, and only then loaded; any other file is refused.
"""

import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pain_tui.errors import ModelError
from pain_tui.forecast.tables import FOLDER, evidence_hash
from pain_tui.paths import data_folder

NUMBERS = "pain_evidence.json"
ARTEFACT = "pain_evidence.joblib"
MANIFEST = "manifest.json"
CARD = "model_card.md"
LARGEST_MANIFEST = 1_000_000
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
LARGEST = 64_000_000  # bytes; a larger artefact is not ours

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """The bundled model as arrays. Rows of `cells` and of the arrays beside it belong together.

    Slope arrays have one row per (condition, option) pair and one column per term; the last row is all zero
    and stands for pairs without any slope.
    """

    data: dict[str, Any]
    version: str
    level: float
    z: float
    cells: list[dict[str, Any]]
    cell_index: dict[tuple[str, str, int, bool], int]
    treated: Floats
    treated_variance: Floats
    control: Floats
    control_variance: Floats
    covariance: Floats
    step50: Floats
    step30: Floats
    gives_extra: NDArray[np.bool_]
    terms: list[dict[str, Any]]
    term_index: dict[str, int]
    term_variance: Floats
    on_control: NDArray[np.bool_]
    families: dict[str, NDArray[np.int64]]
    pair_index: dict[tuple[str, str], int]
    slope_mean: dict[str, Floats]
    slope_sd: dict[str, Floats]
    slope_row: dict[str, NDArray[np.int64]]
    facts: tuple[str, ...] = field(default=())

    @property
    def settings(self) -> dict[str, float]:
        """The numbers of `model_settings`."""
        held: dict[str, float] = self.data["settings"]
        return held

    def cell_of(self, condition: str, option: str, horizon: int, bias: bool = True) -> int:
        """The row of a cell, or -1 when there is no evidence."""
        return self.cell_index.get((condition, option, horizon, bias), -1)

    def pair_of(self, condition: str, option: str) -> int:
        """The row of a pair's slopes; the zero row for a pair without any."""
        return self.pair_index.get((condition, option), len(self.slope_mean["default"]) - 1)


def from_numbers(data: dict[str, Any], version: str = "unbuilt") -> Model:
    """The arrays of one assembled model (`prior.assemble`, or the packaged file)."""
    cells, terms = data["cells"], data["terms"]
    relief = [c["outcome_class"] in ("pain50", "pain30") for c in cells]
    from30 = [c["outcome_class"] == "pain30" for c in cells]
    level = data["settings"]["level"]
    pair_index = {_pair(key): i for i, key in enumerate(data["pairs"])}
    term_index = {t["term"]: i for i, t in enumerate(terms)}
    mean, sd, row = _slope_arrays(data, term_index)
    families = {t["family"] for t in terms if t["family"]}
    return Model(
        data=data,
        version=version,
        level=level,
        z=NormalDist().inv_cdf((1 + level) / 2),
        cells=cells,
        cell_index={(c["condition"], c["option"], c["horizon"], c["bias"]): i for i, c in enumerate(cells)},
        treated=_floats(cells, "t"),
        treated_variance=_floats(cells, "vt"),
        control=_floats(cells, "a"),
        control_variance=_floats(cells, "va"),
        covariance=_floats(cells, "c"),
        step50=np.where(from30, -1.0, 0.0),
        step30=np.where(np.array(relief) & ~np.array(from30), 1.0, np.where(relief, 0.0, np.nan)),
        gives_extra=np.array(
            [
                bool(c["kind"]) and data["kinds"][c["kind"]]["gives_extra"] and c["a"] is not None
                for c in cells
            ],
            dtype=bool,
        ),
        terms=terms,
        term_index=term_index,
        term_variance=np.array([t["variance"] for t in terms], dtype=np.float64),
        on_control=np.array([t["kind"] == "prognostic" for t in terms], dtype=bool),
        families={
            f: np.array([i for i, t in enumerate(terms) if t["family"] == f]) for f in sorted(families)
        },
        pair_index=pair_index,
        slope_mean=mean,
        slope_sd=sd,
        slope_row=row,
        facts=tuple(sorted({t["fact"] for t in terms} | {g["fact"] for g in data["gates"]})),
    )


def _pair(key: str) -> tuple[str, str]:
    condition, option = key.split("|")
    return condition, option


def _floats(cells: list[dict[str, Any]], key: str) -> Floats:
    return np.array([np.nan if c[key] is None else c[key] for c in cells], dtype=np.float64)


def _slope_arrays(
    data: dict[str, Any], term_index: dict[str, int]
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, NDArray[np.int64]]]:
    shape = (len(data["pairs"]) + 1, len(term_index))
    mean, sd, row = {}, {}, {}
    for evidence_set in ("default", "with_weak_evidence"):
        m, s, r = np.zeros(shape), np.zeros(shape), np.full(shape, -1, dtype=np.int64)
        for i, sets in enumerate(data["pairs"].values()):
            for index in sets.get(evidence_set, ()):
                slope = data["slopes"][index]
                j = term_index[slope["term"]]
                m[i, j], s[i, j], r[i, j] = slope["mean"], slope["sd"], index
        mean[evidence_set], sd[evidence_set], row[evidence_set] = m, s, r
    return mean, sd, row


@lru_cache(maxsize=1)
def load() -> Model:
    """The packaged model. Raises ModelError when it is missing, changed, or built from other evidence."""
    return load_from(data_folder("models"))


def load_from(folder: Path, evidence: Path = FOLDER) -> Model:
    """A model folder's numbers, checked against its manifest and against the evidence tables."""
    manifest = read_manifest(folder)
    data = json.loads(_checked(folder, NUMBERS, manifest))
    if manifest["evidence_hash"] != evidence_hash(evidence):
        raise ModelError(
            f"The model {manifest['version']} was built from other evidence tables; no forecast is made.",
            "Run `pain-tui model build`, or install the program again.",
        )
    return from_numbers(data, manifest["version"])


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model folder. Raises ModelError when it is not there or not one of ours."""
    try:
        with (folder / MANIFEST).open("rb") as stream:
            content = stream.read(LARGEST_MANIFEST + 1)
        if len(content) > LARGEST_MANIFEST:
            raise ValueError("it is too large")
        manifest = json.loads(content)
        _refuse_crafted(manifest)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(
            f"The model manifest {folder.name}/{MANIFEST} cannot be read: {error}.",
            "Run `pain-tui model build`.",
        ) from error
    checked: dict[str, Any] = manifest
    return checked


def _refuse_crafted(manifest: Any) -> None:
    """Raise ValueError unless it names files of its own folder, each with a hash, and its versions."""
    if not isinstance(manifest, dict) or not {"version", "evidence_hash", "files"} <= set(manifest):
        raise ValueError("it lacks version, evidence_hash or files")
    if not all(isinstance(manifest[name], str) for name in ("version", "evidence_hash")):
        raise ValueError("version and evidence_hash are texts")
    files, made_with = manifest["files"], manifest.get("made_with", {})
    if not isinstance(files, dict) or not isinstance(made_with, dict):
        raise ValueError("files and made_with are objects")
    for name, entry in files.items():
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"{name[:60]!r} is not the name of a file in its folder")
        if not isinstance(entry, dict) or not isinstance(entry.get("sha256"), str):
            raise ValueError(f"{name} has no sha256")


def _checked(folder: Path, name: str, manifest: dict[str, Any]) -> bytes:
    """The bytes of one file, read once, equal to the manifest by SHA-256."""
    expected = manifest["files"].get(name, {}).get("sha256")
    if expected is None:
        raise ModelError(f"The model manifest does not name {name}.", "Run `pain-tui model build`.")
    try:
        with (folder / name).open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise ModelError(f"The model file {name} cannot be read.", "Run `pain-tui model build`.") from error
    if len(content) > LARGEST or hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(
            f"The model file {name} is not the packaged one: its SHA-256 differs. It was not opened.",
            "Install the program again, or run `pain-tui model build`.",
        )
    return content


def load_artefact(folder: Path | None = None) -> Any:
    """The scikit-learn estimator from the joblib file, for audit, learning and the parity check.

    Nothing is unpickled before the bytes in memory equal the packaged manifest; a manifest that lies beside
    a file from elsewhere says nothing about it.
    """
    content = _checked(folder or data_folder("models"), ARTEFACT, read_manifest(data_folder("models")))
    import joblib

    return joblib.load(io.BytesIO(content))
