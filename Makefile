# Two commands: `make demo` runs the whole loop on a simulated robot, `make test` runs the suite.
# Each sets up what it needs in .venv; nothing else is asked for.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test bench lint egl clean

demo: .venv/demo egl
	$(BIN)/python -m fastwam_ros.apps.demo --out out/demo

test: .venv/test egl
	$(BIN)/python -m pytest

bench: .venv/demo egl
	$(BIN)/python -m fastwam_ros.apps.bench

lint: .venv/test
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/pip setup.py constraints.txt rosless/pyproject.toml
	$(PIP) -e '.[policy,sim,bag]' -e ./rosless
	@touch $@

.venv/test: .venv/bin/pip setup.py constraints.txt rosless/pyproject.toml
	$(PIP) -e '.[test]' -e ./rosless
	@touch $@ .venv/demo

# The simulator renders without a screen or a GPU through EGL.
egl:
	@sh rendering.sh

clean:
	rm -rf out build *.egg-info rosless/*.egg-info .pytest_cache .mypy_cache .ruff_cache
