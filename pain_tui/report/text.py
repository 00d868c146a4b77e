"""One assessment as plain text, in reading order, one fact a line: for pipes, screen readers and paper.

Takes the `assess` shape (docs/cli.md) and formats it; nothing is calculated here. No box drawing, no colour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pain_tui.knowledge import ages
from pain_tui.report import limit_groups, words
from pain_tui.report.gene_roles import by_role

Row = Mapping[str, Any]

SECTIONS = ("findings", "genotype", "opioid", "plan", "limits")


def assessment(shape: Row, *, sections: Sequence[str] = SECTIONS) -> str:
    """The whole assessment, or some of its sections, under one heading."""
    made = {
        "findings": findings_lines,
        "genotype": genotype_lines,
        "opioid": opioid_lines,
        "plan": plan_lines,
        "limits": limits_lines,
    }
    parts = [heading_lines(shape), *(made[name](shape) for name in sections)]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines)


def heading_lines(shape: Row) -> Iterator[str]:
    """Who, on which day, from which versions, and the four counts."""
    if shape.get("fictional"):
        yield "FICTIONAL: this is not a real person."
    yield f"Person {shape['person']} as of {words.day(shape['as_of'])}"
    counts = shape["counts"]
    yield ", ".join(f"{tier} {counts[tier]}" for tier in ("STOP", "CAUTION", "NOTE", "MISSING"))
    versions = shape.get("versions") or {}
    if versions:
        model = versions.get("model") or "none"
        own = versions.get("clinic_rules")
        yield (
            f"pain-tui {versions.get('program')}, knowledge {versions.get('knowledge')}, model {model}"
            + (f", the clinic's own rules {own}" if own else "")
        )
    yield "Research use. The options are listed with reasons; the clinician chooses."


def findings_lines(shape: Row) -> Iterator[str]:
    """Every warning: tier first, then why, what to do, and the source."""
    yield "WARNINGS"
    if not shape["findings"]:
        yield "None fired. What could not be decided stands under LIMITS."
    told: set[tuple[str, ...]] = set()
    for finding in shape["findings"]:
        about = finding.get("option") or finding.get("drug")
        named = f" ({words.words(about)})" if about else ""
        said = (f"{finding['tier']}{named}: {finding['say']}", finding["rule"])
        if said in told:  # the same option of another problem
            continue
        told.add(said)
        yield said[0]
        if finding.get("do"):
            yield f"  Do: {finding['do']}"
        strength = f", {finding['strength']}" if finding.get("strength") else ""
        yield f"  Source: {words.whose(finding)}{strength} [{finding['rule']}]"


def genotype_lines(shape: Row) -> Iterator[str]:
    """Every gene with a result, or changed by a medicine: state, phenotype by genes, phenotype today."""
    yield "GENOTYPE"
    told = [gene for gene in shape["genes"] if gene["state"] != "not_tested" or gene["inhibitors"]]
    for gene in told:
        yield from _gene(gene)
    untested = [gene["gene"] for gene in shape["genes"] if gene["state"] == "not_tested"]
    if untested:
        yield "Not tested, which is never read as normal:"
        yield from (f"  {role}: {', '.join(genes)}" for role, genes in by_role(untested).items())
    yield ages.sentence(ages.overall(date.fromisoformat(str(shape["as_of"])[:10])))
    yield from _markers(shape.get("markers") or {})


def _markers(markers: Row) -> Iterator[str]:
    """Recorded research markers with their evidence; then the options that do without an opioid."""
    for marker in markers.get("recorded", ()):
        bases = marker["bases"] or "no call"
        yield f"{marker['gene']} {marker['rsid']} {bases} ({marker['role']} marker): {marker['say']}"
        for study in marker["evidence"]:
            people = f", {study['n']} people" if study["n"] else ""
            yield f"  {study['outcome']}: {study['effect']}{people} ({study['design']}, {study['source']})"
    for known in markers.get("conditions", ()):
        yield f"{words.condition_name(known['condition'])}: {known['say']}"
    options = markers.get("without_opioids", ())
    if options:
        yield f"OPTIONS WITHOUT OPIOIDS. {options[0]['say']}"
        yield f"  {'; '.join(dict.fromkeys(option['name'] for option in options))}"


def _gene(gene: Row) -> Iterator[str]:
    diplotypes = " or ".join(gene["diplotypes"])
    score = (
        "" if gene["activity_score"] is None else f"activity score {words.number(gene['activity_score'], 2)}"
    )
    known = [words.words(gene["state"]), diplotypes, score, gene["phenotype"] or "no phenotype by genes"]
    yield f"{gene['gene']}: {', '.join(part for part in known if part)}"
    for inhibitor in gene["inhibitors"] or ():
        yield f"  With {inhibitor['drug']} ({inhibitor['strength']} inhibitor)"
    if gene["inhibitors"]:
        clears = f"; gone on {words.day(gene['clears_on'])}" if gene["clears_on"] else ""
        yield f"  Today acts as {gene['phenotype_with_drugs'] or 'cannot tell'}{clears}"
    if gene["alleles_not_excluded"]:
        yield f"  Not ruled out: {', '.join(gene['alleles_not_excluded'][:12])}"
    if gene["note"]:
        yield f"  Note: {gene['note']}"
    # what this person takes first, and of one drug what holds today before what holds later
    in_order = sorted(gene["drugs"], key=lambda d: (not d["in_use"], d["drug"], d.get("speaks") == "later"))
    for drug in in_order:
        if drug["say"]:
            yield f"  {_drug(drug)}"


def _drug(drug: Row) -> str:
    use = "taken" if drug["in_use"] else "on the list" if drug["on_list"] else "asked"
    later = f" ({words.day(drug['clears_on'])} if stopped today)" if drug.get("clears_on") else ""
    basis = {
        "today": "with present medicines",
        "later": f"by genes alone, once the medicine that changes it has gone{later}",
    }.get(drug.get("speaks") or "", "by genes alone")
    strength = words.words(drug["strength"]) if drug["strength"] else "strength not stated"
    unchecked = "not checked, so not advice: " if drug.get("sureness") == "unchecked" else ""
    why = f": {drug['why']}" if drug.get("why") else ""
    return f"{drug['drug']} ({use}), {basis}: {unchecked}{drug['say']}{why} [{drug['guideline']}, {strength}]"


def opioid_lines(shape: Row) -> Iterator[str]:
    """The opioid total with every dose and its factor, or why there is none."""
    mme = shape["opioid"]["mme"]
    yield "OPIOIDS"
    totals = {
        "total": f"Total {words.number(mme.get('total_mme_per_day'))} MME a day",
        "none": "None: no opioid is active",
        "cannot_total": "The total cannot be given",
    }
    yield totals.get(mme.get("state") or "", "Not known whether an opioid is taken")
    if mme.get("reason"):
        yield f"  {mme['reason']}"
    for dose in mme["doses"]:
        if dose["included"]:
            amount = f"{words.number(dose['per_day'], 3)} {dose['unit']}"
            total = f"{words.number(dose['factor'], 3)} = {words.number(dose['mme_per_day'])} MME"
            yield f"  {dose['drug']}: {amount} x {total}"
        else:
            yield f"  {dose['drug']} {words.outside_the_total(dose['why_not'])}: not counted"
    if mme["doses"]:
        yield "  An estimate of exposure: never use it to convert one opioid to another."


def plan_lines(shape: Row) -> Iterator[str]:
    """Every option of every problem: response, comparator, extra, harms, check, tier."""
    yield "PLAN"
    if not shape["problems"]:
        reasons = [limit for limit in shape["limits"] if limit["about"] == "person" and limit["blocks"]]
        yield from (f"No plan: {limit['say']} {limit['remedy']}" for limit in reasons[:3])
    for problem in shape["problems"]:
        yield f"Problem {problem['problem'] or '(none recorded)'}: {words.condition_name(problem['condition'])}"
        yield from _heading_of_numbers(problem["options"])
        for option in problem["options"]:
            yield from _option(option)
        yield from _other_orders(problem)


def _other_orders(problem: Row) -> Iterator[str]:
    """What the other set of evidence would do to the order of each group."""
    for entry in problem.get("evidence_sets", ()):
        yield f"Order ({words.horizon(entry)}): {entry['say']}"


def _heading_of_numbers(options: Iterable[Row]) -> Iterator[str]:
    first = next((option["response"] for option in options if option["response"]), None)
    if first:
        share = words.number(first["level"] * 100)
        yield f"Numbers are of 100 people alike, with {share} % intervals: evidence, not a promise."


def _option(option: Row) -> Iterator[str]:
    check = f"check {words.CHECKS.get(option['check'], '?')}"
    flags = [option["tier"], check, "declined" if option["declined"] else None]
    yield f"{option['position']}. {option['name']} [{'; '.join(flag for flag in flags if flag)}]"
    if option["response"]:
        yield from _numbers(option)
    else:
        missing = option["no_estimate"] or {}
        why = missing.get("say") or words.words(missing.get("code"))
        yield f"   No estimate: {why} {missing.get('remedy') or ''}".rstrip()
    for gate in option["gates"]:
        share = "share not known" if gate.get("p") is None else f"{words.of_100(gate)} pass"
        yield f"   Gate, {words.words(gate['name'])}: {share}"
    for harm in option["harm"]:
        yield f"   Harm: {_harm(harm)}"
    if not option["harm"] and option["option"] != "watch":
        yield f"   Harm: {words.NO_HARM}"
    if option["stopped_drugs"]:
        usable = ", ".join(option["usable_drugs"]) or "none"
        yield f"   Stopped: {', '.join(option['stopped_drugs'])}; usable: {usable}"
    yield from _checks(option["procedure_check"])
    if option["disputed"]:
        yield "   Disputed: guidelines or trials disagree; see the evidence rows."
    if option["evidence"]:
        certainty = f"; certainty {words.words(option['certainty'])}" if option["certainty"] else ""
        yield f"   Evidence: {', '.join(option['evidence'])}{certainty}"


def _checks(checks: Iterable[Row]) -> Iterator[str]:
    """What is not clear, each with its reason; what cannot be told, once each on one line."""
    held = list(checks)
    stops = dict.fromkeys(
        (c["item"], c["why"] or "", c["do"] or "") for c in held if c["answer"] == "not_clear"
    )
    for item, why, do in stops:
        reason = f": {why}" if why else ""
        yield f"   Not clear: {words.words(item)}{reason}{f' Do: {do}' if do else ''}"
    unknown = dict.fromkeys(words.words(c["item"]) for c in held if c["answer"] == "cannot_tell")
    if unknown:
        yield f"   Cannot tell: {'; '.join(unknown)}"


def _numbers(option: Row) -> Iterator[str]:
    response = option["response"]
    yield f"   {words.of_100(response)} reach {words.horizon(response)}"
    if option["comparator"]:
        yield f"   {words.of_100(option['comparator'])} with {words.words(option['comparator_kind'])}"
        if words.comparator_note(option):
            yield f"   {words.comparator_note(option)}"
    if option["extra"]:
        yield f"   Extra: {words.more_of_100(option['extra'])}"
    else:
        yield f"   Extra not known: {option['comparator_why'] or 'no control data'}"
    if option["borrowed_from"]:
        yield f"   Borrowed from {words.condition_name(option['borrowed_from'])}: a wider interval"


def _harm(harm: Row) -> str:
    event = f"{words.words(harm['event'])} ({words.words(harm['severity'])})"
    return f"{event}: {words.harm_rate(harm)} [{harm['sureness']}]"


def limits_lines(shape: Row) -> Iterator[str]:
    """Everything that cannot be said, and what would close it."""
    yield "LIMITS"
    if not shape["limits"]:
        yield "Nothing is left open."
    for heading, entries in limit_groups.grouped(shape["limits"]):
        yield f"{heading}:"
        yield from (f"  {entry}" for entry in entries)
