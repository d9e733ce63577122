# Everything runs from .venv, made on first use. Needs make, Python 3.11 or newer with venv, and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Nothing here reads the user's AWS files or keys, nor calls AWS by accident.
NO_AWS := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY \
	-u AWS_SESSION_TOKEN -u AWS_ENDPOINT_URL -u AWS_REGION -u AWS_DEFAULT_REGION \
	AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench docs screenshots conform interop clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: $(STAMP) ## make .venv with everything in it

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mvm-tui needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP) ## open the UI on the embedded local cloud
	@$(NO_AWS) $(BIN)/mvm-tui demo

test: $(STAMP) ## run the tests
	$(NO_AWS) $(BIN)/python -m pytest -q -n 3 --dist loadscope

check: $(STAMP) ## lint, types, architecture, lengths, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.lengths
	$(BIN)/python -m tools.docs --check
	$(NO_AWS) $(BIN)/python -m pytest -q tests/test_imports.py

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure, side by side, into bench/RESULTS.md
	$(NO_AWS) $(BIN)/python -m bench

docs: $(STAMP) ## write the pages of keys, verbs and settings
	$(BIN)/python -m tools.docs

screenshots: $(STAMP) ## draw the main screens into screenshots/
	$(NO_AWS) $(BIN)/python -m tools.screenshots

conform: $(STAMP) ## compare the local cloud with recorded answers, where they are at hand
	$(NO_AWS) bash tools/conform.sh

interop: $(STAMP) ## run third-party clients and an emulator against us
	$(NO_AWS) $(BIN)/python -m tools.interop_clients
	$(NO_AWS) $(BIN)/python -m tools.interop_ministack
	$(NO_AWS) $(BIN)/python -m tools.interop_shells

clean: ## remove what was made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .peers
