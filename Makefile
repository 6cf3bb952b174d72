# `make run` and `make test` do all their own set-up on a fresh machine that has Python 3.11 or newer and make.
# Written for GNU make 3.81, which is what macOS has.

PORT ?= 8501
# `make run ADDRESS=0.0.0.0` lets the rest of the room in.
ADDRESS ?= localhost
WORKERS ?= 2
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
# Python compiles a module when it is first imported; pip would compile all of them, a third of the set-up's time.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# JAX keeps what it has compiled here, however small: the second start of the app takes a third of the first one's time.
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/.venv/jax
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS = 0
export JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES = -1

.PHONY: run test coverage lint format bench class soak scale pictures requirements clean

run: .venv/.run
	exec $(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

# XLA would split every program into parts and compile them side by side. Where both cores are busy with tests already,
# that only costs: a tenth of the time of all compiling.
test: export XLA_FLAGS := --xla_cpu_parallel_codegen_split_count=1 $(XLA_FLAGS)
test: .venv/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

# The same tests, a third slower, and which lines they reach.
coverage:
	$(MAKE) test ARGS="--cov --cov-report term $(ARGS)"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.test
	$(BIN)/python -m bench

# A class on one server: three hundred students by the server's own protocol. `make class ARGS=--write` keeps the table.
class: .venv/.test
	$(BIN)/python -m bench.class $(ARGS)

soak: .venv/.test
	$(BIN)/python -m bench.class --soak 10 $(ARGS)

# Two processes behind the nginx of deploy/, with students and browsers: what a dead process and a restart cost them.
scale: .venv/.test
	$(BIN)/python -m bench.scale $(ARGS)

pictures: .venv/.test
	$(BIN)/python -m docs.pictures

# Pins what pyproject.toml asks for. `make requirements ARGS=--upgrade` moves the pins to the newest releases.
requirements: .venv/.dev
	$(BIN)/uv pip compile --quiet pyproject.toml --output-file requirements.txt $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage *.egg-info build

# Debian and Ubuntu keep what a virtual environment needs in a package of its own.
.venv/.made:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed. Install one, or name it: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		package="$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
		if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package"; \
		else \
			echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install $$package" >&2; exit 1; \
		fi; }
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.made requirements.txt
	$(INSTALL) --require-hashes -r requirements.txt
	@touch $@

.venv/.test: .venv/.run pyproject.toml tests/browser/chromium.py
	$(INSTALL) --editable '.[test]'
	$(BIN)/python -m tests.browser.chromium
	@touch $@

.venv/.dev: .venv/.run pyproject.toml
	$(INSTALL) --editable '.[dev]'
	@touch $@
