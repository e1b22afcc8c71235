PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development

.PHONY: demo test test-slow lint lock clean

demo: $(RUNTIME)
	$(BIN)/publisher demo $(ARGS)

test: lint
	$(BIN)/pytest -n 2 -m "not slow" $(ARGS)

test-slow: $(DEVELOPMENT)
	$(BIN)/pytest -n 2 -m slow $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The environment, exactly as locked: what runs, and on top of it what checks.
$(RUNTIME): requirements/runtime.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	touch $@

$(DEVELOPMENT): $(RUNTIME) requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

# The locks are made from pyproject.toml.  `site`, `officer` and `runtime` are what the images install.
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links

lock: $(DEVELOPMENT)
	$(COMPILE) -o requirements/runtime.txt pyproject.toml requirements/build.in
	$(COMPILE) -c requirements/runtime.txt --extra dev -o requirements/dev.txt pyproject.toml requirements/build.in
	$(COMPILE) -c requirements/runtime.txt -o requirements/site.txt requirements/site.in
	$(COMPILE) -c requirements/runtime.txt -o requirements/officer.txt requirements/officer.in

clean:
	rm -rf .venv build *.egg-info
