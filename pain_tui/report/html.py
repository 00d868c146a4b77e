"""One assessment as a single printable page: every text escaped, one style sheet inside, nothing from elsewhere.

The page tells the same lines as the plain text (report.text), with headings and a table of the plan.
"""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from pain_tui.report import json_form, text, words

Row = Mapping[str, Any]

_STYLE = """
body { font: 10.5pt/1.35 sans-serif; margin: 1.5cm; color: #000; background: #fff; }
h1 { font-size: 14pt; margin: 0 0 .3em; } h2 { font-size: 12pt; margin: 1.2em 0 .3em; border-bottom: 1px solid #000; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #999; padding: .2em .4em; text-align: left;
vertical-align: top; } td.number { text-align: right; white-space: nowrap; } p { margin: .15em 0; } .do { margin-left: 1.2em; }
.fictional { border: 2px solid #000; padding: .3em; font-weight: bold; } .tier { font-weight: bold; }
tr { break-inside: avoid; } @page { size: A4; margin: 1.2cm; }
"""


def page(shape: Row, *, note: str = "") -> str:
    """The whole page. shape: the `assess` shape with versions; note: the plan as decided (report.note)."""
    title = f"Assessment of {shape['person']}, {words.day(shape['as_of'])}"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    )
    body = "\n".join([*_body(shape, title), *_decided(note)])
    return json_form.clean(
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    )


def _body(shape: Row, title: str) -> Iterator[str]:
    if shape["fictional"]:
        yield '<p class="fictional">FICTIONAL: this is not a real person.</p>'
    yield f"<h1>{escape(title)}</h1>"
    yield from _paragraphs(
        line for line in text.heading_lines(shape) if not line.startswith(("FICTIONAL", "Person"))
    )
    yield from _section(text.findings_lines(shape))
    yield "<h2>Plan</h2>"
    for problem in shape["problems"]:
        name = words.condition_name(problem["condition"])
        yield f"<p>Problem {escape(problem['problem'] or '(none recorded)')}: {escape(name)}</p>"
        yield from _table(problem["options"])
    if not shape["problems"]:
        yield from _paragraphs(list(text.plan_lines(shape))[1:])
    yield "<h2>The options one by one</h2>"
    yield from _paragraphs(list(text.plan_lines(shape))[1:])
    for lines in (text.genotype_lines, text.opioid_lines, text.limits_lines):
        yield from _section(lines(shape))


def _decided(note: str) -> Iterator[str]:
    if note:
        yield "<h2>The plan as decided</h2>"
        yield from _paragraphs(line for line in note.splitlines() if not line.startswith("FICTIONAL"))


def _section(lines: Iterable[str]) -> Iterator[str]:
    heading, *rest = lines
    yield f"<h2>{escape(heading.capitalize())}</h2>"
    yield from _paragraphs(rest)


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        kind = ' class="do"' if line.startswith(" ") else ""
        yield f"<p{kind}>{escape(line.strip())}</p>"


def _table(options: Iterable[Row]) -> Iterator[str]:
    heads = ("", "option", "response", "comparator", "extra", "of what", "check", "tier")
    yield "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
    held = list(options)
    for option in held:
        response, why = option["response"], option["comparator_why"] or words.NO_CONTROL
        beside = (
            words.of_100(option["comparator"]) if option["comparator"] else why if response else "not known"
        )
        extra = words.more_of_100(option["extra"]) if option["extra"] else "not known"
        cells = [
            ("number", str(option["position"])),
            ("", option["name"]),
            ("number", words.of_100(option["response"])),
            ("number" if option["comparator"] else "", beside),
            ("number", extra),
            ("", words.horizon(response) if response else "no estimate"),
            ("", words.CHECKS.get(option["check"], "?")),
            ("tier", option["tier"] or "-"),
        ]
        yield "<tr>" + "".join(f'<td class="{kind}">{escape(said)}</td>' for kind, said in cells) + "</tr>"
    yield "</table>"
    noted = [(o["name"], words.comparator_note(o)) for o in held if o["comparator"]]
    yield from (f"<p>{escape(f'Comparator of {name}: {said}')}</p>" for name, said in noted if said)
