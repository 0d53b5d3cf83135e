"""EUROCONTROL ASTERIX, as bytes or in a capture: what air-surveillance radars report, decoded by libasterix.

Taken are plots of categories 001 and 048 and the service messages 002 and 034 that tell where the antenna points.
Categories 021 (what aircraft say of themselves) and 062 (tracks of a centre) hold no radar's plots; their records
and those of other categories are counted. A value beyond what its item can mean is refused with its record: the
library would let it through, wrapped.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, Literal

from msgspec import Struct

from tocsin.errors import InputError
from tocsin.formats import pcap
from tocsin.messages import Rejected

NAUTICAL_MILE_M: Final = 1852.0  # exact
FLIGHT_LEVEL_M: Final = 30.48  # 100 feet, exact
FOOT_M: Final = 0.3048  # exact
DAY_S: Final = 86_400.0
PLOTS: Final = {1: "001", 48: "048"}
SERVICE: Final = {2: "002", 34: "034"}
OTHERS: Final = (8, 10, 11, 19, 20, 21, 23, 62, 63, 65, 240, 247)  # known, and no plots of a turning radar
HEIGHTS_M: Final = (-500.0, 50_000.0)  # a flight level or height beyond is a wrapped or garbled value
_FULL: Final = 0xFFFF  # a range that has run against the end of its sixteen bits
_ORADIS: Final = 6  # bytes before each block in some captures: its length with them (2) and a counter (4)

Kind = Literal["plot", "north", "sector"]


class Report(Struct, frozen=True, kw_only=True):
    """A plot, or a passage of the antenna: `azimuth_deg`.

    `time_of_day_s` UTC; `truncated`: counted within 512 s only. `captured` [POSIX ns]. `height_m` above the sea, as
    told by the aircraft (a pressure altitude) or measured. `simulated`: a target the radar makes up for a test.
    """

    record: int
    category: int
    station: tuple[int, int]
    kind: Kind
    time_of_day_s: float | None
    truncated: bool = False
    captured: int | None = None
    range_m: float = 0.0
    azimuth_deg: float = 0.0
    height_m: float | None = None
    simulated: bool = False


class Decoded(Struct, frozen=True):
    """What a file held: reports, records refused with their reason, and how many records of each category."""

    reports: tuple[Report, ...]
    rejected: tuple[Rejected, ...]
    records: dict[int, int]


class _RefusedError(ValueError):
    """Say which item of a record is at fault and why."""

    def __init__(self, item: str, why: str) -> None:
        super().__init__(f"{item}: {why}")
        self.item, self.why = item, why


def is_asterix(head: bytes) -> bool:
    """Say whether a file that begins so is ASTERIX, as blocks or in a capture."""
    block = (
        len(head) >= 3 and head[0] in (*PLOTS, *SERVICE, *OTHERS) and head[1] < 0x20 and head[1:3] >= b"\0\4"
    )
    return block or pcap.is_capture(head)


def read(data: bytes, file: str) -> Decoded:
    """Decode a file; a `Rejected` for each refused record and, of a capture, for each datagram that is none.

    Raises InputError where a file of blocks is cut short or none, and where a capture holds nothing of the kind.
    """
    reports: list[Report] = []
    rejected: list[Rejected] = []
    counts: dict[int, int] = {}
    number = 0
    for captured, where, payload in _datagrams(data, file):
        try:
            blocks = list(_blocks(payload))
        except _RefusedError as error:
            if captured is None:
                raise InputError(f"{file}: {error}") from None
            rejected.append(Rejected(file=file, line=number, field=f"{where} {error.item}", why=error.why))
            continue
        for category, record in ((c, r) for c, content in blocks for r in _parsed(c, content)):
            number += 1
            counts[category] = counts.get(category, 0) + 1
            try:
                report = _report(category, record, number, captured)
            except _RefusedError as error:
                rejected.append(Rejected(file=file, line=number, field=error.item, why=error.why))
            else:
                reports += [] if report is None else [report]
    if not counts:
        raise InputError(f"{file}: holds no ASTERIX")
    return Decoded(tuple(reports), tuple(rejected), dict(sorted(counts.items())))


@cache
def _library() -> tuple[Any, Any]:
    """Import libasterix where it is needed: it takes a second and a half."""
    from asterix import base, generated  # noqa: PLC0415

    return base, generated


def _datagrams(data: bytes, file: str) -> Iterator[tuple[int | None, str, bytes]]:
    """Yield time of capture (None of a file of blocks), what to call it, and bytes."""
    if not data:
        raise InputError(f"{file} is empty")
    if pcap.is_capture(data):
        for datagram in pcap.read(data, file):
            yield datagram.time, f"packet {datagram.number}", datagram.payload
    else:
        yield None, "", data


def _blocks(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield category and content of each data block: a byte of category, two of length, the records."""
    ahead = _ORADIS if _is_oradis(payload) else 0
    at = 0
    while at < len(payload):
        start = at + ahead
        left = len(payload) - start
        length = int.from_bytes(payload[start + 1 : start + 3], "big")
        if not 4 <= length <= left:
            why = (
                f"no data block of ASTERIX: it tells a length of {length}, and {max(left, 0)} bytes are left"
            )
            raise _RefusedError(f"byte {at}", why)
        yield payload[start], payload[start + 3 : start + length]
        at = start + length


def _is_oradis(payload: bytes) -> bool:
    told = int.from_bytes(payload[:2], "big")
    inner = int.from_bytes(payload[_ORADIS + 1 : _ORADIS + 3], "big")
    return _ORADIS + 4 <= told <= len(payload) and told == inner + _ORADIS


def _parsed(category: int, content: bytes) -> Iterator[Any]:
    """Yield the records of a block; where one cannot be decoded a ValueError for the rest of the block."""
    base, generated = _library()
    known = generated.manifest["CATS"].get(category)
    if known is None:
        yield ValueError("the category is not known")
        return
    uap, rest = known[-1].cv_uap, base.Bits.from_bytes(content)
    while len(rest):
        kinds = list(uap.cv_uaps.values()) if hasattr(uap, "cv_uaps") else [uap.cv_record]
        found = _record(base, kinds, rest)
        if isinstance(found, ValueError):
            yield found
            return
        record, rest = found
        yield record


def _record(base: Any, kinds: list[Any], rest: Any) -> Any:
    """Parse one record; of category 001, whose plots and tracks are laid out apart, by what it says it is."""
    found: Any = ValueError("no layout")
    for number, kind in enumerate(kinds):
        try:
            found = kind.parse(base.ParsingMode.StrictParsing, rest)
        except (TypeError, ValueError, LookupError, AssertionError):  # how the library fails on some nonsense
            found = ValueError("the record makes no sense")
        if isinstance(found, ValueError):
            continue
        said = found[0].get_item("020") if len(kinds) > 1 else None
        if said is None or said.variation.get_item("TYP").as_uint() == number:
            return found
    return found


# ------------------------------------------------------------------------------------------------ one record


def _report(category: int, record: Any, number: int, captured: int | None) -> Report | None:
    if isinstance(record, ValueError):
        raise _RefusedError(f"category {category:03}", f"cannot be decoded: {record}")
    if category in PLOTS:
        return _plot(category, record, number, captured)
    if category in SERVICE:
        return _passage(category, record, number, captured)
    return None


def _plot(category: int, record: Any, number: int, captured: int | None) -> Report | None:
    """Take a measured plot; None of what is not: a track without one, a fixed monitor."""
    name = PLOTS[category]
    said = record.get_item("020")
    what = None if said is None else said.variation
    if what is not None and (_flag(what, "RAB") or (category == 48 and what.get_item("TYP").as_uint() == 0)):
        return None
    place = record.get_item("040")
    if place is None:
        return None
    distance_nm = _quantity(place.variation.get_item("RHO"), "NM")
    if place.variation.get_item("RHO").as_uint() in (0, _FULL):
        raise _RefusedError(f"I{name}/040/RHO", f"{distance_nm:g} NM is the end of its scale, no range")
    truncated = category == 1
    return Report(
        record=number, category=category, station=_station(name, record), kind="plot",
        time_of_day_s=_time(name, record, "141" if truncated else "140"), truncated=truncated, captured=captured,
        range_m=distance_nm * NAUTICAL_MILE_M, azimuth_deg=_quantity(place.variation.get_item("THETA"), "°"),
        height_m=_height(name, record), simulated=what is not None and (_flag(what, "SIM") or _flag(what, "TST")),
    )  # fmt: skip


def _passage(category: int, record: Any, number: int, captured: int | None) -> Report | None:
    """Take a passage of the antenna over north or into a sector."""
    name = SERVICE[category]
    said = record.get_item("000")
    kind = None if said is None else {1: "north", 2: "sector"}.get(said.as_uint())
    if kind is None:
        return None
    sector = record.get_item("020")
    if kind == "sector" and sector is None:
        raise _RefusedError(f"I{name}/020", "is missing from a sector crossing")
    azimuth = 0.0 if kind == "north" else _quantity(sector, "°")
    return Report(
        record=number, category=category, station=_station(name, record), kind=kind,  # type: ignore[arg-type]
        time_of_day_s=_time(name, record, "030"), captured=captured, azimuth_deg=azimuth,
    )  # fmt: skip


def _station(name: str, record: Any) -> tuple[int, int]:
    """Return the area and the number of the radar (SAC, SIC)."""
    item = record.get_item("010")
    if item is None:
        raise _RefusedError(f"I{name}/010", "is missing: which radar reports")
    return item.variation.get_item("SAC").as_uint(), item.variation.get_item("SIC").as_uint()


def _time(name: str, record: Any, item: str) -> float | None:
    found = record.get_item(item)
    if found is None:
        return None
    seconds = _quantity(found, "s")
    if not seconds < DAY_S:
        raise _RefusedError(f"I{name}/{item}", f"{seconds:g} s is no time of a day of {DAY_S:g} s")
    return seconds


def _height(name: str, record: Any) -> float | None:
    """Return the height measured, else the flight level, if it is neither garbled nor unlikely."""
    measured = record.get_item("110") if name == "048" else None
    if measured is not None:
        return _likely(f"I{name}/110", _quantity(measured.variation.get_item("3DH"), "ft") * FOOT_M)
    level = record.get_item("090")
    if level is None or _flag(level.variation, "G") or _flag(level.variation, "V"):
        return None
    value = level.variation.get_item("HGT" if name == "001" else "FL")
    return _likely(f"I{name}/090", _quantity(value, "FL") * FLIGHT_LEVEL_M)


def _likely(item: str, height_m: float) -> float:
    if not HEIGHTS_M[0] <= height_m <= HEIGHTS_M[1]:
        low, high = HEIGHTS_M
        raise _RefusedError(
            item, f"{height_m:.0f} m is no height of an aircraft, {low:g} to {high:g}: wrapped?"
        )
    return height_m


def _flag(group: Any, name: str) -> bool:
    """Say whether a bit of a group is set; a bit in an extension that was not sent is not."""
    try:
        item = group.get_item(name)
    except (KeyError, AttributeError):
        return False
    return item is not None and item.as_uint() == 1


def _quantity(item: Any, unit: str) -> float:
    value: float = item.variation.content.as_quantity(unit)
    return value
