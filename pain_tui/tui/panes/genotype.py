"""Genes as a ladder: tested, positions, diplotype, score, phenotype by genes, phenotype today, guideline.

Three layers stay apart: the reported genotype, the phenotype from it, the effect with present medicines.
"""

from collections.abc import Sequence
from datetime import date

from pain_tui.knowledge import ages
from pain_tui.knowledge.rows import rows
from pain_tui.report.gene_roles import by_role
from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import (
    TIER_STYLES,
    Line,
    Piece,
    cut,
    head,
    line,
    pair,
    paragraph,
    quiet,
    rule,
)

STATES = {
    "not_tested": "Not tested",
    "no_call": "Not called",
    "indeterminate": "Indeterminate",
    "conflicting": "Conflict: neither used",
}
_AFFECTS = 16
_LAYERS = {"today": "with present medicines: ", "later": "by genes alone: "}
_WITHHELD = " only if what was not tested"  # step 038 withholds a normal phenotype in these words
_DECIDED = ("Poor Metabolizer",)  # a strong inhibitor decides whatever the genotype
_ORDER = {"STOP": 0, "CAUTION": 1, "NOTE": 2, None: 3}


def shown(genes: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Genes with a result, that some medicine here bears on, or that a guideline speaks of; and the names of
    all others.
    """
    spoken = {row["gene"] for row in rows("genes_shown") if row["scheme"] != "marker"}
    listed = [
        gene for gene in genes if gene["state"] != "not_tested" or gene.get("drugs") or gene["gene"] in spoken
    ]
    listed.sort(key=lambda gene: gene["state"] == "not_tested")
    names = {gene["gene"] for gene in listed}
    return listed, [gene["gene"] for gene in genes if gene["gene"] not in names]


def gene_rows(chart: Chart, width: int) -> list[Line]:
    """One selectable line a gene; those nobody tested and no medicine here bears on by their role."""
    genes = chart.assessment.get("genes", [])
    listed, others = shown(genes)
    lines = _rows(listed, width)
    if not any(gene["state"] != "not_tested" for gene in genes):
        lines = [line(Piece("Not tested. Advice here uses no genotype.", "missing")), line(""), *lines]
    if others:
        lines += paragraph("Not tested, and no guideline or medicine here rests on it:", width, style="quiet")
        lines += _by_role(others, width)
    return lines


def _by_role(names: Sequence[str], width: int) -> list[Line]:
    """Genes nobody tested, in one line a role: what each would have been looked at for."""
    roles = by_role(names)
    at = max((len(role) for role in roles), default=0) + 2
    return [part for role, genes in roles.items() for part in pair(role, ", ".join(genes), width, at=at)]


def _rows(genes: Sequence[Row], width: int) -> list[Line]:
    phenotype_width = max(width - 34 - _AFFECTS, 18)
    lines = [head(f"{'gene':<8} {'diplotype':<16} score  {cut('phenotype', phenotype_width)} affects")]
    for gene in genes:
        worst = worst_drug(gene)
        lines.append(
            line(
                f"{cut(gene['gene'], 8)} {cut(diplotype(gene), 16)} {score(gene):>5}  ",
                f"{cut(phenotype(gene), phenotype_width)} ",
                Piece(
                    cut(affects(worst, gene), _AFFECTS).rstrip(),
                    TIER_STYLES.get(worst["tier"], "") if worst else "",
                ),
                key=gene["gene"],
            )
        )
    return lines


def diplotype(gene: Row) -> str:
    """The possible diplotypes (both when two results conflict), or that nothing was called."""
    names = gene.get("diplotypes") or []
    if gene["state"] == "conflicting":
        return " and ".join(names) or "conflicting"
    if gene["state"] in ("called", "indeterminate") and names:
        return " or ".join(names)
    if gene["state"] == "called":
        return words.UNKNOWN
    return {"not_tested": "not tested", "no_call": "not called"}.get(gene["state"], str(gene["state"]))


def score(gene: Row) -> str:
    """The activity score, `-` when the gene has none."""
    value = gene.get("activity_score")
    return (
        words.NONE if value is None else f"{float(value):g}" if float(value) % 0.5 else f"{float(value):.1f}"
    )


def phenotype(gene: Row) -> str:
    """Phenotype by genes, and what it acts as with present medicines when that differs."""
    today = gene.get("phenotype_with_drugs")
    if gene["state"] != "called":
        return f"{_why_open(gene)} -> acts {short(today).upper()}" if today in _DECIDED else _why_open(gene)
    genetic = gene.get("phenotype")
    if not genetic:
        return str(gene.get("note") or "no guideline action")
    if today and today != genetic:
        return f"{short(genetic)} -> acts {short(today).upper()}"
    return str(genetic)


def _why_open(gene: Row) -> str:
    """The state, and in a few words why: a withheld normal phenotype never begins with its own name."""
    note = str(gene.get("note") or "")
    if gene["state"] != "indeterminate" or not note:
        return STATES[gene["state"]]
    missing = len(gene.get("positions_missing") or [])
    if _WITHHELD in note:
        return f"Open: {words.count(missing, 'position')} not read" if missing else "Open: array only"
    return f"Open: {note.split('. ')[0]}"


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


def ladder(gene: Row | None, width: int, as_of: date) -> list[Line]:
    """The selected gene, rung by rung: tested, positions, diplotype, score, phenotype by genes, today, later,
    guidelines, and how old the tables are.
    """
    if gene is None:
        return [quiet("No gene selected.")]
    lines = [line(Piece(f"Selected: {gene['gene']} {diplotype(gene)}", "head"))]
    for name, text in _rungs(gene):
        lines += pair(name, text, width, at=10)
    lines += [rule(), line(Piece("With current medicines", "head")), *_today(gene, width)]
    lines += _guidelines(gene, width)
    if gene.get("note"):
        lines += [rule(), *paragraph(str(gene["note"]), width)]
    if "*1" in diplotype(gene):
        lines += [
            line(""),
            *paragraph(
                '*1 means "none of the tested variants was found", not "sequenced and normal".', width
            ),
        ]
    told = ages.sentence(ages.of_gene(gene["gene"], as_of))
    return [*lines, rule(), *paragraph(told, width, style="quiet")]


def _guidelines(gene: Row, width: int) -> list[Line]:
    drugs = [drug for drug in gene.get("drugs", []) if drug.get("say") or drug.get("tier")]
    if not drugs:
        return []
    lines = [rule(), line(Piece("Guidelines say", "head"))]
    for name in dict.fromkeys(d["drug"] for d in sorted(drugs, key=by_weight)):
        lines += _drug([drug for drug in drugs if drug["drug"] == name], width)
    return lines


def _rungs(gene: Row) -> list[tuple[str, str]]:
    """Each rung's name and what stands on it."""
    if gene["state"] == "not_tested":
        why = next((r["why_not_from_vcf"] for r in rows("genes_shown") if r["gene"] == gene["gene"]), "")
        return [("Tested", f"no. Not tested is never read as normal. {why}".strip())]
    told = [
        ("Tested", f"{gene.get('method') or 'method not stated'}, {words.day(gene.get('date'))}"),
        ("Positions", _positions(gene)),
        ("Open", _open_alleles(gene)),
        ("Diplotype", diplotype(gene)),
    ]
    copies = f", copy number {gene['copy_number']}" if gene.get("copy_number") else ""
    if gene.get("activity_score") is not None or copies:
        told.append(("Score", f"{score(gene)}{copies}"))
    if gene["state"] == "called":
        says = str(gene.get("phenotype") or "no phenotype: no guideline gives it one")
    else:
        reason = str(gene.get("note") or "").split(". ")[0] or "no phenotype"
        says = f"{STATES[gene['state']]}: {reason}"
    if gene["state"] == "conflicting":
        says = f"{str(gene.get('note') or 'two results disagree').split('; neither')[0]}; neither is used"
    told.append(("Genes say", says))
    return told


def _positions(gene: Row) -> str:
    tested, missing = gene.get("positions_tested") or [], gene.get("positions_missing") or []
    if not tested and not missing:
        return "not stated by the report (v: those of the tables)"
    return f"{len(tested)} read, {len(missing)} not read (v lists them)"


def _open_alleles(gene: Row) -> str:
    left = gene.get("alleles_not_excluded") or []
    return (
        f"{', '.join(left[:12])}{' ...' if len(left) > 12 else ''} cannot be ruled out"
        if left
        else "nothing stated as open"
    )


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
    before, after = gene.get("activity_score"), gene.get("activity_score_with_drugs")
    scores = f"score {words.number(before)} -> {words.number(after)}: " if before != after else ""
    lines += paragraph(
        f"{scores}acts as {today or 'cannot tell'} (drug effect, not the genes)", width, style="head"
    )
    clears = gene.get("clears_on")
    if clears:
        then = gene.get("phenotype") or "open"
        lines += paragraph(
            f"Gone on {words.day(clears)} if none is taken from today on; then by genes alone: {then}.", width
        )
    return lines


def by_weight(drug: Row) -> tuple[bool, int, str]:
    return (not drug.get("in_use"), _ORDER.get(drug.get("tier"), 3), drug["drug"])


def _drug(drugs: Sequence[Row], width: int) -> list[Line]:
    """One drug, what each guideline body says of it today and later, each sentence once."""
    first = min(drugs, key=by_weight)
    worst = first.get("tier") or ""
    lines = [
        line(
            Piece(f"{first['drug']}", "head"),
            f" ({taken(first)})  ",
            Piece(worst, TIER_STYLES.get(worst, "")),
        )
    ]
    times: dict[tuple[str, str], list[str]] = {}
    for row in sorted(drugs, key=lambda r: (r.get("speaks") == "later", r.get("sureness") == "unchecked")):
        times.setdefault((advice(row), _body(row)), []).append(_LAYERS.get(str(row.get("speaks")), ""))
    said: dict[str, list[str]] = {}
    for (text, body), layers in times.items():
        layer = layers[0] if len(set(layers)) == 1 else ""  # the same today and later: said once, for both
        said.setdefault(f"{layer}{text}", []).append(body)
    for text, bodies in said.items():
        lines += paragraph(f"{text} [{'; '.join(dict.fromkeys(bodies))}]", width, first="  ", indent="  ")
    return lines


def advice(row: Row) -> str:
    """What a guideline row says and why, marked when it was not checked."""
    unchecked = "not checked, so not advice: " if row.get("sureness") == "unchecked" else ""
    why = f": {row['why']}" if row.get("why") else ""
    return f"{unchecked}{row.get('say') or 'nothing stated'}{why}"


def _body(row: Row) -> str:
    strength = f", {words.plain_id(row['strength'])}" if row.get("strength") else ""
    return f"{row.get('guideline') or 'body not stated'}{strength}"


def taken(row: Row) -> str:
    """Whether this person takes the drug; on the list: an option here has it."""
    if row.get("in_use"):
        return "taken"
    return (
        "not known whether taken"
        if row.get("in_use") is None
        else "on the list"
        if row.get("on_list")
        else "not taken"
    )


def unconfirmed(chart: Chart, width: int) -> list[Line]:
    """Advice that rests on the medicines says so when they are not confirmed."""
    review = chart.reviews.get("medication")
    if review and review.get("complete"):
        return []
    return [
        *paragraph(
            "Medicines are not confirmed: what they do to these genes may be incomplete "
            f"({named('open_history')}, then {named('confirm')}).",
            width,
            style="missing",
        ),
        rule(),
    ]
