"""Genes as a ladder: tested, positions, diplotype, score, phenotype by genes, phenotype today, guideline.

Three layers stay apart: the reported genotype, the phenotype from it, the effect with present medicines.
"""

from collections.abc import Sequence

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import (
    TIER_STYLES,
    Line,
    Piece,
    cut,
    head,
    hint,
    line,
    pair,
    paragraph,
    quiet,
    rule,
    tier,
)

STATES = {
    "not_tested": "Not tested",
    "no_call": "Not called",
    "indeterminate": "Indeterminate: function not known",
    "conflicting": "Conflicting results: neither is used",
}
_ORDER = {"STOP": 0, "CAUTION": 1, "NOTE": 2, None: 3}


def shown(genes: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Genes with a result, or that some medicine here bears on; and the names of all others."""
    listed = [gene for gene in genes if gene["state"] != "not_tested" or gene.get("drugs")]
    listed.sort(key=lambda gene: gene["state"] == "not_tested")
    names = {gene["gene"] for gene in listed}
    return listed, [gene["gene"] for gene in genes if gene["gene"] not in names]


def gene_rows(chart: Chart, width: int) -> list[Line]:
    """One selectable line a gene; those nobody tested and no medicine here bears on in one sentence."""
    genes = chart.assessment.get("genes", [])
    listed, others = shown(genes)
    lines = _rows(listed, width)
    if not any(gene["state"] != "not_tested" for gene in genes):
        lines = [line(Piece("Not tested. Advice here uses no genotype.", "missing")), line(""), *lines]
    if others:
        lines += paragraph(
            f"Not tested, and no medicine here rests on it: {', '.join(others)}.",
            width,
            indent="  ",
            style="quiet",
        )
    return lines


def _rows(genes: Sequence[Row], width: int) -> list[Line]:
    phenotype_width = max(width - 47, 18)
    lines = [head(f"{'gene':<8} {'diplotype':<13} score  {cut('phenotype', phenotype_width)} affects")]
    for gene in genes:
        worst = worst_drug(gene)
        lines.append(
            line(
                f"{cut(gene['gene'], 8)} {cut(diplotype(gene), 13)} {score(gene):>5}  ",
                f"{cut(phenotype(gene), phenotype_width)} ",
                Piece(affects(worst, gene), TIER_STYLES.get(worst["tier"], "") if worst else ""),
                key=gene["gene"],
            )
        )
    return lines


def diplotype(gene: Row) -> str:
    """The possible diplotypes, or that nothing was called."""
    if gene["state"] != "called":
        state = str(gene["state"])
        return {"not_tested": "not tested", "no_call": "not called"}.get(state, state)
    return " or ".join(gene.get("diplotypes") or []) or words.UNKNOWN


def score(gene: Row) -> str:
    """The activity score, `-` when the gene has none."""
    value = gene.get("activity_score")
    return (
        words.NONE if value is None else f"{float(value):g}" if float(value) % 0.5 else f"{float(value):.1f}"
    )


def phenotype(gene: Row) -> str:
    """Phenotype by genes, and what it acts as with present medicines when that differs."""
    if gene["state"] != "called":
        return STATES[gene["state"]]
    genetic, today = gene.get("phenotype"), gene.get("phenotype_with_drugs")
    if not genetic:
        return str(gene.get("note") or "no phenotype: see e")
    if today and today != genetic:
        return f"{short(genetic)} -> acts {short(today).upper()}"
    return str(genetic)


def short(phenotype_words: str) -> str:
    """`Poor Metabolizer` as `Poor`."""
    return phenotype_words.replace(" Metabolizer", "")


def worst_drug(gene: Row) -> Row | None:
    """The drug with the highest tier, one that is taken before one that is not."""
    tiered = [drug for drug in gene.get("drugs", []) if drug.get("tier")]
    return min(
        tiered,
        key=lambda drug: (_ORDER.get(drug["tier"], 3), not drug.get("in_use"), drug["drug"]),
        default=None,
    )


def affects(worst: Row | None, gene: Row) -> str:
    """`STOP tramadol`, `missing`, `-`."""
    if worst:
        return f"{'CAUT' if worst['tier'] == 'CAUTION' else worst['tier']} {worst['drug']}"
    return "missing" if gene["state"] in ("no_call", "indeterminate", "conflicting") else words.NONE


def ladder(gene: Row | None, width: int) -> list[Line]:
    """The selected gene, rung by rung."""
    if gene is None:
        return [quiet("No gene selected.")]
    lines = [line(Piece(f"Selected: {gene['gene']} {diplotype(gene)}", "head")), line("")]
    lines += pair("Tested", _tested(gene), width)
    lines += pair("Open", _open_alleles(gene), width)
    lines += pair("Genes say", _genetic(gene), width, at=10)
    lines += [rule(), line(Piece("With current medicines", "head")), *_today(gene, width)]
    drugs = [drug for drug in gene.get("drugs", []) if drug.get("say") or drug.get("tier")]
    if drugs:
        lines += [rule(), line(Piece("Guidelines say", "head"))]
        for name in dict.fromkeys(d["drug"] for d in sorted(drugs, key=_by_weight)):
            lines += _drug([drug for drug in drugs if drug["drug"] == name], width)
    if gene.get("note"):
        lines += [rule(), *paragraph(str(gene["note"]), width)]
    if "*1" in diplotype(gene):
        lines += [
            line(""),
            *paragraph(
                '*1 means "none of the tested variants was found", not "sequenced and normal".', width
            ),
        ]
    return lines


def _tested(gene: Row) -> str:
    if gene["state"] == "not_tested":
        return "no. Not tested is never read as normal."
    tested, missing = gene.get("positions_tested") or [], gene.get("positions_missing") or []
    what = (
        f"{words.count(len(tested), 'position')} read, {len(missing)} not read"
        if tested or missing
        else "positions not stated"
    )
    return f"{what}; {gene.get('method') or 'method not stated'}, {words.day(gene.get('date'))}"


def _open_alleles(gene: Row) -> str:
    left = gene.get("alleles_not_excluded") or []
    return (
        f"{', '.join(left[:12])}{' ...' if len(left) > 12 else ''} cannot be ruled out"
        if left
        else "nothing stated as open"
    )


def _genetic(gene: Row) -> str:
    if gene["state"] != "called":
        return f"{STATES[gene['state']]}."
    copies = f", copy number {gene['copy_number']}" if gene.get("copy_number") else ""
    return f"score {score(gene)}{copies}: {gene.get('phenotype') or 'no phenotype given'}"


def _today(gene: Row, width: int) -> list[Line]:
    inhibitors = gene.get("inhibitors") or []
    if not inhibitors:
        return list(
            paragraph("No inhibitor of this gene's enzyme among the medicines known to be active.", width)
        )
    lines: list[Line] = []
    for inhibitor in inhibitors:
        lines += paragraph(f"{inhibitor['drug']}: {inhibitor['strength']} inhibitor", width)
    today = gene.get("phenotype_with_drugs")
    value = gene.get("activity_score_with_drugs")
    lines += paragraph(
        f"score {words.number(gene.get('activity_score'))} -> {words.number(value)}: "
        f"acts as {today or 'cannot tell'}",
        width,
        style="head",
    )
    clears = gene.get("clears_on")
    lines += paragraph(
        "(drug effect, not the genes)" + (f"; gone on {words.day(clears)} once stopped" if clears else ""),
        width,
    )
    return lines


def _by_weight(drug: Row) -> tuple[bool, int, str]:
    return (not drug.get("in_use"), _ORDER.get(drug.get("tier"), 3), drug["drug"])


def _drug(rows: Sequence[Row], width: int) -> list[Line]:
    """One drug, what each guideline body says of it, each sentence once."""
    first = min(rows, key=_by_weight)
    taken = "taken" if first.get("in_use") else "on the list" if first.get("on_list") else "not taken"
    worst = first.get("tier") or ""
    lines = [
        line(Piece(f"{first['drug']}", "head"), f" ({taken})  ", Piece(worst, TIER_STYLES.get(worst, "")))
    ]
    said: dict[str, list[str]] = {}
    both = len({bool(row.get("with_drugs")) for row in rows}) > 1
    for row in sorted(rows, key=lambda r: not r.get("with_drugs")):
        strength = f", {words.plain_id(row['strength'])}" if row.get("strength") else ""
        body = f"{row.get('guideline') or 'body not stated'}{strength}"
        layer = ("with present medicines: " if row.get("with_drugs") else "by genes alone: ") if both else ""
        said.setdefault(f"{layer}{row.get('say') or 'nothing stated'}", []).append(body)
    for text, bodies in said.items():
        lines += paragraph(f"{text} [{'; '.join(dict.fromkeys(bodies))}]", width, first="  ", indent="  ")
    return lines


def drugs_table(chart: Chart, width: int) -> list[Line]:
    """Drugs the genes bear on: those taken first."""
    entries: dict[tuple[str, str], tuple[Row, str]] = {}
    for gene in chart.assessment.get("genes", []):
        for drug in sorted(gene.get("drugs", []), key=_by_weight, reverse=True):
            entries[drug["drug"], gene["gene"]] = (
                drug,
                gene["gene"],
            )  # the weightiest row of a drug and gene is the last
    lines = [rule(), head(f"{'Drugs these genes bear on':<26} gene      flag     taken?")]
    listed = sorted(
        entries.values(),
        key=lambda e: (_ORDER.get(e[0].get("tier"), 3), not e[0].get("in_use"), e[0]["drug"]),
    )
    for drug, gene in listed[:14]:
        flag = drug.get("tier") or words.NONE
        lines.append(
            line(
                f"{cut(drug['drug'], 26)} {cut(gene, 9)} ",
                *tier(flag),
                f" {'yes' if drug.get('in_use') else 'no'}",
            )
        )
    if not listed:
        lines.append(quiet("None: no gene has a called result that a guideline speaks of."))
    if len(listed) > 14:
        lines.append(quiet(f"+{len(listed) - 14} more (enter on a gene)"))
    return [*lines, *hint("score = activity score. Not called is never read as normal.", width)]


def markers(chart: Chart, width: int) -> list[Line]:
    """Recorded research markers, whether the condition has one, and the options without an opioid."""
    told = chart.assessment.get("markers") or {}
    recorded, options = told.get("recorded") or [], told.get("without_opioids") or []
    lines: list[Line] = [rule(), head("Research markers (weight zero)")] if recorded else []
    for marker in recorded:
        lines += paragraph(
            f"{marker['rsid']} {marker.get('bases') or 'no call'} ({marker['role']}): {_studies(marker)}",
            width,
            indent="  ",
        )
    for known in told.get("conditions") or []:
        lines += paragraph(known["say"], width, style="quiet")
    if options:
        lines += [rule(), head("Options without opioids")]
        names = ", ".join(dict.fromkeys(option["name"] for option in options))
        lines += paragraph(names, width, indent="  ")
        lines += paragraph(options[0]["say"], width, style="quiet")
    return lines


def _studies(marker: Row) -> str:
    studies = [
        f"{study['outcome']}, {study['effect']}" + (f", {study['n']} people" if study.get("n") else "")
        for study in marker.get("evidence") or []
    ]
    return "; ".join(studies) or "no association with an effect size in the tables"


def unconfirmed(chart: Chart, width: int) -> list[Line]:
    """Advice that rests on the medicines says so when they are not confirmed."""
    review = chart.reviews.get("medication")
    if review and review.get("complete"):
        return []
    return [
        *paragraph(
            "Medicines are not confirmed: what they do to these genes may be incomplete (3, then r).",
            width,
            style="missing",
        ),
        rule(),
    ]
