# Sightglass. `make` alone shows what there is. Paths are relative throughout, so a checkout may have a space in its path.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
UV := $(BIN)/uv
MEMBERS := libs/common libs/client services/api services/worker infra/embedded
# An index of the environment must not end up in a lock, so locking sees only uv's built-in one.
UV_CLEAN := env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS $(UV) --no-config
EXPORT := $(UV) export --frozen --no-header --no-emit-workspace --quiet
export UV_PYTHON_DOWNLOADS := never

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Set up
setup: .venv/.ready .venv-localstack/.ready ## Install everything into .venv and .venv-localstack (the other targets do this too)

.venv/bin/uv: requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit("Sightglass needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % sys.version_info[:2] if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/.ready: .venv/bin/uv requirements/all.lock pyproject.toml $(MEMBERS:=/pyproject.toml)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/all.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps $(foreach m,$(MEMBERS),-e ./$(m))
	@touch $@

.venv-localstack/.ready: .venv/bin/uv requirements/localstack.lock
	@test -x .venv-localstack/bin/python || $(UV) venv --quiet --no-project --python $(PY) .venv-localstack
	@$(UV) pip install --quiet --python .venv-localstack/bin/python --require-hashes -r requirements/localstack.lock
	@touch $@

lock: .venv/bin/uv ## Resolve all dependencies anew and write requirements/*.lock (hashes, no addresses)
	@$(UV_CLEAN) lock --default-index https://pypi.org/simple
	@cd infra/localstack && env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS ../../$(UV) --no-config lock --default-index https://pypi.org/simple
	@$(EXPORT) --all-packages -o requirements/all.lock
	@for p in api worker client; do $(EXPORT) --no-dev --package sightglass-$$p -o requirements/$$p.lock; done
	@$(EXPORT) --directory infra/localstack --no-dev -o ../../requirements/localstack.lock
	@$(EXPORT) --only-group bootstrap -o requirements/bootstrap.lock
	@echo "wrote requirements/*.lock"
