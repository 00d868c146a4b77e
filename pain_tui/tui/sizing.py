"""A terminal that does not know its own size (a serial line, a pseudo-terminal nobody sized) is told 80 x 24.

Left alone, the libraries below take two different sizes for it and paint for ever. Told through the terminal
itself, as `stty` does, so that a later resize counts.
"""

import os
import struct
import sys

COLUMNS, LINES = 80, 24


def make_known() -> None:
    """Give the terminal a size when it has none; a terminal that refuses is left as it is."""
    try:
        import fcntl
        import termios
    except ImportError:  # Windows consoles always know their size
        return
    try:
        number = sys.__stdout__.fileno()  # type: ignore[union-attr]  # no stdout at all raises here as a closed one does
        size = os.get_terminal_size(number)
        if not size.columns or not size.lines:
            wanted = struct.pack("HHHH", size.lines or LINES, size.columns or COLUMNS, 0, 0)
            fcntl.ioctl(number, termios.TIOCSWINSZ, wanted)
    except (OSError, ValueError, AttributeError):
        return
