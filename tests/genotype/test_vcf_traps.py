"""Files that look usable and are not quite: what a genotype may and may not be taken to say."""

from pathlib import Path

import pytest

from pain_tui.genotype.call import call_file
from pain_tui.genotype.calls import GeneCall
from tests.genotype import files

C19, A5 = "CYP2C19", "CYP3A5"
HEAD = files.HEADER.format(build="GRCh38")


def called(path: Path, name: str, **options: str) -> GeneCall:
    return files.gene(call_file(path, **options)[0], name)


def replaced(old: str, new: str):  # type: ignore[no-untyped-def]
    """Change the text of the lines."""
    return lambda lines: [line.replace(old, new) for line in lines]


@pytest.mark.parametrize(
    ("format_", "cell"), [("GT:DP", "0/0:0"), ("GT:MIN_DP", "0/0:0"), ("GT:GQ", "0|0:0")]
)
def test_a_genotype_without_a_read_behind_it_is_missing(tmp_path: Path, format_: str, cell: str) -> None:
    """Callers write 0/0 with a depth of 0 where nothing was sequenced."""

    def empty(lines: list[str]) -> list[str]:
        return [
            line.replace("GT\t0/0", f"{format_}\t{cell}") if "rs776746" in line else line for line in lines
        ]

    sample = call_file(files.vcf(tmp_path / "a.vcf", (A5,), change=empty))[0]
    assert files.gene(sample, A5).positions_missing == ("rs776746",)
    assert any("0; the position counts as missing" in problem for problem in sample.problems)


def test_a_block_without_a_read_is_missing(tmp_path: Path) -> None:
    places = [p.pos["GRCh38"] or 0 for p in files.positions(A5)]
    top = HEAD + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
    block = f"chr7\t{min(places) - 5}\t.\tA\t<NON_REF>\t.\t.\tEND={max(places) + 5}\tGT:DP:GQ:MIN_DP\t0/0:"
    (tmp_path / "a.vcf").write_text(f"{top}{block}1:0:0\n")
    (tmp_path / "b.vcf").write_text(f"{top}{block}31:90:30\n")
    assert called(tmp_path / "a.vcf", A5).state == "no_call"
    assert called(tmp_path / "b.vcf", A5).diplotype == "*1/*1"


def test_one_allele_on_an_autosome_says_nothing_of_the_other(tmp_path: Path) -> None:
    call = called(files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": "0"}), A5)
    assert (call.diplotype, call.positions_missing) == ("*1/*1", ("rs776746",))
    alone = {p.name: "0" for p in files.positions(A5)}
    assert called(files.vcf(tmp_path / "b.vcf", (A5,), alone), A5).state == "no_call"


def test_the_number_of_x_chromosomes(tmp_path: Path) -> None:
    """One base is one X; one base here and two there is told, not settled; a woman has two."""
    some = {p.name: "0" for p in files.positions("G6PD")[:3]}
    path = files.vcf(tmp_path / "a.vcf", ("G6PD",), some)
    assert called(path, "G6PD").state == "indeterminate" and "--sex" in (called(path, "G6PD").note or "")
    male, female = called(path, "G6PD", sex="male"), called(path, "G6PD", sex="female")
    assert (male.diplotype, male.positions_missing) == ("B (reference)", ())
    assert (female.diplotype, len(female.positions_missing)) == ("B (reference)/B (reference)", 3)
    het = files.vcf(tmp_path / "b.vcf", ("G6PD",), some | {"rs5030868": "0/1"})
    assert called(het, "G6PD", sex="male").state == "indeterminate"


def test_three_alleles_cannot_be_read(tmp_path: Path) -> None:
    sample = call_file(files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": "0/1/1"}))[0]
    assert files.gene(sample, A5).positions_missing == ("rs776746",)
    assert any("'0/1/1' cannot be read" in problem for problem in sample.problems)


def test_a_leading_phase_mark_of_vcf_4_4(tmp_path: Path) -> None:
    assert called(files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": "|0|1"}), A5).diplotype == "*1/*3"


def test_lower_case_bases(tmp_path: Path) -> None:
    path = files.vcf(
        tmp_path / "a.vcf",
        (A5,),
        {"rs776746": "0/1"},
        header="##fileformat=VCFv4.2\n",
        change=replaced("\tT\tC\t", "\tt\tc\t"),
    )
    assert called(path, A5).diplotype == "*1/*3"


@pytest.mark.parametrize(
    ("ref", "alt", "expected"),
    [
        ("TG", "CG", "*1/*3"),  # the same substitution with a base behind it
        ("TG", "CA", "*1/*3"),  # two bases at once: the first is the one that is asked for
        ("T", "C,TG", "*1/*3"),  # an insertion beside it as a further allele
    ],
)
def test_a_substitution_written_with_more_bases(tmp_path: Path, ref: str, alt: str, expected: str) -> None:
    change = replaced("\trs776746\tT\tC\t", f"\trs776746\t{ref}\t{alt}\t")
    call = called(files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": "0/1"}, change=change), A5)
    assert (call.diplotype, call.positions_missing) == (expected, ())


@pytest.mark.parametrize(("ref", "alt"), [("TG", "T"), ("T", "TG")])
@pytest.mark.parametrize("genotype", ["0/0", "0/1"])
def test_a_length_change_behind_a_base_says_nothing_of_the_base(
    tmp_path: Path, ref: str, alt: str, genotype: str
) -> None:
    change = replaced("\trs776746\tT\tC\t", f"\t.\t{ref}\t{alt}\t")
    call = called(files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": genotype}, change=change), A5)
    assert call.positions_missing == ("rs776746",)


def test_a_change_written_at_another_place_leaves_the_position_missing(tmp_path: Path) -> None:
    """Not left-aligned: the place of the tables is then absent, and absent is not reference."""
    change = replaced("\t99652770\trs41303343\tT\tTA\t", "\t99652774\t.\tA\tAA\t")
    call = called(files.vcf(tmp_path / "a.vcf", (A5,), {"rs41303343": "0/1"}, change=change), A5)
    assert (call.positions_missing, call.alleles_not_excluded) == (("rs41303343",), ("*7",))


def test_a_row_with_fewer_samples_than_the_header_is_said(tmp_path: Path) -> None:
    path = files.vcf(
        tmp_path / "a.vcf", (A5,), samples=("a", "b"), change=lambda lines: lines[:-1] + [lines[-1][:-4]]
    )
    first, second = call_file(path)
    last = files.positions(A5)[-1].name
    assert files.gene(first, A5).positions_missing == ()
    assert files.gene(second, A5).positions_missing == (last,)
    assert any("1 of 2 samples" in problem for problem in second.problems)


def test_an_older_build_without_header_and_names_is_recognised(tmp_path: Path) -> None:
    path = files.vcf(
        tmp_path / "a.vcf",
        (C19, A5),
        {"rs776746": "0/1"},
        build="GRCh37",
        header="",
        change=lambda lines: [
            "\t".join(
                [line.split("\t")[0].removeprefix("chr"), line.split("\t")[1], ".", *line.split("\t")[3:]]
            )
            for line in lines
        ],
    )
    sample = call_file(path)[0]
    assert sample.build == "GRCh37" and files.gene(sample, A5).diplotype == "*1/*3"


def test_phase_without_a_set_binds_the_whole_chromosome(tmp_path: Path) -> None:
    """*3 and *6 on one chromosome are another answer than one on each."""
    apart = files.vcf(tmp_path / "a.vcf", (A5,), {"rs776746": "0|1", "rs10264272": "1|0"})
    assert files.answers(called(apart, A5)) == {("*3", "*6")}
    together = called(files.vcf(tmp_path / "b.vcf", (A5,), {"rs776746": "0|1", "rs10264272": "0|1"}), A5)
    assert together.state == "no_call" and "no pair of listed alleles" in (together.note or "")
    assert files.answers(
        called(files.vcf(tmp_path / "c.vcf", (A5,), {"rs776746": "0/1", "rs10264272": "1/0"}), A5)
    ) == {("*3", "*6")}


def beside(place: int, text: str, genotype: str):  # type: ignore[no-untyped-def]
    """Keep the reference record at the place of the tables, and add one at another place."""

    def add(lines: list[str]) -> list[str]:
        made = f"{lines[0].split()[0]}\t{place}\t.\t{text}\t.\tPASS\t.\tGT\t{genotype}"
        return sorted([*lines, made], key=lambda line: int(line.split("\t")[1]))

    return add


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (99652771, "A\tAA"),  # one base to the right
        (99652775, "A\tAA"),
        (99652770, "TA\tTAA"),  # at the place of the tables, with a base behind it: that is the change itself
        (99652769, "TT\tTTA"),  # with a base before it: begins at the place of the tables
        (99652870, "A\tAA"),  # as far as it can be carried
    ],
)
def test_a_change_written_elsewhere_beside_a_reference_record(tmp_path: Path, place: int, text: str) -> None:
    """Not left-aligned: the reference record at the place of the tables is not believed."""
    path = files.vcf(tmp_path / "a.vcf", (A5,), change=beside(place, text, "0/1"))
    sample = call_file(path)[0]
    assert files.gene(sample, A5).positions_missing == ("rs41303343",)
    assert sample.problems


@pytest.mark.parametrize(
    ("place", "text", "genotype"),
    [
        (99652775, "A\tAA", "0/0"),  # nobody carries it
        (99652775, "A\tAA", "./."),
        (99652871, "A\tAA", "0/1"),  # out of reach
        (99652775, "A\tAT", "0/1"),  # other bases
        (99652775, "AA\tA", "0/1"),  # lost, not gained
        (99652775, "A\tAAA", "0/1"),  # two gained
        (99652775, "A\tC", "0/1"),
    ],
)
def test_other_changes_nearby_leave_the_position_as_it_was_read(
    tmp_path: Path, place: int, text: str, genotype: str
) -> None:
    path = files.vcf(tmp_path / "a.vcf", (A5,), change=beside(place, text, genotype))
    call = called(path, A5)
    assert (call.diplotype, call.positions_missing) == ("*1/*1", ())


def test_a_deletion_of_several_bases_turned_round_by_a_repeat(tmp_path: Path) -> None:
    """GCTT lost as CTT at its place is the same as TTC or TCT lost further on."""
    place, name = 154535367, "chrX:154535367GCTT>G"
    turned = beside(place + 1, "CTTC\tC", "0/1")
    call = called(files.vcf(tmp_path / "a.vcf", ("G6PD",), change=turned), "G6PD", sex="female")
    assert call.positions_missing == (name,)
    other = beside(place + 1, "CTTT\tC", "0/1")
    call = called(files.vcf(tmp_path / "b.vcf", ("G6PD",), change=other), "G6PD", sex="female")
    assert call.positions_missing == ()
