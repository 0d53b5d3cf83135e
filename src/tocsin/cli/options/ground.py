"""Places on the ground."""

from typing import Any

from tocsin.cli.options.command import command
from tocsin.cli.options.values import above_none, place, ring_km


def add_ground(commands: Any) -> None:
    """Add `tocsin place` and `tocsin reach`."""
    place_ = command(
        commands,
        "place",
        "say of a run's warning when it may come down at a place, and what lies where it may",
        "tocsin place out/demo 18.3,-28.4\ntocsin place out/demo -33.9,18.4",
    )
    place_.add_argument("folder", metavar="DIR", help="a run's folder")
    place_.add_argument(
        "place",
        type=place,
        metavar="LAT,LON",
        nargs="?",
        help="a place [deg]; default: only what lies inside",
    )
    place_.add_argument("--warning", metavar="ID", help="which one; may be left out where there is only one")
    place_.add_argument(
        "--version", type=above_none, metavar="N", help="which version (default: the last with an impact)"
    )
    place_.add_argument("--json", action="store_true", help="print it as JSON and nothing else")
    reach = command(
        commands,
        "reach",
        "say from where something of a given range can have been launched that came down at a place",
        "tocsin reach --impact 50.47,23.93 --range-km 75-90 --out areas.geojson",
    )
    reach.add_argument(
        "--impact", type=place, metavar="LAT,LON", required=True, help="where it came down [deg]"
    )
    reach.add_argument(
        "--range-km", type=ring_km, metavar="NEAR-FAR", required=True, help="how far such things fly [km]"
    )
    reach.add_argument("--out", metavar="FILE", help="also write the area as GeoJSON")
    reach.add_argument("--json", action="store_true", help="print the GeoJSON and nothing else")
