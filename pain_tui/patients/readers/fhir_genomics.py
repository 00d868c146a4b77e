"""Genotypes in FHIR Observations: genotype (a diplotype's name), metabolizer phenotype, single variant.

Codes: LOINC, as the HL7 Genomics Reporting guide uses them (profiles Genotype, Variant, Haplotype, Therapeutic
Implication). What a report says of one gene is never given to another gene that it names as well.
"""

from typing import Any

from pain_tui.patients.readers.fhir_parts import began, items, of, text, words

_GENE, _GENOTYPE, _HAPLOTYPE, _VARIANT = "48018-6", "84413-4", "84414-2", "69548-6"
_EFFECT = ("53040-2", "53037-8")
# "gene product metabolic activity interpretation": the code itself names the gene
_ACTIVITY = {"79714-2": "CYP2C19", "79715-9": "CYP2D6", "79716-7": "CYP2C9"}
_PHENOTYPE = {*_EFFECT, *_ACTIVITY}
_GENOMIC = {_GENOTYPE, _HAPLOTYPE, _VARIANT, *_PHENOTYPE, "51963-7"}
_RSID, _REF, _ALT, _ZYGOSITY = "81255-2", "69547-8", "69551-0", "53034-5"
_COPIES = {"LA6705-3": 2, "LA6706-1": 1, "LA6707-9": 0}  # homozygous, heterozygous, hemizygous
_ABSENT, _PRESENT = "LA9634-2", "LA9633-4"
_METABOLIZER = {
    "LA9657-3": "Poor Metabolizer",
    "LA10317-8": "Intermediate Metabolizer",
    "LA25391-6": "Normal Metabolizer",
    "LA25390-8": "Rapid Metabolizer",
    "LA10315-2": "Ultrarapid Metabolizer",
}


def is_genomic(resource: dict[str, Any]) -> bool:
    """True for an Observation that reports a genotype or names the gene it studied."""
    codes = _codes(resource.get("code"))
    return bool(codes & _GENOMIC) or any(
        _GENE in _codes(part.get("code")) for part in items(resource.get("component"))
    )


def calls(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of genotype_call: one for each gene named, a result only for the gene it belongs to."""
    own = _codes(resource.get("code"))
    parts = [resource, *items(resource.get("component"))]
    common = {
        "method": words(resource.get("method")),
        "laboratory": text(of(resource, "performer", 0, "display")),
        "date": began(resource, "effective"),
        "rsid": _first(parts, {_RSID}),
    }
    named = [said for part in parts if _GENE in _codes(part.get("code")) and (said := _said(part))]
    gene_in_name, diplotype = _split(_first(parts, {_GENOTYPE}))
    results: dict[str | None, dict[str, Any]] = {gene: {} for gene in named}
    if diplotype is not None:
        results.setdefault(_owner(gene_in_name, named), {})["diplotype"] = diplotype
    elif _VARIANT in own:
        results.setdefault(_owner(None, named), {}).update(_variant(resource, parts))
    elif _HAPLOTYPE in own:
        results.setdefault(_owner(None, named), {}).update(
            state="indeterminate",
            note=f"one haplotype alone is reported ({_said(resource)}); a genotype names both",
        )
    for part in parts:
        codes = _codes(part.get("code")) & _PHENOTYPE
        if codes and (said := _phenotype(part)):
            gene = next((_ACTIVITY[code] for code in codes if code in _ACTIVITY), gene_in_name)
            results.setdefault(_owner(gene, named), {})["phenotype_reported"] = said
    return [{"gene": gene, **common, **values} for gene, values in results.items()] or [
        {"gene": None, **common}
    ]


def _owner(gene: str | None, named: list[str]) -> str | None:
    """Whose result it is: the gene in its own name, else the only gene that is named."""
    if gene:
        return next((name for name in named if name.upper() == gene.upper()), gene)
    return named[0] if len(set(named)) == 1 else None


def _variant(resource: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Two bases from reference, other allele and zygosity; open when any of them is not told."""
    ref, alt = _first(parts, {_REF}), _first(parts, {_ALT})
    value = _codes(resource.get("valueCodeableConcept"))
    zygosity = next((p for p in parts if _ZYGOSITY in _codes(p.get("code"))), {})
    copies = next(
        (n for code, n in _COPIES.items() if code in _codes(zygosity.get("valueCodeableConcept"))), None
    )
    bases: str | None = None
    if _ABSENT in value and ref:
        bases = f"{ref}/{ref}"
    elif _PRESENT in value and ref and alt and copies is not None:
        bases = alt if copies == 0 else f"{alt}/{alt}" if copies == 2 else f"{ref}/{alt}"
    if bases is None or _first(parts, {_RSID}) is None:
        return {"state": "indeterminate", "note": "a variant without its name, both alleles or zygosity"}
    return {"diplotype": bases, "alleles": bases}


def _phenotype(part: dict[str, Any]) -> str | None:
    """CPIC's word for the answer code, else what is written."""
    codes = _codes(part.get("valueCodeableConcept"))
    return next((word for code, word in _METABOLIZER.items() if code in codes), None) or _said(part)


def _first(parts: list[dict[str, Any]], wanted: set[str]) -> str | None:
    return next((_said(part) for part in parts if _codes(part.get("code")) & wanted), None)


def _codes(concept: Any) -> set[str]:
    return {text(c.get("code")) or "" for c in items(of(concept, "coding"))}


def _said(part: dict[str, Any]) -> str | None:
    value = part.get("valueCodeableConcept")
    return words(value) or text(part.get("valueString")) or text(of(value, "coding", 0, "code"))


def _split(genotype: str | None) -> tuple[str | None, str | None]:
    """'CYP2C9 *1/*2' or 'CYP2C9*1/*2' -> gene and diplotype; a bare '*1/*2' has no gene."""
    if not genotype:
        return None, None
    head, star, tail = genotype.partition("*")
    gene = head.strip(" :") or None
    return gene, f"{star}{tail}".strip() if star else genotype.strip()
