# One list of verbs; CI calls only these.
PY     := .venv/bin/python
PYTHON ?= python3
export OMP_NUM_THREADS ?= 1

.PHONY: setup demo test check bench scoreboard docs lock clean

setup: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Numba keys a cached kernel on its own file only: when any file with constants or kernels changes, all are recompiled.
KERNELS := $(shell grep -rlE "njit|^[A-Z_]+ *[:=]" --include=*.py src/tocsin/constants.py src/tocsin/earth src/tocsin/flight src/tocsin/sensors src/tocsin/tracking)
.venv/kernels: .venv/installed $(KERNELS)
	find src -name '*.nbi' -delete -o -name '*.nbc' -delete
	touch $@

demo: .venv/kernels
	.venv/bin/tocsin run demo --out out/demo

test: .venv/kernels
	$(PY) -m pytest -n 2

check: setup
	.venv/bin/ruff check src tests benchmarks examples
	.venv/bin/ruff format --check src tests benchmarks examples
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/kernels
	$(PY) benchmarks/run.py

scoreboard: .venv/kernels
	$(PY) benchmarks/scoreboard.py --run

docs: setup
	$(PY) docs/build.py

lock:
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf out .venv
