"""Genotypes in FHIR Observations: gene studied, genotype (a diplotype's name), reported phenotype."""

from typing import Any

from pain_tui.patients.readers.fhir_parts import began, items, of, text, words

_GENE, _GENOTYPE, _PHENOTYPE = "48018-6", "84413-4", ("53040-2", "53037-8", "79716-7")
_GENOMIC = {_GENOTYPE, *_PHENOTYPE, "84414-2", "69548-6", "51963-7"}
_RSID = "81255-2"


def is_genomic(resource: dict[str, Any]) -> bool:
    """True for an Observation that reports a genotype or names the gene it studied."""
    codes = _codes(resource.get("code"))
    return bool(codes & _GENOMIC) or any(
        _GENE in _codes(part.get("code")) for part in items(resource.get("component"))
    )


def calls(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of genotype_call. Several genes in one Observation give one row each, with the one genotype it
    states.
    """
    parts = list(items(resource.get("component")))
    genes = [_said(part) for part in parts if _GENE in _codes(part.get("code"))]
    own = _codes(resource.get("code"))
    genotype = (
        _said(resource)
        if _GENOTYPE in own
        else next((_said(p) for p in parts if _GENOTYPE in _codes(p.get("code"))), None)
    )
    phenotype = (
        _said(resource)
        if own & set(_PHENOTYPE)
        else next((_said(p) for p in parts if _codes(p.get("code")) & set(_PHENOTYPE)), None)
    )
    rsid = next((_said(p) for p in parts if _RSID in _codes(p.get("code"))), None)
    gene_in_name, diplotype = _split(genotype)
    return [
        {
            "gene": gene or gene_in_name,
            "rsid": rsid,
            "diplotype": diplotype,
            "phenotype_reported": phenotype,
            "method": words(resource.get("method")),
            "laboratory": text(of(resource, "performer", 0, "display")),
            "date": began(resource, "effective"),
        }
        for gene in genes or [gene_in_name]
    ]


def _codes(concept: Any) -> set[str]:
    return {text(c.get("code")) or "" for c in items(of(concept, "coding"))}


def _said(part: dict[str, Any]) -> str | None:
    return words(part.get("valueCodeableConcept")) or text(part.get("valueString"))


def _split(genotype: str | None) -> tuple[str | None, str | None]:
    """'CYP2C9 *1/*2' or 'CYP2C9*1/*2' -> gene and diplotype; a bare '*1/*2' has no gene."""
    if not genotype:
        return None, None
    head, star, tail = genotype.partition("*")
    gene = head.strip() or None
    return gene, f"{star}{tail}".strip() if star else genotype.strip()
