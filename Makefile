# `make demo` and `make test` set everything up by themselves: a virtual environment, and for the pages' and metadata
# tools the node modules. Python 3.11 or later and, for tests, Node 20 or later must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench chaos lint types house migrations lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/dueline demo

test: $(VENV)/.installed-dev node_modules/.installed lint types house
	$(BIN)/pytest -n 2 tests/unit tests/contract tests/integration
	$(BIN)/pytest tests/e2e

bench: $(VENV)/.installed-dev
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
	rm -rf $(VENV) node_modules .dueline
