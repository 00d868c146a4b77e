"""All warnings of a person, highest first; and what cannot be said, why, and what would close the gap."""

from pain_tui.report import limit_groups
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes.plan import finding_lines, is_answered
from pain_tui.tui.screens.dialog import ReadingDialog
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph, rule


class WarningsDialog(ReadingDialog):
    """Everything, in reading order."""

    BINDINGS = [("w", "leave", "Back"), ("f8", "leave", "Back"), ("l", "leave", "Back")]

    def __init__(self, chart: Chart, *, limits: bool = False) -> None:
        counts = chart.counts
        super().__init__(
            f"STOP {counts.STOP}  CAUTION {counts.CAUTION}  NOTE {counts.NOTE}  MISSING {counts.MISSING}"
        )
        self.chart, self.limits_first = chart, limits

    def lines(self, width: int) -> list[Line]:
        """Warnings, then limits; or the other way round."""
        parts = [self._warnings(width), self._limits(width)]
        if self.limits_first:
            parts.reverse()
        return [*parts[0], rule(), *parts[1]]

    def _warnings(self, width: int) -> list[Line]:
        counted = [f for f in self.chart.findings if f.get("is_counted", True)]
        others = [f for f in self.chart.findings if not f.get("is_counted", True)]
        lines = [line(Piece("Warnings", "head")), *self._listed(counted, width)]
        if not counted:
            lines.append(line("None. What cannot be said stands below."))
        if others:
            lines += [
                rule(),
                line(Piece("Only if that option is chosen", "head")),
                *self._listed(others, width),
            ]
        return lines

    def _listed(self, findings: list[Row], width: int) -> list[Line]:
        return [
            item
            for f in findings
            for item in finding_lines(f, width, key=None, answered=is_answered(self.chart, f))
        ]

    def _limits(self, width: int) -> list[Line]:
        limits = self.chart.assessment.get("limits", [])
        lines = [line(Piece(f"What cannot be said ({len(limits)})", "head"))]
        for heading, entries in limit_groups.grouped(limits):
            lines.append(line(Piece(f"{heading} ({len(entries)})", "head")))
            for entry in entries:
                lines += paragraph(entry, width, first="- ", indent="  ")
        return lines if limits else [*lines, line("Nothing is known to be missing.")]
