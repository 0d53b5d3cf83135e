"""Make src/tocsin/earth/data/earth_orientation.csv from the IERS tables in the `astropy-iers-data` package.

    python -m pip download --no-deps --dest DIR astropy-iers-data
    python tools/earth_orientation.py DIR/astropy_iers_data-*.whl

finals2000A.all (USNO, IERS Bulletin A, with its prediction of about a year) and, before it begins in 1973,
IERS 20 C04 (Paris Observatory; its pole jumps by up to 0.05 arcsec in 1990-1992, hence not used throughout).
Every second day, carried to 0 h TAI; UT1 is given against TAI, which has no leap seconds to jump at. Prints
the greatest error of straight lines between the rows kept, against the days left out.
"""

import sys
import zipfile
from pathlib import Path

import erfa
import numpy as np

FIRST_MJD = 41317  # 1972-01-01
STEP = 2
OUT = Path(__file__).parent.parent / "src/tocsin/earth/data/earth_orientation.csv"


def main(wheel: str) -> None:
    """Read the wheel and write the table."""
    with zipfile.ZipFile(wheel) as archive:
        c04 = archive.read("astropy_iers_data/data/eopc04.1962-now").decode().splitlines()
        finals = archive.read("astropy_iers_data/data/finals2000A.all").decode().splitlines()
    rows = {}
    for line in c04:
        if not line.startswith("#"):
            word = line.split()
            rows[int(float(word[4]))] = (float(word[7]), float(word[5]), float(word[6]))
    measured = 0
    for line in finals:
        if line[58:68].strip():
            mjd = int(float(line[7:15]))
            rows[mjd] = (float(line[58:68]), float(line[18:27]), float(line[37:46]))
            measured = mjd if line[57] == "I" else measured
    mjd = np.array(sorted(day for day in rows if day >= FIRST_MJD))
    values = np.array([rows[day] for day in mjd])
    offset = np.array([_tai_minus_utc(day) for day in mjd])
    values[:, 0] -= offset
    at = mjd + offset / 86_400
    daily = np.column_stack([np.interp(mjd, at, values[:, i]) for i in range(3)])
    kept = np.rint(daily[::STEP] * (1e5, 1e4, 1e4)).astype(int)
    for i, name in enumerate(("UT1 [s]", "x [arcsec]", "y [arcsec]")):
        scale = (1e5, 1e4, 1e4)[i]
        error = np.interp(mjd, mjd[::STEP], kept[:, i] / scale) - daily[:, i]
        recent = error[(mjd > 48_000) & (mjd <= mjd[::STEP][-1])]
        print(  # noqa: T201
            name, "greatest", np.abs(recent).max(), "rms", recent.std()
        )
    source = Path(wheel).name.split("-py3")[0]
    header = (
        f"# Earth orientation: IERS finals2000A.all (USNO) from 1973, IERS 20 C04 before; {source}\n"
        f"# measured until MJD {measured}, then predicted. By tools/earth_orientation.py. Time: 0 h TAI.\n"
        "# mjd_tai,ut1_minus_tai_10us,pole_x_100uas,pole_y_100uas\n"
    )
    body = "".join(f"{d},{u},{x},{y}\n" for d, (u, x, y) in zip(mjd[::STEP], kept, strict=True))
    OUT.write_text(header + body)
    print(  # noqa: T201
        OUT, OUT.stat().st_size, "bytes", len(kept), "rows"
    )


def _tai_minus_utc(mjd: int) -> float:
    year, month, day, _ = erfa.jd2cal(2_400_000.5, mjd)
    return float(erfa.dat(year, month, day, 0.0))


if __name__ == "__main__":
    main(sys.argv[1])
