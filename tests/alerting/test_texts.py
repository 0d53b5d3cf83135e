"""The public's words: every language says the same, fills every placeholder, and has its plurals."""

import itertools
import re
import string

import pytest

from tocsin.alerting.phrases import ENGLISH, LANGUAGES
from tocsin.alerting.settings import Settings
from tocsin.alerting.texts import Said, by_whom, sentences, texts
from tocsin.cli.options import values

OTHERS = [language for language in LANGUAGES if language != "en"]
KINDS = [
    ("Alert", "advisory"), ("Alert", "take-shelter"), ("Update", "advisory"), ("Update", "take-shelter"),
    ("Update", "all-clear"), ("Cancel", "all-clear"),
]  # fmt: skip
SAID = (Said("moved", {"km": "12"}), Said("corroborated-by-both", {"n": 2}))


def _fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _keys(phrases):
    return {key for key in phrases.texts if not key.endswith(".one")}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text(language):
    assert _keys(LANGUAGES[language]) == _keys(ENGLISH)
    assert set(LANGUAGES[language].marks) == set(ENGLISH.marks)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_holds_the_same_placeholders(language):
    for key, template in LANGUAGES[language].texts.items():
        assert _fields(template) == _fields(ENGLISH.texts[key.removesuffix(".one")]), key


def test_no_two_languages_share_a_sentence():
    for one, other in itertools.combinations(LANGUAGES.values(), 2):
        shared = {
            k for k in _keys(one) if one.texts[k] == other.texts[k] and re.search(r"[a-z]{4}", one.texts[k])
        }
        assert shared <= {"place"}, shared  # only signs and placeholders


@pytest.mark.parametrize(("language", "kind", "status"), itertools.product(
    LANGUAGES, KINDS, ("Actual", "Exercise", "Test", "Draft")
))  # fmt: skip
def test_every_alert_is_written_out(language, kind, status, impact):
    text = texts(language, status, *kind, impact(1200), SAID)
    words = LANGUAGES[language]
    for value in (text.event, text.headline, text.description, text.instruction, text.area_description):
        assert value
        assert not set("{}") & set(value)
        assert "  " not in value
    mark = words.marks.get(status)
    for value in (text.event, text.headline, text.description, text.instruction):
        if mark is None:
            assert not any(m in value for m in words.marks.values())
        else:
            ends = ("【" + mark + "】",) * 2 if language == "ja" else (mark + ": ", " " + mark)
            assert value.startswith(ends[0])
            assert value.endswith(ends[1])


def test_the_three_languages_in_full(impact):
    """Read by eye; kept so that nobody changes them by accident."""
    got = {code: texts(code, "Actual", "Update", "take-shelter", impact(1200), SAID) for code in LANGUAGES}
    assert got["en"].headline == "Update: missile alert: take shelter now"
    assert got["en"].description == (
        "A ballistic missile is expected to come down between 00:19:48 UTC and 00:20:12 UTC, most likely at 00:20:00 "
        "UTC, in the area given. The expected place has moved by 12 km. Corroborated by 2 independent paths, infrared "
        "and radar."
    )
    assert got["de"].headline == "Aktualisierung: Raketenalarm, suchen Sie sofort Schutz"
    assert got["de"].description == (
        "Der Einschlag einer ballistischen Rakete im angegebenen Gebiet wird zwischen 00:19:48 Uhr UTC und 00:20:12 "
        "Uhr UTC, am wahrscheinlichsten um 00:20:00 Uhr UTC, erwartet. Der erwartete Ort hat sich um 12 km "
        "verschoben. Durch 2 unabhängige Meldewege bestätigt, Infrarot und Radar."
    )
    assert got["de"].area_description == (
        "Um 41,20° N 143,10° O: Ellipse mit Halbachsen von 21 und 6,0 km, "
        "in der der Einschlag in 95 von 100 Fällen liegt"
    )
    assert got["ja"].headline == "続報：ミサイル警報。直ちに避難してください"
    assert got["ja"].description == (
        "弾道ミサイルが示された地域に落下するおそれがあります。予想時刻：協定世界時00時19分48秒から"
        "協定世界時00時20分12秒の間、最も可能性が高いのは協定世界時00時20分00秒。落下予想地点が12 km変わりました。"
        "独立した2系統（赤外線とレーダー）の観測で裏付けられました。"
    )
    assert got["ja"].area_description.startswith("北緯41.20度、東経143.10度付近：")


def test_south_and_west(impact):
    place = impact(1200, lat=-33.9, lon=-18.4)
    found = [texts(code, "Actual", "Alert", "advisory", place, ()).area_description for code in LANGUAGES]
    assert [text[: text.index("：" if "：" in text else ":")] for text in found] == [
        "Around 33.90° S 18.40° W", "Um 33,90° S 18,40° W", "南緯33.90度、西経18.40度付近",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "Seen on 1 independent path.", "Seen on 2 independent paths."),
        ("de", "Über 1 unabhängigen Meldeweg beobachtet.", "Über 2 unabhängige Meldewege beobachtet."),
        ("ja", "独立した1系統で観測されました。", "独立した2系統で観測されました。"),
    ],
)
def test_plurals(language, one, two):
    assert sentences(language, (Said("seen", {"n": 1}),)) == one
    assert sentences(language, (Said("seen", {"n": 2}),)) == two
    assert sentences(language, (Said("seen", {"n": 0}),)) == two.replace("2", "0")


def test_a_persons_own_words_stay_theirs():
    said = (by_whom("cancelled", "Ann {O}", "over {here}"),)  # braces are words, no placeholders
    assert sentences("en", said) == "Cancelled by Ann {O} (over {here})."
    assert sentences("de", said) == "Widerrufen durch Ann {O} (over {here})."
    assert sentences("ja", said) == "Ann {O}が取り消しました（over {here}）。"
    assert sentences("de", (by_whom("dismissed", "Ann", ""),)) == "Verworfen durch Ann."


def test_the_command_line_offers_what_there_is():
    assert set(values.LANGUAGES) == set(LANGUAGES)


def test_settings_choose_the_languages_and_the_main_one(playbook):
    book = playbook(Settings(languages=("ja", "en")))
    book.look(10)
    book.confirm(12)
    (alert,) = book.alerts()
    assert (alert.language, [t.language for t in alert.translations]) == ("ja", ["en"])
    assert alert.headline == "ミサイル注意情報：避難の準備をしてください"
    assert alert.translations[0].headline == "Missile advisory: be ready"


def test_every_end_is_said_in_every_language(playbook):
    for how in ("cancel", "dismiss"):
        book = playbook(Settings(languages=("en", "de", "ja")))
        book.look(10)
        book.confirm(12)
        book.decide(14, how, "carla", reason="a sounding rocket")
        for text in book.alerts()[-1].texts:
            assert "{" not in text.description
        assert book.alerts()[-1].msg_type == "Cancel"
