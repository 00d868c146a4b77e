"""`python -m pain_tui` is the same as `pain-tui`."""

from pain_tui.cli.main import run

run()
