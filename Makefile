# What the makers and users of the kit run; each target is a line or two of shell.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export COLORKIT_HOME ?= $(CURDIR)/out

.PHONY: venv run test check lessons browser solved outputs bench ledger torture

venv: $(VENV)/ready

$(VENV)/ready: requirements.txt requirements-dev.txt $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) -r requirements.txt -r requirements-dev.txt
	touch $@

run: venv  ## splits, the five lessons, their pages and the grid, in out/
	test -e $(COLORKIT_HOME)/data/manifest.json || $(BIN)/python -m colorkit prepare
	$(BIN)/python tools/run_lessons.py --out $(COLORKIT_HOME)/lessons

test: venv  ## everything: lint, unit tests, and all lessons at the smoke profile
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/python -m pytest --quiet
	$(MAKE) lessons

check: venv  ## lint and fast tests, for every commit
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/python -m pytest --quiet -m "not slow and not torture and not browser"

lessons: export COLORKIT_PROFILE = smoke
lessons: export COLORKIT_HOME = $(CURDIR)/out/smoke-$(notdir $(VENV))-$(KERAS_BACKEND)
lessons: venv  ## all lessons, cell by cell, under nbval
	$(BIN)/python -m pytest --quiet -p no:cacheprovider --nbval-lax --nbval-current-env --nbval-cell-timeout 600 --durations 5 notebooks

browser: venv  ## each lesson in JupyterLab, its panel moved from the keyboard; needs Chromium, keeps screenshots in out/screenshots
	$(BIN)/python -m pytest --quiet -m browser --durations 8 tests/browser

outputs: export COLORKIT_PROFILE = demo
outputs: export COLORKIT_HOME = $(CURDIR)/out/outputs
outputs: venv  ## refresh the outputs that the committed notebooks keep
	rm -rf $(COLORKIT_HOME)
	$(BIN)/python tools/run_lessons.py --write

bench: venv .venv-torch/ready  ## what the claims about speed and memory rest on: JSON and tables in benchmarks/
	$(BIN)/python benchmarks/data.py
	$(BIN)/python benchmarks/photos.py
	$(BIN)/python benchmarks/training.py --torch .venv-torch/bin/python
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/hints.py

solved: export COLORKIT_PROFILE = smoke
solved: export COLORKIT_HOME = $(CURDIR)/out/smoke-solved
solved: venv  ## the same of copies in which every exercise is answered rightly; they lie in out/, from where they find the kit
	$(BIN)/python tests/lessons/solve.py out
	$(BIN)/python -m pytest --quiet -p no:cacheprovider --nbval-lax --nbval-current-env --nbval-cell-timeout 600 out/solved_*.ipynb

ledger: export COLORKIT_HOME = $(CURDIR)/out/ledger
ledger: venv  ## what the report claims against what its experiments show: trains what is missing, hours on a CPU, and writes docs/ledger.md
	$(BIN)/python -m tools.ledger

torture: venv  ## no kill at any instant loses work: more than a hundred, and a lost kernel in each lesson that trains
	$(BIN)/python -m pytest -m torture --verbose --capture=no

.venv-torch/ready: benchmarks/requirements.txt  # PyTorch, a yardstick, gets an environment of its own
	$(PYTHON) -m venv .venv-torch
	.venv-torch/bin/python -m pip install --quiet -r $<
	touch $@
