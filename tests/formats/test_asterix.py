"""ASTERIX: read to the bit, and what would be wrapped or makes no sense refused."""

import struct
from pathlib import Path

import pytest
from asterix import base, generated
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError
from tocsin.formats import asterix, pcap

RECORDINGS = Path(__file__).parents[2] / "../shared/data/asterix"
NEWEST = {category: editions[-1] for category, editions in generated.manifest["CATS"].items()}
STATION = ("010", (("SAC", 25), ("SIC", 201)))


def recording(name):
    path = RECORDINGS / name
    if not path.is_file():
        pytest.skip(f"{name} of ../shared/data is not there")
    return path.read_bytes()


def block(category, *records):
    """Encode records by libasterix; items are numbers as they stand in the message, so that nothing is rounded."""
    spec = NEWEST[category]
    kind = spec.cv_uap.cv_uaps["plot"] if category == 1 else spec.cv_uap.cv_record
    made = [kind.create(dict([STATION]) | record) for record in records]
    return spec.create(made).unparse().to_bytes()


def plot(rho=51200, theta=16384, time=3_501_389, level=1320, **items):
    given = {"140": time, "020": ((5, 0, 0, 0, 0, None),), "040": (("RHO", rho), ("THETA", theta))}
    return given | {"090": (0, 0, ("FL", level & 0x3FFF))} | items


def only(data):
    decoded = asterix.read(data, "a.ast")
    assert decoded.rejected == ()
    (report,) = decoded.reports
    return report


def refused(data):
    decoded = asterix.read(data, "a.ast")
    assert decoded.reports == ()
    (refusal,) = decoded.rejected
    return f"{refusal.line} {refusal.field}: {refusal.why}"


def capture(*payloads, order="<", magic=0xA1B2C3D4, padding=b"", link=1):
    """Write a capture: Ethernet, IPv4 and UDP by hand."""
    frames = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)]
    for k, payload in enumerate(payloads):
        udp = struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 1, 2) + udp
        frame = bytes(12) + b"\x08\x00" + ip + padding
        frames.append(struct.pack(order + "IIII", 1_462_433_756 + k, 500_000, len(frame), len(frame)) + frame)
    return b"".join(frames)


def test_a_recorded_plot_is_read_to_the_bit():
    """The values follow from the file's bytes: c5af, f1e0, 356d4d, 0528, by the scales of the category."""
    report = only(recording("cat048.raw"))
    assert report.station == (25, 201) and report.kind == "plot"
    assert report.range_m == pytest.approx(0xC5AF / 256 * 1852.0, rel=1e-12)
    assert report.azimuth_deg == pytest.approx(0xF1E0 * 360 / 65536, rel=1e-12)
    assert report.time_of_day_s == 0x356D4D / 128
    assert report.height_m == pytest.approx(0x0528 / 4 * 100 * 0.3048)


def test_a_recorded_passage_is_read():
    report = only(recording("cat034.raw"))
    assert (report.kind, report.azimuth_deg, report.time_of_day_s) == ("sector", 90.0, 0x3A692B / 128)


@pytest.mark.parametrize(
    "name, records, plots",
    [
        ("cat034.raw", {34: 1}, 0),
        ("cat048.raw", {48: 1}, 1),
        ("cat062cat065.raw", {62: 2, 65: 1}, 0),
        ("cat21_re.ast", {21: 2}, 0),
        ("cat_001_002.pcap", {1: 7, 2: 1}, 7),
        ("cat_034_048.pcap", {34: 34, 48: 128}, 126),
        ("cat_062_065.pcap", {62: 2, 65: 1}, 0),
    ],
)
def test_every_recording_is_read(name, records, plots):
    data = recording(name)
    assert asterix.is_asterix(data[:100])
    decoded = asterix.read(data, name)
    assert decoded.records == records and decoded.rejected == ()
    assert sum(report.kind == "plot" for report in decoded.reports) == plots


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 65_534),
    st.integers(0, 65_535),
    st.integers(0, 86_400 * 128 - 1),
    st.integers(-60, 6_560),
    st.booleans(),
)
def test_what_libasterix_encodes_is_read_back(rho, theta, time, quarter_levels, in_capture):
    data = block(48, plot(rho, theta, time, quarter_levels))
    report = only(capture(data) if in_capture else data)
    assert report.range_m == pytest.approx(rho / 256 * 1852.0, rel=1e-12)
    assert report.azimuth_deg == pytest.approx(theta * 360 / 65536, abs=1e-12)
    assert report.time_of_day_s == time / 128
    assert report.height_m == pytest.approx(quarter_levels * 25 * 0.3048, abs=1e-9)
    assert report.captured == (1_462_433_756_500_000_000 if in_capture else None)


def test_plots_of_category_1_have_other_scales_and_a_truncated_time():
    record = {
        "020": ((0, 0, 0, 0, 0, 0, None),), "040": (("RHO", 12_800), ("THETA", 16_384)), "141": 32_768,
        "090": (0, 0, ("HGT", 400)),
    }  # fmt: skip
    report = only(block(1, record))
    assert report.range_m == pytest.approx(100 * 1852.0) and report.azimuth_deg == 90.0
    assert (report.time_of_day_s, report.truncated) == (256.0, True)
    assert report.height_m == pytest.approx(3_048.0)


def test_a_measured_height_goes_before_a_flight_level():
    assert only(block(48, plot(**{"110": (0, ("3DH", 1000))}))).height_m == pytest.approx(25_000 * 0.3048)


@pytest.mark.parametrize("garbled", [(1, 0), (0, 1)])
def test_a_garbled_height_is_none(garbled):
    assert only(block(48, plot(**{"090": (*garbled, ("FL", 1320))}))).height_m is None


def test_simulated_targets_are_marked():
    assert only(block(48, plot(**{"020": ((5, 1, 0, 0, 0, None),)}))).simulated
    assert not only(block(48, plot())).simulated


@pytest.mark.parametrize(
    "items",
    [{"020": ((0, 0, 0, 0, 0, None),)}, {"020": ((5, 0, 0, 0, 1, None),)}],
    ids=["no plot", "a fixed monitor"],
)
def test_what_is_no_target_is_passed_over(items):
    assert asterix.read(block(48, plot(**items)), "a").reports == ()


@pytest.mark.parametrize(
    "record, why",
    [
        (plot(rho=0), "1 I048/040/RHO: 0 NM is the end of its scale, no range"),
        (plot(rho=65_535), "1 I048/040/RHO: 255.996 NM is the end of its scale, no range"),
        (plot(time=86_400 * 128), "1 I048/140: 86400 s is no time of a day of 86400 s"),
        (plot(time=0xFFFFFF), "1 I048/140: 131072 s is no time of a day of 86400 s"),
        (plot(level=8191), "1 I048/090: 62415 m is no height of an aircraft, -500 to 50000: wrapped?"),
        (plot(level=-8192), "1 I048/090: -62423 m is no height of an aircraft, -500 to 50000: wrapped?"),
        (plot(**{"110": (0, ("3DH", 0x2000))}), "1 I048/110: -62423 m is no height of an aircraft"),
    ],
)
def test_values_that_are_wrapped_are_refused_with_their_item(record, why):
    """The library itself wraps: 2,048 flight levels it encodes as -2,048."""
    assert refused(block(48, record)).startswith(why)


def test_the_library_wraps_which_is_why_values_are_checked():
    wrapped = plot() | {"090": (0, 0, ("FL", (2048.0, "FL")))}
    assert refused(block(48, wrapped)).startswith("1 I048/090: -62423 m is no height")


def test_a_refused_record_leaves_the_others():
    decoded = asterix.read(block(48, plot(rho=0), plot()) + block(48, plot(theta=1)), "a")
    assert [r.record for r in decoded.reports] == [2, 3] and [r.line for r in decoded.rejected] == [1]


def test_what_follows_nonsense_in_a_block_is_refused_with_it():
    good = block(48, plot())
    bad = good[:3] + b"\x01\x01\x01\x01\x80" + good[3:]
    decoded = asterix.read(bad[:1] + struct.pack(">H", len(bad)) + bad[3:] + good, "a")
    assert len(decoded.reports) == 1 and "cannot be decoded" in decoded.rejected[0].why


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "a.ast is empty"),
        (b"\x30\x00\x03", "a.ast: byte 0: no data block of ASTERIX: it tells a length of 3"),
        (
            b"\x30\x00\x30" + bytes(10),
            "a.ast: byte 0: no data block of ASTERIX: it tells a length of 48, and 13 bytes",
        ),
    ],
)
def test_what_is_cut_short_is_told(data, why):
    with pytest.raises(InputError) as error:
        asterix.read(data, "a.ast")
    assert str(error.value).startswith(why)


def test_a_datagram_of_something_else_is_refused_alone():
    decoded = asterix.read(capture(b"hello there", block(48, plot()), padding=bytes(18)), "a.pcap")
    assert len(decoded.reports) == 1
    assert decoded.rejected[0].field == "packet 1 byte 0"
    with pytest.raises(InputError, match=r"a\.pcap: holds no ASTERIX"):
        asterix.read(capture(b"hello there"), "a.pcap")


@pytest.mark.parametrize(
    "order, magic, step", [("<", 0xA1B2C3D4, 1000), (">", 0xA1B2C3D4, 1000), ("<", 0xA1B23C4D, 1)]
)
def test_captures_of_both_orders_and_clocks(order, magic, step):
    found = list(pcap.read(capture(b"one", b"two", order=order, magic=magic), "f"))
    assert [d.payload for d in found] == [b"one", b"two"]
    assert found[1].time == 1_462_433_757_000_000_000 + 500_000 * step


@pytest.mark.parametrize(
    "data, why",
    [
        (b"\x0a\x0d\x0d\x0a" + bytes(40), "is a pcapng capture; convert it first"),
        (capture(b"one")[:-1], "packet 1: is cut short"),
        (capture(b"one", b"two")[:100], "packet 2: is cut short"),
        (capture(b"one", link=147), "captured on link type 147"),
        (b"\xd4\xc3\xb2\xa1", "is no capture"),
    ],
)
def test_unsound_captures_are_told(data, why):
    with pytest.raises(InputError, match=f"f: {why}"):
        list(pcap.read(data, "f"))


def test_fragments_are_told_and_other_protocols_passed_over():
    whole = bytearray(capture(b"one"))
    at = 24 + 16 + 14
    whole[at + 9] = 6
    assert list(pcap.read(bytes(whole), "f")) == []
    whole[at + 9], whole[at + 6] = 17, 0x20
    with pytest.raises(InputError, match="packet 1: is a fragment"):
        list(pcap.read(bytes(whole), "f"))


SOUND = block(48, plot(), plot(theta=5)) + block(34, {"000": 2, "020": 64, "030": 3_501_389})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), min_size=1, max_size=5))
def test_no_damage_ends_in_anything_but_a_refusal(damage):
    bytes_ = bytearray(SOUND)
    for at, value in damage:
        bytes_[at % len(bytes_)] = value
    try:
        asterix.read(bytes(bytes_), "f")
    except InputError as error:
        assert str(error).startswith("f: ")


def test_the_library_is_the_one_meant():
    assert base.RawDatablock and NEWEST[48].cv_edition >= (1, 32)
