# Gatehouse: everything a developer runs. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install run test lint format lock screens bench bench-scale docs clean dev-install system-parts node-install tools-install prove-install

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USER := 0
export UV_PYTHON_DOWNLOADS := never

# A stamp carries what it was made from in its name, so that nothing is done twice and nothing is missed.
# Another interpreter or a moved checkout means a new environment, a changed lock only an update.
MADE_FOR := $(shell $(PYTHON) --version 2>&1) in $(CURDIR)
stamp = $(VENV)/.$(1)-$(shell { cat $(2); echo "$(MADE_FOR)"; } 2>/dev/null | cksum | tr ' ' '-')
INSTALLED := $(call stamp,installed,requirements.txt pyproject.toml)
DEV_INSTALLED := $(call stamp,dev-installed,requirements.txt requirements-dev.txt pyproject.toml)

# pip runs from outside and fills the virtualenv, which needs neither ensurepip nor a writable system Python.
# pip is a module of the interpreter, or else a command of its own.
PIP := $$($(PYTHON) -m pip --version >/dev/null 2>&1 && echo $(PYTHON) -m pip || echo pip) --python $(BIN)/python

BENCH_TARGETS ?= ours:pg,oidc-provider:pg,ours

# Nobody waits before a silent screen: it counts the packages of a lock while pip takes them.
progress = $(PYTHON) .ci/progress.py "$(1)" "^(?:Collecting|Requirement already satisfied:) ([^ =<>]+)|^(Installing collected)" "$$(grep -c '^[a-z0-9].*==' $(2))" --

help: ## list what can be run
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## create the environment in .venv: locked dependencies and the product; starts nothing

run: install ## start everything on http://localhost:8000 (PORT=9000 make run moves it); Ctrl-C ends it
	@exec $(BIN)/python -m idp dev

# The tests start the product some hundred times: where an image forbids it, each start would compile a thousand modules.
test: dev-install system-parts node-install tools-install ## lint, types, import contracts and all tests, with real counterparts
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

lint: dev-install ## the static checks alone: ruff, mypy, import contracts, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: dev-install ## format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: dev-install ## resolve the dependencies anew into requirements.txt and requirements-dev.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet --upgrade pyproject.toml \
		--extra postgres --extra redis --extra prod --group build -o requirements.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet --upgrade pyproject.toml \
		--extra postgres --extra redis --extra prod --group build --group dev -c requirements.txt -o requirements-dev.txt

screens: dev-install system-parts ## photograph every page into docs/screens, and look at what holds for each (docs/evidence.md)
	@$(BIN)/python -m tests.e2e.screens docs/screens
	@$(BIN)/python -m tests.screens.pictures docs/screens/pages
	@$(BIN)/python -m tests.screens.evidence docs/evidence.md

bench: dev-install system-parts ## compare with other providers: BENCH names the folder of the driver (docs/performance.md)
	@test -n "$(BENCH)" || { echo "Say where the driver is: make bench BENCH=.../bench" >&2; exit 1; }
	@BENCH_OURS="$(CURDIR)" BENCH_OURS_PY="$(CURDIR)/$(BIN)/python" $(PYTHON) "$(BENCH)/bench.py" run \
		--targets "$(BENCH_TARGETS)" --runs 3 $(BENCH_ARGS)

bench-scale: dev-install system-parts ## measure lists, searches and sign-ins with 1,000 and 1,000,000 users, and a day of 100,000 sign-ins (hours; BENCH_ARGS="--store sqlite")
	@$(BIN)/python -m tests.scale bench $(BENCH_ARGS)
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
		$(BIN)/python -m tests.scale day --database-url "sqlite:///$$home/day.db" $(DAY_ARGS)

docs: install ## make the reference pages of docs/ anew
	@$(BIN)/python -m idp docs write docs

tools-install: ## build the official Go tools that the tests drive the product with (minutes, once; not without Go)
	@PYTHON="$(PYTHON)" sh tests/tools/install.sh

prove-install: ## install fresh clones of the last commit with the oldest and the newest pip that must do (minutes)
	@PYTHON="$(PYTHON)" sh tests/counterparts/prove_install.sh

clean: ## remove the environment and everything made by tests; the database in var/ stays
	@rm -rf $(VENV) .tools node_modules tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .coverage test-results dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the parts of the above ---------------------------------------------------------------------------------------

$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gatehouse needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@test "$$(cat $(VENV)/.made-for 2>/dev/null)" = "$(MADE_FOR)" || $(PYTHON) -m venv --without-pip --clear $(VENV)
	@echo "$(MADE_FOR)" > $(VENV)/.made-for
	@$(call progress,Installing into $(VENV),requirements.txt) \
		$(PIP) install --no-deps --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.installed-* && touch $@

dev-install: install $(DEV_INSTALLED)

$(DEV_INSTALLED): $(INSTALLED)
	@$(call progress,Installing what the tests need,requirements-dev.txt) \
		$(PIP) install --no-deps --require-hashes -r requirements-dev.txt
	@rm -f $(VENV)/.dev-installed-* && touch $@

system-parts: dev-install
	@PYTHON="$(PYTHON)" sh tests/counterparts/install.sh
	@sh tests/counterparts/install_keycloak.sh

node-install: system-parts
	@sh tests/counterparts/install_node_packages.sh
