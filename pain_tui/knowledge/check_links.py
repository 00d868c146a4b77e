"""Checks of what joins what: options, conditions, scopes, tiers, procedures and drugs."""

from collections.abc import Iterator

from pain_tui.knowledge.rows import rows

TIERS = frozenset({"STOP", "CAUTION", "NOTE", "none"})
USES = ("in_use", "on_list", "asked")


def links() -> Iterator[str]:
    """Everything that should join and does not."""
    yield from _options()
    yield from _scopes()
    yield from _tiers()
    yield from _procedures()
    yield from _drugs()


def _options() -> Iterator[str]:
    options = {row["intervention_id"] for row in rows("interventions")} | {"watch"}
    codes = {row["procedure_code"] for row in rows("procedures")}
    drugs = {row["ingredient"] for row in rows("drug_names")}
    linked = {row["option"] for row in rows("option_links")}
    yield from (f"option_links: nothing for option {name}." for name in sorted(options - linked))
    for row in rows("option_links"):
        if row["option"] not in options:
            yield f"option_links: {row['option']} is not an option."
        if row["kind"] == "procedure" and row["code"] not in codes:
            yield f"option_links {row['option']}: {row['code']} is not a procedure code."
        if row["kind"] == "drug" and row["code"] not in drugs:
            yield f"option_links {row['option']}: {row['code']} is not an ingredient of drug_names."
    conditions = {row["condition_id"] for row in rows("conditions")}
    for row in rows("conditions"):
        for name in filter(None, row["candidate_interventions"].split(";")):
            if name.strip() not in options:
                yield f"conditions {row['condition_id']}: {name} is not an option."
        for name in filter(None, row["borrow_from_if_no_row"].split(";")):
            if name.strip() not in conditions:
                yield f"conditions {row['condition_id']}: borrows from {name}, which is no condition."
    for row in rows("condition_snomed"):
        if row["condition_id"] not in conditions:
            yield f"condition_snomed: {row['condition_id']} is not a condition."
    for table, columns in (
        ("responder_rates", ("condition_id", "intervention_id")),
        ("adverse_events", ("", "intervention_id")),
    ):
        for row in rows(table):
            if columns[0] and row[columns[0]] not in conditions:
                yield f"{table} {row['row_id']}: {row[columns[0]]} is not a condition."
            for name in row[columns[1]].split(";"):
                if name not in options and not _is_group(name):
                    yield f"{table} {row['row_id']}: {name} is not an option."


def _is_group(name: str) -> bool:
    return name in {row["option_group"] for row in rows("option_groups")}


def _scopes() -> Iterator[str]:
    """Every scope and condition word of a modifier resolves, or is refused by name."""
    options = {row["intervention_id"] for row in rows("interventions")} | {
        row["option_group"] for row in rows("option_groups")
    }
    conditions = {row["condition_id"] for row in rows("conditions")} | {
        row["condition_group"] for row in rows("condition_groups")
    }
    for row in rows("effect_modifiers"):
        for word in row["scope"].split(";"):
            if word not in options:
                yield f"effect_modifiers {row['row_id']}: scope {word} is neither an option nor a group."
        for word in row["condition"].split(";"):
            if word not in conditions:
                yield (
                    f"effect_modifiers {row['row_id']}: condition {word} is neither a condition nor a group."
                )


def _tiers() -> Iterator[str]:
    """Every severity word of the look-up tables has a tier for each use."""
    mapped = {(row["table_name"], row["word"], row["about_use"]) for row in rows("tiers")}
    for row in rows("tiers"):
        if row["tier"] not in TIERS:
            yield f"tiers {row['table_name']} {row['word']}: tier '{row['tier']}' is not allowed."
        if row["about_use"] == "on_list" and row["tier"] == "STOP":
            yield f"tiers {row['table_name']} {row['word']}: what is only listed is at most CAUTION."
    severity = {row["action_code"]: row["severity_0_6"] for row in rows("action_codes")}
    words = {
        "drug_interactions": {row["severity"] for row in rows("drug_interactions")},
        "drug_conditions": {row["severity"] for row in rows("drug_conditions")},
        "procedure_safety": {row["severity"] for row in rows("procedure_safety")},
        "anticoag_holds": {row["decision"] for row in rows("anticoag_holds")},
        "drug_actions": {
            f"{severity.get(row['action_code'], '?')}:{row['strength']}" for row in rows("drug_actions")
        },
    }
    for table, found in words.items():
        for word in sorted(found):
            for use in USES:
                if (table, word, use) not in mapped:
                    yield f"tiers: {table} '{word}' ({use}) has no tier."


def _procedures() -> Iterator[str]:
    codes = {row["procedure_code"] for row in rows("procedures")}
    groups = {group for row in rows("procedures") for group in row["groups"].split(";")}
    for row in rows("procedure_safety"):
        allowed = {"procedure": codes, "group": groups, "any": {"ANY"}}.get(row["scope_type"], set())
        if row["scope"] not in allowed:
            yield f"procedure_safety {row['row_id']}: scope {row['scope']} is not a procedure or group."


def _drugs() -> Iterator[str]:
    classes = {row["drug_class"] for row in rows("drug_classes")}
    for row in rows("drug_conditions"):
        if row["subject_type"] == "class" and row["subject"] not in classes:
            yield f"drug_conditions {row['row_id']}: no drug class {row['subject']}."
    worded = {row["condition_code"] for row in rows("condition_words")}
    for row in rows("drug_conditions"):
        if row["condition_code"] not in worded:
            yield f"drug_conditions {row['row_id']}: condition {row['condition_code']} has no words."
    for row in rows("drug_interactions"):
        for kind, name in ((row["a_type"], row["a"]), (row["b_type"], row["b"])):
            if kind == "class" and name not in classes:
                yield f"drug_interactions {row['row_id']}: no drug class {name}."
    genes = {row["gene"] for row in rows("genes")}
    yield from (
        f"genes_shown: {row['gene']} is not in genes."
        for row in rows("genes_shown")
        if row["gene"] not in genes
    )
