"""Watch a real flight: two satellites and a radar look at the first stage of BulgariaSat-1, Tocsin warns.

    .venv/bin/python examples/real_flight.py [--story] [--seed N] [--seeds N] [--out DIR]

The flight is real (`bulgariasat.py` says what of it is measured and what assumed); who looks at it, and how well,
is in `lookout.py`. The upper stage is left out, for the table does not hold it; the sensors would have seen it.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from bulgariasat import ENTRY_BURN, LIFT_OFF, PAD, Flight, impact, real_flight
from lookout import instant, recording

from tocsin import journal
from tocsin.earth.ellipsoid import distance
from tocsin.formats import jsonl
from tocsin.messages import SECOND, Ellipse, Warning
from tocsin.run import process

IMPACT_WITHIN = 25_000.0  # m, what the project promises of this flight
COASTING = (
    180.0  # s: two looks of a satellite after cut-off; from here on to the entry burn it must be ballistic
)


class Result(NamedTuple):
    """What came of one recording. `versions`: every version of every warning; distances [m], times [s]."""

    versions: list[Warning]
    first: Warning
    last: Warning  # before the entry burn
    warnings: int
    launch_error: float
    impact_error: float
    impact_time_error: float


def watch(flight: Flight, seed: int, folder: Path) -> Result:
    """Write the recording, process it as `tocsin process` does, and hold the answer against the flight."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bulgariasat-1.jsonl.gz"
    with journal.Writer(path) as writer:
        for message in recording(flight, seed):
            writer.append(message)
    outcome = process([path], folder / "run")
    assert outcome.exit_code == 0, outcome.notes
    lines = (folder / "run" / "warnings.jsonl").read_bytes().splitlines()
    versions = [event for event in map(jsonl.decode_event, lines) if isinstance(event, Warning)]
    return judged(flight, versions)


def judged(flight: Flight, versions: list[Warning]) -> Result:
    """Hold the last version before the entry burn against the real pad and the arc's end."""
    early = [w for w in versions if w.parent is None and w.time <= instant(ENTRY_BURN)]
    assert early, "no warning before the entry burn"
    last = early[-1]
    assert last.launch is not None
    assert last.impact is not None
    lat, lon, t = impact(flight.arc)
    pad_error = distance(*PAD, np.radians(last.launch.latitude_deg), np.radians(last.launch.longitude_deg))
    miss = distance(lat, lon, np.radians(last.impact.latitude_deg), np.radians(last.impact.longitude_deg))
    late = (last.impact.time - LIFT_OFF) / SECOND - t
    warnings = len({w.id for w in versions if w.parent is None})
    return Result(versions, early[0], last, warnings, pad_error, miss, late)


def verify(result: Result) -> None:
    """Assert what the project promises of this flight."""
    last = result.last
    assert result.warnings == 1, f"{result.warnings} warnings"
    assert max(last.identity, key=lambda name: last.identity[name]) == "ballistic-missile", last.identity
    flying = [w for w in result.versions if w.id == last.id and COASTING <= _clock(w) <= ENTRY_BURN]
    assert {w.phase for w in flying} <= {"coast", "re-entry"}, [(_clock(w), w.phase) for w in flying]
    assert any(w.phase == "coast" for w in flying)
    assert result.impact_error < IMPACT_WITHIN, f"impact {result.impact_error / 1e3:.1f} km off"


def timeline(result: Result) -> Iterator[str]:
    """Tell the story version by version."""
    for w in result.versions:
        impact = "-" if w.impact is None else f"{w.impact.latitude_deg:.2f} {w.impact.longitude_deg:.2f}"
        size = "" if w.impact is None else f" ± {w.impact.ellipse_95.semi_major_m / 1e3:.0f} km"
        yield f"T+{_clock(w):5.1f} s  {w.id} v{w.version:<3} {w.state:12} {w.phase:8} impact {impact}{size}"


def report(flight: Flight, result: Result) -> Iterator[str]:
    """Tell the numbers."""
    arc, last = flight.arc, result.last
    assert last.launch is not None
    assert last.impact is not None
    lat, lon, t = impact(arc)
    name = max(last.identity, key=lambda key: last.identity[key])
    rows = [
        ("altitude and speed about the arc, rms", f"{arc.altitude_rms:.0f} m, {arc.speed_rms:.2f} m/s"),
        ("arc's end", f"{np.degrees(lat):.3f} {np.degrees(lon):.3f} at T+{t:.0f} s"),
        ("warnings", f"{result.warnings}"),
        ("first version", f"T+{_clock(result.first):.0f} s"),
        ("last version before the entry burn", f"T+{_clock(last):.0f} s, {last.phase}"),
        ("most likely", f"{name} {last.identity[name]:.2f}"),
        ("launch point off by", _off(result.launch_error, last.launch.ellipse_95)),
        ("impact off by", _off(result.impact_error, last.impact.ellipse_95)),
        (
            "time of impact off by",
            f"{result.impact_time_error:+.0f} s, sigma {last.impact.time_sigma_s:.0f} s",
        ),
    ]
    for what, value in rows:
        yield f"{what:40}{value}"


def _off(error: float, ellipse: Ellipse) -> str:
    axes = f"{ellipse.semi_major_m / 1e3:.1f} by {ellipse.semi_minor_m / 1e3:.1f} km"
    return f"{error / 1e3:.1f} km, 95 % ellipse {axes}"


def _clock(warning: Warning) -> float:
    """Give the time of a version [s after lift-off]."""
    return (warning.time - LIFT_OFF) / SECOND


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Watch a real flight.")
    parser.add_argument("--seed", type=int, default=2017, help="of noise, misses, false alarms and phases")
    parser.add_argument("--seeds", type=int, default=0, help="try so many seeds and print a line of each")
    parser.add_argument("--out", type=Path, help="keep the recording and the run's folder here")
    parser.add_argument("--story", action="store_true", help="print every version of the warning")
    options = parser.parse_args()
    flight = real_flight()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(1, options.seeds + 1):
            r = watch(flight, seed, Path(scratch) / str(seed))
            print(
                f"seed {seed:2}: {r.warnings} warnings, launch {r.launch_error / 1e3:.1f} km, "
                f"impact {r.impact_error / 1e3:.1f} km, {r.impact_time_error:+.0f} s"
            )
        result = watch(flight, options.seed, options.out or Path(scratch) / "one")
    for line in [*(timeline(result) if options.story else ()), *report(flight, result)]:
        print(line)
    verify(result)


if __name__ == "__main__":
    main()
