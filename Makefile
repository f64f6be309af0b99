# What the kit's makers and users run; each target is a line or two of shell.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# The versions that a new environment gets; `make venv CONSTRAINTS=` takes the newest of today.
CONSTRAINTS ?= .ci/constraints-newest.txt
# The tests that pytest's -m and -k choose: `make unit MARKS="weekly"`, `make browser ONLY=02_cnn`.
MARKS ?= not browser and not torture and not weekly
ONLY ?=
WORKERS ?= 2
export COLORKIT_HOME ?= $(CURDIR)/out

# Several test processes, each with threads for one core (tests/workers.py)
PYTEST = $(BIN)/python -m pytest --quiet --durations 8 -p tests.workers --numprocesses $(WORKERS)
# The longest tests first, so that no worker is left with one at the end
LESSONS_IN_BROWSER = tests/browser/test_lessons_in_browser.py
BROWSER = $(LESSONS_IN_BROWSER) \
	$(filter-out $(LESSONS_IN_BROWSER), $(wildcard tests/browser/test_*.py))
# Home folder of lessons at the smoke profile; each worker adds its name at the end
SMOKE = $(CURDIR)/out/smoke-$@-$(notdir $(VENV))-$(KERAS_BACKEND)
# One worker runs all cells of a lesson, because they share a kernel.
NBVAL = $(PYTEST) --dist loadfile --no-loadscope-reorder -p no:cacheprovider \
	--nbval-lax --nbval-current-env --nbval-cell-timeout 600

# The environment's Python finds the package from every folder.
define FINDABLE
import os, pathlib, sysconfig; \
path = pathlib.Path(sysconfig.get_path('purelib'), 'colorkit.pth'); \
path.write_text(os.getcwd() + os.linesep, encoding='utf-8')
endef

.PHONY: venv lock run test check lint unit lessons browser solved outputs bench ledger torture

venv: $(VENV)/ready

$(VENV)/ready: requirements.txt requirements-dev.txt $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) \
		-r requirements.txt -r requirements-dev.txt
	$(BIN)/python -c "$(FINDABLE)"
	touch $@

# As in `make test lock VENV=.venv-today CONSTRAINTS=`
lock: venv  ## lock the versions of this environment for new ones
	$(BIN)/python -m pip freeze --quiet > .ci/constraints-newest.txt.part
	mv .ci/constraints-newest.txt.part .ci/constraints-newest.txt

run: venv  ## splits, all lessons, their pages and the grid, in out/
	test -e "$$COLORKIT_HOME/data/manifest.json" || $(BIN)/python -m colorkit prepare
	$(BIN)/python tools/run_lessons.py --out "$$COLORKIT_HOME/lessons"

test: lint unit lessons  ## lint, unit tests, and all lessons at the smoke profile

check: lint  ## lint and fast tests, for every commit
	$(PYTEST) --dist worksteal -m "($(MARKS)) and not slow"

lint: venv  ## style, and the types of colorkit/
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/python -m mypy

unit: venv  ## unit tests
	$(PYTEST) --dist worksteal -m "$(MARKS)"

lessons: export COLORKIT_PROFILE = smoke
lessons: export COLORKIT_HOME = $(SMOKE)
lessons: venv  ## all lessons, cell by cell, under nbval
	rm -rf "$$COLORKIT_HOME" "$$COLORKIT_HOME"-gw*
	$(NBVAL) notebooks

# Needs Chromium; keeps screenshots in out/screenshots
browser: venv  ## each lesson in JupyterLab, its panel moved from the keyboard
	$(PYTEST) --dist load --maxschedchunk 1 -m browser -k "$(ONLY)" $(BROWSER)

outputs: export COLORKIT_PROFILE = demo
outputs: export COLORKIT_HOME = $(CURDIR)/out/outputs
outputs: venv  ## refresh the outputs that the committed notebooks keep
	rm -rf "$$COLORKIT_HOME"
	$(BIN)/python tools/run_lessons.py --write

bench: venv .venv-torch/ready  ## the evidence for speed and memory: JSON and tables in benchmarks/
	$(BIN)/python benchmarks/data.py
	$(BIN)/python benchmarks/photos.py
	$(BIN)/python benchmarks/training.py --torch .venv-torch/bin/python
	$(BIN)/python benchmarks/quality.py --grid docs/grid.png
	$(BIN)/python benchmarks/hints.py

solved: export COLORKIT_PROFILE = smoke
solved: export COLORKIT_HOME = $(SMOKE)
# The copies are written to out/, where they find the kit.
solved: venv  ## copies of the lessons with every exercise answered correctly
	rm -rf "$$COLORKIT_HOME" "$$COLORKIT_HOME"-gw*
	$(BIN)/python tests/lessons/solve.py out
	$(NBVAL) out/solved_*.ipynb

ledger: export COLORKIT_HOME = $(CURDIR)/out/ledger
# Trains what is missing, which takes hours on a CPU, and writes docs/ledger.md
ledger: venv  ## the report's claims compared with what its experiments show
	$(BIN)/python -m tools.ledger

# More than a hundred kills, and a lost kernel in lessons 3 and 4
torture: venv  ## a kill at any instant loses no work
	$(BIN)/python -m pytest -m torture --verbose --capture=no

# PyTorch, a yardstick, gets an environment of its own.
.venv-torch/ready: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-torch
	.venv-torch/bin/python -m pip install --quiet -r $<
	touch $@
