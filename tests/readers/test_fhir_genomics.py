"""Genomics Observations: whose result it is, coded answers, single variants, and what stays open."""

from pathlib import Path
from typing import Any

import pytest

from tests.readers.test_fhir import observation, read


def coded(code: str, display: str | None = None, system: str = "http://loinc.org") -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]}


def part(code: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"code": coded(code), "valueCodeableConcept": value}


def gene(name: str) -> dict[str, Any]:
    return part("48018-6", coded("HGNC:1", name, "http://www.genenames.org"))


def rows(tmp_path: Path, *resources: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = read(tmp_path, *resources).rows.get("genotype_call", [])
    return [(r["gene"], r["state"], r["diplotype"], r["phenotype_reported"]) for r in found]


def test_a_genotype_goes_to_the_gene_in_its_name_only(tmp_path: Path) -> None:
    """Two genes studied, one genotype: the other gene does not get it."""
    resource = observation(
        "84413-4",
        valueCodeableConcept=coded("x", "CYP2C9 *2/*5", "http://www.pharmvar.org"),
        component=[gene("CYP2C9"), gene("CYP2C19")],
    )
    assert rows(tmp_path, resource) == [
        ("CYP2C9", "called", "*2/*5", None),
        ("CYP2C19", "not_tested", None, None),
    ]


def test_a_genotype_without_a_gene_among_several_is_set_aside(tmp_path: Path) -> None:
    resource = observation(
        "84413-4", valueCodeableConcept={"text": "*2/*2"}, component=[gene("CYP2D6"), gene("CYP2C19")]
    )
    reading = read(tmp_path, resource)
    assert {r["state"] for r in reading.rows["genotype_call"]} == {"not_tested"}
    assert [p.code for p in reading.problems] == ["no_gene"]


@pytest.mark.parametrize(
    ("code", "gene_", "answer", "word"),
    [
        ("79714-2", "CYP2C19", "LA9657-3", "Poor Metabolizer"),
        ("79715-9", "CYP2D6", "LA10315-2", "Ultrarapid Metabolizer"),
        ("79716-7", "CYP2C9", "LA10317-8", "Intermediate Metabolizer"),
        ("79715-9", "CYP2D6", "LA25391-6", "Normal Metabolizer"),
        ("79714-2", "CYP2C19", "LA25390-8", "Rapid Metabolizer"),
    ],
)
def test_an_activity_code_names_gene_and_phenotype(
    tmp_path: Path, code: str, gene_: str, answer: str, word: str
) -> None:
    assert rows(tmp_path, observation(code, valueCodeableConcept=coded(answer))) == [
        (gene_, "called", None, word)
    ]


def test_a_panel_keeps_each_phenotype_with_its_gene(tmp_path: Path) -> None:
    resource = observation(
        "84413-4",
        valueCodeableConcept={"text": "CYP2D6 *4/*4"},
        component=[gene("CYP2D6"), part("79714-2", coded("LA9657-3")), part("79715-9", coded("LA9657-3"))],
    )
    assert rows(tmp_path, resource) == [
        ("CYP2D6", "called", "*4/*4", "Poor Metabolizer"),
        ("CYP2C19", "called", None, "Poor Metabolizer"),
    ]


def variant(*parts: dict[str, Any], value: str = "LA9633-4") -> dict[str, Any]:
    return observation(
        "69548-6",
        valueCodeableConcept=coded(value),
        component=[
            gene("OPRM1"),
            part("81255-2", coded("rs1799971", None, "http://www.ncbi.nlm.nih.gov/snp")),
            {"code": coded("69547-8"), "valueString": "A"},
            {"code": coded("69551-0"), "valueString": "G"},
            *parts,
        ],
    )


@pytest.mark.parametrize(
    ("zygosity", "value", "expected"),
    [
        ("LA6706-1", "LA9633-4", ("OPRM1", "called", "A/G", None)),
        ("LA6705-3", "LA9633-4", ("OPRM1", "called", "G/G", None)),
        ("LA6706-1", "LA9634-2", ("OPRM1", "called", "A/A", None)),
        (None, "LA9633-4", ("OPRM1", "indeterminate", None, None)),
        ("LA6706-1", "LA18198-4", ("OPRM1", "indeterminate", None, None)),  # no call
    ],
)
def test_a_single_variant(
    tmp_path: Path, zygosity: str | None, value: str, expected: tuple[Any, ...]
) -> None:
    more = [part("53034-5", coded(zygosity))] if zygosity else []
    assert rows(tmp_path, variant(*more, value=value)) == [expected]


def test_one_haplotype_is_no_genotype(tmp_path: Path) -> None:
    resource = observation("84414-2", valueCodeableConcept={"text": "*17"}, component=[gene("CYP2C19")])
    reading = read(tmp_path, resource)
    (row,) = reading.rows["genotype_call"]
    assert (row["state"], row["diplotype"]) == ("indeterminate", None) and "*17" in row["note"]


def test_a_genotype_that_is_absent_is_not_tested(tmp_path: Path) -> None:
    resource = observation(
        "84413-4", dataAbsentReason=coded("unknown", None, "x"), component=[gene("CYP2C19")]
    )
    assert rows(tmp_path, resource) == [("CYP2C19", "not_tested", None, None)]
