"""The knowledge's own checks: every id resolves, every word is mapped, every rule speaks of facts, no file
is unlisted.

`problems()` lists what is wrong in plain sentences, place first. `pain-tui knowledge --check` prints it
and a test runs it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from pain_tui.errors import PainTuiError
from pain_tui.knowledge import load, rules
from pain_tui.knowledge.check_links import links
from pain_tui.knowledge.rows import rows

SURENESS = frozenset({"read", "known", "approximate", "judged", "unchecked"})
KINDS = frozenset(
    [
        "observation",
        "comorbidity",
        "comorbidity_ever",
        "comorbidity_within",
        "drug_class",
        "drug",
        "drug_rescue",
        "indication",
        "genotype",
        "allele_presence",
        "marker",
        "problem",
        "person",
        "step",
        "treatment",
        "treatment_count",
        "treatment_count_relief",
        "treatment_relief",
        "allergy",
        "device",
        "device_mri",
        "list",
        "derived",
        "per_option",
    ]
)
TYPES = frozenset({"number", "integer", "flag", "choice", "text", "date"})
# Whole words that no wording may hold (a person is never a label, a dose is never cut in a hurry).
NEVER = re.compile(
    r"\b(addicts?|abusers?|drug[- ]seek(?:ing|ers?)|taper now|"
    r"(?:clean|dirty) (?:urine|test|screen|person|patient)|"
    r"(?:urine|test|screen) (?:was |is )?(?:clean|dirty)|"
    r"(?:patient|person|he|she) failed|failed (?:patient|person|treatment))\b",
    re.IGNORECASE,
)


def problems() -> list[str]:
    """Everything that is wrong with the knowledge folder; empty when it is sound."""
    found: list[str] = []
    for check in CHECKS:
        try:
            found += check()
        except PainTuiError as error:
            found.append(str(error))
        except KeyError as error:
            found.append(f"tables.toml: no table {error}.")
    return found


def _files() -> Iterator[str]:
    """Every file is listed, every listed file is there, and every column with a type parses."""
    listed = {file for table in load.tables() for file in table.files}
    there = set(load.FOLDER.rglob("*.csv"))
    for file in sorted(there - listed):
        yield f"{file.relative_to(load.FOLDER).as_posix()}: not listed in tables.toml, so it is never loaded."
    for file in sorted(listed - there):
        yield f"tables.toml: {file.relative_to(load.FOLDER).as_posix()} does not exist."
    load.connect().close()


def _ids() -> Iterator[str]:
    """A row id is used once in its table; sureness words are those of the one scale."""
    for table in load.tables():
        every = rows(table.name)
        for key in ("row_id", "fact"):
            counted = (
                Counter(row[key] for row in every if row.get(key))
                if key == "row_id" or table.name == "facts"
                else Counter()
            )
            for name, count in counted.items():
                if count > 1:
                    yield f"{table.name}: {key} {name} stands {count} times."
        for number, row in enumerate(every, 2):
            word = row.get("sureness")
            if word is not None and word not in SURENESS:
                yield (
                    f"{table.name} line {number}: sureness '{word}' is not one of "
                    f"{', '.join(sorted(SURENESS))}."
                )


def _sources() -> Iterator[str]:
    """Every source id of a row or a rule is in the list of sources."""
    known = {row["source_id"] for row in rows("safety_sources")}
    for table in load.tables():
        if table.name == "safety_sources":
            continue
        for row in rows(table.name):
            for source in filter(None, (row.get("source_id") or "").split("+")):
                if source not in known:
                    yield (
                        f"{table.name} {row.get('row_id', '')}: source id {source} is not in safety_sources."
                    )


def _facts() -> Iterator[str]:
    """Kinds and types are known, every code resolves, units have a conversion row."""
    words = rows("facts")
    classes = {row["drug_class"] for row in rows("drug_classes")}
    targets = {row["target"] for row in rows("code_maps") if row["target_kind"] == "comorbidity"}
    units = {row["canonical_unit"] for row in rows("units")} | {row["unit"] for row in rows("units")}
    names = {row["fact"] for row in words}
    for row in words:
        place = f"facts {row['fact']}"
        if row["type"] not in TYPES:
            yield f"{place}: type '{row['type']}' is not allowed."
        if row["type"] == "choice" and not row["choices"]:
            yield f"{place}: a choice without choices."
        if (
            row["unit"]
            and row["unit"] not in units
            and not row["unit"].startswith("{")
            and row["unit"] not in ("mo", "min/wk", "wk", "mm")
        ):
            yield f"{place}: unit '{row['unit']}' is not in units."
        for kind, codes in ((row["source_kind"], row["source_code"]), (row["then_kind"], row["then_code"])):
            if kind and kind not in KINDS:
                yield f"{place}: source kind '{kind}' is not known."
            if kind == "drug_class":
                yield from (
                    f"{place}: no drug class {code}." for code in codes.split("|") if code not in classes
                )
            if kind.startswith("comorbidity"):
                yield from (
                    f"{place}: no code leads to {code}." for code in codes.split("|") if code not in targets
                )
            if kind == "derived":
                used = set(re.findall(r"\b[a-z][a-z0-9_]*\b", re.sub(r"'[^']*'", "", codes)))
                yield from (
                    f"{place}: derived from {name}, which is no fact."
                    for name in sorted(used - names - {"pow", "least", "greatest", "true", "false"})
                )
    fields = {row["field"] for row in rows("units") if row["row_type"] == "range"}
    spelled = {code for row in words for code in row["source_code"].split("|")} | names | {"age"}
    yield from (f"units {field}: no fact takes it." for field in sorted(fields - spelled))
    wanted = {row["record_field"] for row in rows("effect_modifiers") if row["record_field"]}
    yield from (f"effect_modifiers {name}: no such fact." for name in sorted(wanted - names))


def _rules() -> Iterator[str]:
    """Every packaged rule parses, and what it says it covers exists."""
    classes = {row["drug_class"] for row in rows("drug_classes")}
    drugs = {row["ingredient"] for row in rows("drug_names")} | {
        row["subject"] for row in rows("drug_conditions")
    }
    conditions = {row["condition_code"] for row in rows("drug_conditions")}
    for rule in rules.packaged():
        for cover in rule.covers:
            before, sign, after = cover.partition("+" if "+" in cover else ":")
            known = before == "item" or (before in conditions if sign == ":" else before in classes | drugs)
            if not known or before != "item" and after not in classes | drugs:
                yield f"{rule.place}: covers '{cover}', which names no class, medicine or condition."


def _wording() -> Iterator[str]:
    """No wording labels a person or cuts a dose in a hurry."""
    for table in load.tables():
        for row in rows(table.name):
            for column, text in row.items():
                if text and NEVER.search(text) and table.name not in _NAMES_OF_OTHERS:
                    yield (
                        f"{table.name} {row.get('row_id', '')} {column}: '{_shown(text)}' is not how "
                        "we speak of people."
                    )
    for rule in rules.packaged():
        for text in (rule.say, rule.do):
            if NEVER.search(text):
                yield f"{rule.place}: '{_shown(text)}' is not how we speak of people."


_NAMES_OF_OTHERS = frozenset(
    {
        "code_maps",
        "code_lists",
        "safety_sources",
        "pgx_sources",
        "cns_products_cdc2018",
        "opioid_products_cdc2018",
    }
)


def _shown(text: str) -> str:
    match = NEVER.search(text)
    return text[max(0, match.start() - 20) : match.end() + 20] if match else text


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (_files, _ids, _sources, _facts, links, _rules, _wording)
