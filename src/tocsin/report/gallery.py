"""The drawings of a run's page, each with its caption and with words for those who cannot see it."""

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from tocsin.messages import Array
from tocsin.report import charts, ground_map, svg, tables, wording
from tocsin.report.results import Message
from tocsin.report.story import Story

COLOURS = svg.LIGHT  # in the page they become variables, so that dark works too
SENSORS_SHOWN = 12


def overview(
    told: Sequence[Story], sensors: Mapping[str, Message], points: Mapping[str, Array], named: int
) -> svg.Drawing:
    """Draw all warnings on one map."""
    drawn = ground_map.overview(told, sensors, points, COLOURS, (9.2, 5.0), named)
    alt = f"Map of {wording.plural(len(told), 'warning')} with launch areas, tracks and impact areas."
    caption = "Named by the last four characters of the warning's id." if len(told) <= named else ""
    return _drawing("g0", drawn, "All warnings on the map", alt, caption)


def of_story(
    story: Story, sensors: Mapping[str, Message], points: Mapping[str, Array], number: int, rich: bool
) -> list[svg.Drawing]:
    """Draw one warning: map, sightings, motion and, when `rich`, areas, errors and residuals."""
    names = list(dict.fromkeys(story.updates["sensor"]))
    drawings = [
        _map(story, sensors, points, number),
        _sightings(story, names, number),
        _motion(story, number),
    ]
    if rich:
        drawings += [_areas(story, number), _errors(story, number), _residuals(story, names, number)]
    return [drawing for drawing in drawings if drawing is not None]


def looks(series: Mapping[str, tuple[Array, Array]], zero_is: str) -> svg.Drawing | None:
    """Draw how much each sensor reported, the first `SENSORS_SHOWN` of them."""
    shown = dict(list(series.items())[:SENSORS_SHOWN])
    if not shown:
        return None
    alt = f"Number of detections in each look of {wording.listing(list(shown))}."
    caption = "Everything each sensor reported, false alarms included."
    return _drawing("l", charts.looks(shown, zero_is, COLOURS), "Detections a look", alt, caption)


def _drawing(name: str, drawn: Figure, title: str, alt: str, caption: str) -> svg.Drawing:
    return svg.Drawing(title, Markup(svg.markup(drawn, name, alt)), alt, caption)  # noqa: S704 - our own drawing


def _map(
    story: Story, sensors: Mapping[str, Message], points: Mapping[str, Array], number: int
) -> svg.Drawing | None:
    if not len(story.track.t) and story.latest("launch") is None and story.latest("impact") is None:
        return None
    ends = [
        f"{part.capitalize()}: {tables.place(e)}."
        for part in ("launch", "impact")
        if (e := story.latest(part))
    ]
    caption = (
        "Solid: measured. Dashed: predicted. Dotted, with stars: truth, where known. Ellipses hold the "
        "truth in 95 of 100 cases; fainter ones are earlier versions."
    )
    drawn = ground_map.with_close_ups(story, sensors, points, COLOURS)
    return _drawing(f"g{number}", drawn, "Map", " ".join([f"Map of {story.id}.", *ends]), caption)


def _sightings(story: Story, names: Sequence[str], number: int) -> svg.Drawing | None:
    drawn = charts.sightings(story, COLOURS)
    if drawn is None:
        return None
    states = ", ".join(dict.fromkeys(version["state"] for version in story.versions))
    alt = f"Lanes of sightings by {wording.listing(names)}; states {states}."
    caption = "A tick is a detection joined to this object; dashed lines are changes of the warning's state."
    return _drawing(f"s{number}", drawn, "Who saw it when", alt, caption)


def _motion(story: Story, number: int) -> svg.Drawing | None:
    if not len(story.track.t):
        return None
    height, fast = charts.altitude(story.track)[0].max(), charts.speed(story.track)[0].max()
    span = f"{wording.since(story.track.t[0])} to {wording.since(story.track.t[-1])}"
    most = f"{wording.length(float(height), 3)} and {fast / 1000:.2f} km/s"
    alt = f"Altitude and speed from {span}: up to {most}."
    caption = "Band: ±2σ. Dashed: coasting on from the last look without drag. Dotted: truth, where known."
    return _drawing(f"m{number}", charts.motion(story, COLOURS), "Altitude and speed", alt, caption)


def _areas(story: Story, number: int) -> svg.Drawing | None:
    drawn = charts.areas(story, COLOURS)
    if drawn is None:
        return None
    words = []
    for part in ("launch", "impact"):
        if found := story.estimates(part):
            first, last = (wording.axes(found[k][1]["ellipse_95"]) for k in (0, -1))
            words.append(f"{part} area from {first} to {last}")
    caption = (
        "Semi-axes of each version's 95 % ellipses. Marks: the true error, filled when inside the ellipse."
    )
    return _drawing(f"a{number}", drawn, "How sure: launch and impact areas", "; ".join(words) + ".", caption)


def _errors(story: Story, number: int) -> svg.Drawing | None:
    drawn = charts.errors(story, COLOURS)
    if drawn is None or story.truth is None:
        return None
    gaps = np.linalg.norm(story.track.r - story.truth.at(story.track.t)[0], axis=1)
    known = [wording.length(float(gap)) for gap in gaps[np.isfinite(gaps)]]
    alt = f"Position error from {known[0]} to {known[-1]}." if known else "No look lies in the truth's span."
    caption = "An honest estimate's error runs about its claim: seldom above, not far below."
    return _drawing(f"e{number}", drawn, "Error against what was claimed", alt, caption)


def _residuals(story: Story, names: Sequence[str], number: int) -> svg.Drawing | None:
    drawn = charts.residuals(story, names, COLOURS)
    if drawn is None:
        return None
    alt = f"Normalised residuals of {wording.listing(names)} against time; the band is ±2σ."
    caption = (
        "Measured less predicted, over what was expected. Most points belong in the band; a drift is a bias. "
        "Beyond ±6 they stand at the edge."
    )
    return _drawing(f"r{number}", drawn, "Residuals by sensor", alt, caption)
