# Bare `make` lists the targets. PLANT=DIR runs a real plant; YEJI_PORT chooses the port.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := configs ingest models service simulators
STATIC_TARGETS := $(SOURCES) tests benchmarks hatch_build.py

PURE := ingest/decode/*,ingest/quality/*,ingest/sequence_ledger.py,ingest/rollup.py,ingest/meter.py,ingest/waveform_features.py,models/features/*,models/state_detection/*,models/health_assessment/*,models/prognosis/*,models/assess.py,service/advisory/*

.PHONY: help setup setup-dev system run demo simulate format translations lint types layers test test-all browser cover check docs bench build lock clean

# Two workers share two cores: a fit that starts threads of its own would only wait for them.
cover test-all: export OMP_NUM_THREADS := 1
cover test-all: export OPENBLAS_NUM_THREADS := 1

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/.yeji-run ## the environment that Yeji runs in

$(VENV)/.yeji-run: requirements/run.lock requirements/build.lock requirements/node.lock pyproject.toml hatch_build.py packaging/npm/package-lock.json packaging/npm/vendor.json
	@echo "== setting up $(VENV): Python packages (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Yeji needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed: install the package python3-venv, then run make again" >&2; exit 1; }
	@$(PIP) install --require-hashes -r requirements/run.lock -r requirements/build.lock
	@command -v npm >/dev/null || { echo "== no Node on PATH: taking npm from a Python wheel"; $(PIP) install --require-hashes -r requirements/node.lock; }
	@echo "== setting up $(VENV): Yeji itself and the browser libraries"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

setup-dev: $(VENV)/.yeji-dev system ## the environment that tests run in

$(VENV)/.yeji-dev: $(VENV)/.yeji-run requirements/dev.lock
	@echo "== setting up $(VENV): tools for tests and checks"
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

system: ## what tests need from Debian: broker, browser, databases
	@tests/system_packages.sh

run: setup ## run the demo factory, or PLANT=DIR for a real one
ifdef PLANT
	@exec $(BIN)/yeji run --plant "$(PLANT)"
else
	@exec $(BIN)/yeji-simulate demo --data var/demo
endif

demo: run ## the same as run, with the demo factory

simulate: setup ## a year of simulated history in var/history
	@$(BIN)/yeji-simulate history --years 1 --machines 24 --out var/history

format: setup-dev ## rewrite the code in the house format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

translations: $(VENV)/.yeji-dev ## renew the template of the words on the pages
	@$(BIN)/pybabel --quiet extract -F service/web/locales/babel.cfg --no-default-keywords -k say -k count -k key --no-location \
		--sort-output --no-wrap --project Yeji --version 0.1 --copyright-holder "The Yeji developers" -o service/web/locales/messages.pot service/web

lint: $(VENV)/.yeji-dev ## format check, lint, spelling, dependencies
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/codespell $(SOURCES) tests benchmarks docs README.md CONTRIBUTING.md
	@$(BIN)/deptry .
	@$(BIN)/validate-pyproject pyproject.toml

types: $(VENV)/.yeji-dev ## strict types
	@$(BIN)/mypy

layers: $(VENV)/.yeji-dev ## import contracts
	@$(BIN)/lint-imports --no-logo

docs: $(VENV)/.yeji-dev ## check that the docs say what the code does
	@$(BIN)/python -m pytest -q -p no:randomly tests/architecture/test_docs.py

test: setup-dev check ## set up, then every check and test that this machine allows

check: lint types layers docs cover ## format, lint, types, layers, docs, tests with coverage

cover: $(VENV)/.yeji-dev ## tests with branch coverage: 100 % of the pure modules, 90 % overall
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup --cov --cov-report= tests
	@$(BIN)/coverage report --precision=1 --fail-under=90 | tail -n 40
	@$(BIN)/coverage report --precision=1 --fail-under=100 --include='$(PURE)'

test-all: setup-dev ## tests with the long forms too
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

browser: setup-dev ## the pages in headless Chromium
	@$(BIN)/python -m pytest -q -n 2 tests/browser

bench: $(VENV)/.yeji-dev ## list the benchmarks
	@$(BIN)/python -m benchmarks --list

build: $(VENV)/.yeji-dev ## the wheel, in dist/
	@$(BIN)/python -m build --wheel --outdir dist .

lock: $(VENV)/.yeji-dev ## renew the hashed lock files
	@requirements/lock.sh $(BIN)

clean: ## remove what can be made again; var/ stays
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* service/web/static/vendor
