"""Reading a VCF: what is read, what counts as missing, which build, and what is refused."""

import gzip
from pathlib import Path

import pytest

from pain_tui.errors import InputError
from pain_tui.genotype import vcf_lines
from pain_tui.genotype.call import call_file
from tests.genotype import files
from tests.genotype.bgzip import write_indexed

C19 = ("CYP2C19",)


def one(path: Path, name: str = "CYP2C19", **options: str) -> tuple[set[tuple[str, ...]], str]:
    call = files.gene(call_file(path, **options)[0], name)
    return files.answers(call), call.state


def test_all_reference_is_38_not_1(tmp_path: Path) -> None:
    assert one(files.vcf(tmp_path / "a.vcf", C19)) == ({("*38", "*38")}, "called")


def test_an_absent_position_is_missing_and_leaves_alleles_open(tmp_path: Path) -> None:
    call = files.gene(call_file(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), absent=["rs776746"]))[0], "CYP3A5")
    assert (call.diplotype, call.positions_missing, call.alleles_not_excluded) == (
        "*1/*1",
        ("rs776746",),
        ("*3",),
    )


def test_a_no_call_is_missing_like_an_absent_position(tmp_path: Path) -> None:
    absent = files.gene(
        call_file(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), absent=["rs776746"]))[0], "CYP3A5"
    )
    for genotype in ("./.", ".|.", ".", "./1"):
        dotted = files.gene(
            call_file(files.vcf(tmp_path / "b.vcf", ("CYP3A5",), {"rs776746": genotype}))[0], "CYP3A5"
        )
        assert dotted == absent


def test_a_gene_without_any_position_is_not_tested_and_with_only_no_calls_no_call(tmp_path: Path) -> None:
    sample = call_file(
        files.vcf(tmp_path / "a.vcf", ("CYP3A5",), {p.name: "./." for p in files.positions("CYP3A5")})
    )[0]
    assert files.gene(sample, "CYP3A5").state == "no_call"
    assert files.gene(sample, "CYP2C19").state == "not_tested"
    for name in ("CYP2D6", "HLA-A", "HLA-B"):
        assert files.gene(sample, name).state == "not_tested" and "small-variant VCF" in (
            files.gene(sample, name).note or ""
        )


def test_unphased_keeps_every_equally_good_pair_and_phase_decides(tmp_path: Path) -> None:
    het = {"rs12248560": "0/1", "rs28399504": "0/1", "rs3758581": "1/1"}
    assert one(files.vcf(tmp_path / "a.vcf", C19, het))[0] == {("*1", "*4")}
    apart = het | {"rs12248560": "0|1", "rs28399504": "1|0"}
    assert one(files.vcf(tmp_path / "b.vcf", C19, apart))[0] == {("*17", "*4")}
    together = het | {"rs12248560": "0|1", "rs28399504": "0|1"}
    assert one(files.vcf(tmp_path / "c.vcf", C19, together))[0] == {("*1", "*4")}


def test_phase_sets_do_not_bind_each_other(tmp_path: Path) -> None:
    """Two sites phased in different sets may be turned against each other."""

    def with_sets(lines: list[str]) -> list[str]:
        out = []
        for line in lines:
            for rsid, phase_set in (("rs12248560", 1), ("rs28399504", 2)):
                if f"\t{rsid}\t" in line:
                    line = line.replace("\tGT\t", "\tGT:PS\t") + f":{phase_set}"
            out.append(line)
        return out

    het = {"rs12248560": "0|1", "rs28399504": "1|0", "rs3758581": "1/1"}
    assert ("*1", "*4") in one(files.vcf(tmp_path / "a.vcf", C19, het, change=with_sets))[0]


def test_what_no_pair_explains_is_named(tmp_path: Path) -> None:
    call = files.gene(
        call_file(files.vcf(tmp_path / "a.vcf", C19, {"rs12769205": "0/1", "rs4244285": "1/1"}))[0], "CYP2C19"
    )
    assert call.state == "no_call" and call.diplotype is None
    assert "rs4244285 A/A" in (call.note or "") and "rs12769205 A/G" in (call.note or "")


def test_an_undocumented_base_is_named_and_not_taken_as_reference(tmp_path: Path) -> None:
    def other(lines: list[str]) -> list[str]:
        return [line.replace("\trs4986893\tG\tA\t", "\trs4986893\tG\tT\t") for line in lines]

    call = files.gene(
        call_file(files.vcf(tmp_path / "a.vcf", C19, {"rs4986893": "0/1"}, change=other))[0], "CYP2C19"
    )
    assert call.diplotype is None and "rs4986893 carries T" in (call.note or "")


def test_multi_sample(tmp_path: Path) -> None:
    path = files.vcf(
        tmp_path / "a.vcf",
        C19,
        {"rs4244285": "0/0 1/1", "rs12769205": "0/0 1/1", "rs3758581": "0/0 1/1"},
        samples=("a", "b"),
    )
    got = {s.sample: files.answers(files.gene(s, "CYP2C19")) for s in call_file(path)}
    assert got == {"a": {("*38", "*38")}, "b": {("*2", "*2")}}


def test_gvcf_blocks_and_symbolic_alleles(tmp_path: Path) -> None:
    """A reference block covers the positions inside; a reference record with <NON_REF> is reference;
    a missing
    block is missing.
    """
    places = [p.pos["GRCh38"] or 0 for p in files.positions("CYP2C19")]
    first, last = min(places), max(places)
    head = files.HEADER.format(build="GRCh38") + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
    block = f"chr10\t{first - 5}\t.\tA\t<NON_REF>\t.\t.\tEND={last + 5}\tGT:DP\t0/0:30\n"
    (tmp_path / "a.vcf").write_text(head + block)
    assert one(tmp_path / "a.vcf") == ({("*38", "*38")}, "called")
    (tmp_path / "b.vcf").write_text(head + block.replace("0/0:30", "./.:0"))
    assert one(tmp_path / "b.vcf") == (set(), "no_call")


@pytest.mark.parametrize(
    ("ref", "alt", "genotype", "expected"),
    [
        ("T", "TA", "0/1", {("*1", "*7")}),
        ("TC", "TAC", "0/1", {("*1", "*7")}),
        ("T", "TA,<NON_REF>", "0/1", {("*1", "*7")}),
        ("T", ".", "0/0", {("*1", "*1")}),
    ],
)
def test_an_insertion_however_it_is_written(
    tmp_path: Path, ref: str, alt: str, genotype: str, expected: set
) -> None:
    def rewrite(lines: list[str]) -> list[str]:
        return [line.replace("\trs41303343\tT\tTA\t", f"\trs41303343\t{ref}\t{alt}\t") for line in lines]

    assert (
        one(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), {"rs41303343": genotype}, change=rewrite), "CYP3A5")[0]
        == expected
    )


def test_a_substitution_at_the_padding_base_says_nothing_about_the_insertion(tmp_path: Path) -> None:
    def rewrite(lines: list[str]) -> list[str]:
        return [line.replace("\trs41303343\tT\tTA\t", "\t.\tT\tG\t") for line in lines]

    call = files.gene(call_file(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), change=rewrite))[0], "CYP3A5")
    assert "rs41303343" in call.positions_missing


def test_a_failed_filter_counts_as_missing_and_is_said(tmp_path: Path) -> None:
    def failed(lines: list[str]) -> list[str]:
        return [line.replace("PASS", "LowQual") if "rs776746" in line else line for line in lines]

    sample = call_file(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), change=failed))[0]
    assert files.gene(sample, "CYP3A5").positions_missing == ("rs776746",)
    assert any("LowQual" in problem for problem in sample.problems)


def test_a_position_that_stands_twice_and_differs_is_missing(tmp_path: Path) -> None:
    def twice(lines: list[str]) -> list[str]:
        return [
            text
            for line in lines
            for text in ([line, line.replace("0/0", "1/1")] if "rs776746" in line else [line])
        ]

    sample = call_file(files.vcf(tmp_path / "a.vcf", ("CYP3A5",), change=twice))[0]
    assert files.gene(sample, "CYP3A5").positions_missing == ("rs776746",) and sample.problems


def test_a_male_has_one_x(tmp_path: Path) -> None:
    med = "rs5030868"
    path = files.vcf(tmp_path / "a.vcf", ("G6PD",), {med: "1/1"})
    name = "Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham"
    assert one(path, "G6PD", sex="male") == ({(name,)}, "called")
    assert one(path, "G6PD")[0] == {(name, name)}
    haploid = files.vcf(
        tmp_path / "b.vcf",
        ("G6PD",),
        {p.name: "1" if p.rsid == med else "0" for p in files.positions("G6PD")},
    )
    assert one(haploid, "G6PD")[0] == {(name,)}
    mixed = files.vcf(tmp_path / "c.vcf", ("G6PD",), {med: "0/1"})
    assert one(mixed, "G6PD", sex="male") == (set(), "indeterminate")


def test_single_markers_are_bases_without_a_phenotype(tmp_path: Path) -> None:
    calls = [
        c
        for c in call_file(files.vcf(tmp_path / "a.vcf", ("OPRM1",), {"rs1799971": "0/1"}))[0].calls
        if c.gene == "OPRM1"
    ]
    assert ("rs1799971", "A/G", "called") in [(c.rsid, c.diplotype, c.state) for c in calls]


# --- builds ----------------------------------------------------------------------------------------------


def test_grch37_is_called_on_its_own_places(tmp_path: Path) -> None:
    path = files.vcf(
        tmp_path / "a.vcf", C19, {"rs4244285": "0/1", "rs12769205": "0/1", "rs3758581": "0/1"}, build="GRCh37"
    )
    sample = call_file(path)[0]
    assert sample.build == "GRCh37" and files.answers(files.gene(sample, "CYP2C19")) == {("*2", "*38")}


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_the_build_is_told_by_the_places_when_the_header_is_silent(tmp_path: Path, build: str) -> None:
    silent = "##fileformat=VCFv4.2\n"
    assert call_file(files.vcf(tmp_path / "a.vcf", C19, build=build, header=silent))[0].build == build

    def unnamed(lines: list[str]) -> list[str]:
        return ["\t".join([*line.split("\t")[:2], ".", *line.split("\t")[3:]]) for line in lines]

    assert (
        call_file(files.vcf(tmp_path / "b.vcf", C19, build=build, header=silent, change=unnamed))[0].build
        == build
    )


def test_a_header_that_contradicts_the_places_is_refused(tmp_path: Path) -> None:
    path = files.vcf(tmp_path / "a.vcf", C19, build="GRCh37", header=files.HEADER.format(build="GRCh38"))
    with pytest.raises(InputError, match="header says GRCh38, but the known variants lie where GRCh37"):
        call_file(path)
    with pytest.raises(InputError, match="--build says GRCh38"):
        call_file(
            files.vcf(tmp_path / "b.vcf", C19, build="GRCh37", header="##fileformat=VCFv4.2\n"),
            build="GRCh38",
        )


def test_mixed_builds_are_refused(tmp_path: Path) -> None:
    old = files.vcf(tmp_path / "old.vcf", C19, build="GRCh37").read_text().splitlines()[-3:]
    path = files.vcf(
        tmp_path / "a.vcf", C19, header="##fileformat=VCFv4.2\n", change=lambda lines: lines[:10] + old
    )
    with pytest.raises(InputError, match="mixes two builds"):
        call_file(path)
    both = "##fileformat=VCFv4.2\n##contig=<ID=chr10,assembly=GRCh37>\n##contig=<ID=chr22,assembly=GRCh38>\n"
    with pytest.raises(InputError, match="two genome builds"):
        call_file(files.vcf(tmp_path / "b.vcf", C19, header=both))


# --- refused, with the place ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("##fileformat=VCFv4.2\n", "stands where the #CHROM line should be"),
        ("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", "line 2: no sample column"),
        (
            "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\ta\n",
            "stands there twice",
        ),
        (
            "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\nchr10\t94781859\t.\tG\n",
            "line 3: 4 columns",
        ),
        (
            "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\nchr10\tx\t.\tG\tA\t.\t.\t.\tGT\t0/0\n",
            "line 3: POS 'x'",
        ),
    ],
)
def test_what_is_not_a_usable_vcf(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "a.vcf"
    path.write_text(text)
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        call_file(path)


def test_a_missing_file_and_a_cut_gzip(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        call_file(tmp_path / "none.vcf")
    packed = gzip.compress(files.vcf(tmp_path / "a.vcf", C19).read_bytes())
    (tmp_path / "cut.vcf.gz").write_bytes(packed[:-40])
    with pytest.raises(InputError):
        call_file(tmp_path / "cut.vcf.gz", kind="vcf")


# --- large files -----------------------------------------------------------------------------------------


def _large(path: Path, *, shuffled: bool = False) -> bytes:
    """Every position of two genes among many others, over several blocks."""
    plain = (
        files.vcf(path, ("CYP2C19", "CYP2C9"), {"rs4244285": "0/1", "rs12769205": "0/1"})
        .read_text()
        .splitlines()
    )
    head = [line for line in plain if line.startswith("#")]
    rows = {int(line.split("\t")[1]): line for line in plain if not line.startswith("#")}
    for number in range(60_000):
        rows.setdefault(
            94_000_001 + number * 17, f"chr10\t{94_000_001 + number * 17}\t.\tA\tG\t.\tPASS\t.\tGT\t0/1"
        )
    order = sorted(rows, key=lambda place: (place * 7919) % 104729 if shuffled else place)
    return ("\n".join(head + [rows[place] for place in order]) + "\n").encode()


def test_a_large_file_reads_the_same_plain_packed_indexed_and_shuffled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks that are passed over, searched, read through an index or read whole: one answer."""
    monkeypatch.setattr(vcf_lines, "BLOCK", 1 << 16)
    text = _large(tmp_path / "base.vcf")
    small = call_file(tmp_path / "base.vcf")[0].calls
    (tmp_path / "plain.vcf").write_bytes(text)
    (tmp_path / "packed.vcf.gz").write_bytes(gzip.compress(text, 1))
    write_indexed(tmp_path / "indexed.vcf.gz", text)
    (tmp_path / "shuffled.vcf").write_bytes(_large(tmp_path / "base2.vcf", shuffled=True))
    for name in ("plain.vcf", "packed.vcf.gz", "indexed.vcf.gz", "shuffled.vcf"):
        assert call_file(tmp_path / name)[0].calls == small, name


def test_an_index_that_is_older_or_damaged_is_not_used(tmp_path: Path) -> None:
    text = files.vcf(tmp_path / "base.vcf", C19).read_bytes()
    path = tmp_path / "a.vcf.gz"
    write_indexed(path, text)
    path.with_name("a.vcf.gz.tbi").write_bytes(b"not an index")
    assert one(path) == ({("*38", "*38")}, "called")


def test_line_numbers_are_right_deep_in_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcf_lines, "BLOCK", 1 << 14)
    lines = _large(tmp_path / "base.vcf").decode().splitlines()
    at = next(n for n, line in enumerate(lines) if "\trs4244285\t" in line)
    lines[at] = lines[at].replace("0/1", "0/9")
    (tmp_path / "a.vcf").write_text("\n".join(lines) + "\n")
    (problem,) = call_file(tmp_path / "a.vcf")[0].problems
    assert problem.startswith(f"line {at + 1}: genotype '0/9'")
