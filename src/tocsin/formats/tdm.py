"""CCSDS Tracking Data Messages (503.0-B-2), KVN or XML: what a station measured, as segments of observations.

Read by ourselves and held against ccsds-ndm in the tests: that library neither names the line of a wrong value nor
takes indented KVN, and lets an infinite angle or a thirteenth month through.
"""

import difflib
import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from msgspec import Struct

from tocsin.errors import InputError
from tocsin.formats import ccsds, xml
from tocsin.messages import Instant

LENGTH_MAX: Final = 100_000_000  # bytes; a day of ten measures a second has half as many
VERSIONS: Final = ("1.0", "2.0")
HEADER: Final = ("CREATION_DATE", "ORIGINATOR", "MESSAGE_ID")
METADATA: Final = (
    "TRACK_ID", "DATA_TYPES", "TIME_SYSTEM", "START_TIME", "STOP_TIME", "PARTICIPANT_n", "MODE", "PATH", "PATH_1",
    "PATH_2", "EPHEMERIS_NAME_n", "TRANSMIT_BAND", "RECEIVE_BAND", "TURNAROUND_NUMERATOR", "TURNAROUND_DENOMINATOR",
    "TIMETAG_REF", "INTEGRATION_INTERVAL", "INTEGRATION_REF", "FREQ_OFFSET", "RANGE_MODE", "RANGE_MODULUS",
    "RANGE_UNITS", "ANGLE_TYPE", "REFERENCE_FRAME", "INTERPOLATION", "INTERPOLATION_DEGREE", "DOPPLER_COUNT_BIAS",
    "DOPPLER_COUNT_SCALE", "DOPPLER_COUNT_ROLLOVER", "TRANSMIT_DELAY_n", "RECEIVE_DELAY_n", "DATA_QUALITY",
    "CORRECTION_ANGLE_1", "CORRECTION_ANGLE_2", "CORRECTION_DOPPLER", "CORRECTION_MAG", "CORRECTION_RANGE",
    "CORRECTION_RCS", "CORRECTION_RECEIVE", "CORRECTION_TRANSMIT", "CORRECTION_ABERRATION_YEARLY",
    "CORRECTION_ABERRATION_DIURNAL", "CORRECTIONS_APPLIED",
)  # fmt: skip
DATA: Final = (
    "CARRIER_POWER", "DOPPLER_COUNT", "DOPPLER_INSTANTANEOUS", "DOPPLER_INTEGRATED", "PC_N0", "RECEIVE_PHASE_CT_n",
    "TRANSMIT_PHASE_CT_n", "PR_N0", "RANGE", "RECEIVE_FREQ_n", "RECEIVE_FREQ", "TRANSMIT_FREQ_n",
    "TRANSMIT_FREQ_RATE_n", "DOR", "VLBI_DELAY", "ANGLE_1", "ANGLE_2", "MAG", "RCS", "CLOCK_BIAS", "CLOCK_DRIFT",
    "STEC", "TROPO_DRY", "TROPO_WET", "PRESSURE", "RHUMIDITY", "TEMPERATURE",
)  # fmt: skip
CHOICES: Final = {
    "MODE": ("SEQUENTIAL", "SINGLE_DIFF"),
    "TIMETAG_REF": ("TRANSMIT", "RECEIVE"),
    "INTEGRATION_REF": ("START", "MIDDLE", "END"),
    "RANGE_UNITS": ("KM", "S", "RU"),
    "ANGLE_TYPE": ("AZEL", "RADEC", "XEYN", "XSYE"),
    "CORRECTIONS_APPLIED": ("YES", "NO"),
}
_NUMBERED: Final = re.compile(r"_[1-5]$")
_FRAMING: Final = {
    ("metadata", True): "META_START", ("metadata", False): "META_STOP",
    ("data", True): "DATA_START", ("data", False): "DATA_STOP",
}  # fmt: skip
_ENVELOPE: Final = ("ndm", "tdm", "header", "body", "segment")


class Observation(NamedTuple):
    """One measured value, in the unit of its keyword, and the line it stands on."""

    line: int
    keyword: str
    time: Instant
    value: float


class Segment(Struct, frozen=True):
    """One stretch of tracking: `metadata` by keyword, `lines` of the same, and what was observed."""

    line: int
    metadata: dict[str, str]
    lines: dict[str, int]
    observations: tuple[Observation, ...]


class _Token(NamedTuple):
    line: int
    key: str
    value: str


def read(data: bytes, file: str) -> tuple[Segment, ...]:
    """Read a TDM; raise InputError with file, line and keyword where it is malformed."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{file}: line {line}: is not UTF-8 text") from None
    tokens = _of_xml(data, file) if text.lstrip().startswith("<") else _of_kvn(text, file)
    return tuple(_Reader(file).segments(tokens))


def refuse(file: str, line: int, keyword: str, why: str) -> NoReturn:
    """Raise the InputError that names file, line and keyword."""
    raise InputError(f"{file}: line {line}: {keyword}: {why}")


def _of_kvn(text: str, file: str) -> Iterator[_Token]:
    """Yield the keywords of the key-value notation, in order."""
    number = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.split(maxsplit=1)[0] == "COMMENT":
            continue
        key, equals, value = (part.strip() for part in bare.partition("="))
        if not equals and key not in _FRAMING.values():
            refuse(file, number, bare.split()[0], 'is no "KEYWORD = value"')
        yield _Token(number, key, value)
    yield _Token(number, "", "")


def _of_xml(data: bytes, file: str) -> Iterator[_Token]:
    """Yield the same keywords of the XML notation: an observation is its keyword with epoch and value."""
    try:
        steps = xml.steps(data, LENGTH_MAX)
    except xml.XmlError as error:
        raise InputError(f"{file}: is not read as XML: {error}") from None
    epoch, line = "", 0
    for line, name, begins, text, attributes in steps:
        if name == "tdm" and begins:
            yield _Token(line, attributes.get("id", ""), attributes.get("version", ""))
        elif (name, begins) in _FRAMING:
            yield _Token(line, _FRAMING[name, begins], "")
        elif name == "observation":
            epoch = ""
        elif begins or name == "COMMENT" or name in _ENVELOPE:
            continue
        elif name == "EPOCH":
            epoch = text
        else:
            yield _Token(line, name, f"{epoch} {text}" if epoch else text)
    yield _Token(line, "", "")


class _Reader:
    """Turn keywords into segments, holding each against what may stand there."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.header: dict[str, str] = {}

    def segments(self, tokens: Iterator[_Token]) -> Iterator[Segment]:
        first = next(tokens)
        if first.key != "CCSDS_TDM_VERS":
            refuse(self.file, first.line, "CCSDS_TDM_VERS", "does not begin the file: it is no TDM")
        if first.value not in VERSIONS:
            why = f'"{first.value}" is not known here; there are: {", ".join(VERSIONS)}'
            refuse(self.file, first.line, first.key, why)
        found = 0
        for token in tokens:
            if token.key == "META_START":
                self.verify_header(token.line)
                found += 1
                yield self.segment(token.line, tokens)
            elif token.key == "" and found:
                return
            elif token.key == "":
                refuse(self.file, token.line, "META_START", "is missing; the file is cut short or empty")
            elif token.key in HEADER and not found:
                self.header[token.key] = token.value
            else:
                self.misplaced(token, HEADER)

    def verify_header(self, line: int) -> None:
        for key in HEADER[:2]:
            if not self.header.get(key):
                refuse(self.file, line, key, "is missing before META_START")

    def segment(self, line: int, tokens: Iterator[_Token]) -> Segment:
        metadata, lines = self.metadata(line, tokens)
        after = next(tokens)
        if after.key != "DATA_START":
            refuse(self.file, after.line, "DATA_START", "is missing after META_STOP")
        return Segment(line, metadata, lines, tuple(self.observations(metadata["TIME_SYSTEM"], tokens)))

    def metadata(self, line: int, tokens: Iterator[_Token]) -> tuple[dict[str, str], dict[str, int]]:
        found: dict[str, str] = {}
        lines: dict[str, int] = {}
        for token in tokens:
            if token.key == "META_STOP":
                break
            if token.key in found:
                refuse(self.file, token.line, token.key, f"stands on line {lines[token.key]} already")
            if not _known(token.key, METADATA):
                self.misplaced(token, METADATA)
            self.verify_choice(token)
            found[token.key], lines[token.key] = token.value, token.line
        for key in ("TIME_SYSTEM", "PARTICIPANT_1"):
            if not found.get(key):
                refuse(self.file, line, key, "is missing from the metadata that begin here")
        return found, lines

    def verify_choice(self, token: _Token) -> None:
        if not token.value:
            refuse(self.file, token.line, token.key, "has no value")
        choices = CHOICES.get(token.key)
        if choices is not None and token.value.upper() not in choices:
            refuse(self.file, token.line, token.key, f"{token.value} is not one of: {', '.join(choices)}")

    def observations(self, scale: str, tokens: Iterator[_Token]) -> Iterator[Observation]:
        for token in tokens:
            if token.key == "DATA_STOP":
                return
            if not _known(token.key, DATA):
                self.misplaced(token, DATA)
            epoch, _, value = token.value.partition(" ")
            try:
                time = ccsds.instant(epoch, scale)
            except ValueError as error:
                refuse(self.file, token.line, token.key, str(error))
            yield Observation(token.line, token.key, time, number(self.file, token.line, token.key, value))

    def misplaced(self, token: _Token, known: tuple[str, ...]) -> NoReturn:
        """Refuse a keyword that may not stand where it does."""
        if token.key == "":
            stop = "META_STOP" if known is METADATA else "DATA_STOP"
            refuse(self.file, token.line, stop, "is missing; the file is cut short")
        near = difflib.get_close_matches(token.key, known, n=1, cutoff=0.6)
        refuse(self.file, token.line, token.key, "may not stand here" + (f"; {near[0]}?" if near else ""))


def number(file: str, line: int, keyword: str, text: str) -> float:
    """Read a finite number or refuse it."""
    try:
        value = math.nan if "_" in text else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        refuse(file, line, keyword, f'"{text.strip()}" is not a finite number')
    return value


def _known(key: str, known: tuple[str, ...]) -> bool:
    return key in known or _NUMBERED.sub("_n", key) in known
