"""Write `earth/data/launch_sites.csv` from GCAT: `python tools/launch_sites.py GCAT_SITES.tsv ORBITAL_LAUNCHES.csv`.

Sites with two orbital attempts and more since 2005 (McDowell's list of orbital launches), and six ranges of sounding
rockets; places as GCAT gives them (J. McDowell, General Catalog of Artificial Space Objects, release of 1 December
2025, CC-BY 4.0). Areas at sea and air-launch fields are left out: they are no places.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

OUT = Path(__file__).parent.parent / "src" / "tocsin" / "earth" / "data" / "launch_sites.csv"
SOUNDING = ("AND", "ESR", "PF", "WOO", "WS", "WI")
NO_PLACE = ("KLA", "HHAI", "YJ", "BLA", "JEJU", "MHV", "NEWQ")
SINCE, FEWEST = 2005, 2


def main(sites_file: str, launches_file: str) -> None:
    """Write the table."""
    lines = Path(sites_file).read_text(encoding="utf-8").splitlines()
    head = lines[0].lstrip("#").split("\t")
    sites = {}
    for line in lines[1:]:
        if not line.startswith("#"):
            row = dict(zip(head, (field.strip() for field in line.split("\t")), strict=False))
            sites[row["Site"]] = row
    with Path(launches_file).open(encoding="utf-8") as file:
        attempts = Counter(r["site_raw"] for r in csv.DictReader(file) if int(r["year"]) >= SINCE)
    orbital = sorted(code for code, count in attempts.items() if count >= FEWEST)
    kinds = {code: "sounding-rocket" for code in SOUNDING if code in sites}
    kinds |= {code: "space-launch" for code in orbital if code in sites and code not in NO_PLACE}
    rows = ["code,kind,name,latitude_deg,longitude_deg"]
    told: set[tuple[str, str]] = set()
    for code in sorted(kinds):
        site = sites[code]
        if (site["Latitude"], site["Longitude"]) in told:
            continue  # an older name of the same place
        told.add((site["Latitude"], site["Longitude"]))
        name = site["ShortName"].replace(",", "")
        rows.append(f"{code},{kinds[code]},{name},{float(site['Latitude']):g},{float(site['Longitude']):g}")
    OUT.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
