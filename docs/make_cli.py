"""Write docs/cli.md: exit codes, shapes and columns from `cli_shapes.md`, and every verb's own help.

Run: python docs/make_cli.py
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("cli.md")
SHAPES = Path(__file__).with_name("cli_shapes.md")


def verbs(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every verb with the words that call it, groups opened."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, each in below.items():
        yield from verbs(each, f"{path} {name}")


def help_of(path: str, command: Any) -> str:
    """What `VERB --help` prints, 80 columns wide."""
    with command.make_context(path, [], resilient_parsing=True) as context:
        return "\n".join(line.rstrip() for line in str(command.get_help(context)).splitlines())


def page() -> str:
    """The whole page."""
    os.environ["COLUMNS"] = "80"
    import typer

    from pain_tui.cli import main
    from pain_tui.cli.verbs import VERBS

    everything = typer.main.get_command(main.build())
    parts = [SHAPES.read_text(encoding="utf-8").rstrip(), "", "# Every verb", ""]
    parts += ["This part is written by `docs/make_cli.py` from the help of the verbs.", ""]
    for heading, listed in VERBS.items():
        parts += [f"## {heading}", ""]
        for name in listed:
            for path, command in verbs(everything.commands[name], f"pain-tui {name}"):  # type: ignore[attr-defined] - a click group
                parts += [f"### {path}", "", "```text", help_of(path, command), "```", ""]
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
