"""The one place where screens meet the core: open a patient file, list, assess with a draft laid over, save.

Called from worker threads. The clinic list is read with a bare DuckDB, before knowledge and model are loaded.
The front end's clock and user name come in here; the core below reads neither.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pain_tui.errors import StoreError
from pain_tui.tui import clinic_page
from pain_tui.tui.chart import Chart, Field
from pain_tui.tui.clinic_page import Asked, ClinicPage, Warned
from pain_tui.tui.draft import Draft, Edit

if TYPE_CHECKING:
    import duckdb

    from pain_tui.monitor.course import Course
    from pain_tui.patients.file import PatientFile
    from pain_tui.tui.kept import Found, Keeper


def utc_now() -> datetime:
    """The clock of the front end: UTC without zone, as the audit keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Desk:
    """An open patient file, a day, and who is at the keyboard."""

    def __init__(
        self,
        path: Path,
        *,
        actor: str,
        as_of: date | None = None,
        key_file: Path | None = None,
        user: tuple[str, str] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.path = path
        self.file_name = path.name
        self.actor = self.login = actor
        self._user = user  # local name and PIN, to be confirmed once the file is open
        self._asked_as_of = as_of
        self._key_file = key_file
        self._clock = clock
        self._file: PatientFile | None = None
        self._ahead: ClinicPage | None = None
        self._counting: duckdb.DuckDBPyConnection | None = None
        self._versions: dict[str, str | None] = {}
        self._keeper: Keeper | None = None
        self.tell: Callable[[str], object] | None = (
            None  # hears of waiting for another program, of a full disk
        )

    # --- opening ----------------------------------------------------------------------------------------

    @property
    def needs_passphrase(self) -> bool:
        """The file is encrypted."""
        from pain_tui.patients import crypt

        return crypt.is_encrypted(self.path)

    @property
    def is_open(self) -> bool:
        """The file is open."""
        return self._file is not None

    def open(self, passphrase: str | None = None) -> None:
        """Open the file. Raises StoreError."""
        from pain_tui.patients import file as patient_file

        self._file = patient_file.open_file(
            self.path,
            passphrase=passphrase,
            key_file=self._key_file,
            actor=self.actor,
            at=self._clock(),
            on_notice=lambda said: self.tell(said) if self.tell else None,
        )
        if self._user is not None:
            try:
                self.sign_in(*self._user)
            except StoreError:
                self.close()
                raise
            self._user = None

    @property
    def local_name(self) -> str:
        """The local name that was confirmed by its PIN; empty while nobody signed in."""
        return self.actor.removesuffix(f" ({self.login})") if self.actor != self.login else ""

    def local_users(self) -> list[str]:
        """The local names of this file."""
        from pain_tui.patients import users

        return users.names(self.file)

    def sign_in(self, name: str, pin: str) -> None:
        """From now on the audit names this person. Raises StoreError; wrong PINs slow down and are in the audit."""
        from pain_tui.patients import users

        self.actor = users.confirm(self.file, name, pin, login=self.login, at=self._clock())
        self._keeper = None  # what is kept of unsaved work is signed by its maker

    @property
    def lockable(self) -> bool:
        """There is a passphrase to come back with."""
        return self._file is not None and self._file.is_encrypted

    def unlock(self, passphrase: str) -> None:
        """Take the passphrase again while the file stays open. Raises StoreError; a wrong one is in the audit."""
        from pain_tui.patients import passphrase as passphrases

        passphrases.confirm(self.file, passphrase, self._key_file, actor=self.actor, at=self._clock())

    @property
    def file(self) -> "PatientFile":
        """The open file."""
        if self._file is None:
            raise StoreError(f"{self.path} is not open.", "Open it first.")
        return self._file

    @property
    def kind(self) -> str:
        """`real` or `fictional`; before it is open, not known, shown as real."""
        return self._file.kind if self._file else "real"

    @property
    def as_of(self) -> date:
        """The day everything is for: as asked, the fictional file's own day, else today."""
        if self._asked_as_of is not None:
            return self._asked_as_of
        stored = self._file.meta.get("default_as_of") if self._file else None
        return date.fromisoformat(stored) if stored else datetime.now().date()

    @property
    def versions(self) -> dict[str, str | None]:
        """Program, knowledge, model; read once, when the knowledge is loaded."""
        return self._versions

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    # --- the clinic list --------------------------------------------------------------------------------

    def clinic(self, asked: Asked = Asked(), flags: Mapping[str, int] | None = None) -> ClinicPage:
        """A page without warnings; `flags` are the ranks by which the order `flag` goes."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.asked == asked:
            return ahead
        return clinic_page.read(self.file, asked, flags or {}, self.as_of)

    def everybody(self) -> list[str]:
        """The ids of all people, who comes next first."""
        return clinic_page.read_ids(self.file, self.as_of)

    def open_ahead(self) -> Callable[[], None]:
        """Open an unencrypted file and read its first page in a thread, while the screens are being loaded.

        Returns what waits for it; that raises what opening raised.
        """
        failed: list[Exception] = []

        def work() -> None:
            try:
                self.open()
                self._ahead = clinic_page.read(self.file, Asked(), {}, self.as_of)
            except Exception as error:  # raised again by whoever waits
                failed.append(error)

        thread = threading.Thread(target=work, name="pain-tui open", daemon=True)
        thread.start()

        def wait() -> None:
            thread.join()
            if failed:
                raise failed[0]

        return wait

    def warm(self) -> None:
        """Load knowledge and versions; call it in a worker once the list is painted."""
        from pain_tui import versions

        self.file.warm()
        self._versions = versions.all_versions()

    def make_ready(self) -> None:
        """Prepare for the first person; call it in a worker when the warnings on the page are counted."""
        from pain_tui.assess import clinic

        clinic.make_ready(self.file, self.as_of)

    def warnings(self, people: Sequence[str]) -> dict[str, Warned]:
        """Assess a batch of the list."""
        from pain_tui.tui import reading

        self._counting = self.file.cursor()
        try:
            return reading.counts(self.file, self._counting, people, self.as_of)
        finally:
            self._counting.close()
            self._counting = None

    def break_off(self) -> None:
        """Stop counting: the program is being left."""
        counting = self._counting
        if counting is not None:
            counting.interrupt()

    # --- one person -------------------------------------------------------------------------------------

    def chart(self, person: str, edits: Sequence[Edit] = ()) -> Chart:
        """A person, assessed as of the day, with unsaved edits laid over; nothing is stored."""
        from pain_tui.tui import reading

        if not self._versions:
            self.warm()
        return reading.chart(self.file, person, edits, self.as_of)

    def course(
        self, person: str, edits: Sequence[Edit], days: Sequence[date]
    ) -> "tuple[dict[date, str], Course]":
        """What only the monitor shows: opioid dose on earlier days in words, diary, verdicts."""
        from pain_tui.tui import reading

        return reading.course(self.file, person, edits, self.as_of, days)

    def save(self, person: str, edits: Sequence[Edit]) -> None:
        """Store the edits of one person: all of them, or none. Raises StoreError or InputError."""
        from pain_tui.tui import saving

        saving.save(
            self.file,
            person,
            edits,
            actor=self.actor,
            at=self._clock(),
            as_of=self.as_of,
            versions=self._versions,
        )

    def keep(self, draft: Draft | None) -> None:
        """Put the unsaved changes on the disk beside the patient file, sealed; none: take the last away."""
        from pain_tui.tui.kept import Keeper

        if self._keeper is None:
            if draft is None or not draft.edits:
                return
            self._keeper = Keeper(self.file, self.actor)
        self._keeper.keep(draft, self._clock())

    def left_over(self) -> "Iterator[Found]":
        """Unsaved changes that a window now gone has left."""
        from pain_tui.tui.kept import left_over

        return left_over(self.file)

    # --- forms and look-ups -----------------------------------------------------------------------------

    def read_value(
        self, field: Field, text: str, chart: Chart, day: str = ""
    ) -> tuple[dict[str, Any] | None, str]:
        """A typed value as the columns of an observation, or None and why not."""
        from pain_tui.tui import entering

        return entering.value(field, text, chart, day)

    def read_medicine(self, cells: dict[str, str], chart: Chart) -> tuple[list[dict[str, Any]], str]:
        """A typed medicine as rows (one an ingredient) and what it was read as; no rows and why not."""
        from pain_tui.tui import entering

        return entering.medicine(cells, chart)

    def source_words(self, source: str | None, rule: str | None = None) -> str:
        """The source of a rule, a row or an id, as a citation."""
        from pain_tui.tui import lookups

        return lookups.source_words(source, rule)

    def forest(self, condition: str, option: str) -> dict[str, Any]:
        """Every row of the evidence for an option in a condition, the shape of `model evidence --json`."""
        from pain_tui.forecast import forest

        return forest.as_dict(forest.gather(condition, option))

    def model_facts(self) -> str:
        """The model card: intended, refused, data, performance, limits."""
        from pain_tui.paths import data_folder

        return (data_folder("models") / "model_card.md").read_text(encoding="utf-8")

    def note(self, chart: Chart) -> str:
        """The plan as a note to copy."""
        from pain_tui.report import note

        return note.note(
            self._shape(chart), chart.plan, preferences=chart.preferences, blocks=chart.sign_blocks
        )

    def page(self, chart: Chart) -> str:
        """The printable page, as the verb `report` writes it."""
        from pain_tui.report import html

        return html.page(self._shape(chart), note=self.note(chart))

    def as_json(self, chart: Chart) -> str:
        """The assessment, as the verb `assess --json` prints it."""
        from pain_tui.report import json_form

        return json_form.shape_text(self._shape(chart), self.versions) + "\n"

    def _shape(self, chart: Chart) -> dict[str, Any]:
        return {"versions": self.versions, **chart.assessment}

    def trail(self, person: str, last: int = 200) -> list[tuple[datetime, str, str, str]]:
        """Who did what with a person's record: moment in UTC, who, what, which row; newest first."""
        with self.file.glance() as cursor:
            return cursor.execute(
                "SELECT \"at\", actor, action, coalesce(row_id, '') FROM clinic.main.audit "
                "WHERE person = ? ORDER BY seq DESC LIMIT ?",
                [person, last],
            ).fetchall()

    def evidence_rows(self, ids: Sequence[str]) -> list[str]:
        """Trials behind an estimate, one sentence each."""
        from pain_tui.tui import lookups

        cursor = self.file.cursor()
        try:
            return lookups.evidence_rows(cursor, ids)
        finally:
            cursor.close()
