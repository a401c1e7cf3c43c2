"""Interpreters besides the main one: with its GIL, and with their own."""

import sys

import pytest
from host_child import run, succeed

own_gil = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="interpreters have a GIL of their own from 3.12"
)

# create(own) makes an interpreter, runs code in it, and destroys it.
PRELUDE = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters
    def create(own):
        return _interpreters.create("isolated" if own else "legacy", reqrefs=False)
    def execute(interpreter, code):
        error = _interpreters.exec(interpreter, code)
        assert error is None, error.formatted
    destroy = _interpreters.destroy
else:
    import _xxsubinterpreters
    def create(own):
        return _xxsubinterpreters.create(isolated=own)
    execute = _xxsubinterpreters.run_string
    destroy = _xxsubinterpreters.destroy
def in_new_interpreter(code, own=True):
    interpreter = create(own)
    try:
        execute(interpreter, code)
    finally:
        destroy(interpreter)
"""

WORK = '''"""
import json
rows = [{"id": i, "name": str(i) * 3, "more": [i] * (i % 40)} for i in range(20_000)]
assert json.loads(json.dumps(rows)) == rows
text = "".join(str(i) for i in range(50_000))
del rows[::3]
"""'''


def check(code, **how):
    return succeed("exec(" + repr(PRELUDE) + ")\n" + code, **how)


@own_gil
def test_an_interpreter_with_its_own_gil_stays_off_the_heap():
    check(f"""
_core.attach_heap("")
interpreter = create(True)
live = _core.ledger()["live"]
execute(interpreter, "kept = [str(i) for i in range(100_000)]")
assert _core.ledger()["live"] < live + 100_000
mine = [str(i) for i in range(100_000)]
assert _core.ledger()["live"] > live + 100_000 * 32
destroy(interpreter)
_core.check()
in_new_interpreter({WORK})
_core.check()
""")


@own_gil
def test_own_gils_run_in_parallel_with_the_heap():
    check(f"""
import threading
_core.attach_heap("")
threads = [threading.Thread(target=in_new_interpreter, args=({WORK},)) for _ in range(3)]
for thread in threads:
    thread.start()
kept = []
while any(thread.is_alive() for thread in threads):
    kept = [str(i) for i in range(1000)] + kept[:5000]
for thread in threads:
    thread.join()
_core.check()
""")


@own_gil
def test_interpreters_from_before_the_attach():
    check("""
interpreter = create(True)
_core.attach_heap("")
live = _core.ledger()["live"]
execute(interpreter, "kept = [str(i) for i in range(100_000)]; del kept[::2]")
assert _core.ledger()["live"] < live + 100_000
destroy(interpreter)
_core.check()
""")


@own_gil
def test_own_gils_across_detach_and_attach():
    check(f"""
_core.attach_heap("")
kept = [str(i) for i in range(10_000)]
in_new_interpreter({WORK})
_core.detach_heap()
in_new_interpreter({WORK})
kept += [str(i) for i in range(10_000)]
_core.attach_heap("")
in_new_interpreter({WORK})
del kept
_core.check()
""")


def test_interpreters_under_the_main_gil_use_the_heap():
    check(f"""
_core.attach_heap("")
interpreter = create(False)
live = _core.ledger()["live"]
execute(interpreter, "kept = [str(i) for i in range(100_000)]")
assert _core.ledger()["live"] > live + 100_000 * 32
destroy(interpreter)
in_new_interpreter({WORK}, False)
_core.check()
""")


@pytest.mark.parametrize("own", [False, pytest.param(True, marks=own_gil)])
def test_only_the_main_interpreter_may_use_the_functions(own):
    check(f"""
_core.attach_heap("")
assert _core.on_main_interpreter()
in_new_interpreter('''
from lair import _core
assert not _core.on_main_interpreter()
assert _core.refusal().startswith("this is not the main interpreter"), _core.refusal()
assert _core.heap_attached()
assert _core.parse_options("maxheapsize=2M")["maxheapsize"] == 2 << 20
assert len(_core.options_table()) > 5 and _core.system_memory() > 0
for call in (_core.ledger, _core.trim, _core.detach_heap, lambda: _core.attach_heap("")):
    try:
        call()
    except RuntimeError:
        pass
    else:
        raise AssertionError(call)
''', {own})
assert _core.heap_attached()
""")


def test_limits_hold_for_interpreters_under_the_main_gil():
    check("""
_core.attach_heap("maxheapsize=64M")
in_new_interpreter('''
kept = []
try:
    while True:
        kept.append([0] * 200)
except MemoryError:
    kept.clear()
else:
    raise AssertionError
''', False)
assert _core.stats()["limit_errors"] > 0
_core.check()
""")


def test_interpreters_left_behind_at_exit():
    child = run(
        "exec("
        + repr(PRELUDE)
        + """)
_core.attach_heap("")
for own in (True, False, True):
    execute(create(own), "kept = [str(i) for i in range(10_000)]")
"""
    )
    assert child.returncode == 0, child.stderr
