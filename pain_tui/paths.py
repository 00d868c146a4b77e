"""Where things are: the packaged folders, and the folders of this user.

Packaged folders lie beside the package in a wheel, at the top level in a checkout.
"""

import os
import sys
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


def state_folder() -> Path:
    """Logs and the path of the file last used: nothing clinical. Not created here."""
    return _user_folder("XDG_STATE_HOME", ".local/state")


def settings_folder() -> Path:
    """The user's settings and the clinic's own rules. Not created here."""
    return _user_folder("XDG_CONFIG_HOME", ".config")


def _user_folder(variable: str, fallback: str) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "pain-tui"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "pain-tui"
    stated = os.environ.get(variable)
    return (Path(stated) if stated else Path.home() / fallback) / "pain-tui"
