"""Every verb: where it lives and its one line in `pain-tui --help`.

With this table the help is printed, and a verb is run, without loading the other verbs. A test compares it
with what the modules register.
"""

# heading -> verb -> (module of pain_tui.cli, one line)
VERBS: dict[str, dict[str, tuple[str, str]]] = {
    "Everyday": {
        "open": ("screens", "Open the screens on a patient file, as `pain-tui FILE` does."),
        "demo": ("sample", "Make the fictional clinic and open it."),
        "lessons": ("teaching", "The teaching cases: the naive answer beside the careful one."),
        "import": ("importing", "Read outside files into the patient file."),
        "people": ("assessing", "The clinic list: id, age, problem, counts of warnings."),
        "assess": ("assessing", "One full assessment of a person."),
        "genotype": ("assessing", "The genotype ladder: every gene, with and without drugs."),
        "history": ("screens", "Medicines, opioid dose, treatments tried, conditions."),
        "lifestyle": ("screens", "Every value that can be entered, with unit, range and date."),
        "plan": ("assessing", "Every option with response, comparator, extra and harms."),
        "monitor": ("screens", "Visits with pain, function, opioid dose, the usual swing."),
        "note": ("plan_twins", "The plan as a note: goals, chosen, declined, what blocks it."),
        "against": ("plan_twins", "The strongest case against an option for a person."),
        "walk": ("plan_twins", "What is complete and what is missing, step by step."),
        "what-if": ("asking", "Before and after, if a fact or a gene were different."),
        "report": ("asking", "One printable page about a person."),
    },
    "Scripts": {
        "score": ("scoring", "Forecast and check everybody in a patient file."),
        "check": ("assessing", "The findings only, for a pipeline."),
        "limits": ("assessing", "What cannot be said, why, and what would close it."),
        "export": ("exporting", "One person as FHIR, or the tables as CSV without identity."),
        "validate": ("importing", "What is wrong or missing in a patient file."),
        "sample": ("sample", "Write a fictional clinic of any size."),
    },
    "Calculators, without a patient file": {
        "call": ("genotype", "Call the genes of a genotype file."),
        "phenotype": ("genotype", "From a diplotype to the phenotype, with the drugs taken now."),
        "action": ("genotype", "What CPIC, DPWG and FDA say about a drug for a diplotype."),
        "mme": ("safety", "Morphine milligram equivalents a day (CDC 2022)."),
        "interact": ("safety", "Which medicines of a list do not go together."),
        "hold": ("safety", "How long before a procedure a blood thinner is stopped."),
        "convert": ("safety", "Look a dose up in the labels' tables, one way only."),
        "taper": ("safety", "How fast a dose may be lowered once both agree to."),
        "score-instrument": ("safety", "Score a questionnaire from its items or its total."),
    },
    "Care of a patient file": {
        "init": ("patient_file", "Make a new, empty patient file."),
        "backup": ("patient_file", "Write a compared copy of the patient file and its keys."),
        "restore": ("patient_file", "Put a checked backup in the place of the patient file."),
        "verify": ("patient_file", "Read every block of the file and check its audit chain."),
        "passphrase": ("patient_file", "Change the passphrase."),
        "delete": ("patient_file", "Delete a person for real; the audit keeps that it happened."),
        "user": ("users", "Local names for people who share one log-in."),
        "audit": ("patient_file", "Who did what when, and whether the record of it is whole."),
    },
    "About the program": {
        "knowledge": ("knowing", "The knowledge behind every answer: version, checks, rules."),
        "model": ("model", "The forecast model: build, verify, card, evidence."),
        "doctor": ("about", "Versions and health; --offline-proof: nothing leaves."),
        "where": ("about", "The paths in use."),
    },
}

MODULE_OF: dict[str, str] = {verb: module for verbs in VERBS.values() for verb, (module, _) in verbs.items()}


def help_text() -> str:
    """What `pain-tui --help` prints: 80 columns, no colour."""
    lines = [
        "Usage: pain-tui [FILE]             open the screens on a patient file",
        "       pain-tui VERB [OPTIONS]     do one thing and end",
        "",
        "Offline decision support for interventional pain medicine. Not a medical device.",
    ]
    for heading, verbs in VERBS.items():
        lines += ["", f"{heading}:"]
        lines += [f"  {verb:17} {line}" for verb, (_, line) in verbs.items()]
    lines += [
        "",
        "Options:",
        "  --version         Print program, knowledge and model versions.",
        "  --help            Print this; `pain-tui VERB --help` has examples.",
    ]
    return "\n".join(lines)
