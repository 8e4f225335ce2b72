# Everything a newcomer needs: Python 3.11 or later, and make. `make` alone lists the commands.

# The first interpreter on the PATH that is new enough. Another one: make reports PYTHON=/path/to/python
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BIN := .venv/bin
INSTALLED := .venv/.installed
# What Python compiles is kept, whatever the environment says: a test run starts many processes.
unexport PYTHONDONTWRITEBYTECODE
SPARK := .venv/.spark

.DEFAULT_GOAL := help
.PHONY: help setup spark reports test check lint types suite bench notebook lock clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: $(INSTALLED) ## make the environment in .venv from the lock file

spark: $(SPARK) ## add Spark, for ledgers that outgrow one machine (480 MB; needs Java 17)

reports: $(INSTALLED) ## fictional organisation and all its reports; prints where they are
	$(BIN)/procanalysis example
	$(BIN)/procanalysis run exempel

test: lint ## lint, types and the whole test suite, on two cores
	@$(MAKE) --no-print-directory --jobs=2 types suite

check: lint types ## lint and types only

lint: $(INSTALLED) ## lint only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## types only
	$(BIN)/mypy

# A worker takes a whole file at a time, so that what a file shares is made once; conftest.py puts the dearest first.
# Three workers on two cores, since tests of the browser and of runs that hang or are killed mostly wait; threads of a
# numeric library that wait by working are in their way.
suite: export OPENBLAS_NUM_THREADS := 1
suite: $(INSTALLED) ## the test suite only
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# Sizes in millions of lines. All of them take hours: make bench LINES="1 5 10 50", see docs/performance.md.
LINES ?= 0.2
bench: $(INSTALLED) ## measure against rivals that do the same work, half an hour
	$(BIN)/python -m benchmarks --lines '$(LINES)' $(BENCH_ARGS)

notebook: $(INSTALLED) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

# Besides what pyproject.toml names: editables, which hatchling needs for an editable install, and uv itself.
# Spark has a lock of its own: it is as large as half of all the rest, and few need it.
AS_LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

lock: $(INSTALLED) ## refresh the lock files within the bounds of pyproject.toml
	@$(BIN)/python -c 'import tomllib; build = tomllib.load(open("pyproject.toml", "rb"))["build-system"]; \
		print(*build["requires"], "editables", "uv", sep="\n")' > .venv/build-requirements.in
	$(BIN)/uv pip compile $(AS_LOCK) --extra dev \
		pyproject.toml .venv/build-requirements.in --output-file requirements.lock
	@$(BIN)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*project["optional-dependencies"]["spark"], sep="\n")' > .venv/spark-requirements.in
	$(BIN)/uv pip compile $(AS_LOCK) --constraint requirements.lock \
		.venv/spark-requirements.in --output-file requirements-spark.lock
	@echo 'The two lock files are refreshed. Run make test before you commit them.'

clean: ## remove the environment and everything generated, reports included; ledgers and mask key stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis data/example
	[ ! -d data/prepared ] || find data/prepared -mindepth 1 ! -name .mask-key -delete
	find procanalysis tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find reports -mindepth 1 ! -name README.md -delete

# uv does not read pip's settings, so pip's index is handed to it.
HAND_INDEX = index="$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}"; \
	if test -n "$$index"; then UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; export UV_DEFAULT_INDEX; fi

# uv installs the locked set in seconds, where pip takes a minute or two; it is itself pinned in the lock. Where it
# fails pip does the same work from the same file. Both check every download against the hashes in the lock.
$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'procanalysis needs Python 3.11 or later, and none was found.'; \
		echo 'Install it, or name one: make reports PYTHON=/path/to/python3'; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'procanalysis needs Python 3.11 or later; $(PYTHON) is older, or no Python.'; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv || { \
		echo 'Python could not make an environment. On Debian and Ubuntu: sudo apt-get install python3-venv'; \
		exit 1; }
	@echo 'Installing into .venv (a minute or two the first time) ...'
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(HAND_INDEX); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement .venv/uv.txt && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --requirement requirements.lock || { \
		echo 'uv could not install the lock here; pip does it instead.'; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

$(SPARK): $(INSTALLED) requirements-spark.lock
	@echo 'Installing Spark into .venv (a minute or so) ...'
	@$(HAND_INDEX); \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements-spark.lock || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-spark.lock
	@command -v java >/dev/null || echo 'Spark also needs Java 17 or later, which is not on the PATH.'
	@touch $(SPARK)
