"""One picture of a run, for a README: the map, the altitude, and how sure it was of the impact."""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tocsin.errors import ConfigError
from tocsin.report import charts, ground_map, svg, wording
from tocsin.report.results import Results
from tocsin.report.sheet import Colours
from tocsin.report.story import Story, stories
from tocsin.report.whereabouts import sensor_points

WIDTH, HEIGHT, DPI = 1600, 900, 160  # pixels, pixels, pixels an inch
BANNER = {"live": ("#a83c00", "#fefefd"), "exercise": ("#f0e442", "#17212b"), "test": ("#a9d5f2", "#17212b")}


def write_picture(folder: Path, out_png: Path) -> Path:
    """Draw a run's first warning as a PNG, 1600 × 900. A ConfigError when the run gave no warning."""
    results = Results(folder)
    told = stories(results)
    if not told:
        raise ConfigError(f"{folder}: this run gave no warning, so there is nothing to draw")
    colours = {**svg.LIGHT, "halo": "yes"}
    paper = {"figure.facecolor": colours["paper"], "savefig.facecolor": colours["paper"]}
    with mpl.rc_context(svg.style(colours) | paper):
        drawn = _draw(results, told[0], colours)
        out = BytesIO()
        drawn.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    Path(out_png).write_bytes(out.getvalue())
    return Path(out_png)


def _draw(results: Results, story: Story, colours: Colours) -> Figure:
    width, height = WIDTH / DPI, HEIGHT / DPI
    drawn = svg.figure(width, height)
    _head(drawn, story, colours)
    wide = drawn.add_axes((0.008, 0.045, 0.617, 0.80))
    points = sensor_points(results.recorded)
    ground_map.draw_wide(
        wide, story, results.recorded.sensors, points, colours, 0.617 * width / (0.80 * height)
    )
    above, below = drawn.add_axes((0.69, 0.55, 0.295, 0.265)), drawn.add_axes((0.69, 0.105, 0.295, 0.30))
    charts.draw_motion(above, story, charts.predicted(story), charts.altitude, 1e-3, colours)
    above.set(title="Altitude [km]", xlabel=f"seconds from {story.zero_is}")
    above.legend(loc="lower center", fontsize=7.5)
    if story.latest("impact") is not None:
        charts.draw_area(below, story, "impact", colours)
        below.legend(loc="upper right", fontsize=7.5)
    title = "Impact: 95 % ellipse" + (", true error [m]" if story.truth else " [m]")
    below.set(title=title, xlabel=f"seconds from {story.zero_is}")
    return drawn


def _head(drawn: Figure, story: Story, colours: Colours) -> None:
    last = story.last
    fill, ink = BANNER[last["origin"]]
    strip = drawn.add_axes((0, 0.955, 1, 0.045), facecolor=fill)
    strip.set(xticks=[], yticks=[])
    for spine in strip.spines.values():
        spine.set_visible(False)
    words = last["origin"].upper() + ("" if last["origin"] == "live" else " – not a real event")
    strip.text(
        0.5, 0.45, words, ha="center", va="center", color=ink, fontweight="bold", transform=strip.transAxes
    )
    drawn.text(0.008, 0.905, f"{story.id}: {wording.identity(last['identity'])}", fontsize=13,
               fontweight="bold", color=colours["ink"], va="center")  # fmt: skip
    drawn.text(0.008, 0.868, _milestones(story), fontsize=9, color=colours["muted"], va="center")


def _milestones(story: Story) -> str:
    told: dict[str, str] = {}
    for version in story.versions:
        name = version["state"] if version["state"] != "closed" else version["outcome"] or "closed"
        told.setdefault(name, wording.since(story.seconds(version["time"])))
    words = [f"{name} {when}" for name, when in told.items()]
    return "  ·  ".join([*words, f"seen by {wording.listing(story.sensors())}"])
