"""No garbage collection until the first frame is painted: starting makes much, and leaves next to no garbage.

Afterwards what starting made is kept out of later collections, which keeps them short.
"""

import gc


def begin() -> None:
    """Before anything large is imported."""
    gc.disable()


def end() -> None:
    """Once the first frame is painted, or when there will be none; harmless without a beginning."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
