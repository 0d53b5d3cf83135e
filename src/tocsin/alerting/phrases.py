"""What the public reads, as templates by language. Placeholders stand in braces; every language fills the same.

English, German and Japanese, written by hand, not translated word by word. A key that ends in `.one` is the form for
the number 1, where a language has one. Adding a language: one more `Phrases` in `LANGUAGES`; the tests hold it to the
keys and placeholders of the English.
"""

from typing import Final

from msgspec import Struct


class Phrases(Struct, frozen=True, kw_only=True):
    """One language. `comma`: the decimal sign. `poles`: north, south, east, west.

    `texts`: by key: `headline…`, `description…`, `instruction…`, `area`, `place`, `clock`, and the sentences that
    close a description and say why.
    """

    name: str
    comma: str
    poles: tuple[str, str, str, str]
    marks: dict[str, str]
    marked: str
    event: str
    texts: dict[str, str]


ENGLISH: Final = Phrases(
    name="English",
    comma=".",
    poles=("N", "S", "E", "W"),
    marks={"Exercise": "EXERCISE", "Test": "TEST", "Draft": "DRAFT"},
    marked="{mark}: {text} {mark}",
    event="Ballistic missile",
    texts={
        "headline.advisory": "Missile advisory: be ready",
        "headline.take-shelter": "Missile alert: take shelter now",
        "headline.update.advisory": "Update: missile advisory: be ready",
        "headline.update.take-shelter": "Update: missile alert: take shelter now",
        "headline.all-clear": "Update: all clear, the missile alert is over",
        "headline.cancel": "Cancelled: the missile alert is withdrawn",
        "window": "between {earliest} and {latest}, most likely at {likeliest}",
        "description.expected": "A ballistic missile is expected to come down {window}, in the area given. {because}",
        "description.all-clear": "The time in which an impact was expected, {window}, is over. {because}",
        "description.cancel": "The alert for an impact {window} is withdrawn. {because}",
        "instruction.advisory": (
            "Be ready to take shelter. Stay near a solid building and follow official channels."
        ),
        "instruction.take-shelter": (
            "Take shelter now: go into a solid building or below ground, away from windows. "
            "Stay there until the all-clear."
        ),
        "instruction.all-clear": (
            "You may leave shelter. Report debris, do not touch it. Other alerts stay in force."
        ),
        "instruction.cancel": (
            "No action is needed because of this alert. Other alerts, if any, stay in force."
        ),
        "area": (
            "Around {place}: ellipse of {major} by {minor} km half axes, "
            "which holds the impact in {share} of 100 cases"
        ),
        "place": "{latitude}° {south_north} {longitude}° {west_east}",
        "clock": "{hours}:{minutes}:{seconds} UTC",
        "seen": "Seen on {n} independent paths.",
        "seen.one": "Seen on {n} independent path.",
        "corroborated": "Corroborated by {n} independent paths.",
        "corroborated.one": "Corroborated by {n} independent path.",
        "corroborated-by-both": "Corroborated by {n} independent paths, infrared and radar.",
        "corroborated-by-both.one": "Corroborated by {n} independent path, infrared and radar.",
        "moved": "The expected place has moved by {km} km.",
        "moved-away": (
            "The expected place has moved by {km} km. The alert no longer holds outside the new area."
        ),
        "time-is-short": "The time left has become short.",
        "lost": "No longer tracked, estimate of {time}.",
        "lost-and-wider": "No longer tracked, estimate of {time}. The area is drawn wider for it.",
        "found-again": "The object is tracked again.",
        "nothing-more": "Nothing more is expected from it.",
        "harmless": "The object is harmless.",
        "taken-back": "The alert was taken back by a person.",
        "all-clear-given": "All clear given by {by}.",
        "all-clear-given.because": "All clear given by {by} ({reason}).",
        "cancelled": "Cancelled by {by}.",
        "cancelled.because": "Cancelled by {by} ({reason}).",
        "dismissed": "Dismissed by {by}.",
        "dismissed.because": "Dismissed by {by} ({reason}).",
    },
)

GERMAN: Final = Phrases(
    name="Deutsch",
    comma=",",
    poles=("N", "S", "O", "W"),
    marks={"Exercise": "ÜBUNG", "Test": "TEST", "Draft": "ENTWURF"},
    marked="{mark}: {text} {mark}",
    event="Ballistische Rakete",
    texts={
        "headline.advisory": "Raketen-Vorwarnung: Halten Sie sich bereit",
        "headline.take-shelter": "Raketenalarm: Suchen Sie sofort Schutz",
        "headline.update.advisory": "Aktualisierung: Raketen-Vorwarnung, halten Sie sich bereit",
        "headline.update.take-shelter": "Aktualisierung: Raketenalarm, suchen Sie sofort Schutz",
        "headline.all-clear": "Aktualisierung: Entwarnung, der Raketenalarm ist beendet",
        "headline.cancel": "Widerruf: Der Raketenalarm wird zurückgenommen",
        "window": "zwischen {earliest} und {latest}, am wahrscheinlichsten um {likeliest}",
        "description.expected": (
            "Der Einschlag einer ballistischen Rakete im angegebenen Gebiet wird {window}, erwartet. {because}"
        ),
        "description.all-clear": (
            "Die Zeit, in der ein Einschlag erwartet wurde ({window}), ist vorüber. {because}"
        ),
        "description.cancel": "Die Warnung vor einem Einschlag {window}, wird zurückgenommen. {because}",
        "instruction.advisory": (
            "Halten Sie sich bereit, Schutz zu suchen. Bleiben Sie in der Nähe eines massiven Gebäudes "
            "und achten Sie auf amtliche Mitteilungen."
        ),
        "instruction.take-shelter": (
            "Suchen Sie sofort Schutz: Gehen Sie in ein massives Gebäude oder unter die Erde, weg von den "
            "Fenstern. Bleiben Sie dort bis zur Entwarnung."
        ),
        "instruction.all-clear": (
            "Sie können den Schutzort verlassen. Melden Sie Trümmer und berühren Sie sie nicht. "
            "Andere Warnungen gelten weiter."
        ),
        "instruction.cancel": (
            "Wegen dieser Warnung müssen Sie nichts tun. Falls es andere Warnungen gibt, gelten sie weiter."
        ),
        "area": (
            "Um {place}: Ellipse mit Halbachsen von {major} und {minor} km, "
            "in der der Einschlag in {share} von 100 Fällen liegt"
        ),
        "place": "{latitude}° {south_north} {longitude}° {west_east}",
        "clock": "{hours}:{minutes}:{seconds} Uhr UTC",
        "seen": "Über {n} unabhängige Meldewege beobachtet.",
        "seen.one": "Über {n} unabhängigen Meldeweg beobachtet.",
        "corroborated": "Durch {n} unabhängige Meldewege bestätigt.",
        "corroborated.one": "Durch {n} unabhängigen Meldeweg bestätigt.",
        "corroborated-by-both": "Durch {n} unabhängige Meldewege bestätigt, Infrarot und Radar.",
        "corroborated-by-both.one": "Durch {n} unabhängigen Meldeweg bestätigt, Infrarot und Radar.",
        "moved": "Der erwartete Ort hat sich um {km} km verschoben.",
        "moved-away": (
            "Der erwartete Ort hat sich um {km} km verschoben. "
            "Außerhalb des neuen Gebiets gilt die Warnung nicht mehr."
        ),
        "time-is-short": "Die verbleibende Zeit ist kurz geworden.",
        "lost": "Das Objekt wird nicht mehr verfolgt; Schätzung von {time}.",
        "lost-and-wider": (
            "Das Objekt wird nicht mehr verfolgt; Schätzung von {time}. Das Gebiet ist deshalb größer gezeichnet."
        ),
        "found-again": "Das Objekt wird wieder verfolgt.",
        "nothing-more": "Von diesem Objekt ist nichts mehr zu erwarten.",
        "harmless": "Das Objekt ist ungefährlich.",
        "taken-back": "Die Warnung wurde von einem Menschen zurückgenommen.",
        "all-clear-given": "Entwarnung gegeben durch {by}.",
        "all-clear-given.because": "Entwarnung gegeben durch {by} ({reason}).",
        "cancelled": "Widerrufen durch {by}.",
        "cancelled.because": "Widerrufen durch {by} ({reason}).",
        "dismissed": "Verworfen durch {by}.",
        "dismissed.because": "Verworfen durch {by} ({reason}).",
    },
)

JAPANESE: Final = Phrases(
    name="日本語",
    comma=".",
    poles=("北緯", "南緯", "東経", "西経"),
    marks={"Exercise": "訓練", "Test": "試験", "Draft": "下書き"},
    marked="【{mark}】{text}【{mark}】",
    event="弾道ミサイル",
    texts={
        "headline.advisory": "ミサイル注意情報：避難の準備をしてください",
        "headline.take-shelter": "ミサイル警報：直ちに避難してください",
        "headline.update.advisory": "続報：ミサイル注意情報。避難の準備をしてください",
        "headline.update.take-shelter": "続報：ミサイル警報。直ちに避難してください",
        "headline.all-clear": "続報：警報解除。ミサイルの警報は終わりました",
        "headline.cancel": "取り消し：ミサイルの警報を取り消します",
        "window": "{earliest}から{latest}の間、最も可能性が高いのは{likeliest}",
        "description.expected": (
            "弾道ミサイルが示された地域に落下するおそれがあります。予想時刻：{window}。{because}"
        ),
        "description.all-clear": "落下が予想されていた時間（{window}）は過ぎました。{because}",
        "description.cancel": "落下が予想されていた時間（{window}）についての警報を取り消します。{because}",
        "instruction.advisory": (
            "すぐに避難できるように準備してください。頑丈な建物の近くにとどまり、公的機関の情報に注意してください。"
        ),
        "instruction.take-shelter": (
            "直ちに避難してください。頑丈な建物の中か地下に入り、窓から離れてください。"
            "警報が解除されるまで、その場にとどまってください。"
        ),
        "instruction.all-clear": (
            "避難場所から出てもかまいません。破片を見つけたら、触らずに通報してください。ほかの警報は引き続き有効です。"
        ),
        "instruction.cancel": (
            "この警報のために行動する必要はありません。ほかの警報が出ている場合、それらは引き続き有効です。"
        ),
        "area": (
            "{place}付近：半軸{major} kmと{minor} kmの楕円。落下地点がこの中に入る割合は100回中{share}回"
        ),
        "place": "{south_north}{latitude}度、{west_east}{longitude}度",
        "clock": "協定世界時{hours}時{minutes}分{seconds}秒",
        "seen": "独立した{n}系統で観測されました。",
        "corroborated": "独立した{n}系統の観測で裏付けられました。",
        "corroborated-by-both": "独立した{n}系統（赤外線とレーダー）の観測で裏付けられました。",
        "moved": "落下予想地点が{km} km変わりました。",
        "moved-away": "落下予想地点が{km} km変わりました。新しい地域の外では、警報は解除されました。",
        "time-is-short": "残り時間が少なくなりました。",
        "lost": "追跡は途絶えました。{time}時点の推定です。",
        "lost-and-wider": "追跡は途絶えました。{time}時点の推定です。そのため、地域を広く示しています。",
        "found-again": "物体の追跡が再開されました。",
        "nothing-more": "この物体による落下は、もう予想されません。",
        "harmless": "この物体に危険はありません。",
        "taken-back": "担当者が警報を取り消しました。",
        "all-clear-given": "{by}が警報を解除しました。",
        "all-clear-given.because": "{by}が警報を解除しました（{reason}）。",
        "cancelled": "{by}が取り消しました。",
        "cancelled.because": "{by}が取り消しました（{reason}）。",
        "dismissed": "{by}が誤報と判断しました。",
        "dismissed.because": "{by}が誤報と判断しました（{reason}）。",
    },
)

LANGUAGES: Final[dict[str, Phrases]] = {"en": ENGLISH, "de": GERMAN, "ja": JAPANESE}
