"""Network captures (libpcap, the classic format): the payloads of UDP, each with the time it was captured.

After draft-ietf-opsawg-pcap (libpcap's own description of the format): a header of 24 bytes, then for each packet
seconds, fractions, kept length and true length before its bytes.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from tocsin.errors import InputError

MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000), b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1),
}  # fmt: skip
MAGIC_NG: Final = b"\x0a\x0d\x0d\x0a"
_LINKS: Final = {1: 14, 101: 0, 113: 16}  # Ethernet, bare IP, Linux cooked: bytes before the IP header
_IPV4, _VLAN, _UDP = 0x0800, 0x8100, 17


class Datagram(NamedTuple):
    """A payload, when it was captured [POSIX ns], and the number of its packet from 1."""

    number: int
    time: int
    payload: bytes


def is_capture(head: bytes) -> bool:
    """Say whether a file that begins so is a capture, of the classic format or the next."""
    return head[:4] in MAGIC or head[:4] == MAGIC_NG


def read(data: bytes, file: str) -> Iterator[Datagram]:
    """Yield the UDP payloads in order; InputError with the packet's number where the file is no sound capture.

    Packets of other protocols are passed over.
    """
    if data[:4] == MAGIC_NG:
        raise InputError(f"{file}: is a pcapng capture; convert it first: editcap -F pcap")
    if data[:4] not in MAGIC or len(data) < 24:
        raise InputError(f"{file}: is no capture (libpcap)")
    order, fraction_ns = MAGIC[data[:4]]
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    if link not in _LINKS:
        raise InputError(
            f"{file}: captured on link type {link}; taken here are Ethernet, IP and Linux cooked"
        )
    at, number = 24, 0
    while at < len(data):
        number += 1
        if at + 16 > len(data):
            raise InputError(f"{file}: packet {number}: is cut short")
        seconds, fraction, kept, true = struct.unpack_from(order + "IIII", data, at)
        frame, at = data[at + 16 : at + 16 + kept], at + 16 + kept
        if len(frame) < kept or kept < true:
            raise InputError(f"{file}: packet {number}: is cut short, {len(frame)} of {true} bytes")
        payload = _udp(frame, link, f"{file}: packet {number}")
        if payload is not None:
            yield Datagram(number, seconds * 1_000_000_000 + fraction * fraction_ns, payload)


def _udp(frame: bytes, link: int, where: str) -> bytes | None:
    """Return the payload of a UDP packet over IPv4; None of another."""
    start = _LINKS[link]
    if link == 1:
        while frame[start - 2 : start] == _VLAN.to_bytes(2, "big"):
            start += 4
    if link != 101 and frame[start - 2 : start] != _IPV4.to_bytes(2, "big"):
        return None
    packet = frame[start:]
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != _UDP:
        return None
    if int.from_bytes(packet[6:8], "big") & 0x3FFF:
        raise InputError(f"{where}: is a fragment; put datagrams together before the capture")
    head = (packet[0] & 0x0F) * 4
    length = int.from_bytes(packet[head + 4 : head + 6], "big")
    if length < 8 or head + length > len(packet):
        raise InputError(f"{where}: its UDP length {length} does not fit the packet")
    return packet[head + 8 : head + length]
