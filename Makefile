# make demo: the whole thing to try. make test: all that must be true before a change is taken. make test-servers: what a
# database must hold, once more on servers. make test-versions: the tests of what meets other libraries, with the oldest
# that are allowed, and on newer Pythons. make coverage: the same tests, with the lines and branches that none of them
# takes. make messages: renew the catalogues of translations.

VENV := .venv/bin
TEST := $(CURDIR)/.venv-test/bin
STAGE := build/stage
CATALOGUES := flask_intacct/translations
KEYWORDS := -k _gettext -k _ngettext:1,2 -k lazy_gettext -k marked -k literal -k Plural:2,3
SAY = @printf '\n== %s\n'

.NOTPARALLEL:
.PHONY: demo test test-servers test-versions coverage installed checks lint format screenshots messages clean

demo: .venv/ready
	@$(VENV)/python -m example_app.demo

test: MATRIX := not matrix
test-servers: MATRIX := matrix
test: checks
test test-servers: installed
	$(SAY) "tests, against the installed wheel"
	@rm -rf $(STAGE) && mkdir -p $(STAGE)
	@tar -cf - --exclude=./flask_intacct --exclude=./.git --exclude='./.venv*' --exclude=./build --exclude=./.demo \
		--exclude=__pycache__ --exclude=./node_modules --exclude='./*.egg-info' . | tar -xf - -C $(STAGE)
	@cd $(STAGE) && INTACCT_TEST_INSTALLED=$(CURDIR)/.venv-test PATH="$(TEST):$$PATH" \
		$(TEST)/python tests/postgres.py $(TEST)/python tests/mariadb.py \
		$(TEST)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m "$(MATRIX)" $(ARGS)

coverage:
	@$(MAKE) --no-print-directory test ARGS="--cov=flask_intacct --cov-branch --cov-report=term:skip-covered $(ARGS)"

test-versions:
	@.ci/versions $(ARGS)

checks: .venv-test/ready
	$(SAY) "ruff"
	@$(TEST)/ruff check .
	@$(TEST)/ruff format --check .
	$(SAY) "mypy"
	@$(TEST)/mypy
	$(SAY) "import-linter"
	@$(TEST)/lint-imports

installed: .venv-test/ready
	$(SAY) "wheel"
	@rm -rf build *.egg-info
	@$(TEST)/pip -q wheel --no-deps --wheel-dir build/wheel .
	@$(TEST)/pip -q install --no-deps --force-reinstall build/wheel/*.whl

lint: .venv-test/ready
	@$(TEST)/ruff check . && $(TEST)/ruff format --check . && $(TEST)/mypy && $(TEST)/lint-imports

format: .venv-test/ready
	@$(TEST)/ruff check --fix . && $(TEST)/ruff format .

screenshots: .venv-test/ready
	@.ci/machine chromium fonts-liberation
	@PATH="$(TEST):$$PATH" $(TEST)/python -m example_app.screenshots

messages: .venv-test/ready
	@mkdir -p build
	@$(TEST)/pybabel -q extract -F babel.cfg $(KEYWORDS) --no-location --sort-output -o build/intacct.pot .
	@$(TEST)/pybabel -q update -i build/intacct.pot -D intacct -d $(CATALOGUES) --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date -w 120
	@$(TEST)/pybabel compile -D intacct -d $(CATALOGUES) --statistics

clean:
	rm -rf .venv .venv-test .venv-versions .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	rm -rf .hypothesis .coverage*

.venv/ready: pyproject.toml
	$(SAY) "environment for the demo"
	@.ci/machine python3-venv
	@python3 -m venv .venv
	@$(VENV)/pip -q --disable-pip-version-check install -e '.[demo,matching]'
	@touch $@

.venv-test/ready: pyproject.toml .ci/machine
	$(SAY) "machine"
	@.ci/machine python3-venv chromium postgresql mariadb-server nodejs npm fonts-liberation
	$(SAY) "environment for the tests"
	@python3 -m venv .venv-test
	@$(TEST)/pip -q --disable-pip-version-check install '.[test]'
	@$(TEST)/pip -q --disable-pip-version-check install --no-deps --target .venv-test/with-babel flask-babel pytz
	@touch $@
