# The only entry point. `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
export UV := $(CURDIR)/.uv/bin/uv
MEMBERS := protos chassis stack $(wildcard services/*)
BIN := .venv/bin
PRODUCTS ?= 1000
# Where the platform runs: embedded (processes) or containers.
STACK ?= embedded
ARGS ?=

.PHONY: help setup demo up down status images test check format lock chaos bench relevance sizing pictures generate migration service e2e-k8s clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.complete ## bootstrap uv, the virtual environment and the generated stubs (every other target does it by itself)
	@$(BIN)/python protos/generate.py 2> >(grep -v '^Writing mypy' >&2)

demo: setup ## start the platform, fill it, and play one shopper's journey through its public API
	@$(BIN)/python -m stack demo --stack $(STACK) --products $(PRODUCTS) $(ARGS)

up: setup ## start the platform on this machine; its data survives (STACK=containers: in containers)
	@$(BIN)/python -m stack up --stack $(STACK) $(ARGS)

down: ## stop it (ARGS=--purge deletes its data)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m stack down --stack $(STACK) $(ARGS); else echo "nothing is installed here, so nothing runs"; fi

status: setup ## show what runs
	@$(BIN)/python -m stack status --stack $(STACK) $(ARGS)

images: setup ## build an image of every service under a new tag, and a bill of materials of each
	@$(BIN)/python -m stack images $(ARGS)

test: setup ## run every test: unit, integration, and the stories on a stack of their own
	@$(BIN)/python -m pytest -n 2 -q --durations=25 --durations-min=10 $(ARGS)

check: setup ## lint, types, import contracts, protos
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy $(addprefix -p ,chassis stack $(notdir $(wildcard services/*)))
	@$(BIN)/lint-imports && cd protos && ../$(BIN)/buf lint && PATH=$(CURDIR)/$(BIN):$$PATH ./breaking

format: setup ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix-only -q . && $(BIN)/ruff format .

chaos: setup ## a sell-out and returns with replicas killed, double taps at a slow bank, an overload; prints the ledgers against the orders
	@$(BIN)/python -m stack chaos --stack $(STACK) $(ARGS)

bench: setup ## what each path costs, beside the floor (PRODUCTS=1000; ARGS='--parts reads' and more in --help)
	@$(BIN)/python -m stack bench --products $(PRODUCTS) $(ARGS)

relevance: setup ## how well search finds: queries of seven kinds made from the demo catalogue (ARGS='--data FOLDER': from yours)
	@$(BIN)/python -m stack.shoppers.demo_files .stack/relevance && $(BIN)/python -m catalog.relevance --data .stack/relevance $(ARGS)

sizing: setup ## what each service uses under a reference load, into docs/sizing.json (ARGS=--propose: values of the chart from it)
	@$(BIN)/python -m stack sizing $(ARGS)

pictures: setup ## make the README's pictures anew, of the demo's studio in a browser (Chromium on PATH)
	@PICTURES=$(CURDIR)/docs $(BIN)/python -m pytest -n 0 -q tests/e2e/test_studio_pages.py -k pictures $(ARGS)

generate: setup ## make the rules, alerts and dashboards in deploy/ anew, and the reference of the chart's values
	@$(BIN)/python -m stack.watch $(ARGS) && $(BIN)/python -m stack.kubernetes.reference

e2e-k8s: setup ## install on the cluster of KUBECONFIG (IMAGE_LOADER, POD_KILLER: see docs), upgrade, hurt it while shoppers buy, count
	@$(BIN)/python -m stack.kubernetes $(ARGS)

migration: setup ## draft a migration from the tables' classes (SERVICE=cart NAME=add_gift_note)
	@$(BIN)/python -m stack migration --service "$(SERVICE)" --name "$(NAME)" $(ARGS)

service: setup ## lay out a new service (NAME=loyalty RESOURCE=account)
	@$(BIN)/python -m stack service --name "$(NAME)" --resource "$(RESOURCE)" $(ARGS)

lock: .uv/bin/uv ## resolve the dependencies anew into requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group dev \
	  $(addprefix --no-emit-package sojourn-,$(notdir $(MEMBERS))) -o requirements.lock

clean: down ## stop the platform and delete what was built
	@if [ -d .stack/containers ]; then $(MAKE) -s down STACK=containers ARGS=--purge; fi
	@rm -rf .venv .uv .stack .tools protos/gen .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# uv itself is verified by its hash too. Not every Python has venv; each of these has pip.
.uv/bin/uv: requirements.lock
	@echo "installing uv" && rm -rf .uv && mkdir .uv && sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .uv/requirements.txt
	@python3 -m pip install -q --disable-pip-version-check --no-warn-script-location --root-user-action ignore --require-hashes --target .uv -r .uv/requirements.txt
	@touch .uv/bin/uv

.venv/.complete: .uv/bin/uv requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@echo "installing the dependencies" && $(UV) venv -q --allow-existing .venv && $(UV) pip sync -q requirements.lock
	@mkdir -p protos/gen/sojourn && $(UV) pip install -q --no-deps $(addprefix -e ,$(MEMBERS))
	@touch .venv/.complete
