"""Who covers what is how high over each place: radars by altitude, satellites just over the clouds."""

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.messages import Array
from tocsin.study.coverage._kernels import look_chance
from tocsin.study.coverage.watch import Watch

HEIGHTS: Final = (100e3, 200e3, 500e3, 1_000e3)  # for radars [m]
BURNING: Final = 20e3  # a rocket's height for satellites [m]


@njit(cache=True, error_model="numpy", nogil=True)
def covered(lat: Array, lon: Array, height: float, look: Watch, radars: bool) -> NDArray[np.int64]:
    """Count for places (n,) [rad] the radars, or the satellites, that cover what is `height` [m] over them."""
    found = np.zeros(len(lat), dtype=np.int64)
    burns = np.array([[0.0, math.inf]])
    for i in range(len(lat)):
        r = ecef_from_geodetic(lat[i], lon[i], height)
        for s in range(len(look.period)):
            if look.is_radar[s] == radars and look_chance(s, r, 1.0, math.inf, burns, look) > 0.0:
                found[i] += 1
    return found
