"""What Tocsin promises of its own alerts: parameters, marks of what is not real, scope, words of updates."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element

from tocsin.formats.cap_area import AREA, PREDICTION, stale_area
from tocsin.formats.cap_text import children, seconds, text_of, texts_of

_PHASES: Final = {"advisory": "Prepare", "take-shelter": "Shelter", "all-clear": "AllClear"}
_IMPACTS: Final = ("tocsin-impact-earliest", "tocsin-impact-likeliest", "tocsin-impact-latest")
_PARAMETERS: Final = ("tocsin-warning", "tocsin-version", "tocsin-phase", *_IMPACTS, PREDICTION, AREA)
_MARKS: Final = {"Exercise": "EXERCISE", "Test": "TEST", "Draft": "DRAFT"}
# Written down again and not taken from `alerting.phrases`: a slip there is found here. By language: the marks, how a
# text begins and ends with one, and how the headline of an Update and a Cancel begins.
_LANGUAGES: Final[dict[str, tuple[dict[str, str], str, str, str, str]]] = {
    "en": (_MARKS, "{}: ", " {}", "Update: ", "Cancelled: "),
    "de": (
        {"Exercise": "ÜBUNG", "Test": "TEST", "Draft": "ENTWURF"},
        "{}: ",
        " {}",
        "Aktualisierung: ",
        "Widerruf: ",
    ),
    "ja": (
        {"Exercise": "訓練", "Test": "試験", "Draft": "下書き"},
        "【{}】",
        "【{}】",
        "続報：",
        "取り消し：",
    ),
}
_SAME: Final = ("category", "responseType", "urgency", "severity", "certainty", "onset", "expires")
_MARKED: Final = ("event", "headline", "description", "instruction")


def broken_promises(root: Element) -> Iterator[str]:
    """List where an alert of ours is not what we promise, each as `element: why`."""
    yield from _envelope(root)
    infos = children(root, "info")
    for info in infos:
        yield from _parameters(root, info)
        yield from stale_area(info)
        yield from _words(root, info)
    yield from _agreement(infos)


def _envelope(root: Element) -> Iterator[str]:
    status, scope = text_of(root, "status"), text_of(root, "scope")
    if status == "Actual" and scope != "Public":
        yield f"scope: {scope}, and what is Actual is Public"
    if status != "Actual" and scope == "Public":
        yield f"scope: Public, and the status is {status}; only what is Actual is for the public"
    mark = _MARKS.get(status)
    if mark is not None:
        yield from _mark("note", text_of(root, "note"), f"{mark}: ", f" {mark}")


def _parameters(root: Element, info: Element) -> Iterator[str]:
    names = [text_of(parameter, "valueName") for parameter in children(info, "parameter")]
    values = {text_of(p, "valueName"): text_of(p, "value") for p in children(info, "parameter")}
    for name in _PARAMETERS:
        if names.count(name) != 1:
            yield f"parameter: {name} occurs {names.count(name)} times, not once"
    for name in names:
        if name.startswith("tocsin-") and name not in _PARAMETERS:
            yield f"parameter: {name} is none of {', '.join(_PARAMETERS)}"
    if not re.fullmatch(r"W-[0-9]{8}-[0-9]{4,}", values.get("tocsin-warning", "W-00000000-0000")):
        yield f"parameter: tocsin-warning {values['tocsin-warning']!r} is not a warning like W-20260516-0001"
    if not re.fullmatch(r"[1-9][0-9]*", values.get("tocsin-version", "1")):
        yield f"parameter: tocsin-version {values['tocsin-version']!r} is not a number from 1 up"
    if not re.fullmatch(r"[1-9][0-9]*:[0-9a-f]{32}", values.get(PREDICTION, "1:" + "0" * 32)):
        yield f"parameter: {PREDICTION} {values[PREDICTION]!r} is not a version and a hash of 32 digits"
    yield from _phase(root, info, values)
    yield from _impact(info, values)


def _phase(root: Element, info: Element, values: dict[str, str]) -> Iterator[str]:
    phase = values.get("tocsin-phase")
    if phase is None:
        return
    if phase not in _PHASES:
        yield f"parameter: tocsin-phase {phase!r} is none of {', '.join(_PHASES)}"
        return
    responses = [(element.text or "").strip() for element in children(info, "responseType")]
    if responses != [_PHASES[phase]]:
        yield f"responseType: {' '.join(responses) or 'missing'}, and {phase} asks for {_PHASES[phase]}"
    kind = text_of(root, "msgType")
    if kind == "Cancel" and phase != "all-clear":
        yield f"parameter: tocsin-phase {phase} in a Cancel; it must be all-clear"
    if kind == "Alert" and phase == "all-clear":
        yield "parameter: tocsin-phase all-clear in an Alert; it must be an Update or a Cancel"


def _impact(info: Element, values: dict[str, str]) -> Iterator[str]:
    times = {name: seconds(values[name]) for name in _IMPACTS if name in values}
    for name, t in times.items():
        if t is None:
            yield f"parameter: {name} {values[name]!r} is not a time like 2026-05-16T00:01:07-00:00"
    known = [(name, t) for name, t in times.items() if t is not None]
    for (one, t1), (other, t2) in pairwise(known):
        if t1 > t2:
            yield f"parameter: {one} is after {other}"
    expires, latest = seconds(text_of(info, "expires")), times.get("tocsin-impact-latest")
    open_ended = values.get("tocsin-phase") != "all-clear"
    if open_ended and expires is not None and latest is not None and expires < latest:
        yield "expires: before the latest impact"


def _agreement(infos: list[Element]) -> Iterator[str]:
    """Check that infos differ in nothing but their words."""
    languages = [text_of(info, "language") for info in infos]
    if len(set(languages)) < len(languages):
        yield "language: one occurs twice"
    for name in _SAME:
        if len({texts_of(info, name) for info in infos}) > 1:
            yield f"{name}: differs between the languages"
    pairs = [
        [(text_of(p, "valueName"), text_of(p, "value")) for p in children(i, "parameter")] for i in infos
    ]
    if any(other != pairs[0] for other in pairs[1:]):
        yield "parameter: differs between the languages"


def _words(root: Element, info: Element) -> Iterator[str]:
    """Check that what is not real says so at both ends, and what is real does not; that an update says so."""
    status, language = text_of(root, "status"), text_of(info, "language")
    if language not in _LANGUAGES:
        yield f"language: {language!r} is none of {', '.join(_LANGUAGES)}, in which there are texts"
        return
    marks, begin, end, update, cancel = _LANGUAGES[language]
    mark = marks.get(status, "")
    for name in _MARKED:
        text = text_of(info, name)
        if mark:
            yield from _mark(name, text, begin.format(mark), end.format(mark))
        elif any(text.startswith(begin.format(m)) or text.endswith(end.format(m)) for m in marks.values()):
            yield f"{name}: marked as not real, and the status is {status}"
    headline = text_of(info, "headline").removeprefix(begin.format(mark) if mark else "")
    starts = {"Update": update, "Cancel": cancel}.get(text_of(root, "msgType"), "")
    if not headline.startswith(starts):
        yield f"headline: must begin with {starts.strip()!r}; it must not sound like a new event"


def _mark(name: str, text: str, begin: str, end: str) -> Iterator[str]:
    if not (text.startswith(begin) and text.endswith(end)):
        yield f"{name}: must begin with {begin!r} and end with {end!r}"
