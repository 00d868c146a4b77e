"""pain-tui: offline decision support for interventional pain medicine."""

__version__ = "0.1.0"
