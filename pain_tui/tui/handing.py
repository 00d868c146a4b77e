"""What leaves the screen: the note to copy, the printable page, the assessment as JSON; and what is read beside it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pain_tui.tui import messages
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Draft
from pain_tui.tui.visit import dialog
from pain_tui.tui.widgets.lines import Line, Piece, cut, head, line, paragraph, quiet

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


class Handing:
    """Part of the program (app.py)."""

    desk: "Desk"
    chart: Chart | None
    draft: Draft | None
    trial: Draft | None
    before: Chart | None
    notify: Callable[..., None]
    push_screen: Callable[..., Any]
    work: Callable[..., None]
    screen: Any

    @property
    def calculating(self) -> bool:
        """See visit.py, which stands before this one."""
        raise NotImplementedError

    def do_facts(self) -> None:
        """The model on one page."""
        self.push_screen(
            dialog("dialog", "WrappedDialog")(
                "Model facts", lambda width: facts_lines(self.desk.model_facts(), width)
            )
        )

    def do_audit(self) -> None:
        """Who did what with the open record, newest first."""
        chart = self.chart
        if chart is None:
            return
        person = chart.identity.person

        def work() -> messages.Trail:
            return messages.Trail(person, self.desk.trail(person))

        self.work("trail", work)

    def on_trail(self, message: messages.Trail) -> None:
        """As lines to read."""
        self.push_screen(
            dialog("dialog", "WrappedDialog")(
                f"Audit trail of {message.person}", lambda width: trail_lines(message.rows, width), wide=True
            )
        )

    def _lesson_person(self) -> str:
        """The open person, or the one under the mark of the list."""
        if self.chart is not None:
            return self.chart.identity.person
        return str(getattr(getattr(self.screen, "selected", None), "person", ""))

    def can_lesson(self) -> bool:
        """The person is a teaching case, and the file is fictional."""
        from pain_tui.patients.fictional.lessons import lesson_of

        return lesson_of(self._lesson_person(), self.desk.kind) is not None

    def do_lesson(self) -> None:
        """Questions first; the same key tells more."""
        from pain_tui.patients.fictional.lessons import lesson_of

        lesson = lesson_of(self._lesson_person(), self.desk.kind)
        if lesson is not None:
            self.push_screen(dialog("lesson", "LessonDialog")(lesson))

    def do_compare(self) -> None:
        """Before and after: what the assumptions do; without a what-if, what the unsaved changes do."""
        chart, draft = self.chart, self.draft
        if chart is None or draft is None:
            return
        if self.trial is not None and self.before is not None:
            self._side_by_side(self.before, f"If it were so: {self.trial.words(3)}. Nothing is stored")
        elif len(draft):
            person, said = draft.person, f"Not saved: {draft.words(3)}"
            self.work(
                "compare", lambda: messages.Tried(self.desk.chart(person), (), self._show_compared(said))
            )
        else:
            self.notify(
                f"Nothing is changed. {named('what_if')} begins a what-if: change anything, nothing is stored."
            )

    def _show_compared(self, said: str) -> Callable[[Chart], None]:
        return lambda before: self._side_by_side(before, said)

    def _side_by_side(self, before: Chart, said: str) -> None:
        def lines(width: int) -> list[Line]:
            from pain_tui.tui.panes import compare

            after = self.chart
            if after is None:
                return []
            if self.calculating:
                return [line(Piece("reckoning ...", "caution"))]
            return [*paragraph(said, width, style="changed"), *compare.side_by_side(before, after, width)]

        self.push_screen(dialog("dialog", "WrappedDialog")("Before and after", lines, wide=True))

    def do_note(self) -> None:
        """The note, to read and to copy."""
        if self._may_leave("note"):
            chart = self.chart
            assert chart is not None
            self.push_screen(dialog("hand_out", "NoteDialog")(self.desk.note(chart), self._unsaved()))

    def do_print(self) -> None:
        """The printable page, to a file."""
        self._to_file("Print one page", "html", self.desk.page)

    def do_export(self) -> None:
        """The assessment as JSON, to a file."""
        self._to_file("Export as JSON", "json", self.desk.as_json)

    def _to_file(self, title: str, ending: str, make: Callable[[Chart], str]) -> None:
        chart = self.chart
        if chart is None or not self._may_leave("page"):
            return
        from pain_tui.report.writing import file_name

        name = file_name(chart.identity.person, chart.as_of.isoformat(), ending)

        def chosen(path: str | None) -> None:
            if path:
                self.work("hand_out", lambda: self._written(Path(path), make(chart)))

        self.push_screen(dialog("hand_out", "PathDialog")(title, name), chosen)

    def _written(self, path: Path, text: str) -> messages.Told:
        from pain_tui.report.writing import write_private

        write_private(path, text)
        return messages.Told(f"Written: {path.expanduser().resolve()}. Only you may read it.")

    def on_told(self, message: messages.Told) -> None:
        """A sentence from a worker."""
        self.notify(message.words)

    def _unsaved(self) -> str:
        return self.draft.words(3) if self.draft and len(self.draft) else ""

    def _may_leave(self, what: str) -> bool:
        """Only what is in the file leaves on paper; the note may be of a draft, and says so."""
        if self.chart is None or self.trial is not None:
            self.notify(f"This is a what-if; {named('what_if')} ends it first.")
            return False
        if self.calculating:
            self.notify("The last change is still being reckoned.")
            return False
        if what == "page" and self._unsaved():
            self.notify(f"Save first ({named('save')}): the page is of what is in the patient file.")
            return False
        return True


def trail_lines(rows: "Sequence[tuple[datetime, str, str, str]]", width: int) -> list[Line]:
    """Moment, who, what, which row."""
    lines = [head(f"{'when (UTC)':<17} {'who':<14} {'what':<24} row")]
    lines += [
        line(f"{moment:%Y-%m-%d %H:%M}  {cut(who, 14)} {cut(what, 24)} {row}".rstrip())
        for moment, who, what, row in rows
    ]
    if not rows:
        lines += paragraph("Nothing was changed in this record yet, apart from the import.", width)
    return [*lines, quiet("pain-tui audit list --person prints the same; audit verify checks the chain")]


def facts_lines(card: str, width: int) -> list[Line]:
    """The model card: headings and paragraphs."""
    lines: list[Line] = []
    for block in card.strip().split("\n\n"):
        if block.startswith("#"):
            lines += [line(""), line(Piece(block.lstrip("# "), "head"))]
        elif block.startswith(("-", "|")):
            lines += [part for row in block.splitlines() for part in paragraph(row, width, indent="  ")]
        else:
            lines += paragraph(" ".join(block.split()), width)
    return [*lines, quiet("pain-tui model card prints the same")]
