"""What other systems read and write."""

from typing import Any

from tocsin.cli.options.command import command


def add_standards(commands: Any) -> None:
    """Add `tocsin import` and `tocsin export`."""
    import_ = command(
        commands,
        "import",
        "turn what other systems write into a recording: CCSDS TDM (KVN, XML), ASTERIX (also in a .pcap)",
        "tocsin import pass.tdm --sensor radar-1 --network mine.toml --origin test --out pass.jsonl.gz",
    )
    import_.add_argument("file", metavar="FILE", help="tracking data message, ASTERIX blocks or a capture")
    import_.add_argument("--sensor", metavar="ID", required=True, help="the sensor whose looks they are")
    import_.add_argument(
        "--network",
        metavar="NETWORK",
        required=True,
        help="that says what it is: a bundled one, or a TOML file",
    )
    import_.add_argument(
        "--origin",
        choices=("live", "exercise", "test"),
        required=True,
        help="what the recording is; no default",
    )
    import_.add_argument("--out", metavar="FILE", required=True, help="the recording (.jsonl, .gz, .zst)")
    import_.add_argument(
        "--station",
        metavar="NAME",
        help="which of the file: a TDM's participant, an ASTERIX SAC/SIC as 25/201",
    )
    import_.add_argument("--date", metavar="DAY", help="UTC day of ASTERIX that is no capture, as 2026-05-16")
    import_.add_argument(
        "--round-trip", action="store_true", help="ranges and rates of the TDM are of the way there and back"
    )
    export = command(
        commands,
        "export",
        "write a run's results as other systems read them: CCSDS OEM and RDM",
        "tocsin export out/demo --rdm W-20260516-0001\ntocsin export out/demo --oem W-20260516-0001 --out track.xml",
    )
    export.add_argument("folder", metavar="DIR", help="a run's folder")
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--oem", metavar="ID", help="states and covariance of a warning's object, or a true object's states"
    )
    what.add_argument("--rdm", metavar="ID", help="where and when a warning's object comes down")
    export.add_argument(
        "--out", metavar="FILE", help="where to; .xml writes XML (default: standard output, KVN)"
    )
