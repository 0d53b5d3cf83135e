"""Real ascents: the coast of eight first stages and the boost of upper stages, as the webcasts showed them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT.parent / "shared" / "data" / "spacex_webcast"
STAGES = (
    "BulgariaSat-1", "Iridium_NEXT_3", "Iridium_NEXT_8", "SAOCOM_1A", "SpaceX_CRS-11", "SpaceX_CRS-12",
    "X-37B_OTV-5", "ZUMA",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the webcasts' data are not on this machine")


@pytest.fixture(scope="module")
def ascents() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "examples"))
    import real_ascents

    yield real_ascents
    sys.path.remove(str(ROOT / "examples"))


@pytest.fixture(scope="module")
def coasts(ascents):
    return {name: ascents.coast(FOLDER, name) for name in STAGES}


def test_all_first_stages_are_there(ascents) -> None:
    assert tuple(ascents.STAGES) == STAGES


@pytest.mark.parametrize("name", STAGES)
def test_first_stages_follow_our_coast(coasts, name) -> None:
    """Within the screen's rounding; downrange was not fitted, and is its author's sum of what he smoothed."""
    found = coasts[name]
    assert found.window[1] - found.window[0] > 120
    assert found.arc.altitude_rms < 100.0  # the issue asks for 400
    assert found.arc.speed_rms < 0.5
    assert found.downrange_rms < 700.0


@pytest.mark.parametrize("name", STAGES)
def test_apogees_are_when_their_author_saw_them(ascents, coasts, name) -> None:
    from tocsin.earth.ellipsoid import height

    _, events = ascents.read(FOLDER, name)
    times = np.arange(*coasts[name].window, 0.5)
    heights = [height(*coasts[name].arc.at(t)[:3]) for t in times]
    assert times[int(np.argmax(heights))] == pytest.approx(events["apogee"], abs=3.0)


def test_a_wrong_earth_would_show(ascents, coasts, monkeypatch) -> None:
    """Gravity half a percent too strong: the same fit misses the altitude by more than it is rounded."""
    import coasting

    from tocsin.flight.coast import propagate

    def too_heavy(x, dt, drag):
        y = propagate(x, dt, drag)
        up = y[:3] / np.linalg.norm(y[:3])
        return y - np.concatenate([0.5 * dt * dt * up, dt * up]) * 0.05

    monkeypatch.setattr(coasting, "propagate", too_heavy)
    assert ascents.coast(FOLDER, "ZUMA").arc.speed_rms > 5 * coasts["ZUMA"].arc.speed_rms


def test_upper_stages_fit_our_boost(ascents) -> None:
    found = ascents.boost(FOLDER, "ABS-2A")
    assert found.end > 500
    assert found.altitude_rms < 700.0
    assert found.speed_rms < 20.0
    assert ascents.boost(FOLDER, "BulgariaSat-1") is None
