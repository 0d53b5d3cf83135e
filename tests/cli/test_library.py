"""What comes with Tocsin can be listed, printed, checked and begun from."""

import json
import tomllib

from tocsin.cli import main
from tocsin.simulation import library


def test_scenarios_are_listed_with_their_stories(capsys):
    assert main(["scenarios"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == list(library.scenarios())
    assert all(len(line.split()) > 4 for line in told)


def test_one_is_printed_as_it_is(capsys):
    assert main(["scenarios", "demo"]) == 0
    assert capsys.readouterr().out == library.scenarios()["demo"]
    assert main(["networks", "demo"]) == 0
    assert capsys.readouterr().out == library.networks()["demo"]
    assert main(["networks", "nowhere"]) == 2
    assert "demo, regional" in capsys.readouterr().err


def test_networks_are_listed(capsys):
    assert main(["networks"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(library.networks())


def test_all_that_is_bundled_is_clean(tmp_path, capsys):
    files = []
    for folder, texts in (("s", library.scenarios()), ("n", library.networks())):
        (tmp_path / folder).mkdir()
        for name, text in texts.items():
            (tmp_path / folder / f"{name}.toml").write_text(text)
            files.append(str(tmp_path / folder / f"{name}.toml"))
    assert main(["check", *files]) == 0
    assert capsys.readouterr().out == f"{len(files)} files checked: nothing found\n"


def test_a_new_scenario_can_be_checked_and_is_never_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "scenario", "Two Islands!"]) == 0
    assert "tocsin run two-islands.toml" in capsys.readouterr().out
    assert tomllib.loads((tmp_path / "two-islands.toml").read_text())["title"] == "Two Islands!"
    assert main(["check", "two-islands.toml"]) == 0
    assert main(["new", "scenario", "two islands"]) == 2
    assert "there already" in capsys.readouterr().err
    assert main(["new", "scenario", "x", "--out", "-"]) == 0
    assert capsys.readouterr().out == library.template("x")


def test_the_schema_is_json(tmp_path, capsys):
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "$defs" in schema
    assert main(["schema", "--out", str(tmp_path / "s.json")]) == 0
    assert json.loads((tmp_path / "s.json").read_text()) == schema
    assert main(["schema", "--out", str(tmp_path / "none" / "s.json")]) == 2
    assert "s.json" in capsys.readouterr().err
