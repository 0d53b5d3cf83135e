"""Matplotlib figures as SVG inside a page: real text, the page's own colours, the same bytes each time."""

import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec import Struct

# After Okabe & Ito (2008), "Color Universal Design": told apart by every kind of colour vision; darkened
# for text. Each value is its own: it stands for its name in the SVG until it becomes the page's variable.
LIGHT: Mapping[str, str] = {
    "ink": "#17212b", "muted": "#56626e", "line": "#d3dae1", "paper": "#fefefd", "sea": "#eef4f8",
    "land": "#dcdfd5", "coast": "#8c9488",
    "track": "#0072b2", "launch": "#007a59", "impact": "#b84900", "truth": "#17212c", "radar": "#a2497d",
    "band": "#0072b3", "other": "#806500",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "ink": "#e8edf2", "muted": "#a9b5c0", "line": "#2e3a46", "paper": "#0f161d", "sea": "#12202c",
    "land": "#2a332f", "coast": "#6f7d76",
    "track": "#56b4e9", "launch": "#1fc796", "impact": "#ff8f45", "truth": "#e8edf1", "radar": "#e2a0c6",
    "band": "#56b4ea", "other": "#f0e442",
}  # fmt: skip
WIDTH = 9.2  # of a drawing [inches]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "tocsin", "svg.fonttype": "none", "font.family": ["DejaVu Sans"], "font.size": 9.0,
    "text.parse_math": False, "axes.unicode_minus": True, "path.simplify": True,
    "path.simplify_threshold": 0.3,
    "axes.formatter.useoffset": False, "axes.formatter.use_mathtext": False,
}  # fmt: skip


class Drawing(Struct, frozen=True):
    """A picture for the page: `svg` markup, the words for those who cannot see it, and a caption."""

    name: str
    svg: str
    alt: str
    caption: str = ""


def figure(width: float, height: float) -> Figure:
    """Make an empty figure, `width` by `height` inches."""
    with mpl.rc_context(_STYLE):
        return Figure(figsize=(width, height))


def panels(
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    left: float = 0.75,
    top: float = 0.3,
    shared: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Make a figure as wide as the page with `rows` by `columns` axes; `left` and `top` margins in inches."""
    drawn = figure(WIDTH, height)
    bottom, right, between = 0.45, 0.08, 0.85
    across = (WIDTH - left - right - (columns - 1) * between) / columns
    down = (height - top - bottom - (rows - 1) * (0.08 if shared else 0.4)) / rows
    drawn.subplots_adjust(
        left=left / WIDTH, right=1 - right / WIDTH, bottom=bottom / height, top=1 - top / height,
        wspace=between / across, hspace=(0.08 if shared else 0.4) / down,
    )  # fmt: skip
    grid = drawn.subplots(rows, columns, squeeze=False, sharex=shared)
    return drawn, list(grid.ravel())


def style(colours: Mapping[str, str]) -> dict[Any, Any]:
    """Give the drawing settings in which a figure is made and written."""
    ink, muted, line = colours["ink"], colours["muted"], colours["line"]
    return _STYLE | {
        "text.color": ink, "axes.labelcolor": muted, "axes.edgecolor": line, "axes.titlecolor": ink,
        "xtick.color": line, "ytick.color": line, "xtick.labelcolor": muted, "ytick.labelcolor": muted,
        "axes.facecolor": "none", "figure.facecolor": "none", "savefig.facecolor": "none",
        "axes.grid": True, "grid.color": line, "grid.linewidth": 0.6, "axes.axisbelow": True,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 8.5,
        "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.labelsize": 9,
        "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "lines.linewidth": 1.6,
    }  # fmt: skip


def markup(drawn: Figure, name: str, alt: str) -> str:
    """Write a figure as an `<svg>` element for a page. `name` keeps its ids apart from other figures'."""
    out = StringIO()
    with mpl.rc_context(_STYLE):
        drawn.savefig(
            out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'\s*xmlns(:\w+)?="[^"]*"', "", text)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r'\b(d|x|y|points|transform)="[^"]*"', _shorter, text)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = re.sub(r'xlink:href="#', f'href="#{name}-', text)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    text = re.sub(r"font: (bold|700) ([\d.]+)px [^;\"]*", r"font-weight: 700; font-size: \2px", text)
    for key, colour in LIGHT.items():
        text = text.replace(colour, f"var(--{key})")
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    label = alt.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return re.sub(r"\n\s*", "\n", text).replace("<svg", f'<svg role="img" aria-label="{label}"', 1).strip()


def _shorter(attribute: re.Match[str]) -> str:
    """Round coordinates to a hundredth of a point and join the lines of a path."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute.group(0)).replace("\n", "")
