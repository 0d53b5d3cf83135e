"""What the results of a study go with, of all that it drew: rank correlations, where everything varies at once.

A repeat counts once: the mean over its objects and over the points of the grid, which saw the same draws. A correlation
of ranks is 1 where the result always grows with what was drawn, -1 where it always falls, about 0 where neither. Its
interval is by a bootstrap over repeats. `sensitivity` asks the other question: by how much, of one figure at a time.
"""

from typing import Any, Final

import numpy as np
import pandas as pd

from tocsin.messages import Array
from tocsin.study.plan import Plan

RESULTS: Final = {
    "warned": "warned of", "first_warning_s": "first warning", "corroborated_s": "corroborated",
    "launch_error_m": "launch error", "launch_time_error_s": "launch time error", "impact_error_m": "impact error",
    "impact_time_error_s": "impact time error",
}  # fmt: skip
FEWEST: Final = 10  # repeats of which anything is told
_DRAWS: Final = 400  # of the bootstrap

Found = dict[str, Any]


def dependence(plan: Plan, runs: pd.DataFrame, objects: pd.DataFrame) -> list[Found]:
    """Return for each number that is drawn and each result their rank correlation with its 95 % interval.

    The strongest first; what does not vary is left out. Errors count by size.
    """
    paths = [path for path, shape in plan.draws.items() if _is_number(shape.corners())]
    if not paths or objects.empty:
        return []
    by_repeat = _by_repeat(runs, objects)
    drawn = runs.groupby("repeat")[paths].first()
    found = []
    for path in paths:
        for result, plain in RESULTS.items():
            both = pd.concat([drawn[path], by_repeat[result]], axis=1).dropna().to_numpy(np.float64)
            if len(both) >= FEWEST and np.all(np.ptp(both, axis=0) > 0):
                found.append({"path": path, "result": plain, "of": len(both)} | _correlated(both))
    return sorted(found, key=lambda row: -abs(row["correlation"]))


def _by_repeat(runs: pd.DataFrame, objects: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each result over the objects of a repeat."""
    table = objects.merge(runs[["run", "repeat"]], on="run")
    table["warned"] = table["warning"].notna()
    columns = {name: pd.to_numeric(table[name]).astype(np.float64) for name in RESULTS}
    sized = {name: column.abs() if "error" in name else column for name, column in columns.items()}
    return pd.DataFrame(sized).groupby(table["repeat"]).mean()


def _correlated(both: Array) -> Found:
    """Return the correlation of the ranks of two columns (n, 2), and its interval."""
    ranks = pd.DataFrame(both).rank().to_numpy()
    chosen = np.random.Generator(np.random.Philox(len(both))).integers(len(both), size=(_DRAWS, len(both)))
    drawn = _correlations(ranks[chosen])
    low, high = np.nanquantile(drawn, (0.025, 0.975)) if np.isfinite(drawn).any() else (np.nan, np.nan)
    whole = _correlations(ranks[None])[0]
    return {name: round(float(v), 3) for name, v in (("correlation", whole), ("low", low), ("high", high))}


def _correlations(x: Array) -> Array:
    """Return the correlations (k,) of the two columns of x (k, n, 2); NaN where one does not vary."""
    away = x - x.mean(axis=1, keepdims=True)
    squares = np.sum(away**2, axis=1)
    product = np.sqrt(squares[:, 0] * squares[:, 1])
    together = np.sum(away[:, :, 0] * away[:, :, 1], axis=1)
    return np.divide(together, product, out=np.full(len(x), np.nan), where=product > 0)


def _is_number(values: tuple[Any, ...]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
