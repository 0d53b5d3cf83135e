"""Scenarios small enough to simulate again and again."""

import pytest

from tocsin.simulation import networks
from tocsin.simulation.scenario import decode

HEAD = """
title = "Test"
start = 2026-05-16T00:00:00Z
duration_s = 900
seed = 5
network = "demo"
"""
LAUNCH = """
[[launch]]
id = "alpha"
vehicle = "medium-range"
time_s = 60
latitude_deg = 12.0
longitude_deg = -38.0
azimuth_deg = 55.0
range_m = 1_200_000
"""


def scenario(text):
    return decode(text, "test.toml", networks())


@pytest.fixture
def head():
    return HEAD


@pytest.fixture
def launch():
    return LAUNCH


@pytest.fixture
def demo():
    return scenario(HEAD + LAUNCH)


@pytest.fixture
def read():
    return scenario
