"""The program's own themes: blue for focus, orange for danger, told apart by every common kind of colour
vision. Weight says it first: STOP is bold and reverse, CAUTION bold, NOTE plain, MISSING underlined."""

from rich.style import Style
from textual.theme import Theme

DARK = Theme(
    name="pain-tui-dark",
    primary="#56B4E9",
    secondary="#8CB8D8",
    accent="#56B4E9",
    warning="#F0C350",
    error="#FF9A4D",
    success="#56B4E9",
    foreground="#E4E8EC",
    background="#11161B",
    surface="#171D24",
    panel="#202832",
    dark=True,
    variables={
        "stop": "#FF9A4D",
        "caution": "#F0C350",
        "quiet": "#9AA7B3",
        "bar": "#56B4E9",
        "extra": "#F0C350",
    },
)

LIGHT = Theme(
    name="pain-tui-light",
    primary="#00538A",
    secondary="#2F5F82",
    accent="#00538A",
    warning="#7A5200",
    error="#A33E00",
    success="#00538A",
    foreground="#14181C",
    background="#FBFBF8",
    surface="#F1F2EF",
    panel="#E4E6E2",
    dark=False,
    variables={
        "stop": "#A33E00",
        "caution": "#7A5200",
        "quiet": "#55606A",
        "bar": "#00538A",
        "extra": "#7A5200",
    },
)

# Black and white alone: weight, reverse and underline carry everything.
CONTRAST = Theme(
    name="pain-tui-contrast",
    primary="#FFFFFF",
    secondary="#FFFFFF",
    accent="#FFFFFF",
    warning="#FFFFFF",
    error="#FFFFFF",
    success="#FFFFFF",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    variables={
        "stop": "#FFFFFF",
        "caution": "#FFFFFF",
        "quiet": "#D0D0D0",
        "bar": "#FFFFFF",
        "extra": "#FFFFFF",
    },
)

# After the palette of Okabe and Ito: the three words of danger, warning and focus differ in brightness as well as in
# hue, so that they stay apart without red, without green and without blue.
COLOURBLIND = Theme(
    name="pain-tui-colourblind",
    primary="#3FA9F5",
    secondary="#9DB8CC",
    accent="#3FA9F5",
    warning="#F7EE8A",
    error="#F08A24",
    success="#3FA9F5",
    foreground="#F2F2F2",
    background="#0B0D10",
    surface="#14181D",
    panel="#1D242C",
    dark=True,
    variables={
        "stop": "#F08A24",
        "caution": "#F7EE8A",
        "quiet": "#AEBBC6",
        "bar": "#3FA9F5",
        "extra": "#F7EE8A",
    },
)

THEMES = (DARK, LIGHT, CONTRAST, COLOURBLIND)


def styles(theme: Theme) -> dict[str, Style]:
    """The styles of lines and header pieces, by the words of widgets.lines.STYLES, for one theme."""
    own = theme.variables
    stop, caution = own.get("stop", theme.error), own.get("caution", theme.warning)
    accent, quiet = theme.accent or theme.primary, own.get("quiet", theme.foreground)
    return {
        "stop": Style(color=stop, bold=True, reverse=True),
        "caution": Style(color=caution, bold=True),
        "note": Style(),
        "missing": Style(underline=True),
        "quiet": Style(color=quiet),
        "head": Style(bold=True),
        "who": Style(bold=True),
        "accent": Style(color=accent, bold=True),
        "open": Style(color=accent, bold=True),
        "kind": Style(color=accent, bold=True),
        "key": Style(color=accent, bold=True),
        "changed": Style(color=accent, bold=True, underline=True),
        "bar": Style(color=own.get("bar", theme.primary)),
        "extra": Style(color=own.get("extra", theme.warning), bold=True),
        "rule": Style(color=theme.secondary or theme.primary),
        "cursor": Style(bgcolor=theme.panel, bold=True),
    }
