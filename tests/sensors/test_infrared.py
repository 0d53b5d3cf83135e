"""Lines of sight against plain geometry, visibility against marching along the ray."""

import numpy as np
import pymap3d
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.messages import Sensor
from tocsin.sensors import _kernels
from tocsin.sensors.infrared import Infrared

GEO = 42_164_000.0
SQUARE = {"type": "Polygon", "coordinates": [[[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]]]}


def satellite(**more):
    fields = {"origin": "test", "id": "geo-1", "type": "infrared", "los_sigma_urad": 30.0}
    return Infrared.from_message(Sensor(**(fields | more)))


def geodetic(latitude_deg, longitude_deg, height):
    return np.array(pymap3d.geodetic2ecef(latitude_deg, longitude_deg, height))


def stationary(longitude_deg):
    return GEO * np.array([np.cos(np.radians(longitude_deg)), np.sin(np.radians(longitude_deg)), 0.0])


sources = st.builds(geodetic, st.floats(-85, 85), st.floats(-180, 180), st.floats(0, 400e3))
platforms = st.one_of(
    st.floats(-180, 180).map(stationary),
    st.builds(geodetic, st.floats(-89, 89), st.floats(-180, 180), st.floats(600e3, 4e7)),
)


def lowest(platform, source):
    """Return the least height [m] on the ray from platform through source, before it and behind it."""
    line = source - platform
    along = np.linspace(0, 1, 4001)
    before = pymap3d.ecef2geodetic(*(platform + along[:-2, None] * line).T)[2].min()
    behind = pymap3d.ecef2geodetic(
        *(source + 4 * GEO * along[1:, None] ** 3 * line / np.linalg.norm(line)).T
    )[2]
    return before, behind.min()


@settings(max_examples=60)
@given(source=sources, platform=platforms)
def test_what_stands_behind_and_before(source, platform):
    before, behind = lowest(platform, source)
    assume(abs(before) > 3e3 and abs(behind) > 3e3)
    _, _, height = pymap3d.ecef2geodetic(*source)
    assume(height > 5e3)
    code, _ = _kernels.line_against_earth(platform, source)
    if before < 0:
        assert code == _kernels.HIDDEN
    else:
        assert code == (_kernels.AGAINST_EARTH if behind < 0 else _kernels.CLEAR_SKY)


def test_tangent_height():
    """A ray in the plane of the equator touches a circle."""
    platform = stationary(0.0)
    for height in (10e3, 100e3, 300e3):
        touch = np.arcsin((6_378_137.0 + height) / GEO)
        reach = np.sqrt(GEO**2 - (6_378_137.0 + height) ** 2)
        source = platform + reach * np.array([-np.cos(touch), np.sin(touch), 0.0])
        code, found = _kernels.line_against_earth(platform, source)
        assert code == _kernels.CLEAR_SKY
        assert found == pytest.approx(height, rel=4e-3, abs=1.0)


@given(source=sources, platform=platforms, off=st.tuples(*[st.floats(-2e-3, 2e-3)] * 2))
def test_residual_is_the_angle_between(source, platform, off):
    eye = satellite()
    u = eye.predict(source, platform)[0]
    assert np.linalg.norm(u) == pytest.approx(1.0)
    assert np.allclose(eye.residual(u, source, platform), 0.0, atol=1e-9)
    e1, e2 = _kernels.tangent_axes(u)
    z = u + off[0] * e1 + off[1] * e2
    z /= np.linalg.norm(z)
    y = eye.residual(z, source, platform)[0]
    assert np.hypot(*y) == pytest.approx(np.arctan(np.hypot(*off)), rel=1e-4, abs=1e-10)
    level = np.hypot(u[0], u[1])
    if level > 0.05:  # towards a pole the axes of two near directions turn against each other
        assert np.allclose(y, off, atol=2 * np.hypot(*off) ** 2 / level + 1e-9)


@given(source=sources, platform=platforms)
def test_jacobian_against_differences(source, platform):
    """The derivative of the predicted angle; the residual, measured less predicted, goes the other way."""
    assume(np.linalg.norm(source - platform) > 1e5)
    eye = satellite()
    u = eye.predict(source, platform)[0]
    H = eye.jacobian(source, platform)[0]
    for k in range(3):
        d = np.zeros(3)
        d[k] = 10.0
        slope = (eye.residual(u, source + d, platform) - eye.residual(u, source - d, platform))[0] / 20.0
        assert np.allclose(-slope, H[:, k], atol=1e-5 * np.abs(H).max())


@given(u=st.tuples(*[st.floats(-1, 1)] * 3).map(np.array))
def test_tangent_axes_are_right_handed(u):
    assume(np.linalg.norm(u) > 1e-3)
    u = u / np.linalg.norm(u)
    e1, e2 = _kernels.tangent_axes(u)
    frame = np.array([e1, e2, u])
    assert np.allclose(frame @ frame.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(frame) == pytest.approx(1.0)


def test_tangent_axes_at_the_poles():
    for z in (1.0, -1.0):
        e1, e2 = _kernels.tangent_axes(np.array([0.0, 0.0, z]))
        assert np.cross(e1, e2) == pytest.approx([0.0, 0.0, z])


def test_clouds_hide():
    eye = satellite(cloud_top_m=10_000.0)
    r = np.array([geodetic(0, 10, h) for h in (0.0, 9_900.0, 10_100.0)])
    assert eye.visible(r, stationary(0.0)).tolist() == [False, False, True]


def test_the_far_side_is_hidden():
    assert not satellite().visible(geodetic(0, 150, 50e3), stationary(0.0))[0]
    assert satellite().visible(geodetic(0, 20, 50e3), stationary(0.0))[0]


def test_limb_sensors():
    """Against the disk, just over the limb and high above it, by what a sensor looks at."""
    platform = stationary(0.0)
    edge = np.degrees(np.arccos(6_378_137.0 / GEO))
    against, low, high = geodetic(0, 40, 100e3), geodetic(0, edge + 0.5, 60e3), geodetic(0, edge, 400e3)
    heights = [_kernels.line_against_earth(platform, r) for r in (against, low, high)]
    assert [code for code, _ in heights] == [
        _kernels.AGAINST_EARTH, _kernels.CLEAR_SKY, _kernels.CLEAR_SKY
    ]  # fmt: skip
    r = np.array([against, low, high])
    assert satellite().visible(r, platform).tolist() == [True, False, False]
    assert satellite(limb_height_m=100e3).visible(r, platform).tolist() == [True, True, False]
    assert satellite(disk_visible=False).visible(r, platform).tolist() == [False, True, True]
    only_limb = satellite(disk_visible=False, limb_height_m=100e3)
    assert only_limb.visible(r, platform).tolist() == [False, True, False]


def test_field_of_regard_over_the_antimeridian():
    eye = satellite(field_of_regard=SQUARE)
    r = np.array([geodetic(0, lon, 50e3) for lon in (179, -179, 169, -169)])
    assert eye.visible(r, stationary(180.0)).tolist() == [True, True, False, False]


def test_noise():
    assert satellite().noise() == pytest.approx(np.eye(2) * 9e-10)
    assert satellite().noise(1e-4) == pytest.approx(np.eye(2) * 1e-8)


def test_kernels_without_compiler():
    source, platform = geodetic(10, 20, 50e3), stationary(0.0)
    u = satellite().predict(source + 100.0, platform)[0]
    e1, e2 = _kernels.tangent_axes(u)
    for kernel, arguments in (
        (_kernels.tangent_axes, (u,)),
        (_kernels.sight_residual, (e1, e2, u, source, platform)),
        (_kernels.line_against_earth, (platform, source)),
    ):
        assert np.allclose(kernel.py_func(*arguments), kernel(*arguments), rtol=1e-12, atol=1e-18)
