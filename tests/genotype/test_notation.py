"""How a diplotype is written: each spelling, and that no text at all can break the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.genotype import notation

SPELLINGS = [
    ("CYP2D6", "*1/*4", "*1/*4"),
    ("CYP2D6", "*4/*1", "*1/*4"),
    ("CYP2D6", " *1 / *4 ", "*1/*4"),
    ("CYP2D6", "CYP2D6*1/CYP2D6*4", "*1/*4"),
    ("CYP2D6", "CYP2D6 *1/*4", "*1/*4"),
    ("CYP2D6", "*2X2/*5", "*2x2/*5"),
    ("CYP2D6", "*5/*2×2", "*2x2/*5"),
    ("CYP2D6", "*1xN/*2", "*1xN/*2"),
    ("CYP2D6", "*1xn/*2", "*1xN/*2"),
    ("CYP2D6", "*1x>=3/*4", "*1x≥3/*4"),
    ("CYP2D6", "*1x3+/*4", "*1x≥3/*4"),
    ("CYP2D6", "*36+*10/*1", "*1/*36+*10"),
    ("CYP2D6", "*10+*36/*1", "*1/*36+*10"),
    ("CYP2D6", "[*36 + *10]/*1", "*1/*36+*10"),
    ("CYP2D6", "*4+*68/*1", "*1/*68+*4"),
    ("CYP2D6", "*13 + *68x2 + *4/*1", "*1/*13+*68x2+*4"),
    ("CYP2D6", "*4.024/*1", "*1/*4"),
    ("CYP2D6", "*01/*04", "*1/*4"),
    ("CYP2D6", "*1/(*4)", "*1/*4"),
    ("CYP2D6", "(*1/*4)x2", "*1x2/*4|*1/*4x2"),
    ("CYP2D6", "*1/*4 or *1/*10", "*1/*4|*1/*10"),
    ("CYP2C19", "*38/*17|*1/*17", "*17/*38|*1/*17"),
    ("HLA-B", "HLA-B*15:02:01/B*57:01", "*15:02/*57:01"),
    ("G6PD", "B (wildtype)/B (wildtype)", "B (reference)/B (reference)"),
    ("G6PD", "Shinshu/Telti/Kobe", "Shinshu/Telti/Kobe"),
    (
        "G6PD",
        "B/mediterranean",
        "B (reference)/Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham",
    ),
    ("G6PD", "Union", "Union,Maewo, Chinese-2, Kalo"),
    ("RYR1", "Reference/c.7358T>C", "Reference/c.7358T>C"),
]


@pytest.mark.parametrize(("gene", "written", "expected"), SPELLINGS)
def test_spellings(gene: str, written: str, expected: str) -> None:
    """One meaning, one spelling."""
    assert notation.normalised(gene, written) == expected


@pytest.mark.parametrize(
    "written", ["", "*1", "*1/*4/*10", "1/4", "*1/*", "*1/*4x0", "*1/*x2", "*1/*4 *10", "normal", "*1xx2/*4"]
)
def test_what_cannot_be_read_is_a_problem_with_a_sentence(written: str) -> None:
    """Nothing is guessed: no allele comes out."""
    reading = notation.read("CYP2D6", written)
    assert reading.problem and not reading.possible


@pytest.mark.parametrize(
    ("gene", "written", "says"),
    [
        ("CYP2D6", "*1x0/*4", "has no copy"),
        ("HLA-B", "*15:02N/*40:01", "not expressed as usual"),
        ("HLA-B", "B*1502/B*4001", "not an HLA type of two fields"),
    ],
)
def test_the_sentence_tells_what_to_do(gene: str, written: str, says: str) -> None:
    reading = notation.read(gene, written)
    assert not reading.possible and says in (reading.problem or "")


def test_copies_and_marks() -> None:
    """Copy number, lower bound, not given, not confirmed, old letter."""
    units = [
        unit for side in notation.read("CYP2D6", "*1x≥3/(*4)").possible[0].haplotypes for unit in side.units
    ]
    assert [(u.allele, u.copies, u.at_least, u.unconfirmed) for u in units] == [
        ("*1", 3, True, False),
        ("*4", 1, False, True),
    ]
    assert notation.read("CYP2D6", "*1xN/*2").possible[0].haplotypes[0].units[0].copies is None
    assert notation.read("CYP2D6", "*1B/*2").letter and not notation.read("CYP2D6", "*1/*2").letter


star = st.builds(
    lambda number, copies: f"*{number}{copies}",
    st.integers(1, 160),
    st.sampled_from(["", "x2", "xN", "x≥3", "x13"]),
)
chromosome = st.lists(star, min_size=1, max_size=3).map("+".join)


@given(chromosome, chromosome)
def test_order_does_not_matter(one: str, two: str) -> None:
    """`a/b` is `b/a`, and reading what was written gives the same again."""
    label = notation.normalised("CYP2D6", f"{one}/{two}")
    assert label == notation.normalised("CYP2D6", f"{two}/{one}")
    assert label == notation.normalised("CYP2D6", label or "")


@given(st.sampled_from(["CYP2D6", "CYP2C19", "HLA-B", "G6PD", "RYR1", "COMT"]), st.text(max_size=40))
def test_no_text_breaks_the_reader(gene: str, written: str) -> None:
    """Any text is read or is a problem."""
    reading = notation.read(gene, written)
    assert bool(reading.possible) != bool(reading.problem)
