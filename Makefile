# make run    a demonstration at http://127.0.0.1:8000/ (PORT=8001 make run for another port)
#             ARGS="--no-voice-pause --conduct refuse,delay" make run: providers that behave otherwise
# make cluster  the same with PostgreSQL, Redis, nginx, two processes for people and two for providers, from installed packages
#             (ARGS="--calls 100 --speed 4": more of a load)
# make test   every test, on SQLite and on PostgreSQL with Redis
# make check  lint, types, import rules, migrations, and make test
# make fast   the tests that need no server and no browser
# make bench  every benchmark in its short form (make bench-long: minutes each); see bench/README.md
# make clean  the virtual environment, caches, and the demonstration's data

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# Files of tests are shared out to two processes, each with servers of its own; the longest first: tests/conftest.py.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run cluster test fast check lint bench bench-long clean

run: $(VENV)/.installed
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) demo $(ARGS)

cluster: $(VENV)/.installed
	@exec $(BIN)/python -m callcenter.cluster $(ARGS)

test: $(VENV)/.installed-dev
	@.ci/packages
	$(PYTEST) --backend=sqlite
	$(PYTEST) --backend=servers

fast: $(VENV)/.installed-dev
	$(PYTEST) --backend=sqlite -m "not slow and not e2e and not browser"

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run

check: lint test

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench all $(ARGS)

bench-long: $(VENV)/.installed-dev
	$(BIN)/python -m bench all --long $(ARGS)

clean:
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "The console needs Python 3.11 or newer, and there is no '$(PYTHON)' here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The console needs Python 3.11 or newer, and '$(PYTHON)' is older. Name another one: make run PYTHON=python3.11"; exit 1; }
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment; on Debian and Ubuntu install the package python3-venv."; exit 1; }

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what the console needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.installed
