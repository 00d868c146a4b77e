"""Where the packaged folders are: beside the package in a wheel, at the top level in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """The folder `models` or `sample_data`, wherever this installation keeps it.

    Raises FileNotFoundError when neither place holds it (a broken installation).
    """
    packaged = PACKAGE / f"_{name}"
    checkout = PACKAGE.parent / name
    for folder in (packaged, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name} is missing from this installation")
