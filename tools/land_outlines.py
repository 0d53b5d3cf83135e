"""Make src/tocsin/earth/data/land_outlines.json from Natural Earth 1:110m, as `world-atlas` carries it.

    npm pack world-atlas@2
    python tools/land_outlines.py world-atlas-2.0.2.tgz

Natural Earth is in the public domain; world-atlas is under the ISC licence (see NOTICE). The TopoJSON arcs
are joined into rings, which are cut where they cross the 180th meridian and rounded to 0.01 degrees (1 km).
"""

import json
import sys
import tarfile
from itertools import pairwise
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "src/tocsin/earth/data/land_outlines.json"


def main(package: str) -> None:
    """Read the package and write the outlines."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/land-110m.json")
        topology = json.load(member) if member else sys.exit("no land-110m.json in there")
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(arc, axis=0) * scale + origin for arc in topology["arcs"]]
    lines = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                lines += _cut(_join(arcs, ring))
    body = ",\n".join(json.dumps(np.round(line, 2).tolist(), separators=(",", ":")) for line in lines)
    source = f"Natural Earth 4.1.0 land 1:110m, through {Path(package).stem} (ISC); tools/land_outlines.py"
    OUT.write_text(f'{{"source":{json.dumps(source)},\n"lines_lon_lat_deg":[\n{body}\n]}}\n')
    print(OUT, OUT.stat().st_size, "bytes", len(lines), "lines", sum(map(len, lines)), "points")  # noqa: T201


def _join(arcs: list, ring: list[int]) -> np.ndarray:
    """Chain arcs; a negative index (ones' complement) is an arc backwards. Joints are given once."""
    pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def _cut(ring: np.ndarray) -> list[np.ndarray]:
    """Cut a closed ring wherever it steps over the 180th meridian, ending both sides on it."""
    lines = []
    points = [ring[0]]
    for a, b in pairwise(ring):
        if abs(b[0] - a[0]) > 180:
            edge = np.copysign(180.0, a[0])
            reach, gap = edge - a[0], b[0] + 2 * edge - a[0]
            lat = a[1] + (b[1] - a[1]) * (reach / gap if gap else 0.0)
            lines.append(np.array([*points, (edge, lat)]))
            points = [np.array((-edge, lat))]
        points.append(b)
    if lines:
        # The ring began in mid-line: its first piece carries on from its last.
        lines[0] = np.concatenate([np.array(points), lines[0][1:]])
    else:
        lines.append(np.array(points))
    return [line for line in lines if np.ptp(line, axis=0).max() > 0.02]


if __name__ == "__main__":
    main(sys.argv[1])
