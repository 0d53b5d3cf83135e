"""One picture of a run, for a README: the map and the altitude."""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tocsin.errors import ConfigError
from tocsin.report import charts, ground_map, svg, wording
from tocsin.report.czml import sensor_points
from tocsin.report.results import Results
from tocsin.report.story import Story, stories

WIDTH, HEIGHT, DPI = 1600, 900, 160  # pixels, pixels, pixels an inch


def write_picture(folder: Path, out_png: Path) -> Path:
    """Draw a run's first warning as a PNG, 1600 × 900. A ConfigError when the run gave no warning."""
    results = Results(folder)
    told = stories(results)
    if not told:
        raise ConfigError(f"{folder}: this run gave no warning, so there is nothing to draw")
    colours = {**svg.LIGHT, "halo": "yes"}
    with mpl.rc_context(
        svg.style(colours) | {"figure.facecolor": colours["paper"], "savefig.facecolor": colours["paper"]}
    ):  # type: ignore[arg-type]
        drawn = _draw(results, told[0], colours)
        out = BytesIO()
        drawn.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    Path(out_png).write_bytes(out.getvalue())
    return Path(out_png)


def _draw(results: Results, story: Story, colours: ground_map.Colours) -> Figure:
    sensors = results.recorded.sensors
    drawn = svg.figure(WIDTH / DPI, HEIGHT / DPI)
    grid = drawn.add_gridspec(2, 2, width_ratios=[1.75, 1])
    axes = drawn.add_subplot(grid[:, 0])
    view = ground_map.view_of([story], list(sensors.values()), 6.1 / 4.8)
    ground_map.draw_ground(axes, view, colours)
    ground_map.draw_sensors(axes, view, sensors, sensor_points(results.recorded), colours)
    ground_map.draw_story(axes, view, story, colours)
    last = story.last
    axes.set_title(f"{last['origin'].upper()}  {story.id}: {wording.identity(last['identity'])}")
    above, below = drawn.add_subplot(grid[0, 1]), drawn.add_subplot(grid[1, 1])
    charts.draw_motion(above, story, charts.predicted(story), charts.altitude, 1e-3, colours)
    above.set(title="Altitude [km]", xlabel=f"seconds from {story.zero_is}")
    above.legend(loc="upper right", fontsize=7.5)
    if story.latest("impact") is not None:
        charts.draw_area(below, story, "impact", colours)
    below.set(title="Impact area, 95 % semi-axes [m]", xlabel=f"seconds from {story.zero_is}")
    return drawn
