"""The chance that enough has been seen by now: numbers of detections of sensors that look with an unknown phase.

A sensor that looks each T, with a phase nobody knows, at what it can see for V altogether, has had floor(V/T) looks or
one more, the latter with the fraction as probability. Each look detects with probability p by itself, so the number
of detections is a mixture of two binomials. It only grows, so the chance that it has reached k by now is the
distribution of the time of the k-th detection. Sensors count apart from each other.

A row of chances (MOST + 1,): of 0, 1, .. detections, the last of MOST or more.
"""

from numba import njit

from tocsin.messages import Array

MOST = 4


@njit(cache=True, error_model="numpy", nogil=True)
def count(looks: float, p: float, out: Array) -> None:
    """Write the chances of each number of detections in `looks` (whole or not) of probability `p` each."""
    whole = int(looks)
    more = looks - whole
    q = 1.0 - p
    fewer = 1.0 if whole == 0 else q**whole  # no detection in `whole` looks, in one more
    many = fewer * q
    left = 1.0
    for k in range(MOST):
        out[k] = (1.0 - more) * fewer + more * many
        left -= out[k]
        if q > 0.0:
            fewer *= (whole - k) / (k + 1) * p / q
            many *= (whole + 1 - k) / (k + 1) * p / q
        else:  # every look detects
            fewer, many = 1.0 * (whole == k + 1), 1.0 * (whole == k)
    out[MOST] = max(0.0, left)


@njit(cache=True, error_model="numpy", nogil=True)
def add(total: Array, row: Array) -> None:
    """Change the chances `total` of a number into those of its sum with an independent number of chances `row`."""
    left = 1.0
    for n in range(MOST - 1, -1, -1):
        both = 0.0
        for k in range(n + 1):
            both += total[n - k] * row[k]
        total[n] = both
        left -= both
    total[MOST] = max(0.0, left)
