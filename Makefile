# Two commands: `make demo` runs the whole loop on a simulated robot, `make test` runs the suite.
# Each sets up what it needs in .venv; nothing else is asked for. Another Python beside it:
# `make test-robot PYTHON=python3.10 VENV=.venv-3.10`.
#
# What the documents claim, measured again; each fails where a bound is broken:
# `make chaos HOURS=1` hours of robot time in which everything happens at random,
# `make faults TRIALS=100` processes are killed and messages lost (PAGE=docs writes docs/faults.md),
# `make splice` chunks joined by the executor and by twelve usual methods: docs/splice.md,
# `make explain` the pictures of docs/executor.md, `make bench` what it all takes of this machine,
# `make parameters` the table of what may be set.
PYTHON ?= python3
VENV ?= .venv
OUT ?= out
HOURS ?= 1
TRIALS ?= 100
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

# What counts the time of the wall has the machine to itself; all else shares its cores, and waits
# for processes a third of the time.
SUITE = $(BIN)/python -m pytest -n 3 --dist loadfile -m 'not alone'; shared=$$?; \
	$(BIN)/python -m pytest -m alone && exit $$shared

.PHONY: demo test test-robot bench chaos faults splice explain parameters lint egl clean

demo: $(VENV)/demo egl
	$(BIN)/python -m fastwam_ros.apps.demo --out out/demo

test: $(VENV)/test egl
	$(SUITE)

# What the robot's own computer runs: everything that needs no torch.
test-robot: $(VENV)/test-robot egl
	$(SUITE)

bench: $(VENV)/demo egl
	$(BIN)/python -m fastwam_ros.apps.bench --out $(OUT)

chaos: $(VENV)/demo
	$(BIN)/python -m fastwam_ros.apps.chaos --hours $(HOURS)

faults: $(VENV)/demo egl
	$(BIN)/python -m fastwam_ros.apps.faults --trials $(TRIALS) $(if $(PAGE),--page $(PAGE))

splice: $(VENV)/demo
	$(BIN)/python -m fastwam_ros.apps.splice --out docs

explain: $(VENV)/demo
	$(BIN)/python -m fastwam_ros.apps.explain --out docs

parameters: $(VENV)/test
	$(BIN)/python -c "from rosless import stage; stage.set_up(); from fastwam_ros.nodes import \
	parameter_page as page; page.write('docs/parameters.md')"

lint: $(VENV)/test
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# A pip that is older than a few years looks for hours among versions.
$(BIN)/pip:
	$(PYTHON) -m venv --upgrade-deps $(VENV)

SETUP := setup.py constraints.txt rosless/pyproject.toml
$(VENV)/demo: $(BIN)/pip $(SETUP)
	$(PIP) -e '.[policy,sim,bag]' -e ./rosless
	@touch $@

$(VENV)/test: $(BIN)/pip $(SETUP)
	$(PIP) -e '.[test]' -e ./rosless
	@touch $@ $(VENV)/demo

$(VENV)/test-robot: $(BIN)/pip $(SETUP)
	$(PIP) -e '.[test-robot]' -e ./rosless
	@touch $@

# The simulator renders without a screen or a GPU through EGL.
egl:
	@sh rendering.sh

clean:
	rm -rf out build *.egg-info rosless/*.egg-info .pytest_cache .mypy_cache .ruff_cache
