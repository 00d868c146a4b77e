"""Write a page about a person to a file that only its owner may read, whole or not at all."""

import os
import re
from pathlib import Path

from pain_tui.errors import StoreError


def file_name(person: str, day: str, ending: str) -> str:
    """A name to propose for a page about a person, which stays in its folder whatever the id holds."""
    return f"{re.sub('[^A-Za-z0-9_-]+', '_', person)[:60]}-{day}.{ending}"


def write_private(path: Path, text: str, *, over: bool = False) -> None:
    """Write `text` as UTF-8 with mode 0600; `over` replaces a file that is there.

    Raises StoreError when the path is taken or cannot be written.
    """
    path = path.expanduser()
    fresh = path.with_name(f".{path.name}.new") if over else path
    try:
        if over:
            fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as lines:
            lines.write(text)
            lines.flush()
            os.fsync(lines.fileno())
        if over:
            fresh.replace(path)
    except FileExistsError as error:
        raise StoreError(f"{path} is already there; it was not touched.", "Choose another name.") from error
    except OSError as error:
        raise StoreError(f"{path} could not be written ({error.strerror}).", "Check the folder.") from error
