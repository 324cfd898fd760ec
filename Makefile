# One word per task. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup server demo up down test unit faults conformance check format bench docs clean

SWATH := .venv/bin/swath
PORT ?= 8080
HOME_OPTION = $(if $(SWATH_HOME),--home $(SWATH_HOME))

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# --- set up -----------------------------------------------------------------------------------------

setup: .venv/.installed ## Make .venv with swath and the test tools in it

.venv-boot/bin/uv: requirements/uv.txt
	@./iac/install-uv.sh

.venv/.installed: .venv-boot/bin/uv requirements/dev.txt requirements/build.txt pyproject.toml
	$(UV) venv --quiet --clear --python 3.13 .venv
# Compiled once: where PYTHONDONTWRITEBYTECODE is set, as in many containers, each process would compile anew.
	$(UV) pip install --quiet --compile-bytecode --python .venv/bin/python --no-deps --require-hashes --requirement requirements/dev.txt
	$(UV) pip install --quiet --python .venv/bin/python --no-deps --build-constraints requirements/build.txt --editable .
	@touch $@

server: .venv/.installed ## Install PostgreSQL with PostGIS unless the machine has it
	@.venv/bin/python -m swath.local.install_server

# --- run --------------------------------------------------------------------------------------------

demo: setup server ## Start the hub, drop sample products, show them found; leaves it running
	$(SWATH) up --detach --port $(PORT) $(HOME_OPTION)
	$(SWATH) samples .swath-samples --count 20
	$(SWATH) put .swath-samples --wait $(HOME_OPTION)
	$(SWATH) search --limit 5 --sortby -datetime $(HOME_OPTION)
	@$(SWATH) status $(HOME_OPTION)

up: setup server ## Start the hub
	$(SWATH) up --detach --port $(PORT) $(HOME_OPTION)

down: setup ## Stop the hub
	$(SWATH) down $(HOME_OPTION)

# --- verify -----------------------------------------------------------------------------------------

test: setup server .venv-sam/.installed .venv-aws/.installed .venv-swift/.installed ## Run every test
	.venv/bin/pytest --numprocesses 2 --dist loadgroup

unit: setup ## Run the tests that need no server
	.venv/bin/pytest tests/unit --numprocesses 2

PROVING := $(addprefix tests/,conformance search $(addprefix api/test_,aggregations.py browse.py collections.py search.py transactions.py))
EXAMPLES ?= 600

conformance: setup server ## Ask the STAC API some 20 000 things, prove each class, write docs/conformance.md
	SWATH_TEST_EXAMPLES=$(EXAMPLES) .venv/bin/pytest $(PROVING) --junitxml=.conformance.xml; status=$$?; \
		.venv/bin/python -m tests.conformance.table .conformance.xml docs/conformance.md && exit $$status

faults: setup server ## Break things many times over: KILLS=10000 ITEMS=50000 SEED=7 DOWN_S=30
	.venv/bin/pytest tests/faults -m "faults or not faults" $(if $(ONLY),-k "$(ONLY)")

check: setup validate ## Lint, types, import contracts, templates, schemas
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m swath.local.documentation --check
	.venv/bin/check-jsonschema --check-metaschema schemas/queryables/*.json schemas/events/*.json

format: setup ## Format the code
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

bench: setup server ## Measure what the documentation claims; ONLY="loading …" for some groups
	.venv/bin/python -m benchmarks $(ONLY)

docs: setup ## Write docs/configuration.md from the settings
	.venv/bin/python -m swath.local.documentation

clean: ## Remove everything that was made here, hubs excepted
	rm -rf .venv .venv-sam .venv-aws .venv-swift .venv-boot .aws-sam .swath-samples

include iac/build.mk
