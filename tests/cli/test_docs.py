"""Every verb and every option stands in docs/cli.md."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parents[2] / "docs"


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_cli", DOCS / "make_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_verb_and_option_is_documented() -> None:
    """`python docs/make_cli.py` writes the page anew."""
    import typer

    from pain_tui.cli import main

    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (pain-tui [^\n]+)\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL))
    lacking = []
    for path, command in _maker().verbs(typer.main.get_command(main.build()), "pain-tui"):
        options = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
        lacking += [(path, name) for name in options if name not in sections.get(path, "")]
        lacking += [] if path in sections else [(path, "the whole verb")]
    assert lacking == []


def test_the_page_holds_the_shapes_as_written() -> None:
    shapes = (DOCS / "cli_shapes.md").read_text(encoding="utf-8").rstrip()
    assert (DOCS / "cli.md").read_text(encoding="utf-8").startswith(shapes)
