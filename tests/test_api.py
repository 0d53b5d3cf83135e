"""The public surface: light to import, complete, and its example runs as it stands."""

import subprocess
import sys
import textwrap

import pytest

import tocsin


def test_every_name_is_there():
    for name in tocsin.__all__:
        assert getattr(tocsin, name) is not None
    assert set(dir(tocsin)) == set(tocsin.__all__)
    assert tocsin.Pipeline.__module__ == "tocsin.pipeline"


def test_another_name_is_refused_with_those_there_are():
    with pytest.raises(AttributeError, match="Pipeline"):
        tocsin.Pipelin  # noqa: B018


def test_importing_it_loads_nothing_heavy():
    program = (
        "import sys, tocsin; sys.exit(','.join({'numpy', 'numba', 'msgspec', 'erfa'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_the_example_of_the_docstring_runs(tmp_path, monkeypatch, capsys):
    paragraphs = tocsin.__doc__.split("\n\n")
    code = textwrap.dedent("\n\n".join(text for text in paragraphs if text.startswith("    ")))
    assert code.count("\n") <= 10
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    exec(compile(code, "tocsin.__doc__", "exec"), {})  # noqa: S102
    told = capsys.readouterr().out
    assert "corroborated" in told
    assert "impact_semi_major_m" in told
