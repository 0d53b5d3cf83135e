"""Tracking data messages: read as ccsds-ndm reads them, and refused with line and keyword."""

import re
from datetime import datetime
from pathlib import Path

import ccsds_ndm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.earth.time import parse_utc
from tocsin.errors import InputError
from tocsin.formats import tdm

EXAMPLES = Path(__file__).parents[2] / "../shared/data/orbit_tracking/tdm"
FILES = [
    *(f"TDMExample{number}.{syntax}" for number in (2, 4, 6, 8, 15) for syntax in ("txt", "xml")),
    *(f"TDMExampleAllKeywords{kind}.{syntax}" for kind in ("Sequential", "SingleDiff") for syntax in ("txt", "xml")),
    "TDMExampleAllKeywordsSequentialWithRollover.txt",
]  # fmt: skip

KVN = """CCSDS_TDM_VERS = 2.0
COMMENT a pass
CREATION_DATE = 2026-136T00:20:00
ORIGINATOR = TEST
META_START
\tTIME_SYSTEM = UTC
\tPARTICIPANT_1 = R1
\tPARTICIPANT_2 = OBJECT
\tMODE = SEQUENTIAL
\tPATH = 1,2,1
\tRANGE_UNITS = km
\tANGLE_TYPE = AZEL
META_STOP
DATA_START
RANGE   = 2026-05-16T00:10:00.25 1500.5
ANGLE_1 = 2026-05-16T00:10:00.25 359.5
ANGLE_2 = 2026-05-16T00:10:00.25 12.25
DATA_STOP
"""


def example(name):
    path = EXAMPLES / name
    if not path.is_file():
        pytest.skip(f"{name} of ../shared/data is not there")
    return path.read_bytes()


def tidied(data):
    """Write KVN as ccsds-ndm takes it: no indents, no comments, no blank lines, single spaces."""
    lines = (re.sub(r"\s+", " ", line.strip()) for line in data.decode().splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("COMMENT")) + "\n"


def calendar(epoch):
    """Write a day of the year as month and day, by the standard library."""
    head, tail = epoch.rstrip("Z").split("T")
    if head.count("-") == 1:
        head = datetime.strptime(head, "%Y-%j").strftime("%Y-%m-%d")  # noqa: DTZ007 - a date alone
    return f"{head}T{tail}Z"


@pytest.mark.parametrize("name", FILES)
def test_the_examples_are_read_as_ccsds_ndm_reads_them(name):
    data = example(name)
    found = tdm.read(data, name)
    text = (tidied(data) if name.endswith("txt") else data.decode()).replace(
        "4600", "46"
    )  # humidity: its own slip
    theirs = ccsds_ndm.from_str(text).segments
    assert len(found) == len(theirs)
    for ours, other in zip(found, theirs, strict=True):
        assert ours.metadata["PARTICIPANT_1"] == other.metadata.participant_1
        assert ours.metadata.get("ANGLE_TYPE") == other.metadata.angle_type
        assert ours.metadata.get("PATH") == other.metadata.path
        assert [o.keyword for o in ours.observations] == [o.keyword for o in other.data.observations]
        values = [o.value for o in other.data.observations]
        assert [46 if o.value == 4600 else o.value for o in ours.observations] == pytest.approx(
            values, rel=1e-12
        )
        times = [parse_utc(calendar(o.epoch)) for o in other.data.observations]
        assert [o.time for o in ours.observations] == times


@pytest.mark.parametrize("number", [2, 4, 6, 8, 15])
def test_both_syntaxes_say_the_same(number):
    texts, marks = (tdm.read(example(f"TDMExample{number}.{syntax}"), "f") for syntax in ("txt", "xml"))
    for text, mark in zip(texts, marks, strict=True):
        assert [o[1:] for o in text.observations] == [o[1:] for o in mark.observations]
        assert text.metadata.keys() == mark.metadata.keys()


def test_lines_are_told_of_both_syntaxes():
    (segment,) = tdm.read(KVN.encode(), "a.tdm")
    assert [o.line for o in segment.observations] == [15, 16, 17]
    xml = ccsds_ndm.from_str(tidied(KVN.encode())).to_str("xml").replace("><", ">\n<")
    (same,) = tdm.read(xml.encode(), "a.xml")
    rows = xml.splitlines()
    assert [re.search(r"<(\w+)", rows[o.line - 1])[1] for o in same.observations] == [
        "RANGE",
        "ANGLE_1",
        "ANGLE_2",
    ]


@pytest.mark.parametrize("scale, behind_s", [("UTC", 0), ("TAI", 37), ("GPS", 18), ("TT", 69.184)])
def test_scales_of_time_are_told_apart(scale, behind_s):
    (segment,) = tdm.read(KVN.replace("= UTC", f"= {scale}").encode(), "f")
    told = parse_utc("2026-05-16T00:10:00.25Z") - segment.observations[0].time
    assert told == round(behind_s * 1e9)


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("CCSDS_TDM_VERS = 2.0", "CCSDS_OEM_VERS = 2.0", "line 1: CCSDS_TDM_VERS: does not begin the file"),
        ("VERS = 2.0", "VERS = 9.0", 'line 1: CCSDS_TDM_VERS: "9.0" is not known here; there are: 1.0, 2.0'),
        ("ORIGINATOR = TEST\n", "", "line 4: ORIGINATOR: is missing before META_START"),
        ("\tTIME_SYSTEM = UTC\n", "", "line 5: TIME_SYSTEM: is missing from the metadata"),
        ("TIME_SYSTEM = UTC", "TIME_SYSTEM = MARS", "line 15: RANGE: TIME_SYSTEM: MARS is not known here"),
        ("PARTICIPANT_1 = R1", "PARTICIPANT_1 =", "line 7: PARTICIPANT_1: has no value"),
        (
            "PARTICIPANT_1 = R1",
            "PARTICPANT_1 = R1",
            "line 7: PARTICPANT_1: may not stand here; PARTICIPANT_n?",
        ),
        ("PARTICIPANT_2 =", "PARTICIPANT_1 =", "line 8: PARTICIPANT_1: stands on line 7 already"),
        ("= AZEL", "= AZIM", "line 12: ANGLE_TYPE: AZIM is not one of: AZEL, RADEC, XEYN, XSYE"),
        ("= km", "= miles", "line 11: RANGE_UNITS: miles is not one of: KM, S, RU"),
        ("DATA_START\n", "", "line 14: DATA_START: is missing after META_STOP"),
        ("META_STOP\n", "", "line 13: DATA_START: may not stand here"),
        ("DATA_STOP\n", "", "line 17: DATA_STOP: is missing; the file is cut short"),
        ("ANGLE_2 =", "ANGEL_2 =", "line 17: ANGEL_2: may not stand here; ANGLE_2?"),
        ("ANGLE_2 =", "ANGLE_2", 'line 17: ANGLE_2: is no "KEYWORD = value"'),
        (" 1500.5", " fifteen", 'line 15: RANGE: "fifteen" is not a finite number'),
        (" 1500.5", " 1e400", 'line 15: RANGE: "1e400" is not a finite number'),
        (" 1500.5", " nan", 'line 15: RANGE: "nan" is not a finite number'),
        (" 1500.5", " 1_500", 'line 15: RANGE: "1_500" is not a finite number'),
        (" 1500.5", "", 'line 15: RANGE: "" is not a finite number'),
        ("2026-05-16T00:10:00.25 1500.5", "2026-13-16T00:10:00 1", "line 15: RANGE: "),
        (
            "2026-05-16T00:10:00.25 1500.5",
            "2026-366T00:10:00 1",
            "line 15: RANGE: 2026-366: the year 2026 has no day",
        ),
    ],
)
def test_slips_are_told_with_line_and_keyword(old, new, why):
    assert old in KVN
    with pytest.raises(InputError) as error:
        tdm.read(KVN.replace(old, new, 1).encode(), "a.tdm")
    assert str(error.value).startswith(f"a.tdm: {why}")


def test_no_text_and_no_xml_are_told():
    with pytest.raises(InputError, match=r"a\.tdm: line 2: is not UTF-8 text"):
        tdm.read(b"CCSDS_TDM_VERS = 2.0\n\xff\xfe", "a.tdm")
    with pytest.raises(InputError, match=r"a\.xml: is not read as XML: not well-formed"):
        tdm.read(b"<tdm><header>", "a.xml")
    with pytest.raises(InputError, match="a document type declaration is refused"):
        tdm.read(b"<!DOCTYPE tdm><tdm/>", "a.xml")


def test_a_wrong_value_in_xml_is_told_with_its_line():
    xml = ccsds_ndm.from_str(tidied(KVN.encode())).to_str("xml").replace("><", ">\n<").replace("1500.5", "x")
    line = next(i for i, row in enumerate(xml.splitlines(), 1) if "<RANGE>" in row)
    with pytest.raises(InputError, match=rf'a.xml: line {line}: RANGE: "x" is not a finite number'):
        tdm.read(xml.encode(), "a.xml")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["RANGE", "ANGLE_1", "ANGLE_2", "DOPPLER_INSTANTANEOUS"]),
            st.integers(0, 86_399_999),
            st.floats(-179, 359, allow_nan=False),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(["kvn", "xml"]),
)
def test_what_ccsds_ndm_writes_is_read_back(rows, syntax):
    observations = [
        ccsds_ndm.TdmObservation(
            epoch=f"2026-05-16T{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms % 60_000 / 1000:06.3f}",
            keyword=keyword,
            value=value,
        )
        for keyword, ms, value in rows
    ]
    message = ccsds_ndm.from_str(tidied(KVN.encode()))
    message.body = ccsds_ndm.TdmBody(
        segments=[
            ccsds_ndm.TdmSegment(
                metadata=message.segments[0].metadata, data=ccsds_ndm.TdmData(observations=observations)
            )
        ]
    )
    (found,) = tdm.read(message.to_str(syntax).encode(), "f")
    start = parse_utc("2026-05-16T00:00:00Z")
    told = [(o.keyword, (o.time - start) // 1_000_000) for o in found.observations]
    assert told == [(keyword, ms) for keyword, ms, _ in rows]
    assert [o.value for o in found.observations] == pytest.approx(
        [v for *_, v in rows], rel=1e-12, abs=1e-300
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_ends_in_anything_but_a_refusal(data):
    bytes_ = bytearray(KVN.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        bytes_[data.draw(st.integers(0, len(bytes_) - 1))] = data.draw(st.integers(0, 255))
    try:
        tdm.read(bytes(bytes_), "f")
    except InputError as error:
        assert str(error).startswith("f: ")
