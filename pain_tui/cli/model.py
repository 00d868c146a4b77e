"""`pain-tui model`: build, verify, card and the evidence behind one option in one condition."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import ModelError, UsageError

FolderOption = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Another model folder than the packaged one.")
]


def register(app: typer.Typer) -> None:
    """Add the group `model`."""
    group = typer.Typer(help="The bundled forecast model.", no_args_is_help=True)
    group.command("build")(build)
    group.command("verify")(verify)
    group.command("card")(card)
    group.command("evidence")(evidence)
    app.add_typer(group, name="model")


def build(folder: FolderOption = None, json: common.JsonOption = False) -> None:
    """Build the model from the evidence tables; the same tables give the same bytes.

    Example: pain-tui model build
    """
    from pain_tui.forecast.build import build as make

    manifest = make(folder or _packaged())
    if json:
        common.write_json({"model": manifest})
        return
    common.out(f"model {manifest['version']}, built from evidence {manifest['evidence_hash'][:8]}")
    for name, entry in manifest["files"].items():
        common.out(f"  {name}  {entry['bytes']:,} bytes  {entry['sha256'][:16]}")


def verify(
    folder: FolderOption = None,
    no_rebuild: Annotated[bool, typer.Option("--no-rebuild", help="Do not build again to compare.")] = False,
    json: common.JsonOption = False,
) -> None:
    """Check the model's files, its evidence, and that a new build gives the same bytes.

    Example: pain-tui model verify
    """
    from pain_tui.forecast import load
    from pain_tui.forecast.verify import verify as check

    place = folder or _packaged()
    version = load.read_manifest(place)["version"]
    checks = check(place, rebuild=not no_rebuild)
    passed = all(c.passed for c in checks)
    if json:
        shown = [{"check": c.name, "passed": c.passed, "say": c.say} for c in checks]
        common.write_json({"model_version": version, "passed": passed, "checks": shown})
    else:
        common.out(f"model {version}")
        for c in checks:
            common.out(f"  {'ok    ' if c.passed else 'FAILED'}  {c.name}: {c.say}")
    if not passed:
        raise ModelError(
            "The model did not pass its checks.", "Run `pain-tui model build`, or install again."
        )


def card(folder: FolderOption = None) -> None:
    """Print the model card.

    Example: pain-tui model card
    """
    from pain_tui.forecast import load

    place = folder or _packaged()
    try:
        common.out((place / load.CARD).read_text(encoding="utf-8").rstrip())
    except OSError as error:
        raise ModelError("The model card cannot be read.", "Run `pain-tui model build`.") from error


def evidence(
    condition: Annotated[str, typer.Argument(help="A condition id, e.g. lumbar_radicular.")],
    option: Annotated[str, typer.Argument(help="An option id, e.g. tfesi, or watch.")],
    horizon: Annotated[int, typer.Option("--horizon", help="12, 26 or 52 weeks.")] = 12,
    bias_rule: Annotated[str, typer.Option("--bias-rule", help="on or off.")] = "on",
    json: common.JsonOption = False,
) -> None:
    """The forest: each trial, the pool, the comparator, and what contradicts it.

    Example: pain-tui model evidence lumbar_radicular tfesi
    """
    from pain_tui.forecast import forest

    if bias_rule not in ("on", "off"):
        raise UsageError(f"--bias-rule {bias_rule!r} is not known.", "Use on or off.")
    found = forest.gather(condition, option, horizon, bias_rule == "on")
    if json:
        common.write_json(forest.as_dict(found))
        return
    for line in forest.lines(found, shutil.get_terminal_size(fallback=(100, 24)).columns):
        common.out(line)


def _packaged() -> Path:
    from pain_tui.paths import data_folder

    return data_folder("models")
