# Lair's front door. Everything is set up on first use; a second run does only what changed.
#
#   make               the Python package and liblair, into .venv/X.Y of PYTHON
#   make demo          a real program, stock and under Lair, with comparison and report
#   make test          all tests: C, Python (the tour among both)
#   make test-variants the tests of objects in the two other ways to build the library
#   make test-cpython  CPython's own tests, stock and on Lair (an hour or more)
#   make tour          the walk through the mechanisms
#   make bench-heap    the heap beside its peers
#   make bench-gc      the collector beside CPython's own
#   make bench-gc-c    liblair's collector beside Boehm's and CPython's, from C
#   make bench-objects the object model beside CPython's C API, GLib and malloc
#   make lint          formatters, linters, types
#   make sanitize      the C tests under ASan and UBSan, and under valgrind
#   make fuzz          the coverage-guided fuzzers, FUZZ_SECONDS each
#   make docs          the generated pages
#   make clean         removes build/ and .venv/
#
# PYTHON chooses the interpreter (CPython 3.11, 3.12 or 3.13), CC the compiler of C tests;
# BENCH_OPTIONS goes to the benchmark (bench/heap.py and so on), CPYTHON_OPTIONS to
# tests/python/cpython_suite.py.

PYTHON ?= python3
FUZZ_SECONDS ?= 60
# Under valgrind everything takes 20 to 50 times as long: what needs minutes there (blocks, arenas,
# plane, model, oom, stress, fuzz, large objects) has been under ASan and UBSan by then. Empty: all
# tests.
VALGRIND_TESTS ?= error options os process_map open limit ledger walk hardened purge threads \
    bytes counter instance iterator lazy list number packed tuple object-weak
CPYTHON_OPTIONS ?= --full
BENCH_OPTIONS ?=
export CC

# Expanded in recipes only, when set-up is over. Every tool comes from the environment.
VENV = $(shell build-aux/venv.sh $(PYTHON))
IN_VENV = PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
BUILD_C = $(IN_VENV) build-aux/build-c.sh
C_TESTS = build/tests-$(notdir $(CC))
C_FILES = $(shell find include src python/src tests tour bench build-aux examples -name '*.[ch]')

build: tools
	build-aux/install.sh $(PYTHON)

tools:
	build-aux/setup.sh $(PYTHON)
	build-aux/environment.sh $(PYTHON)

demo: build
	$(VENV)/bin/pip install -q --disable-pip-version-check -r examples/requirements.txt
	$(VENV)/bin/python examples/demo.py

test: test-c test-python

test-c: tools
	-build-aux/setup.sh $(PYTHON) libjansson-dev
	$(BUILD_C) $(C_TESTS) --buildtype=debugoptimized
	$(IN_VENV) meson test -C $(C_TESTS) --print-errorlogs

# With the ledger of references everything takes several times as long, and what dies waits for a
# while, which the examples that print how much memory they need do not allow for.
test-variants: tools
	-build-aux/setup.sh $(PYTHON) libjansson-dev
	$(BUILD_C) build/segregated --buildtype=debugoptimized -Dsegregated_counts=true
	$(IN_VENV) meson test -C build/segregated --print-errorlogs \
	    --suite object --suite examples --suite tour
	$(BUILD_C) build/debug-references --buildtype=debugoptimized -Ddebug_references=true
	$(IN_VENV) meson test -C build/debug-references --print-errorlogs --timeout-multiplier 4 \
	    --suite object --suite tour

test-python: build
	$(VENV)/bin/python -m pytest

test-cpython: build
	$(VENV)/bin/python tests/python/cpython_suite.py $(CPYTHON_OPTIONS)

tour: build
	$(VENV)/bin/lair tour

bench-heap: build
	$(BUILD_C) build/bench --buildtype=release -Dtests=false -Dbench=true
	-build-aux/setup.sh $(PYTHON) valgrind libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4
	$(IN_VENV) python bench/heap.py $(BENCH_OPTIONS)

bench-gc: build
	$(IN_VENV) python bench/gc.py $(BENCH_OPTIONS)

bench-gc-c: tools
	-build-aux/setup.sh $(PYTHON) libgc-dev
	$(BUILD_C) build/bench --buildtype=release -Dtests=false -Dbench=true
	$(IN_VENV) python bench/gc_c.py $(BENCH_OPTIONS)

bench-objects: tools
	-build-aux/setup.sh $(PYTHON) libglib2.0-dev
	$(BUILD_C) build/bench --buildtype=release -Dtests=false -Dbench=true
	$(BUILD_C) build/bench-segregated --buildtype=release -Dtests=false -Dbench=true \
	    -Dsegregated_counts=true
	$(IN_VENV) python bench/objects.py $(BENCH_OPTIONS)

lint: tools
	$(IN_VENV) clang-format --dry-run --Werror $(C_FILES)
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy
	build-aux/setup.sh $(PYTHON) clang-tidy
	$(BUILD_C) $(C_TESTS) --buildtype=debugoptimized
	echo $(filter-out src/object/debug.c,$(filter src/%.c,$(C_FILES))) | xargs -n 4 -P 2 clang-tidy --quiet -p $(C_TESTS)

sanitize: tools
	$(BUILD_C) build/sanitize --buildtype=debugoptimized -Db_sanitize=address,undefined \
	    -Db_lundef=false
	$(IN_VENV) meson test -C build/sanitize --print-errorlogs --timeout-multiplier 4
	build-aux/setup.sh $(PYTHON) valgrind
	CC=gcc $(BUILD_C) build/valgrind --buildtype=debugoptimized
	$(IN_VENV) meson test -C build/valgrind --print-errorlogs --setup valgrind \
	    $(VALGRIND_TESTS)

fuzz: tools
	build-aux/setup.sh $(PYTHON) clang
	build-aux/setup.sh $(PYTHON) fuzzer-runtime
	CC=clang $(BUILD_C) build/fuzz --buildtype=debugoptimized -Dfuzz=true
	for target in heap objects options str; do \
	    mkdir -p build/corpus/$$target && build/fuzz/tests/fuzz/fuzz_$$target \
	        -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
	        -artifact_prefix=build/corpus/$$target- \
	        build/corpus/$$target tests/fuzz/corpus/$$target || exit 1; \
	done

docs: tools
	$(BUILD_C) $(C_TESTS) --buildtype=debugoptimized
	$(C_TESTS)/build-aux/options_page > docs/options.md
	$(VENV)/bin/python tour/generate.py

clean:
	rm -rf build .venv

.DELETE_ON_ERROR:
.PHONY: build tools demo test test-c test-variants test-python test-cpython tour bench-heap \
    bench-gc bench-gc-c bench-objects lint sanitize fuzz docs clean
