"""Rows of genotype_call: one gene or one variant, in one of five states."""

from functools import cache

from pain_tui.patients.normalise.problem import ROW, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.tables import rows

_STATES = {word: word for word in ("called", "not_tested", "no_call", "indeterminate", "conflicting")}


def genotype_call(w: Written) -> bool:
    """One gene's or one variant's result, in one of five states; a gene that no table knows is set aside."""
    gene, rsid = w.text("gene"), w.text("rsid")
    if not gene:
        w.problem(Problem("no_gene", "the result names no gene", "", "gene", "Name the gene"), ROW)
        return False
    name = _genes().get(gene.upper())
    if not name:
        w.problem(
            Problem(
                "unknown_gene",
                f"the gene {gene} is not known",
                gene,
                f"Known: {', '.join(sorted(set(_genes().values())))}",
                "Correct the gene's symbol",
            ),
            ROW,
        )
        return False
    diplotype, alleles, phenotype = w.text("diplotype"), w.text("alleles"), w.text("phenotype_reported")
    state = w.choice("state", _STATES) or ("called" if diplotype or alleles or phenotype else "not_tested")
    if state == "called" and not (diplotype or alleles or phenotype):
        w.problem(
            Problem(
                "called_without_result",
                f"{name} is said to be called and has no result",
                state,
                "diplotype, alleles or phenotype_reported",
                "Give the result",
            ),
            ROW,
        )
        return False
    row = {
        "person": w.person,
        "gene": name,
        "rsid": rsid,
        "state": state,
        "diplotype": diplotype,
        "alleles": alleles,
        "copy_number": w.text("copy_number"),
        "activity_score_reported": w.number("activity_score_reported"),
        "phenotype_reported": phenotype,
        "positions_tested": _listed(w, "positions_tested"),
        "positions_missing": _listed(w, "positions_missing"),
        "alleles_not_excluded": _listed(w, "alleles_not_excluded"),
        "build": w.text("build"),
        "method": w.text("method"),
        "laboratory": w.text("laboratory"),
        "date": w.date("date"),
        "note": w.text("note"),
    }
    if w.refused:
        return False
    w.sink.add("genotype_call", row)
    return True


def _listed(w: Written, name: str) -> list[str] | None:
    """A list, or a text with entries between blanks, commas, semicolons or bars."""
    value = w.values.get(name)
    if isinstance(value, list | tuple):
        w.taken.add(name)
        return [str(v) for v in value]
    text = w.text(name)
    return (
        [
            part
            for part in text.replace("[", " ")
            .replace("]", " ")
            .replace("|", " ")
            .replace(";", " ")
            .replace(",", " ")
            .split()
            if part
        ]
        if text
        else None
    )


@cache
def _genes() -> dict[str, str]:
    found = {
        row["gene"].upper(): row["gene"]
        for table in ("genes", "alleles", "phenotypes", "susceptibility_evidence", "gene_drug_evidence")
        for row in rows(table)
        if row.get("gene")
    }
    return {
        part.strip(): part.strip() if "/" in gene else gene
        for name, gene in found.items()
        for part in {name, *name.split("/")}
    }
