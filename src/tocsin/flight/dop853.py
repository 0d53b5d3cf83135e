"""The Runge-Kutta method of order 8 by Dormand and Prince, with steps set by its error and a stop at an event.

For any system of equations: `solver` takes it as compiled functions and gives one that carries a state through it.
Coefficients and error estimate (orders 5 and 3 combined): Hairer, Nørsett and Wanner 1993, "Solving Ordinary
Differential Equations I", sections II.5 and II.10, as in their DOP853.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rate = Callable[[float, Array, Any, Array], None]
Event = Callable[[float, Array, Any], float]
Solve = Callable[[float, Array, float, Any, Array, float], tuple[float, float, int]]

ENDED: Final = 0  # reached the end
MET: Final = 1  # stopped at the event
NOT_FINITE: Final = 2
TOO_MANY: Final = 3  # steps

_STAGES = 12
_MOST_STEPS = 100_000
_MOST_HALVINGS = 200
_SMALLEST = 1e-9  # steps and the event's time are not split further [s]

_NODES = np.array([
    0.0, 0.05260015195876773, 0.0789002279381516, 0.1183503419072274, 0.2816496580927726,
    0.3333333333333333, 0.25, 0.3076923076923077, 0.6512820512820513, 0.6, 0.8571428571428571, 1.0,
])  # fmt: skip
# Stage, earlier stage, coefficient: those that are not zero.
_COUPLING = [
    (1, 0, 0.05260015195876773), (2, 0, 0.0197250569845379), (2, 1, 0.0591751709536137),
    (3, 0, 0.02958758547680685), (3, 2, 0.08876275643042054), (4, 0, 0.2413651341592667),
    (4, 2, -0.8845494793282861), (4, 3, 0.924834003261792), (5, 0, 0.037037037037037035),
    (5, 3, 0.17082860872947386), (5, 4, 0.12546768756682242), (6, 0, 0.037109375),
    (6, 3, 0.17025221101954405), (6, 4, 0.06021653898045596), (6, 5, -0.017578125),
    (7, 0, 0.03709200011850479), (7, 3, 0.17038392571223998), (7, 4, 0.10726203044637328),
    (7, 5, -0.015319437748624402), (7, 6, 0.008273789163814023), (8, 0, 0.6241109587160757),
    (8, 3, -3.3608926294469414), (8, 4, -0.868219346841726), (8, 5, 27.59209969944671),
    (8, 6, 20.154067550477894), (8, 7, -43.48988418106996), (9, 0, 0.47766253643826434),
    (9, 3, -2.4881146199716677), (9, 4, -0.590290826836843), (9, 5, 21.230051448181193),
    (9, 6, 15.279233632882423), (9, 7, -33.28821096898486), (9, 8, -0.020331201708508627),
    (10, 0, -0.9371424300859873), (10, 3, 5.186372428844064), (10, 4, 1.0914373489967295),
    (10, 5, -8.149787010746927), (10, 6, -18.52006565999696), (10, 7, 22.739487099350505),
    (10, 8, 2.4936055526796523), (10, 9, -3.0467644718982196), (11, 0, 2.273310147516538),
    (11, 3, -10.53449546673725), (11, 4, -2.0008720582248625), (11, 5, -17.9589318631188),
    (11, 6, 27.94888452941996), (11, 7, -2.8589982771350235), (11, 8, -8.87285693353063),
    (11, 9, 12.360567175794303), (11, 10, 0.6433927460157636),
]  # fmt: skip
_WEIGHTS = np.array([
    0.054293734116568765, 0.0, 0.0, 0.0, 0.0, 4.450312892752409, 1.8915178993145003, -5.801203960010585,
    0.3111643669578199, -0.1521609496625161, 0.20136540080403034, 0.04471061572777259,
])  # fmt: skip
_FIFTH = np.array([
    0.01312004499419488, 0.0, 0.0, 0.0, 0.0, -1.2251564463762044, -0.4957589496572502, 1.6643771824549864,
    -0.35032884874997366, 0.3341791187130175, 0.08192320648511571, -0.022355307863886294,
])  # fmt: skip
_THIRD = _WEIGHTS.copy()
_THIRD[[0, 8, 11]] -= (0.2440944881889764, 0.7338466882816119, 0.022058823529411766)
_MATRIX = np.zeros((_STAGES, _STAGES))
for _i, _j, _a in _COUPLING:
    _MATRIX[_i, _j] = _a


@njit(error_model="numpy")
def never(t: float, y: Array, p: Any) -> float:
    """Be an event that does not come."""
    return 1.0


def solver(rate: Rate, event: Event = never) -> Solve:
    """Give the compiled `solve(t, y, end, p, tolerance, h)` of a system.

    `rate(t, y, p, out)` writes dy/dt into `out` (n,); `event(t, y, p)` is positive until the event and negative
    after it; both are compiled, and `p` is any array they share.

    `solve` carries `y` (n,) in place from `t` to `end`, earlier or later, or to the event if that comes first. Each
    step's estimated error is at most `tolerance` (n,), absolute, by the root mean square of the ratios. `h` is the
    first step to try. It gives the time reached, the step it would try next, and a status. At the start the event
    counts as not yet come, whatever its sign: so a leg may begin where the last one met it. The functions are closed
    over, not arguments, so that Numba can cache whatever calls `solve`.
    """
    attempt = _attempts(rate)
    meet = _meets(attempt, event)

    @njit(error_model="numpy")
    def solve(t: float, y: Array, end: float, p: Any, tolerance: Array, h: float) -> tuple[float, float, int]:
        K, after = np.empty((_STAGES, y.shape[0])), np.empty(y.shape[0])
        h = math.copysign(max(abs(h), _SMALLEST), end - t)
        for _ in range(_MOST_STEPS):
            left = end - t
            if left == 0.0:
                return t, h, ENDED
            last = not abs(h) < abs(left)
            now = left if last else h
            error = attempt(t, y, now, p, tolerance, K, after)
            if not error <= 1.0:
                if not abs(now) > _SMALLEST:
                    return t, h, NOT_FINITE
                h = now * (max(0.2, 0.9 * error ** (-1 / 8)) if error < math.inf else 0.2)
                continue
            if event(t + now, after, p) < 0.0:
                tau = meet(t, y, now, p, tolerance, K, after)
                attempt(t, y, tau, p, tolerance, K, after)
                y[:] = after
                return t + tau, now, MET
            y[:] = after
            t = end if last else t + now
            grown = now * min(8.0, 0.9 * max(error, 1e-12) ** (-1 / 8))
            h = math.copysign(max(abs(h), abs(grown)), now) if last else grown
        return t, h, TOO_MANY

    return solve


def _attempts(rate: Rate) -> Any:
    """Give the compiled single step of a system."""

    @njit(error_model="numpy")
    def attempt(t: float, y: Array, h: float, p: Any, tolerance: Array, K: Array, after: Array) -> float:
        """Write the state `h` on into `after` (n,) and give its error over the tolerance; `K` (12, n) is scratch."""
        n = y.shape[0]
        rate(t, y, p, K[0])
        for i in range(1, _STAGES):
            for k in range(n):
                rise = 0.0
                for j in range(i):
                    rise += _MATRIX[i, j] * K[j, k]
                after[k] = y[k] + h * rise
            rate(t + _NODES[i] * h, after, p, K[i])
        five, three = 0.0, 0.0
        for k in range(n):
            rise, fifth, third = 0.0, 0.0, 0.0
            for j in range(_STAGES):
                rise += _WEIGHTS[j] * K[j, k]
                fifth += _FIFTH[j] * K[j, k]
                third += _THIRD[j] * K[j, k]
            after[k] = y[k] + h * rise
            five += (fifth / tolerance[k]) ** 2
            three += (third / tolerance[k]) ** 2
        whole = five + 0.01 * three
        return abs(h) * five / math.sqrt(whole * n) if whole != 0.0 else 0.0

    return attempt


def _meets(attempt: Any, event: Event) -> Any:
    """Give the compiled search for an event within a step."""

    @njit(error_model="numpy")
    def meet(t: float, y: Array, h: float, p: Any, tolerance: Array, K: Array, after: Array) -> float:
        """Give how far into a step of `h`, after which the event has come, it comes: false position, Illinois rule."""
        low, high, before = 0.0, h, 0.0
        g_low, g_high = event(t, y, p), event(t + h, after, p)
        for _ in range(_MOST_HALVINGS):
            tau = high - (high - low) * g_high / (g_high - g_low) if g_low > 0.0 else 0.5 * (low + high)
            attempt(t, y, tau, p, tolerance, K, after)
            g = event(t + tau, after, p)
            if abs(tau - before) < _SMALLEST:
                return tau
            if g < 0.0:
                g_low *= 0.5 if before == high else 1.0
                high, g_high = tau, g
            else:
                g_high *= 0.5 if before == low else 1.0
                low, g_low = tau, g
            before = tau
        return high

    return meet
