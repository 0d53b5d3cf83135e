"""A policy that may confirm by itself is signed by two people."""

import pytest

from tocsin.cli import main
from tocsin.cli.policy import decode
from tocsin.errors import ConfigError


def test_a_policy_signed_by_two():
    policy = decode('name = "night"\nsigned_by = ["Ada L.", "Bo M."]\n', "p.toml")
    assert (policy.name, policy.signed_by, policy.signature) == ("night", ("Ada L.", "Bo M."), "policy:night")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "n"\nsigned_by = ["Ada"]', "two different people"),
        ('name = "n"\nsigned_by = ["Ada L.", "ada  l."]', "two different people"),
        ('name = "n"\nsigned_by = []', "signed by nobody"),
        ('name = "n"\nsigned_by = ["Ada", " "]', "two different people"),
        ('signed_by = ["Ada", "Bo"]', "name"),
        ('name = "policy:n"\nsigned_by = ["Ada", "Bo"]', "without"),
        ('name = " "\nsigned_by = ["Ada", "Bo"]', "name"),
        ('name = "n"\nsigned_bye = ["Ada", "Bo"]', 'did you mean "signed_by"'),
        ("name = ", "not TOML"),
    ],
)
def test_any_other_is_refused(text, words):
    with pytest.raises(ConfigError, match=words) as caught:
        decode(text, "p.toml")
    assert "p.toml" in str(caught.value)


def test_the_command_refuses_it_too_and_check_says_why(write, out, capsys):
    recording = write([])
    bad = write(b'name = "n"\nsigned_by = ["Ada"]\n', "p.toml")
    assert main(["process", recording, "--out", str(out), "--confirm", "auto", "--policy", bad]) == 2
    assert "two different people" in capsys.readouterr().err
    assert main(["process", recording, "--out", str(out), "--confirm", "auto", "--policy", "none.toml"]) == 2
    assert "none.toml" in capsys.readouterr().err
    assert main(["process", recording, "--out", str(out), "--policy", bad]) == 2
    assert "--confirm auto" in capsys.readouterr().err
    assert not out.exists()
    assert main(["check", bad]) == 1
    assert "two different people" in capsys.readouterr().out
    good = write(b'name = "n"\nsigned_by = ["Ada", "Bo"]\n', "q.toml")
    assert main(["check", good]) == 0
