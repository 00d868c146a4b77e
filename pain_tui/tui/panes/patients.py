"""The clinic list as lines: one row a person, the highest open warning first in the eye."""

from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import ClinicRow
from pain_tui.tui.clinic_page import ClinicPage
from pain_tui.tui.widgets.lines import (
    TIER_STYLES,
    Line,
    Piece,
    cut,
    head,
    hint,
    line,
    paragraph,
    quiet,
    rule,
    tier,
)

FLAGS = {"STOP": "STOP", "CAUTION": "CAUT", "NOTE": "note", "-": "-", "": "..."}
WIDE_PANE = 72


def place(page: ClinicPage) -> str:
    """Which people are shown, of how many: `12 / 12`, or `201-400 of 100,000` when there are several pages."""
    if page.is_all:
        return f"{page.matching:,} / {page.total:,}"
    return f"{page.offset + 1:,}-{page.offset + len(page.rows):,} of {page.matching:,}"


def heading(width: int) -> Line:
    """Column names; the wide list has more of them."""
    extra = " chg  MME  PGx  plan" if width >= WIDE_PANE else "  MME  plan"
    return head(
        f"flag {cut('name', _name_width(width))} {cut('ID', 10)} age  {cut('next visit', 11)} NRS{extra}"
    )


def row_line(row: ClinicRow, width: int) -> Line:
    """One person."""
    flag = Piece(FLAGS[row.flag], TIER_STYLES.get(row.flag, "quiet" if not row.flag else ""))
    change = "" if row.nrs_change is None else words.signed(row.nrs_change)
    mme = (
        "..."
        if row.mme is None
        else words.UNKNOWN
        if row.mme == "cannot"
        else "-"
        if row.mme == "none"
        else row.mme
    )
    wide = width >= WIDE_PANE
    tail = f" {change:>3} {mme:>4}  {row.genotype:<4} {row.plan}" if wide else f" {mme:>4}  {row.plan}"
    return line(
        flag,
        " " * (5 - len(flag.text)),
        f"{cut(row.name or '(no name)', _name_width(width))} {cut(row.record or row.person, 10)} "
        f"{words.sex_letter(row.sex)}{words.age(row.age_years):<3} {cut(row.next_visit or words.NONE, 11)} "
        f"{words.number(row.nrs, 0):>3}{tail}",
        key=row.person,
    )


def _name_width(width: int) -> int:
    return max(min(width - (58 if width >= WIDE_PANE else 50), 30), 14)


def footnotes(page: ClinicPage, counting: str, width: int) -> list[Line]:
    """What the columns mean, where the other pages are, and what the last import set aside."""
    more = (
        "" if page.is_all else " Past the first and last line the list goes on; home and end go to its ends."
    )
    said = (
        f"{page.matching:,} of {page.total:,} people.{more}{counting} flag = highest open warning."
        f"{' chg = NRS since the visit before.' if width >= WIDE_PANE else ''} MME = morphine milligram equivalents "
        f"a day.{' PGx = genotype on file.' if width >= WIDE_PANE else ''} ? not known."
    )
    lines = [rule(), *hint(said, width)]
    if page.set_aside:
        aside = f"Set aside by the last import: {page.set_aside_total:,}"
        lines += [line(""), line(Piece(aside, "missing"))]
        for at, reason in page.set_aside:
            lines += paragraph(f"{at}: {reason}", width, first="  ", indent="    ")
    return lines


def counting_words(counted: int | None, to_count: int, counts_all: bool, known: int, total: int) -> str:
    """How far the warnings are counted; nothing once all are."""
    if not counts_all:
        return (
            f" Warnings are counted for the pages you look at ({known:,} of {total:,} people so far); "
            "the order by flag puts those first. `pain-tui score` counts everybody."
        )
    return "" if counted is None else f" Counting warnings: {counted:,} of {to_count:,} people."


def empty(filtered: bool, file_name: str) -> list[Line]:
    """Nobody to show, and what to do next."""
    if filtered:
        return [
            line(""),
            line(" No patients match. esc clears the filter;"),
            line(f" `pain-tui import {file_name} SOURCE` adds some."),
        ]
    return [
        line(""),
        line(" No patients yet. `pain-tui demo` opens the fictional clinic;"),
        line(f" `pain-tui import {file_name} SOURCE` reads your files."),
    ]


def preview(row: ClinicRow | None, width: int, *, lesson: bool = False) -> list[Line]:
    """The selected person, in short."""
    if row is None:
        return [quiet("Nobody selected.")]
    lines = [
        line(Piece(row.name or "(no name)", "head")),
        line(f"{row.record or row.person}   {words.sex_letter(row.sex)} {words.age(row.age_years)} y"),
        line(""),
        *paragraph(f"Problem  {row.problem or 'no pain problem recorded'}", width, indent=" " * 9),
        line(f"Now      NRS {words.number(row.nrs, 0)}/10"),
        line(f"Opioids  {mme_words(row.mme)}"),
        line(""),
    ]
    if row.counts is None:
        return [*lines, quiet("Warnings are being counted ..."), *_keys(lesson)]
    lines.append(line(Piece("Open warnings", "head")))
    for word in words.COUNTED:
        value = getattr(row.counts, word)
        lines.append(line(*(tier(word) if value else (word.ljust(8),)), f" {value}"))
    if row.first_warning:
        lines += [line(""), *paragraph(row.first_warning, width)]
    return [*lines, *_keys(lesson)]


def two_lines(row: ClinicRow | None, width: int) -> list[Line]:
    """The preview when there are two lines for it."""
    if row is None:
        return [line("")]
    said = f"{row.name.split(',')[0]}: {row.first_warning or row.problem or 'no pain problem recorded'}"
    first, *rest = (item.text for item in paragraph(said, width))
    return [line(first), line(cut(" ".join(rest), width).rstrip())]


def mme_words(mme: str | None) -> str:
    """Opioid exposure in words."""
    if mme is None:
        return "..."
    if mme in ("none", words.UNKNOWN, "cannot"):
        return {"none": "none recorded as active", "cannot": "cannot total"}.get(mme, "not known")
    return f"{mme} MME a day"


def _keys(lesson: bool) -> list[Line]:
    lines = [line(""), quiet("enter  open this patient"), quiet("5      open straight at Plan")]
    if lesson:
        lines.append(quiet(f"{named('lesson')}      the lesson of it"))
    return lines
