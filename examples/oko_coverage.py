"""How long one satellite on Oko's kind of orbit sees four missile fields against space, and how many fill the day.

    python examples/oko_coverage.py

The orbit, the fields and their sources stand in `tocsin.study.coverage.oko`; beside its table, `tocsin coverage r13`,
this prints where the apogee stands, and what is left when satellites fail.
"""

import numpy as np

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.sensors.coverage import share_covered, windows
from tocsin.study.coverage.oko import DAY_MIN, best_day, track


def main() -> None:
    """Print the window and the table."""
    seen, there = best_day(track())
    longest = max(windows(np.arange(DAY_MIN, dtype=float), seen), key=lambda w: w[1] - w[0])
    apogees = [k for k in range(DAY_MIN) if np.linalg.norm(there[k]) > 45.0e6]
    lat, lon, _ = geodetic_from_ecef(there[apogees[len(apogees) // 4]])
    print(f"one satellite: {seen.sum() / 60:.1f} h a day, longest window {longest[1] - longest[0]:.0f} min,")
    print(f"an apogee near {np.degrees(lat):.1f}° N {np.degrees(lon) % 360:.0f}° E")
    print("\nsatellites  one sees  two see   (hours a day, evenly spaced)")
    for satellites in range(1, 10):
        one, two = share_covered(seen, satellites)
        print(f"{satellites:10d}  {24 * one:8.1f}  {24 * two:7.1f}")
    print("\nof nine places, working  one sees")
    for working in range(1, 10):
        print(f"{working:23d}  {24 * share_covered(seen, 9, working)[0]:8.1f}")


if __name__ == "__main__":
    main()
