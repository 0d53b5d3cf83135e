"""Changes by path: each does what it names, and a wrong one is named before anything runs."""

from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import ConfigError
from tocsin.study.plan import decode
from tocsin.study.world import World, truth, verified, world


def made(text: str, index: int = 0) -> World:
    plan = verified(decode(f'title = "T"\nscenario = "short"\nseed = 9\nruns = 1\n{text}', "s.toml", Path()))
    return world(plan, index)


def test_nothing_changed_is_the_scenario_with_the_seed_of_the_study() -> None:
    plain = made("")
    assert plain.scenario.seed == 9
    assert plain.noise_scale == 1.0
    assert [s.id for s in plain.scenario.sensors] == ["geo-1", "geo-2", "radar-1"]


PATHS: dict[str, Any] = {
    "[grid]\nlaunch.0.azimuth_deg = [10]": lambda w: w.scenario.launch[0].azimuth_deg == 10,
    "[grid]\nlaunch.alpha.azimuth_deg = [10]": lambda w: w.scenario.launch[0].azimuth_deg == 10,
    "[grid]\nlaunch.0.separates = [true]": lambda w: w.scenario.launch[0].separates,
    "[grid]\nsettings.clutter_scale = [4]": lambda w: w.scenario.settings.clutter_scale == 4,
    "[grid]\nduration_s = [100]": lambda w: w.scenario.duration_s == 100,
    "[grid]\ntracking.gate = [9]": lambda w: w.config.tracking.gate == 9 and w.config.tracking.radar_gate == 20,
    "[grid]\nalerting.paths = [3]": lambda w: w.config.alerting.paths == 3,
    "[grid]\nsensor.geo-1.los_sigma_urad = [7]": lambda w: w.scenario.sensors[0].los_sigma_urad == 7,
    "[grid]\nwithout = [['radar-1']]": lambda w: [s.id for s in w.scenario.sensors] == ["geo-1", "geo-2"],
    "without = ['geo-2']": lambda w: [s.id for s in w.scenario.sensors] == ["geo-1", "radar-1"],
    "[grid]\nnetwork = ['regional']": lambda w: w.scenario.network == "regional" and len(w.scenario.sensors) > 3,
    "network = 'regional'": lambda w: w.scenario.network == "regional",
    "[grid]\nnoise_scale = [3]": lambda w: w.noise_scale == 3,
    "[grid]\nscenario = ['demo']": lambda w: w.scenario.title == "Demonstration",
    "[draw]\nlaunch.0.azimuth_deg = { uniform = [10, 11] }": lambda w: 10 < w.scenario.launch[0].azimuth_deg < 11,
    "[draw]\nlaunch.0.vehicle = { choice = ['medium-range'] }": lambda w: "medium" in w.scenario.launch[0].vehicle,
}  # fmt: skip


@pytest.mark.parametrize("text", PATHS)
def test_a_path_changes_what_it_names(text: str) -> None:
    assert PATHS[text](made(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("launch.0.azimut_deg = [1]", 'unknown key "azimut_deg"; did you mean "azimuth_deg"?'),
        ("launch.1.azimuth_deg = [1]", 'no "1" here; there are: alpha'),
        ("lunch.0.azimuth_deg = [1]", 'did you mean "launch"?'),
        (
            "launch.0.latitude_deg = [10, 132]",
            "latitude_deg = 132: short.toml: [launch][0]: latitude_deg: 132",
        ),
        ("tracking.gat = [1]", 'did you mean "gate"?'),
        ("tracking.gate = ['wide']", "gate"),
        ("sensor.geo-9.los_sigma_urad = [1]", 'sensor "geo-9" is not known; there are: geo-1'),
        ("sensor.geo-1.los_sigma = [1]", 'did you mean "los_sigma_urad"?'),
        ("sensor.geo-1.los_sigma_urad = [-1]", "> 0.0"),
        ("without = [['geo-3']]", 'sensor "geo-3" is not known'),
        ("without = ['geo-1']", "write a list of sensor ids"),
        ("noise_scale = [1, 0]", "write a number above zero, not 0"),
        ("network = ['nowhere']", '"nowhere" is not known'),
        ("title.x = [1]", "leads into str"),
    ],
)
def test_a_path_that_leads_nowhere_is_named_before_anything_runs(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(f"[grid]\n{text}")
    assert str(caught.value).startswith("s.toml: ")
    assert says in str(caught.value)


def test_only_networks_in_use_are_sent_along() -> None:
    plan = verified(decode('title = "T"\nscenario = "short"\nruns = 1\n', "s.toml", Path()))
    assert list(plan.sources["short"].networks) == ["demo"]


def test_the_same_launch_is_flown_once() -> None:
    one, three = made("[grid]\nnoise_scale = [1, 3]", 0), made("[grid]\nnoise_scale = [1, 3]", 1)
    assert truth(one.scenario) is truth(three.scenario)
    assert truth(made("[grid]\nlaunch.0.azimuth_deg = [61]").scenario) is not truth(one.scenario)
    assert truth(made("[grid]\nstart = [2026-05-17T09:00:00Z]").scenario).start != truth(one.scenario).start
