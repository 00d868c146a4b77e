"""`pain-tui knowledge`: version, age and counts, its own checks, the rules, their firing, and the source
of a row.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from pain_tui.cli import common
from pain_tui.errors import RuleError, UsageError

OWN = "  (the clinic's own)"


def register(app: typer.Typer) -> None:
    """Add the group `knowledge`."""
    group = typer.Typer(invoke_without_command=True, no_args_is_help=False)
    group.callback()(knowledge)
    group.command("rules")(list_rules)
    group.command("firing")(firing)
    group.command("source")(source)
    app.add_typer(group, name="knowledge")


def knowledge(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Run the knowledge's own checks.")] = False,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
) -> None:
    """The knowledge behind every answer: version, age, counts; its checks and its rules.

    Example: pain-tui knowledge --check
    """
    if context.invoked_subcommand is not None:
        return
    if check:
        _check(json)
        return
    shape = _summary(as_of)
    if json:
        common.write_json(shape)
        return
    common.out(f"knowledge {shape['version']}")
    common.out(
        f"  released {shape['released']}, {shape['age_days']} days old, to be used until {shape['use_until']}"
    )
    counts = shape["rules"]
    common.out(
        f"  {counts['total']} rules: {counts['STOP']} STOP, {counts['CAUTION']} CAUTION, "
        f"{counts['NOTE']} NOTE"
    )
    common.out(f"  {shape['facts']} facts, {shape['sources']} sources, {len(shape['tables'])} tables")
    for table in shape["tables"]:
        common.out(f"    {table['rows']:>6}  {table['table']}")


def _summary(as_of: str | None) -> dict[str, Any]:
    from collections import Counter

    from pain_tui.knowledge import load, rules, version
    from pain_tui.knowledge.rows import rows

    tiers = Counter(rule.tier for rule in rules.packaged())
    tables = [{"table": table.name, "rows": len(rows(table.name))} for table in load.tables()]
    return {
        "version": version.version(),
        "released": version.released(),
        "use_until": version.use_until(),
        "age_days": (common.as_of_date(as_of) - version.released()).days,
        "rules": {
            "total": sum(tiers.values()),
            **{tier: tiers[tier] for tier in ("STOP", "CAUTION", "NOTE")},
        },
        "facts": len(rows("facts")),
        "sources": len(rows("safety_sources")) + len(rows("pgx_sources")),
        "tables": tables,
    }


def _check(json: bool) -> None:
    from pain_tui.knowledge.check import problems

    found = problems()
    if json:
        common.write_json({"passed": not found, "problems": found})
    else:
        for problem in found:
            common.out(problem)
        common.out("The knowledge passes its checks." if not found else f"{len(found)} problems.")
    if found:
        raise RuleError(
            f"The knowledge does not pass its checks: {len(found)} problems.",
            "Each is listed above with its place.",
        )


def list_rules(
    own: Annotated[
        Path | None,
        typer.Option("--own", metavar="FILE", help="Check and list the clinic's own rule file too."),
    ] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="TIER", help="Only STOP, CAUTION or NOTE.")
    ] = None,
    json: common.JsonOption = False,
) -> None:
    """Every rule: its tier, when it fires, what it says and does, its source.

    Example: pain-tui knowledge rules --tier STOP
    """
    from pain_tui.knowledge import rules

    if tier is not None and tier.upper() not in rules.TIERS:
        raise UsageError(f"There is no tier {tier}.", f"Use one of {', '.join(rules.TIERS)}.")
    every = [*rules.packaged(), *(rules.clinic(own) if own else ())]
    shown = [rule for rule in every if tier is None or rule.tier == tier.upper()]
    if json:
        common.write_json({"rules": [_rule_row(rule) for rule in shown]})
        return
    for rule in shown:
        common.out(f"{rule.tier:<8}{rule.id}{OWN if rule.clinic_own else ''}")
        common.out(f"        what  {rule.title}")
        common.out(f"        when  {rule.when}")
        common.out(f"        say   {rule.say}")
        common.out(f"        do    {rule.do}")
        common.out(f"        from  {rule.source}, {rule.strength}, checked {rule.checked}")
    common.out(f"{len(shown)} rules.")


def _rule_row(rule: Any) -> dict[str, Any]:
    names = (
        "id",
        "title",
        "tier",
        "about",
        "when",
        "say",
        "do",
        "source",
        "strength",
        "checked",
        "blocks_when_unknown",
        "clinic_own",
    )
    return {**{name: getattr(rule, name) for name in names}, "names": list(rule.condition.names)}


def firing(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")],
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """How often each rule fires in a clinic, and how often a STOP was overridden.

    Example: pain-tui knowledge firing clinic.duckdb
    """
    from pain_tui.assess.firing import firing as count

    opened = common.open_patient_file(file, passphrase_file, key_file)
    try:
        found = count(opened, as_of=common.as_of_date(as_of, opened))
    finally:
        opened.close()
    too_often = found.reported()
    if json:
        common.write_json(
            {
                "people": found.people,
                "median": {"STOP": found.median_stop, "CAUTION": found.median_caution},
                "rules": [vars(row) for row in found.rows],
                "too_often": [row.rule for row in too_often],
            }
        )
        return
    common.out(
        f"{found.people} people; the median person has {found.median_stop:g} STOP and "
        f"{found.median_caution:g} CAUTION."
    )
    for row in found.rows:
        of_100 = 100 * row.people / found.people if found.people else 0
        common.out(
            f"{row.people:>6}  {of_100:>3.0f} of 100  {row.tier:<8}{row.rule}  {row.overridden} overridden"
        )
    common.out(f"For more than {100 * found.too_often:.0f} of 100 people:")
    for tier in ("STOP", "CAUTION", "NOTE"):
        common.out(f"  {tier}: {', '.join(r.rule for r in too_often if r.tier == tier) or 'none'}.")


def source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A row id, a rule id or a source id.")],
    json: common.JsonOption = False,
) -> None:
    """The paper behind a row, a rule or a source id.

    Example: pain-tui knowledge source opioid.benzodiazepine
    """
    from pain_tui.knowledge.sources import lookup

    found = lookup(name)
    if not found:
        raise UsageError(
            f"No row, rule or source is called {name!r}.",
            "Ids stand beside each number: DDI001, r014, opioid.mme_50.",
        )
    if json:
        common.write_json({"sources": [vars(entry) for entry in found]})
        return
    for entry in found:
        places = [f"doi:{entry.doi}" if entry.doi else "", entry.pmid or "", entry.locator or ""]
        common.out(f"{entry.citation}  {'  '.join(place for place in places if place)}".rstrip())
        seen = [f"checked {entry.checked}" if entry.checked else "", entry.how_seen or ""]
        if any(seen):
            common.out("  " + ", ".join(word for word in seen if word))
