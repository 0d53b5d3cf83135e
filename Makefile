# One list of verbs; CI calls only these.
PY     := .venv/bin/python
PYTHON ?= python3
export OMP_NUM_THREADS ?= 1

.PHONY: setup demo test check bench docs lock clean

setup: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	.venv/bin/tocsin run demo --out out/demo

test: setup
	$(PY) -m pytest -n 2

check: setup
	.venv/bin/ruff check src tests benchmarks examples
	.venv/bin/ruff format --check src tests benchmarks examples
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup
	$(PY) benchmarks/run.py

docs: setup
	$(PY) docs/build.py

lock:
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf out .venv
