"""Lines that reach a known position from another place, and lines that share one place: what they say of it."""

import gzip
from pathlib import Path

import pytest

from pain_tui.genotype import vcf_lines
from pain_tui.genotype.call import call_file
from pain_tui.genotype.calls import GeneCall, SampleCalls
from tests.genotype import files
from tests.genotype.bgzip import write_indexed

A5, MARK = "CYP3A5", "rs776746"
SNV = "chr7\t99672916\trs776746\tT\tC\t.\tPASS\t.\tGT\t{}"
INDEL = "chr7\t99652770\trs41303343\tT\tTA\t.\tPASS\t.\tGT\t{}"


def line(place: int, ref: str, alt: str, genotype: str, *, info: str = ".", passed: str = "PASS") -> str:
    return f"chr7\t{place}\t.\t{ref}\t{alt}\t.\t{passed}\t{info}\tGT\t{genotype}"


def read(path: Path, name: str, *instead: str) -> tuple[GeneCall, SampleCalls]:
    """CYP3A5, all reference, with these lines in place of the one of `name`."""

    def change(lines: list[str]) -> list[str]:
        kept = [text for text in lines if f"\t{name}\t" not in text]
        return sorted([*kept, *instead], key=lambda text: int(text.split("\t")[1]))

    sample = call_file(files.vcf(path / "a.vcf", (A5,), change=change))[0]
    return files.gene(sample, A5), sample


@pytest.mark.parametrize(
    ("lines", "diplotype"),
    [
        ([("T", "C", "0/1"), ("T", "G", "0/0")], "*1/*3"),
        ([("T", "G", "0/0"), ("T", "C", "0/1")], "*1/*3"),
        ([("T", "G", "0/0"), ("T", "C", "1/1"), ("T", "A", "0/0")], "*3/*3"),
        ([("T", "C", "0|1"), ("T", "G", "0|0")], "*1/*3"),
        ([("T", "C", "0/0"), ("T", "G", "0/0")], "*1/*1"),
        ([("T", "C", "0/1"), ("T", "C", "0/1")], "*1/*3"),
    ],
)
def test_alternatives_split_over_several_lines(
    tmp_path: Path, lines: list[tuple[str, str, str]], diplotype: str
) -> None:
    """As `bcftools norm -m-` writes them: reference there means "not this change"."""
    call, _ = read(tmp_path, MARK, *(line(99672916, *parts) for parts in lines))
    assert (call.diplotype, call.positions_missing) == (diplotype, ())


def test_alternatives_split_on_the_older_build(tmp_path: Path) -> None:
    """GRCh37 has C where the tables have T as their reference."""

    def split(lines: list[str]) -> list[str]:
        made = [
            f"chr7\t99270539\t{MARK}\tC\t{alt}\t.\tPASS\t.\tGT\t{gt}"
            for alt, gt in (("T", "0/1"), ("G", "0/0"))
        ]
        at = next(n for n, text in enumerate(lines) if MARK in text)
        return [*lines[:at], *made, *lines[at + 1 :]]

    for change in (split, lambda lines: split(lines)[::-1]):
        path = files.vcf(tmp_path / "a.vcf", (A5,), build="GRCh37", change=change)
        call = files.gene(call_file(path)[0], A5)
        assert (call.diplotype, call.positions_missing) == ("*1/*3", ())


def test_two_changes_of_two_lines_are_one_of_each(tmp_path: Path) -> None:
    """Both het on lines of their own: C on one chromosome and G on the other, no reference base at all."""
    for first, second in (("0/1", "0/1"), ("1|0", "0|1")):
        call, _ = read(tmp_path, MARK, line(99672916, "T", "C", first), line(99672916, "T", "G", second))
        assert call.state == "no_call" and "rs776746 C/G" in (call.note or "")


@pytest.mark.parametrize(
    "lines",
    [
        [("T", "C", "0/1"), ("T", "C", "0/0")],  # the same change, said twice differently
        [("T", "C", "1/1"), ("T", "G", "0/1")],  # three chromosomes
        [("T", "C", "0|1"), ("T", "G", "0|1")],  # both on one chromosome
        [("T", "C", "0/1"), ("T", ".", "0/0")],  # nothing but reference, and a change
        [("T", "C", "0/1"), ("T", "G", "1")],
    ],
)
def test_lines_that_contradict_each_other_leave_the_position_missing(
    tmp_path: Path, lines: list[tuple[str, str, str]]
) -> None:
    call, sample = read(tmp_path, MARK, *(line(99672916, *parts) for parts in lines))
    assert call.positions_missing == (MARK,)
    assert any("stands twice" in text for text in sample.problems)


def test_a_line_of_the_base_beside_the_insertion_behind_it(tmp_path: Path) -> None:
    """All-sites files write the base and the insertion as two lines."""
    for genotype, diplotype in (("0/1", "*1/*7"), ("0/0", "*1/*1")):
        call, _ = read(tmp_path, "rs41303343", line(99652770, "T", ".", "0/0"), INDEL.format(genotype))
        assert (call.diplotype, call.positions_missing) == (diplotype, ())


TAKEN = [
    ("deletion", line(99672914, "TTTC", "T", "0/1")),
    ("of both", line(99672914, "TTTC", "T", "1/1")),
    ("with other bases put in", line(99672914, "TTTC", "GG", "0/1")),
    ("long", line(99672800, "G" * 150, "G", "0/1")),
    ("structural", line(99670000, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=99673000")),
    ("more than two", line(99670000, "A", "<DUP>", "0/1", info="SVTYPE=DUP;END=99673000")),
]


@pytest.mark.parametrize("taken", [text for _, text in TAKEN], ids=[name for name, _ in TAKEN])
def test_a_base_that_a_deletion_takes_away_is_not_reference(tmp_path: Path, taken: str) -> None:
    """Whatever the record at its own place says, and whichever comes first."""
    for beside in ([], [SNV.format("0/0")], [SNV.format("0/1")]):
        call, sample = read(tmp_path, MARK, taken, *beside)
        assert call.positions_missing == (MARK,)
        assert any("away" in text for text in sample.problems)


@pytest.mark.parametrize(
    "text",
    [
        line(99672914, "TTTC", "T", "0/0"),
        line(99672914, "TTTC", "T", "./."),
        line(99672913, "TTT", "T", "0/1"),  # ends before the place
        line(99672916, "TT", "T", "0/1"),  # begins behind its base
        line(99670000, "A", "<DEL>", "0/0", info="SVTYPE=DEL;END=99673000"),
        line(99670000, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=99672915"),
        line(99670000, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=99673000", passed="LowQual"),
        line(99672915, "AT", "GT", "0/1"),  # exchanges the base before
    ],
)
def test_what_does_not_take_the_base_away_changes_nothing(tmp_path: Path, text: str) -> None:
    call, _ = read(tmp_path, MARK, text, SNV.format("0/1"))
    assert (call.diplotype, call.positions_missing) == ("*1/*3", ())


def test_the_tables_own_deletions_keep_the_reference_base_inside(tmp_path: Path) -> None:
    """G6PD lists deletions over places of other variants; an allele lists nothing there, so it is reference."""
    name = "chrX:154546045CATG>C"
    call = files.gene(
        call_file(files.vcf(tmp_path / "a.vcf", ("G6PD",), {name: "0/1"}), sex="female")[0], "G6PD"
    )
    assert call.state == "called" and call.positions_missing == ()


def test_a_base_exchanged_by_a_line_that_begins_before_it(tmp_path: Path) -> None:
    call, _ = read(tmp_path, MARK, line(99672915, "AT", "GC", "0/1"))
    assert (call.diplotype, call.positions_missing) == ("*1/*3", ())
    call, _ = read(tmp_path, MARK, line(99672915, "AT", "GC", "0/1"), SNV.format("0/0"))
    assert call.positions_missing == (MARK,)
    call, _ = read(tmp_path, MARK, line(99672915, "AT", "GC", "0/0"))
    assert call.positions_missing == (MARK,), "nobody carries it, and no other base was told"


@pytest.mark.parametrize(
    ("place", "ref", "alt"),
    [
        (99652771, "A", "AA"),  # the base inserted stands there already
        (99652769, "GT", "GTA"),
        (99652769, "GTC", "GTAC"),
        (99652770, "TAA", "TAAA"),
        (99652771, "AAAA", "AAAAA"),
    ],
)
@pytest.mark.parametrize(("genotype", "diplotype"), [("0/1", "*1/*7"), ("1/1", "*7/*7"), ("0/0", "*1/*1")])
def test_an_insertion_proven_the_same_at_another_place(
    tmp_path: Path, place: int, ref: str, alt: str, genotype: str, diplotype: str
) -> None:
    """The bases of the line and of the tables together show that both writings make the same chromosome."""
    call, _ = read(tmp_path, "rs41303343", line(place, ref, alt, genotype))
    assert (call.diplotype, call.positions_missing) == (diplotype, ())


@pytest.mark.parametrize(
    ("place", "ref", "alt"),
    [(99652772, "A", "AA"), (99652769, "GA", "GAA"), (99652771, "C", "CA"), (99652765, "G", "GA")],
)
def test_what_is_not_proven_leaves_the_position_missing(
    tmp_path: Path, place: int, ref: str, alt: str
) -> None:
    call, _ = read(tmp_path, "rs41303343", line(place, ref, alt, "0/1"))
    assert call.positions_missing == ("rs41303343",)


def test_a_sample_filter_counts_as_missing_and_a_reference_call_does_not(tmp_path: Path) -> None:
    failed = SNV.format("0/0:LowGQ").replace("\tGT\t", "\tGT:FT\t")
    call, sample = read(tmp_path, MARK, failed)
    assert call.positions_missing == (MARK,) and any("FT LowGQ" in text for text in sample.problems)
    call, _ = read(tmp_path, MARK, SNV.format("0/1:PASS").replace("\tGT\t", "\tGT:FT\t"))
    assert call.diplotype == "*1/*3"
    call, _ = read(tmp_path, MARK, SNV.format("0/0").replace("PASS", "RefCall"))
    assert call.positions_missing == ()


@pytest.mark.parametrize("taken", [text for _, text in TAKEN], ids=[name for name, _ in TAKEN])
def test_a_large_file_finds_the_deletion_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    """Blocks that are searched by halving, read through an index, or read whole: one answer."""
    monkeypatch.setattr(vcf_lines, "BLOCK", 1 << 13)
    base = files.vcf(tmp_path / "base.vcf", (A5,)).read_text().splitlines()
    head = [text for text in base if text.startswith("#")]
    filler = [line(place, "A", "G", "0/1") for place in range(99_640_003, 99_690_000, 23)]
    rows = sorted(
        [*base[len(head) :], *filler, taken], key=lambda text: (int(text.split("\t")[1]), text != taken)
    )
    text = ("\n".join([*head, *rows]) + "\n").encode()
    (tmp_path / "plain.vcf").write_bytes(text)
    (tmp_path / "packed.vcf.gz").write_bytes(gzip.compress(text, 1))
    write_indexed(tmp_path / "indexed.vcf.gz", text)
    shuffled = ("\n".join([*head, *rows[::-1]]) + "\n").encode()
    (tmp_path / "shuffled.vcf").write_bytes(shuffled)
    found = {name: call_file(tmp_path / name)[0] for name in ("plain.vcf", "packed.vcf.gz", "shuffled.vcf")}
    if "SVTYPE" not in taken:  # the index of the tests writes END only as the first entry of INFO
        found["indexed.vcf.gz"] = call_file(tmp_path / "indexed.vcf.gz")[0]
    for name, sample in found.items():
        assert MARK in files.gene(sample, A5).positions_missing, name
        number = rows.index(taken) + len(head) + 1 if name in ("plain.vcf", "packed.vcf.gz") else None
        assert number is None or any(t.startswith(f"line {number}:") for t in sample.problems), name
