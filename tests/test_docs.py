"""The documents against the code: links, generated pages, examples, settings, and what must not stand in them."""

import importlib.util
import json
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tocsin import cli
from tocsin.cli.arguments import parse
from tocsin.cli.policy import decode as decode_policy
from tocsin.formats import toml
from tocsin.formats.jsonl import decode
from tocsin.run.folder import FILES
from tocsin.simulation import library, scenario
from tocsin.study import plan as study_plan
from tocsin.study import world as study_world

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
AROUND = 'title = "A part"\nstart = 2026-05-16T00:00:00Z\nduration_s = 60\nnetwork = "demo"\n'
each_page = pytest.mark.parametrize("name", TEXTS)


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build, pictures = _loaded("build"), _loaded("scenarios")


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _prose(text: str) -> str:
    """Return a page without its blocks and spans of code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def _anchors(text: str) -> list[str]:
    """Return the anchors that a page's headings get."""
    titles = re.findall(
        r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def test_there_are_pages() -> None:
    assert {"README.md", "ARCHITECTURE.md", "docs/README.md", "docs/glossary.md"} <= set(TEXTS)
    assert len(TEXTS) > 25


@each_page
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(TEXTS[name])):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        found = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert found.exists(), f"{name}: {target} leads nowhere"
        assert found.is_relative_to(ROOT), f"{name}: {target} leaves the repository"
        if anchor:
            assert anchor in _anchors(found.read_text(encoding="utf-8")), f"{name}: no heading for {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in TEXTS:
            continue
        reached.add(name)
        for target in re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", TEXTS[name]):
            waiting.append(((ROOT / name).parent / target).resolve().relative_to(ROOT).as_posix())
    assert reached == set(TEXTS)


@pytest.mark.parametrize("name", sorted(build.pages()))
def test_the_committed_reference_is_what_the_code_says(name: str) -> None:
    assert (build.REFERENCE / name).read_text(encoding="utf-8") == build.pages()[name], "run: make docs"


def test_the_index_names_scenarios_that_there_are() -> None:
    rows = re.findall(r"^\| \[.*?\]\(explanation/.*\| (`.*`) \|$", TEXTS["docs/README.md"], re.MULTILINE)
    assert len(rows) >= 10
    assert set(re.findall(r"`([^`]+)`", " ".join(rows))) <= set(library.scenarios())


def test_every_scenario_has_a_small_picture_of_what_it_is_now() -> None:
    assert pictures.stale() == [], "run: make docs"
    sizes = {file.stem: file.stat().st_size for file in pictures.PICTURES.glob("*.png")}
    assert set(sizes) == set(library.scenarios()), "a picture of each and no other"
    assert max(sizes.values()) <= 30_000
    assert sum(sizes.values()) < 1_500_000


def test_a_scenario_that_changes_needs_a_new_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = library.scenarios()
    before = pictures.stamp("demo")
    for old, new, same in (("seed = 2026", "seed = 2027", False), ("alerts = 1", "alerts = 2", True)):
        assert old in texts["demo"]
        monkeypatch.setattr(
            pictures, "scenarios", lambda o=old, n=new: texts | {"demo": texts["demo"].replace(o, n)}
        )
        assert (pictures.stamp("demo") == before) is same


def test_every_setting_is_documented() -> None:
    rows = list(build.options())
    assert {stage for stage, *_ in rows} == {"tracking", "assessment", "alerting"}
    assert len(rows) > 40
    assert not [f"{stage}.{name}" for stage, name, _, _, text in rows if len(text) < 10]


def test_every_setting_is_in_the_reference() -> None:
    for stage, name, *_ in build.options():
        assert f"| `{name}` |" in TEXTS["docs/reference/settings.md"], f"{stage}.{name}"


def test_a_setting_nobody_documents_is_noticed() -> None:
    told = build._sections(
        "Evidence\n    `paths`: independent paths. `more`: and more.\n\nPace: by `shift` or `growth`."
    )
    assert build._sentence_on("paths", told) == "Independent paths."
    assert build._sentence_on("growth", told) == "See `shift`."
    assert build._sentence_on("absent", told) == ""


def test_the_folder_page_names_every_file() -> None:
    missing = [name for name in FILES if f"`{name}`" not in TEXTS["docs/reference/folder.md"]]
    assert not missing


@each_page
def test_no_machine_path_and_no_registry(name: str) -> None:
    for bad in (
        r"(?<![\w.])/(?:work|home|root|tmp|usr|opt)/",
        r"[A-Z]:\\\\",
        r"pypi|npmjs|files\.pythonhosted|proxy\.",
    ):
        assert not re.search(bad, TEXTS[name]), f"{name}: {bad}"


# ------------------------------------------------------------------------------------------- examples in the pages


def test_the_readme_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = _blocks(TEXTS["README.md"], "python")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102
    said = capsys.readouterr().out
    assert said.startswith("closed impacted TEST: ")
    assert "corroborated" in said


def test_the_recording_of_the_guide_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = _blocks(TEXTS["docs/guides/make-a-recording.md"], "python")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "make-a-recording.md", "exec"), {})  # noqa: S102
    assert cli.main(["check", "mine.jsonl.gz"]) == 0
    assert cli.main(["process", "mine.jsonl.gz", "--out", "out", "--no-report", "--quiet"]) == 0
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert (summary["scans"], summary["detections"], summary["rejected"]) == (2, 1, 0)


@each_page
def test_python_compiles(name: str) -> None:
    for block in _blocks(TEXTS[name], "python"):
        compile(block, name, "exec")


@each_page
def test_messages_decode(name: str) -> None:
    for block in _blocks(TEXTS[name], "json"):
        for line in block.splitlines():
            decode(line.encode())


@each_page
def test_toml_is_what_it_says(name: str) -> None:
    for block in _blocks(TEXTS[name], "toml"):
        data = tomllib.loads(block)
        if "signed_by" in data:
            assert len(decode_policy(block, name).signed_by) == 2
        elif "runs" in data:
            assert study_world.verified(study_plan.decode(block, name, ROOT)).total > 0
        elif "start" in data:
            assert scenario.decode(block, name, library.networks()).launch
        elif "background" in data:
            assert scenario.decode(AROUND + block, name, library.networks()).fireball
        else:
            assert len(toml.network(block, name)) == len(data["sensor"])


@each_page
def test_commands_parse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in "\n".join(_blocks(TEXTS[name], "sh")).splitlines():
        for words in _commands(line):
            if words[0].endswith("tocsin"):
                parse(words[1:])
            elif words[0] == "make":
                assert all(re.search(rf"^{verb}:", makefile, re.MULTILINE) for verb in words[1:]), line


def test_verbs_of_contributing_are_those_of_the_makefile() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"^\| `make (\w+)` \|", TEXTS["CONTRIBUTING.md"], re.MULTILINE)
    assert sorted(told) == sorted(phony.split())


def _commands(line: str) -> list[list[str]]:
    """Split a shell line at pipes and `&&` into the words of its commands."""
    parts = [shlex.split(part, comments=True) for part in re.split(r"\|\|?|&&", line)]
    return [words for words in parts if words]
