"""What only radar sees among many satellites: a launch is told from them by a sure perigee, not by a lucky plot."""

import numpy as np
import pytest
from scipy.stats import norm

from tocsin.assessment import terms
from tocsin.assessment.flights import flights
from tocsin.assessment.identity import identity
from tocsin.messages import Component, Instant, Track

SHARES = {"ballistic-missile": 0.9, "space-launch": 0.05, "sounding-rocket": 0.05}
R = 6.378e6 + 480e3


def track(speed, climb=0.0, sigma=100.0, plots=5):
    """Return a radar's track over the equator with sigma [m/s] on each axis of its velocity."""
    C = np.zeros((10, 10))
    C[4:, 4:] = np.diag([1e6] * 3 + [sigma**2] * 3)
    motion = np.array([R, 0.0, 0.0, climb, speed * 0.6, speed * 0.8])
    return Track(
        id=1, origin="test", time=Instant(0), first_look=Instant(0), state="confirmed", phase="coast", epoch=Instant(0),
        state_time=Instant(0), components=(Component(1.0, None, motion, C, "radar", False),),
        detections={"radar-1": plots}, existence=0.999,
    )  # fmt: skip


def said(of, company=0, satellites=0):
    spread = flights(of, 1e-3)
    return identity([terms.prior(of, SHARES, satellites), terms.energy(of, spread, company)])


def test_level_among_others_it_may_be_satellites_in_a_row():
    alone, crowded = said(track(5_600.0)), said(track(5_600.0), company=3)
    assert alone["ballistic-missile"] > 0.85
    assert crowded["satellite"] > 0.8
    assert said(track(5_600.0), company=1) == alone


@pytest.mark.parametrize("other", [{"climb": 1_500.0}, {"plots": 40}])
def test_what_climbs_or_is_followed_for_long_is_no_row_of_satellites(other):
    assert said(track(5_600.0, **other), company=3)["ballistic-missile"] > 0.85


def test_among_hundreds_of_satellites_a_vague_velocity_makes_no_missile():
    vague, sure = track(6_600.0, sigma=250.0), track(6_600.0, sigma=20.0)
    assert said(vague)["ballistic-missile"] > 0.5
    assert said(vague, satellites=500)["satellite"] > 0.5  # enough to be held
    assert said(sure, satellites=500)["ballistic-missile"] > 0.85


def test_the_tail_of_a_perigee_is_a_normal_laws():
    values, shares = np.array([-3.0, -1.0, 1.0, 3.0]), np.full(4, 0.25)
    assert terms._above(values, shares, 9.0) == pytest.approx(norm.sf(9.0 / np.sqrt(5.0)), rel=1e-9)
