"""What the runs of a study say together: shares with their intervals, errors, containment, consistency, lead times."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct
from scipy import stats

from tocsin.metrics import shares
from tocsin.metrics.calibration import brier, reliability
from tocsin.metrics.consistency import consistency as nees_of
from tocsin.metrics.timeliness import lead_times
from tocsin.study import contender
from tocsin.study.consistency import LEVELS
from tocsin.study.dependence import dependence
from tocsin.study.plan import Plan
from tocsin.study.tables import cells, words

MOST_GROUPS: Final = 200  # points of a grid that are told one by one
MOST_ERRORS: Final = 20
STATE_SIZE: Final = 6
SPREADS: Final = (
    "first_detection_s", "first_warning_s", "corroborated_s", "first_impact_s", "first_alert_s", "lead_s",
    "corroborated_lead_s", "impact_lead_s", "alert_lead_s",
)  # fmt: skip
LEADS: Final = ("lead_s", "corroborated_lead_s", "impact_lead_s", "alert_lead_s")

Found = dict[str, Any]


class Results(Struct, frozen=True):
    """The tables of a study as data frames."""

    runs: pd.DataFrame
    objects: pd.DataFrame


def results(folder: Path) -> Results:
    """Read a study's tables."""
    return Results(*(pd.read_parquet(folder / f"{name}.parquet") for name in ("runs", "objects")))


def found(plan: Plan, folder: Path) -> Found:
    """Return `summary.json`: all runs together, then each point of the grid."""
    tables = results(folder)
    wrong = tables.runs[tables.runs["error"].notna()]
    points = range(min(plan.points, MOST_GROUPS)) if plan.points > 1 else ()
    by_point = {
        "runs": dict(list(tables.runs.groupby("point"))),
        "objects": dict(list(tables.objects.groupby("point"))),
    }
    whose = {} if plan.tracker is None else {"tracker": contender.source(plan.tracker)[0]}
    return whose | {
        "title": plan.study.title, "story": plan.study.story, "seed": plan.study.seed, "runs": plan.total,
        "points": plan.points, "grid": {path: [words(v) for v in values] for path, values in plan.grid.items()},
        "draw": {path: f"{shape.shape} {words(shape.values)}" for path, shape in plan.draws.items()},
        "failed": len(wrong),
        "errors": [{"run": int(r), "error": e} for r, e in wrong[["run", "error"]].head(MOST_ERRORS).values],
        "all": group(tables),
        "dependence": dependence(plan, tables.runs, tables.objects),
        "groups": [
            {"point": n, "parameters": cells(plan, plan.point(n))}
            | group(Results(by_point["runs"][n], by_point["objects"].get(n, tables.objects.iloc[:0])))
            for n in points
        ],
    }  # fmt: skip


def group(tables: Results) -> Found:
    """Sum up some runs."""
    runs, objects = tables.runs, tables.objects
    good = runs[runs["error"].isna()]
    warned = objects[objects["warning"].notna()]
    return {
        "runs": len(runs),
        "failed": len(runs) - len(good),
        "objects": len(objects),
        "warned": share(objects["warning"].notna()),
        "corroborated": share(objects["corroborated_s"].notna()),
        "alerted": share(objects["first_alert_s"].notna()),
        "identified": share((warned["identity"] == warned["true_identity"])[warned["identity"].notna()]),
        "identification": identification(warned),
        "false_warnings": int(good["false_warnings"].sum()),
        "runs_with_false_warnings": share(good["false_warnings"] > 0),
        "gospa_m": spread(good["gospa_m"]),
        "times": {name: spread(objects[name]) for name in SPREADS},
        "lead_times": {name: leads(objects[name]) for name in LEADS},
        "launch": _area(objects, "launch"),
        "impact": _area(objects, "impact"),
        "state": {
            "position_error_m": spread(objects["position_error_m"]),
            "velocity_error_mps": spread(objects["velocity_error_mps"]),
            "nees": consistency(objects["nees"]),
        },
    }


def share(hits: Any) -> Found:
    """Return a share with its 95 % interval (Wilson 1927)."""
    return _written(shares.share(hits))


def spread(values: Any) -> Found:
    """Return how values spread: mean, RMS, quantiles, the largest in size."""
    x = np.abs(known(values)) if _is_error(values) else known(values)
    if not len(x):
        return {"of": 0}
    low, quarter, middle, three, high = np.quantile(x, (0.05, 0.25, 0.5, 0.75, 0.95))
    told = {
        "mean": x.mean(), "rms": np.sqrt(np.mean(x**2)), "p05": low, "p25": quarter, "median": middle, "p75": three,
        "p95": high, "max": x.max(),
    }  # fmt: skip
    return {"of": len(x)} | {name: rounded(value) for name, value in told.items()}


def consistency(values: Any, freedom: int = STATE_SIZE) -> Found:
    """Return the mean NEES and the 95 % band that a consistent estimate keeps."""
    judged = nees_of(known(values), freedom)
    if not judged.of:
        return {"of": 0}
    told = {"mean": judged.mean, "median": judged.median, "band_low": judged.low, "band_high": judged.high}
    return (
        {"of": judged.of, "freedom": freedom}
        | {n: rounded(v) for n, v in told.items()}
        | {"within_95": _written(judged.within)}
    )


def leads(values: Any) -> Found:
    """Return how early all objects were warned of, those never warned of among them."""
    judged = lead_times(np.asarray(pd.to_numeric(pd.Series(values)), np.float64))
    quantiles = {
        f"p{100 * q:02.0f}": rounded(t) if np.isfinite(t) else None for q, t in judged.quantiles.items()
    }
    return {"of": judged.of, "never": _written(judged.never), "all": quantiles}


def identification(warned: pd.DataFrame) -> Found:
    """Return how often the likeliest identity was right, its Brier score, and the reliability of its probability."""
    told = warned[warned["identity_probability"].notna()]
    said, came = (
        told["identity_probability"].to_numpy(np.float64),
        (told["identity"] == told["true_identity"]),
    )
    curve = [
        {"from": bin.low, "to": bin.high, "said": rounded(bin.said), "came": _written(bin.came)}
        for bin in reliability(said, came.to_numpy())
    ]
    score = brier(said, came.to_numpy())
    return {"of": len(said), "brier": rounded(score) if len(said) else None, "reliability": curve}


def known(values: Any) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return those values that are there, as an array."""
    x = np.asarray(pd.to_numeric(pd.Series(values)), np.float64)
    return x[np.isfinite(x)]


def rounded(value: float) -> float:
    """Round to six significant digits, so that a summary reads well."""
    return float(f"{value:.6g}")


def _written(told: shares.Share) -> Found:
    """Write a share for JSON, where what is not a number is null."""
    parts = {"share": told.share, "low": told.low, "high": told.high}
    return {"of": told.of, "count": told.count} | {
        n: rounded(v) if told.of else None for n, v in parts.items()
    }


def _is_error(values: Any) -> bool:
    return "error" in str(getattr(values, "name", ""))


def _area(objects: pd.DataFrame, part: str) -> Found:
    """Sum up the errors of a place and a time, and whether the areas and times claimed held the truth."""
    sigma, late = known(objects[f"{part}_time_sigma_s"]), objects[f"{part}_time_error_s"]
    within = (late.abs() < stats.norm.ppf(0.975) * objects[f"{part}_time_sigma_s"])[
        late.notna() & objects[f"{part}_time_sigma_s"].notna()
    ]
    return {
        "error_m": spread(objects[f"{part}_error_m"]),
        "time_error_s": spread(late),
        "time_bias_s": rounded(known(late).mean()) if len(known(late)) else None,
        "time_sigma_s": spread(sigma),
        "time_within_95": share(within),
        "semi_major_m": spread(objects[f"{part}_semi_major_m"]),
        "semi_minor_m": spread(objects[f"{part}_semi_minor_m"]),
        "inside": {str(p): share(objects[f"{part}_inside_{p}"].dropna().astype(bool)) for p in LEVELS},
    }
