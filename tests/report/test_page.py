"""The page holds the folder's numbers, stands alone, and opens without anything from outside."""

import json
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from lxml import html

from tocsin.errors import ConfigError
from tocsin.report import wording
from tocsin.report.page import SECTIONS, write_report
from tocsin.report.results import nanoseconds
from tocsin.report.svg import DARK, LIGHT


@cache
def read(folder) -> tuple[str, html.HtmlElement]:
    text = write_report(folder.path).read_text(encoding="utf-8")
    return text, html.document_fromstring(text)


def words(element) -> str:
    return " ".join(element.text_content().split())


def test_asks_for_nothing_from_outside(run, raid, quiet):
    for folder in (run, raid, quiet):
        text, tree = read(folder)
        assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<iframe|url\((?!#)", text)
        for attribute in ("src", "href"):
            assert all(value.startswith("#") for value in tree.xpath(f"//@{attribute}"))


def test_every_reference_inside_has_its_target_and_every_id_is_its_own(run, raid):
    for folder in (run, raid):
        _, tree = read(folder)
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        text = html.tostring(tree, encoding="unicode")
        wanted = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
        assert {a or b for a, b in wanted} <= set(ids)


def test_says_the_numbers_of_the_files(run):
    _, tree = read(run)
    said = words(tree)
    last = run.versions[-1]
    impact, launch = last["impact"], last["launch"]
    for estimate in (launch, impact):
        digits = wording.place_digits(estimate["ellipse_95"])
        assert f"{abs(estimate['latitude_deg']):.{digits}f}° N" in said
        assert f"{abs(estimate['longitude_deg']):.{digits}f}° W" in said
        assert f"{wording.clock(nanoseconds(estimate['time']))} UTC ±" in said
    assert last["reason"] in said
    cells = tree.xpath("//h2[text()='Scored against truth']/following::table[1]/tbody//td/text()")
    assert cells == ["missile-1", "12.0 s", "22.0 s", "42.0 s", "812 m", "0.4 s", "1.23 km", "-1.5 s"]
    assert "GOSPA: 322 m" in said
    assert "1 rejected 3 late 2 duplicates" in said


def test_evidence_counts_agree_with_the_recording_and_the_updates(run):
    _, tree = read(run)
    rows = tree.xpath("//h3[text()='Evidence by sensor']/following::table[1]/tbody/tr")
    told = {row.xpath("td")[0].text: [td.text_content() for td in row.xpath("td")] for row in rows}
    for name in ("geo-1", "geo-2", "radar-1"):
        looks = [m for m in run.messages if m["kind"] == "scan" and m["sensor"] == name]
        used = [u for u in run.updates if u["sensor"] == name]
        mean = sum(u["distance"] for u in used) / len(used)
        detections = sum(len(m["detections"]) for m in looks)
        assert told[name][2:5] == [str(len(looks)), str(detections), str(len(used))]
        assert told[name][7] == f"{mean:.2f}"


def test_names_the_origin_in_a_banner(run, raid):
    assert [words(b) for b in read(run)[1].xpath("//*[@role='note']")] == ["EXERCISE – not a real event"]
    assert [words(b) for b in read(raid)[1].xpath("//*[@role='note']")] == ["TEST – not a real event"]


def test_every_picture_is_told_in_words_and_every_section_has_a_heading(run, quiet):
    for folder in (run, quiet):
        _, tree = read(folder)
        pictures = tree.xpath("//*[local-name()='svg']")
        assert pictures
        assert all(
            picture.get("role") == "img" and len(picture.get("aria-label")) > 20 for picture in pictures
        )
        assert len(tree.xpath("//h1")) == 1
        assert tree.get("lang") == "en"


def test_names_from_a_feed_cannot_become_markup(run, tmp_path):
    folder = tmp_path / "hostile"
    shutil.copytree(run.path, folder)
    for name in ("warnings.jsonl", "events.jsonl"):
        text = (folder / name).read_text()
        text = text.replace("The time of impact", "<script>alert(1)</script> $x_1$ impact")
        text = text.replace("geo-2", "<img src=x>$a_b")
        text = text.replace("an <exercise>", "<b>an")
        (folder / name).write_text(text)
    written = write_report(folder).read_text()
    assert "<script>" not in written
    assert "<img" not in written
    assert "&lt;img src=x&gt;$a_b" in written
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $x_1$" in written
    assert "&lt;b&gt;an" in written


def test_several_warnings_have_an_index_and_a_section_each(raid):
    _, tree = read(raid)
    ids = list(dict.fromkeys(v["id"] for v in raid.versions))
    assert [a.text for a in tree.xpath("//h2[@id='index']/following::table[1]//a")] == ids
    assert [section.get("aria-labelledby") for section in tree.xpath("//section")] == ids
    assert "Scored against truth" not in words(tree), "there is no truth here"


def test_a_flood_of_warnings_is_capped_and_said(raid, tmp_path):
    folder = tmp_path / "flood"
    shutil.copytree(raid.path, folder)
    lines = (raid.path / "warnings.jsonl").read_text().splitlines()
    extra = [lines[0].replace("W-20260516-0001", f"W-20260516-{k:04d}") for k in range(100, 125)]
    (folder / "warnings.jsonl").write_text("\n".join([*lines, *extra]) + "\n")
    text = write_report(folder).read_text()
    tree = html.document_fromstring(text)
    assert len(tree.xpath("//section")) == SECTIONS
    assert f"{28 - SECTIONS} more warnings have no section here" in words(tree)
    assert len(tree.xpath("//h2[@id='index']/following::table[1]/tbody/tr")) == 28
    assert len(text) < 3_000_000


def test_no_warning_is_a_page_that_says_so_and_shows_what_was_seen(quiet):
    _, tree = read(quiet)
    said = words(tree)
    assert "No warning was given" in said
    assert "No alert was issued" in said
    rows = [[td.text_content() for td in row.xpath("td")] for row in tree.xpath("//table[1]/tbody/tr")]
    assert ["geo-1", "infrared", "90"] in [row[:3] for row in rows]


def test_a_bare_folder_with_nothing_but_warnings_is_enough(run, tmp_path):
    (tmp_path / "warnings.jsonl").write_bytes((run.path / "warnings.jsonl").read_bytes())
    assert "No recording is in this folder" in write_report(tmp_path).read_text()


def test_the_same_folder_gives_the_same_bytes(run):
    assert write_report(run.path).read_bytes() == write_report(run.path).read_bytes()


def test_one_launch_is_small_and_quick(run, pace):
    write_report(run.path)
    with pace(3.0):
        size = write_report(run.path).stat().st_size
    assert size < 1_500_000


def test_another_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigError, match="not a run's folder"):
        write_report(Path(tmp_path))


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "track", "launch", "impact", "radar", "truth", "other"])
def test_text_stands_out_from_paper_and_sea(colours, name):
    """WCAG 2.1, 1.4.3: text contrast of 4.5 to 1 at least."""
    for ground in ("paper", "sea"):
        low, high = sorted((luminance(colours[name]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_each_colour_is_its_own():
    assert len(set(LIGHT.values())) == len(LIGHT) == len(DARK)
    assert LIGHT.keys() == DARK.keys()


def test_nothing_to_find_is_said_without_an_empty_table(quiet, tmp_path):
    folder = tmp_path / "quiet"
    shutil.copytree(quiet.path, folder)
    summary = json.loads((folder / "summary.json").read_text())
    scored = summary | {"objects": [], "false_warnings": 0, "missed": 0}
    (folder / "summary.json").write_text(json.dumps(scored))
    tree = html.document_fromstring(write_report(folder).read_text())
    assert "There was nothing to find. False warnings: 0. Missed: 0." in words(tree)
    assert not tree.xpath(
        "//h2[text()='Scored against truth']/following-sibling::div[1]//th[text()='Object']"
    )


def test_a_live_warning_speaks_before_a_later_exercise(run, tmp_path):
    later = run.versions[-1]
    live = run.versions[3] | {"id": "W-20260516-0002", "origin": "live", "reason": "Live and real."}
    (tmp_path / "warnings.jsonl").write_text("".join(json.dumps(v) + "\n" for v in [live, later]))
    tree = html.document_fromstring(write_report(tmp_path).read_text())
    assert words(tree.xpath("//header//p[@class='lead']")[0]) == "Live and real."
    banners = [words(banner) for banner in tree.xpath("//*[@role='note']")]
    assert banners == ["LIVE", "EXERCISE – not a real event"]
