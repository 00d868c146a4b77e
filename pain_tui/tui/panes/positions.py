"""The positions of one gene: where each lies, what changes there, which alleles list it, whether it was read."""

from collections import defaultdict

from pain_tui.genotype.definitions import Gene, Position, load
from pain_tui.tui import words
from pain_tui.tui.chart import Row
from pain_tui.tui.widgets.lines import Line, cut, head, hint, line, paragraph, quiet, rule

_READ, _NOT, _SILENT = "read", "not read", "not stated"


def positions(gene: Row, width: int) -> list[Line]:
    """What was not read first, then what was read; then alleles that no position can show."""
    known = load().genes.get(gene["gene"])
    tested, missing = set(gene.get("positions_tested") or []), set(gene.get("positions_missing") or [])
    lines = list(paragraph(_summary(gene, len(tested), len(missing)), width))
    listed = known.positions if known else ()
    if not listed:
        return [*lines, quiet("The tables list no position for this gene.")]
    alleles = _alleles(known) if known else {}
    room = max(width - 56, 10)
    lines += [
        rule(),
        head(f"{'position':<16} {'GRCh38':<16} {'change':<9} {'':<10} {cut('alleles', room)}".rstrip()),
    ]
    order = {_NOT: 0, _SILENT: 1, _READ: 2}
    for position in sorted(listed, key=lambda p: order[_state(p, tested, missing)]):
        lines.append(_row(position, _state(position, tested, missing), alleles.get(position.name, []), room))
    others = sorted((tested | missing) - {position.name for position in listed})
    if others:
        lines += [
            rule(),
            *paragraph(f"Named by the report and not in the tables: {', '.join(others)}.", width),
        ]
    if known and known.structural:
        lines += [rule(), *paragraph(f"No single position shows: {', '.join(known.structural)}.", width)]
    return [*lines, *hint("Not read is missing, never reference.", width)]


def _summary(gene: Row, tested: int, missing: int) -> str:
    if gene["state"] == "not_tested":
        return "Not tested: these are the positions that a test would have to read."
    if not tested and not missing:
        return "The report does not say which positions were tested; below are those of the tables."
    return (
        f"{words.count(tested, 'position')} read, {missing} not read. Not read is never taken as reference."
    )


def _state(position: Position, tested: set[str], missing: set[str]) -> str:
    return _NOT if position.name in missing else _READ if position.name in tested else _SILENT


def _row(position: Position, state: str, alleles: list[str], room: int) -> Line:
    place = f"{position.chrom.removeprefix('chr')}:{position.pos['GRCh38']}"
    change = f"{position.ref}>{','.join(position.alts)}"
    name = position.rsid or "-"
    return line(
        f"{cut(name, 16)} {cut(place, 16)} {cut(change, 9)} {state:<10} {cut(', '.join(alleles), room)}".rstrip()
    )


def _alleles(gene: Gene) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for allele in gene.alleles:
        if not allele.is_reference:
            for number in allele.bases:
                found[gene.positions[number].name].append(allele.name)
    return found
