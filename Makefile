# Everything runs in a virtual environment that these targets make themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo run test check bench docs clean

demo: $(VENV)/runtime
	@$(BIN)/python -m bot demo

run: $(VENV)/runtime
	@$(BIN)/python -m bot run

test: $(VENV)/dev
	$(BIN)/python -m pytest

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

docs: $(VENV)/dev
	$(BIN)/python -m bot.backtest > docs/rules.md
	$(BIN)/python -m tests.module_map

clean:
	rm -rf $(VENV)

$(VENV)/runtime: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(VENV)/runtime $@
