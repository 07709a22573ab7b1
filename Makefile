# Everything runs in a virtual environment that these targets make themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo run test coverage check simulate mutate bench soak docs web lock service clean

demo: $(VENV)/runtime
	@$(BIN)/python -m bot demo

run: $(VENV)/runtime
	@$(BIN)/python -m bot run

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto

# The tests again, counting which lines and branches they run; fails below the floor in pyproject.toml.
coverage: $(VENV)/dev
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

# Search for faults of the whole program over random histories; tests/simulation/README.md says how.
SEEDS ?= 200

simulate: $(VENV)/dev
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

# Change the code where alerts are decided and delivered, and see whether a test notices. Takes hours.
mutate: $(VENV)/dev
	$(BIN)/mutmut run
	$(BIN)/python -m tests.tools.mutation_score

bench: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

soak: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks fuzz day idle load

docs: $(VENV)/dev
	$(BIN)/python -m bot.backtest.forecast_fit > forecast_weights.csv && mv forecast_weights.csv bot/data/
	$(BIN)/python -m bot.backtest.report > docs/rules.md
	$(BIN)/python -m bot.backtest.initial_state > bot/data/standing.json
	$(BIN)/python -m tests.tools.readme_pictures
	$(BIN)/python -m bot.delivery.destinations.event > docs/webhook.schema.json

# The page's chart library out of the npm registry, into the package's files. Without it the page shows the
# pictures of the chat instead.
web:
	npm ci --ignore-scripts --no-audit --no-fund
	mkdir -p bot/web/vendor
	cp node_modules/uplot/dist/uPlot.iife.min.js bot/web/vendor/uplot.js
	cp node_modules/uplot/dist/uPlot.min.css bot/web/vendor/uplot.css
	cp node_modules/uplot/LICENSE bot/web/vendor/LICENSE

# What containers and units install: the same versions as constraints.txt, with the hashes of every file.
lock: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --allow-unsafe --all-build-deps --generate-hashes --strip-extras \
		--no-header --no-annotate --no-emit-options --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --extra postgres --constraint constraints.txt --output-file requirements.lock pyproject.toml

# As root: install the systemd service, or bring it up to this checkout. The token is put in place first.
SYSTEMCTL ?= systemctl

service:
	@test -s /etc/minerwatch/token || { echo "put the bot's token into /etc/minerwatch/token first" >&2; exit 1; }
	$(PYTHON) -m venv /opt/minerwatch
	/opt/minerwatch/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		-r requirements.lock
	/opt/minerwatch/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--force-reinstall .
	install -m 0755 deploy/minerwatch.sh /usr/local/bin/minerwatch
	install -m 0644 deploy/minerwatch.service /etc/systemd/system/minerwatch.service
	$(SYSTEMCTL) daemon-reload
	$(SYSTEMCTL) enable minerwatch
	$(SYSTEMCTL) restart minerwatch

clean:
	rm -rf $(VENV)

$(VENV)/runtime: pyproject.toml constraints.txt
	@echo "Installing minerwatch and its libraries into $(VENV), once:"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(VENV)/runtime $@
