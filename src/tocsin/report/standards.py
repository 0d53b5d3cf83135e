"""From a run's folder to the messages of others: an object's ephemeris (OEM), a warning's impact (RDM)."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from tocsin.earth.time import from_posix
from tocsin.errors import ConfigError
from tocsin.formats import jsonl, oem, rdm
from tocsin.messages import Warning
from tocsin.report.results import Results

Syntax = Literal["kvn", "xml"]

_ESTIMATED = (
    "Estimates after each look, each with its covariance; a later one need not continue an earlier.",
    "They describe the past as it was known then, and predict nothing.",
)
_TRUE = ("The truth of a simulation; velocities by a cubic spline through its positions.",)


def ephemeris(results: Results, name: str, created: int, syntax: Syntax = "kvn") -> str:
    """Write the states of a warning's object, or of a true object, as an OEM; ConfigError where there is none."""
    tracks = results.tracks()
    rows = tracks[(tracks["warning"] == name) & tracks["x_m"].notna()]
    if len(rows):
        return _estimated(rows, name, created, syntax)
    truth = results.truth()
    rows = truth[truth["object"] == name]
    if len(rows) >= _FEWEST:
        return _true(rows, name, created, syntax)
    known = [str(n) for n in (*tracks["warning"].dropna().unique(), *truth["object"].unique())]
    raise ConfigError(f'{results.folder}: holds no states of "{name}"; there are: {_told(known)}')


def impact(results: Results, name: str, created: int, syntax: Syntax = "kvn") -> str:
    """Write the last impact a warning told as an RDM; ConfigError where it told none."""
    versions = [version for version in results.versions if version["id"] == name]
    told = [version for version in versions if version.get("impact")]
    if not told:
        known = dict.fromkeys(str(v["id"]) for v in results.versions if v.get("impact"))
        what = f"{name} told no impact" if versions else f'no warning "{name}"'
        raise ConfigError(f"{results.folder}: {what}; of these an impact is known: {_told(list(known))}")
    return rdm.encode(_warning(results, told[-1]["id"], told[-1]["version"]), created, syntax)


_FEWEST = 4  # true positions that a cubic spline needs
_SHOWN = 20


def _estimated(rows: pd.DataFrame, name: str, created: int, syntax: Syntax) -> str:
    last = rows.sort_values("time", kind="stable").drop_duplicates("time", keep="last")
    x = last[["x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps"]].to_numpy(dtype=np.float64)
    P = np.array([np.reshape(row, (6, 6)) for row in last["covariance"]])
    return oem.encode(name, _times(last), x, created, P, _ESTIMATED, syntax)


def _true(rows: pd.DataFrame, name: str, created: int, syntax: Syntax) -> str:
    r = rows[["x_m", "y_m", "z_m"]].to_numpy(dtype=np.float64)
    t = _times(rows)
    spline = CubicSpline((np.array(t) - t[0]) / 1e9, r)
    v = spline(spline.x, 1)
    return oem.encode(name, t, np.hstack((r, v)), created, None, _TRUE, syntax)


def _times(rows: pd.DataFrame) -> list[int]:
    return [from_posix(int(moment.value)) for moment in rows["time"]]


def _warning(results: Results, name: str, version: int) -> Warning:
    """Read one version again as the message it is."""
    with (results.folder / "warnings.jsonl").open("rb") as file:
        for line in file:
            warning = jsonl.decode_event(line)
            if isinstance(warning, Warning) and (warning.id, warning.version) == (name, version):
                return warning
    raise AssertionError(f"{name} version {version} was just read")


def _told(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "") if names else "none"
