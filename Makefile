# Everything a developer types. `make` alone lists it.
#
# PYTHON names the interpreter (3.11 or newer), JOBS the test processes; what is built lies in
# .venv, .tools, node_modules and static/dist, and is made again only when its source is newer.

PYTHON ?= python3
JOBS ?= 2
DEMO ?= demo-data
PORT ?= 8000

BIN := .venv/bin
# npm and the scripts it starts find the locked node first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PACKAGES := ecotrace console public_api web workflows trace certification points identity ledger \
	runtime
CODE := $(PACKAGES) migrations tests $(wildcard benchmarks)
BROWSER := $(shell find static -path static/dist -prune -o -type f -print 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo serve test test-deep coverage check format-check lint types imports duplicates \
	format bench bench-deep docs migration lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- set-up ------------------------------------------------------------------------------------

setup: .venv/editable node_modules/built ## install everything that the lock files name, and build

.venv/made:
	@.ci/python $(PYTHON)
	$(PYTHON) -m venv .venv
	@touch $@

.venv/locked: requirements.lock .venv/made
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/editable: setup.cfg pyproject.toml .venv/locked
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

node_modules/installed: package-lock.json package.json .npmrc .venv/locked
	npm ci --no-audit --no-fund
	@touch $@

node_modules/built: $(BROWSER) node_modules/installed
	npm run --silent build
	@touch $@

# ---- running -----------------------------------------------------------------------------------

demo: setup ## fill a demo and serve it on the local network, with the addresses as QR
	$(BIN)/ecotrace demo --data $(DEMO) --host 0.0.0.0 --port $(PORT)

serve: setup ## serve the node in ECOTRACE_DATA (default: data) on this machine only
	$(BIN)/ecotrace serve --port $(PORT)

# ---- testing -----------------------------------------------------------------------------------

test: setup ## the tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

test-deep: setup ## the tests that take minutes, and longer searches of the property tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --hypothesis-profile deep -m "deep or not deep"

coverage: setup ## which lines and branches the tests reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(JOBS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: setup ## the figures, as ratios to a limit measured in the same run
	$(BIN)/python -m benchmarks

bench-deep: setup ## the figures at full size
	$(BIN)/python -m benchmarks --deep

check: format-check lint types imports duplicates ## form, types, imports, duplicate code

format-check: .venv/editable
	$(BIN)/ruff format --check --quiet $(CODE)

lint: .venv/editable ## ruff
	$(BIN)/ruff check --quiet $(CODE)

types: .venv/editable ## mypy, strict
	$(BIN)/mypy --no-error-summary

imports: .venv/editable
	$(BIN)/lint-imports --no-logo

duplicates: .venv/editable
	$(BIN)/pylint $(PACKAGES) migrations

format: .venv/editable ## let ruff rewrite what it can
	$(BIN)/ruff check --quiet --fix $(CODE)
	$(BIN)/ruff format --quiet $(CODE)

# ---- making files that are committed -----------------------------------------------------------

docs: .venv/editable ## write the pages of docs/ that are drawn from the code
	$(BIN)/python -m ecotrace.pages

migration: .venv/editable ## draft a migration from the tables: make migration NAME="what changes"
	$(BIN)/python -m ecotrace.migrate draft "$(NAME)"
	$(BIN)/ruff check --quiet --fix migrations/versions
	$(BIN)/ruff format --quiet migrations/versions

lock: .tools/uv/bin/uv ## resolve setup.cfg anew into requirements.lock, with hashes and no addresses
	.tools/uv/bin/uv pip compile setup.cfg --all-extras --generate-hashes --universal \
		--python-version 3.11 --no-header --no-annotate --quiet --output-file requirements.lock

.tools/uv/bin/uv:
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet uv==0.13.9

clean: ## remove what was built and what tools keep; never data/ or demo-data/
	rm -rf .venv .tools node_modules static/dist build ecotrace.egg-info tests/out benchmarks/out
	rm -f .coverage .coverage.*
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
