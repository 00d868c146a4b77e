"""Genotype: what the genes say, what the medicines do to it, which drugs that bears on."""

from typing import ClassVar

from pain_tui.knowledge import ages
from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import Row
from pain_tui.tui.panes import genotype as panes
from pain_tui.tui.panes import genotype_drugs as beside
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.pane import Pane


class GenotypeScreen(ClinicScreen):
    """Genes at left, the ladder of the selected one at right."""

    BINDINGS: ClassVar = bindings("genotype")
    screen_id = "genotype"
    left = (("genes", "Genotype", True),)
    right = (("ladder", "Why", False),)
    below = "Why"

    def selected_gene(self) -> Row | None:
        """The gene under the mark."""
        key = self.pane("genes").key
        return next(
            (g for g in (self.chart.assessment.get("genes", []) if self.chart else []) if g["gene"] == key),
            None,
        )

    def fill(self) -> None:
        """Genes, ladder, drugs."""
        chart = self.chart
        if chart is None:
            return
        pane, width = self.pane("genes"), self.pane("genes").room
        lines = [*panes.unconfirmed(chart, width), *panes.gene_rows(chart, width)]
        told = [*beside.markers(chart, width), *beside.tables(chart, width)]
        pane.show([*lines, *told], count=self._count())
        if self.wide:
            pane.show([*lines, *beside.drugs_table(chart, width), *told])
            pane.take_rest()
        else:
            pane.fit(max(self.size.height - 15, 5))
            below = self.pane("genotype-below")
            below.show(panes.ladder(self.selected_gene(), below.room, chart.as_of))
            below.styles.height = "1fr"
        ladder = self.pane("ladder")
        ladder.show(panes.ladder(self.selected_gene(), ladder.room, chart.as_of))

    def _count(self) -> str:
        genes = self.chart.assessment.get("genes", []) if self.chart else []
        called = sum(gene["state"] == "called" for gene in genes)
        told = f"{called} called of {len(genes)} genes"
        return f"{told}, {ages.dates(ages.overall(self.chart.as_of))}" if self.chart else told

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Enter shows the evidence of the gene."""
        message.stop()
        self.do_evidence()

    def do_positions(self) -> None:
        """Every position of the tables for the selected gene, and whether it was read."""
        gene = self.selected_gene()
        if gene is not None:
            from pain_tui.tui.panes.positions import positions
            from pain_tui.tui.screens.dialog import WrappedDialog

            title = f"Positions: {gene['gene']}"
            self.clinic.push_screen(WrappedDialog(title, lambda width: positions(gene, width)))

    def can_evidence(self) -> bool:
        """A gene is selected."""
        return self.selected_gene() is not None

    def do_evidence(self) -> None:
        """Inputs, source and date behind the selected gene."""
        gene = self.selected_gene()
        if gene is not None and self.chart is not None:
            from pain_tui.tui.screens.evidence import EvidenceDialog, of_gene

            self.clinic.push_screen(EvidenceDialog(*of_gene(gene, self.chart)))

    can_positions = can_evidence
