# `make demo` and `make test` set everything up by themselves: a virtual environment, and for the pages' and metadata
# tools the node modules. Python 3.11 or later and, for tests, Node 20 or later must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench chaos screenshots lint types house components lightning chromium lock clean
.DELETE_ON_ERROR:

# The pages need Node; without it the demo runs all the same, and says what to install to see them.
demo: $(VENV)/.installed
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lightning; fi
	$(BIN)/dueline demo

test: $(VENV)/.installed-dev node_modules/.installed lint types house components lightning chromium
	$(BIN)/pytest -n 2 tests/unit tests/contract tests/integration sync/admin
	$(BIN)/pytest tests/e2e tests/browser

# Pictures of the main states, for the README and to look at.
screenshots: $(VENV)/.installed-dev lightning chromium
	$(BIN)/python -m tests.browser.pictures

bench: $(VENV)/.installed-dev lightning chromium
	$(BIN)/python -m tests.bench

# Everything goes wrong on purpose for so many seconds; the same seed plays the same plan again.
SECONDS ?= 600
SEED ?= 1
RATE ?= 20
chaos: $(VENV)/.installed-dev
	$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) --rate $(RATE)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

house: $(VENV)/.installed-dev
	$(BIN)/lint-imports

# Lightning Web Components: lint, format, unit tests. And whether finance's page serves what the packages give today.
components: node_modules/.installed
	node sync/admin/assets/build.mjs --check
	npm run --silent lint:js
	npm run --silent check:format
	npm run --silent test:lwc

# The same components, compiled for a browser without an org; nothing is built anew while nothing changed.
lightning: node_modules/.installed
	node connector/local/lightning/build/main.mjs --out build/lightning

chromium:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
	  || { echo "Chromium is missing, which the browser tests drive: apt-get install chromium"; exit 1; }

# The lock files hold exact versions with hashes, and no address of any registry.
lock: $(VENV)/.installed-dev
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --upgrade pyproject.toml --extra dev -o requirements-dev.lock

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dueline needs Python 3.11 or later"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "venv is missing: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/.installed

node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 or later is missing: apt-get install nodejs npm"; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) node_modules .dueline build
