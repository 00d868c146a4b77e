"""The one registry of what a key can do. Footer, `?` help, palette, bindings and docs are built from it.

A key means one thing on every screen. Kept away from: alt, and ctrl with s, q, z, c, a, b, w, h, i, j, m,
which terminals, editors and multiplexers take for themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SCREENS = ("patients", "genotype", "history", "lifestyle", "plan", "monitor")
PERSON_SCREENS = SCREENS[1:]


@dataclass(frozen=True)
class Action:
    """One thing a user can ask for.

    id: its stable name; the screen's method is `do_<id>`, its test `can_<id>` (always, when absent).
    key, twin: the key, and the function key that also works while a field has the focus.
    label: one or two words for the footer; short: one word for 80 columns.
    help: one sentence. screens: where it exists.
    footer: its place in the footer, left to right; 0 keeps it out (help and palette still list it).
    no_footer: screens where it stays out of the footer all the same.
    verb: the command-line twin, for the docs.
    """

    id: str
    key: str
    label: str
    help: str
    screens: tuple[str, ...] = SCREENS
    twin: str = ""
    short: str = ""
    footer: int = 0
    only_wide: bool = False
    verb: str = ""
    no_footer: tuple[str, ...] = ()

    @property
    def shown_key(self) -> str:
        """The key as people write it, remapped keys included."""
        key = REMAPPED.get(self.id, self.key)
        return KEY_NAMES.get(key, key)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that runs it."""
        return (self.key, self.twin) if self.twin else (self.key,)


REMAPPED: dict[str, str] = {}  # action -> the key that a clinic gave it; filled by keymap.py

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "ctrl+p": "^p",
    "ctrl+l": "^l",
    "pagedown": "pgdn",
    "full_stop": ".",
    "comma": ",",
    "semicolon": ";",
    "plus": "+",
    "minus": "-",
}

ACTIONS: tuple[Action, ...] = (
    Action(
        "help", "question_mark", "Help", "What this screen shows and every key it knows.", twin="f1", footer=1
    ),
    Action(
        "open_patients", "1", "Patients", "The clinic list: who needs me first.", twin="f2", verb="people"
    ),
    Action(
        "open_genotype",
        "2",
        "Genotype",
        "Genes, phenotype today, drugs they bear on.",
        twin="f3",
        verb="genotype",
    ),
    Action(
        "open_history",
        "3",
        "History",
        "Medicines, what was tried, problems, opioid dose.",
        twin="f4",
        verb="history",
    ),
    Action(
        "open_lifestyle",
        "4",
        "Lifestyle",
        "Scores, sleep, habits, tests: enter and correct them.",
        twin="f5",
        verb="lifestyle",
    ),
    Action("open_plan", "5", "Plan", "Compare the options for this person.", twin="f6", verb="plan"),
    Action("open_monitor", "6", "Monitor", "Is it working, and what is due.", twin="f7", verb="monitor"),
    Action(
        "choose",
        "enter",
        "Open",
        "Open what is selected.",
        ("patients", "genotype", "plan", "monitor"),
        footer=2,
        verb="assess",
        no_footer=("plan",),
    ),
    Action(
        "edit", "enter", "Edit", "Edit what is selected.", ("history", "lifestyle"), footer=2, verb="what-if"
    ),
    Action(
        "find", "slash", "Find", "Find a person by name or number.", ("patients",), footer=3, verb="people"
    ),
    Action(
        "add",
        "a",
        "Add/remove",
        "Put the selected option into the draft plan, or take it out.",
        ("plan",),
        short="Add",
        footer=3,
        verb="plan",
    ),
    Action(
        "new",
        "n",
        "New entry",
        "Enter a medicine, a result, a visit or a goal.",
        ("history", "plan", "monitor"),
        short="New",
        footer=3,
        verb="import",
        no_footer=("plan",),
    ),
    Action(
        "order",
        "t",
        "Order",
        "Change the order of the list.",
        ("patients", "plan"),
        footer=4,
        verb="plan",
        no_footer=("plan",),
    ),
    Action(
        "decline",
        "d",
        "Declined",
        "The person does not want the selected option; again: they would after all.",
        ("plan",),
        verb="note",
    ),
    Action(
        "against",
        "c",
        "Case against",
        "The strongest case against the selected option.",
        ("plan",),
        verb="against",
    ),
    Action(
        "forest",
        "v",
        "Forest",
        "Every row of the evidence for the selected option, with its interval.",
        ("plan",),
        verb="model",
    ),
    Action(
        "positions",
        "v",
        "Positions",
        "Every position of the selected gene's tables, and whether it was read.",
        ("genotype",),
        footer=3,
        verb="genotype",
    ),
    Action(
        "facts",
        "f",
        "Model facts",
        "What the model is for, what it refuses, what it was built from, its limits.",
        PERSON_SCREENS,
        verb="model",
    ),
    Action(
        "confirm",
        "r",
        "Reconcile",
        "State today that the list of medicines is complete.",
        ("history",),
        short="Reconcile",
        footer=5,
        verb="history",
    ),
    Action(
        "opioids",
        "m",
        "Opioid panel",
        "Opioid dose with its factors, sedation beside it, naloxone, questionnaires item by item.",
        ("history",),
        verb="history",
    ),
    Action("tab_section", "tab", "Section", "Go to the next pane or section.", ("history",), footer=4),
    Action(
        "next_group",
        "pagedown",
        "Next group",
        "Go to the next group of fields.",
        ("lifestyle",),
        short="Group",
        footer=3,
    ),
    Action(
        "override",
        "o",
        "Override",
        "Go on in spite of a STOP, with a reason that is stored.",
        ("plan",),
        footer=5,
        verb="check",
    ),
    Action(
        "acknowledge",
        "k",
        "Acknowledge",
        "Mark a CAUTION as seen.",
        ("plan",),
        short="Seen",
        footer=6,
        only_wide=True,
        verb="check",
    ),
    Action(
        "evidence",
        "e",
        "Evidence",
        "Inputs, source and date behind what is selected.",
        footer=6,
        screens=PERSON_SCREENS,
        verb="assess",
    ),
    Action(
        "sign",
        "g",
        "Sign",
        "Sign the draft plan; says what still keeps it from being signed.",
        ("plan",),
        footer=6,
        verb="plan",
    ),
    Action(
        "what_if",
        "i",
        "What if",
        "Begin or end a what-if: change anything and compare; nothing is stored.",
        PERSON_SCREENS,
        verb="what-if",
    ),
    Action(
        "compare",
        "j",
        "Before/after",
        "Before and after, side by side: what the unsaved changes and assumptions do.",
        PERSON_SCREENS,
        verb="what-if",
    ),
    Action(
        "note", "h", "Note text", "The plan as a note to copy into the record.", PERSON_SCREENS, verb="note"
    ),
    Action(
        "audit", "y", "Audit trail", "Who did what with this record, and when.", PERSON_SCREENS, verb="audit"
    ),
    Action("print", "p", "Print", "Write the printable page to a file.", PERSON_SCREENS, verb="report"),
    Action("export", "x", "Export", "Write the assessment as JSON to a file.", PERSON_SCREENS, verb="assess"),
    Action(
        "walk_on",
        "full_stop",
        "Next step",
        "The guided walk: genotype, history, lifestyle, plan; what is complete, what is missing.",
        verb="walk",
    ),
    Action("walk_back", "comma", "Step back", "The guided walk, one step back.", PERSON_SCREENS, verb="walk"),
    Action(
        "save",
        "s",
        "Save",
        "Store the unsaved changes in the patient file.",
        PERSON_SCREENS,
        footer=7,
        no_footer=("genotype",),  # nothing is changed there; the key works all the same
    ),
    Action(
        "undo",
        "u",
        "Undo",
        "Take back the last unsaved change.",
        PERSON_SCREENS,
        footer=8,
        only_wide=True,
        no_footer=("genotype",),  # nothing is changed there
    ),
    Action(
        "next_stop",
        "w",
        "Next STOP",
        "To the next person on the list with a STOP.",
        ("patients",),
        twin="f8",
        footer=9,
        verb="people",
    ),
    Action(
        "warnings",
        "w",
        "Warnings",
        "All warnings of this person, and what cannot be said.",
        PERSON_SCREENS,
        twin="f8",
        short="Warn",
        footer=9,
        only_wide=True,
        verb="check",
    ),
    Action(
        "missing",
        "l",
        "Limits",
        "What cannot be said for this person, why, and what would close the gap.",
        PERSON_SCREENS,
        verb="limits",
    ),
    Action(
        "lesson",
        "L",
        "Lesson",
        "A teaching case of the fictional clinic: questions, then the naive answer beside the careful one, then notes.",
        verb="lessons",
    ),
    Action("zoom", "z", "Zoom", "The pane in focus over the whole screen; again: back.", verb="assess"),
    Action("colours", "T", "Colours", "The next set of colours: dark, light, contrast, colour-blind."),
    Action("retry", "f12", "Retry", "Read again after an error.", verb="people"),
    Action(
        "blank", "b", "Blank", "Blank the screen for privacy; the same key returns. Not a lock.", twin="f9"
    ),
    Action(
        "lock", "ctrl+l", "Lock", "Lock the screens of an encrypted file; the passphrase brings them back."
    ),
    Action(
        "sign_in",
        "U",
        "Sign in",
        "Say who you are, by local name and PIN: the audit then names you. Again: somebody else.",
        verb="user",
    ),
    Action("palette", "ctrl+p", "Commands", "Find any action by its name.", short="Commands", footer=98),
    Action("back", "escape", "Back", "One step back; asks when work is unsaved.", PERSON_SCREENS, footer=99),
    Action("quit", "q", "Quit", "Leave the program; asks when work is unsaved.", ("patients",), footer=99),
)

BY_ID = {action.id: action for action in ACTIONS}


def named(action: str) -> str:
    """The key of an action, for sentences that name it."""
    return BY_ID[action].shown_key


def of_screen(screen: str) -> Iterator[Action]:
    """Every action of one screen, in registry order."""
    return (action for action in ACTIONS if screen in action.screens)


def footer(screen: str, *, wide: bool) -> list[Action]:
    """The keys in the footer: at most seven, eight when wide; help first, the way back last."""
    listed = sorted(
        (a for a in of_screen(screen) if a.footer and screen not in a.no_footer),
        key=lambda action: action.footer,
    )
    room = 8 if wide else 7
    if not wide:
        listed = [action for action in listed if not action.only_wide]
    head, tail = listed[:-2], listed[-2:]
    return head[: room - len(tail)] + tail


def screen_name(action_id: str) -> str | None:
    """The screen that an `open_...` action leads to."""
    name = action_id.removeprefix("open_")
    return name if action_id.startswith("open_") and name in SCREENS else None
