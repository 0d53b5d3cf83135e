"""The texts of an alert in one language: templates of `phrases` filled with an impact and reasons."""

from typing import Final

from msgspec import Struct

from tocsin.alerting.evidence import earliest, latest
from tocsin.alerting.phrases import LANGUAGES, Phrases
from tocsin.earth.time import format_utc
from tocsin.messages import SECOND, AlertText, ImpactEstimate, Instant

SHARES: Final = {True: 95, False: 99}  # by whether the 99 % ellipse is missing


class Said(Struct, frozen=True):
    """A sentence that closes a description: a key of `Phrases.texts` and what fills it. Times are `Instant`s."""

    key: str
    values: dict[str, int | str] = {}


Because = tuple[Said, ...]


def texts(
    language: str, status: str, msg_type: str, phase: str, impact: ImpactEstimate, because: Because
) -> AlertText:
    """Write an alert's texts in a language; every text of what is not `Actual` begins and ends with its mark."""
    words = LANGUAGES[language]
    mark = words.marks.get(status)

    def marked(text: str) -> str:
        return text if mark is None else words.marked.format(mark=mark, text=text)

    return AlertText(
        language=language,
        event=marked(words.event),
        headline=marked(words.texts[_headline(msg_type, phase)]),
        description=marked(_description(language, msg_type, phase, impact, because)),
        instruction=marked(words.texts[f"instruction.{'cancel' if msg_type == 'Cancel' else phase}"]),
        area_description=_area(words, impact),
    )


def sentences(language: str, because: Because) -> str:
    """Write the reasons, one sentence after the other."""
    words = LANGUAGES[language]
    return ("" if language == "ja" else " ").join(_sentence(words, said) for said in because)


def by_whom(key: str, by: str, reason: str) -> Said:
    """Say that a person or policy did something; their own words stay as they wrote them, in any language."""
    return Said(f"{key}.because" if reason else key, {"by": by, "reason": reason})


def _headline(msg_type: str, phase: str) -> str:
    if msg_type == "Cancel":
        return "headline.cancel"
    update = "update." if msg_type == "Update" and phase != "all-clear" else ""
    return f"headline.{update}{phase}"


def _description(language: str, msg_type: str, phase: str, impact: ImpactEstimate, because: Because) -> str:
    words = LANGUAGES[language]
    kind = "cancel" if msg_type == "Cancel" else "all-clear" if phase == "all-clear" else "expected"
    times = {"earliest": earliest(impact), "latest": latest(impact), "likeliest": impact.time}
    window = words.texts["window"].format(**{name: _clock(words, t) for name, t in times.items()})
    said = sentences(language, because)
    return words.texts[f"description.{kind}"].format(window=window, because=said).rstrip()


def _sentence(words: Phrases, said: Said) -> str:
    one = f"{said.key}.one"
    key = one if said.values.get("n") == 1 and one in words.texts else said.key
    values = {
        name: _clock(words, value) if isinstance(value, Instant) else value
        for name, value in said.values.items()
    }
    return words.texts[key].format(**values)


def _area(words: Phrases, impact: ImpactEstimate) -> str:
    north, south, east, west = words.poles
    ellipse = impact.ellipse_99 or impact.ellipse_95
    place = words.texts["place"].format(
        latitude=_decimal(words, abs(impact.latitude_deg), 2), south_north=north if impact.latitude_deg >= 0 else south,
        longitude=_decimal(words, abs(impact.longitude_deg), 2), west_east=east if impact.longitude_deg >= 0 else west,
    )  # fmt: skip
    return words.texts["area"].format(
        place=place,
        major=_km(words, ellipse.semi_major_m),
        minor=_km(words, ellipse.semi_minor_m),
        share=SHARES[impact.ellipse_99 is None],
    )


def _clock(words: Phrases, t: int) -> str:
    """Tell the time to the second, as it is read aloud."""
    hours, minutes, seconds = format_utc(Instant(t + SECOND // 2))[11:19].split(":")
    return words.texts["clock"].format(hours=hours, minutes=minutes, seconds=seconds)


def _km(words: Phrases, metres: float) -> str:
    return _decimal(words, metres / 1000, 1 if metres < 10_000 else 0)


def _decimal(words: Phrases, value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", words.comma)
