# One word does one thing. `make help` lists the words.
VENV = .venv
BIN = $(VENV)/bin
PYTHON = $(BIN)/python
# Words for pytest: make test PYTEST_ARGS="-k draft -x"
PYTEST_ARGS =
# Each of these processes starts its own PostgreSQL and Redis. Two would wait half of the
# time, so that three keep two cores busy; more than four only wait.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PROCESSES = -n $(if $(filter 1 2 3,$(CORES)),3,4) --dist loadfile --no-loadscope-reorder
# Some machines tell Python to keep nothing that it compiled; hundreds of processes of a
# test run would compile everything again.
export PYTHONDONTWRITEBYTECODE =
# Words for a bench or for the demo: make run ARGS=--reset
ARGS =

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench chaos screenshots

help: ## show these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## build .venv with everything; quick when nothing changed
	@sh .ci/setup

run: setup ## start the demo shop and print its address
	@exec $(BIN)/chatorder demo $(ARGS)

test: setup ## run every test
	@$(PYTHON) -m pytest $(PROCESSES) $(PYTEST_ARGS)

check: setup ## formatting, lint, types and the floors of the house
	@echo "== formatting (ruff format)"
	@$(BIN)/ruff format --check .
	@echo "== lint (ruff check)"
	@$(BIN)/ruff check .
	@echo "== types (mypy)"
	@$(BIN)/mypy
	@echo "== floors (import-linter)"
	@$(BIN)/lint-imports

format: setup ## format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: setup ## measure; results belong in bench/RESULTS.md
	@for bench in $$(grep -l __main__ bench/*.py); do \
	  name=$$(basename $$bench .py); \
	  echo "== $$name"; $(PYTHON) -m bench.$$name $(ARGS) || exit 1; \
	done

chaos: setup ## kill processes at random moments, for long
	@CHATORDER_CHAOS=long $(PYTHON) -m pytest -m chaos $(PYTEST_ARGS)

screenshots: setup ## take the pictures of docs/screenshots again
	@$(PYTHON) -m tests.screenshots docs/screenshots
