"""Other allocators and other people's hooks under, over and beside the heap."""

import pytest
from host_child import run, succeed

DEBUG = "CPython's debug hooks are installed"


@pytest.mark.parametrize(
    ("options", "env"),
    [
        ((), {"PYTHONMALLOC": "debug"}),
        ((), {"PYTHONMALLOC": "malloc_debug"}),
        ((), {"PYTHONMALLOC": "pymalloc_debug"}),
        (("-X", "dev"), {}),
    ],
)
def test_debug_hooks_refuse_the_heap(options, env):
    succeed(
        f"""
        assert _core.refusal().startswith({DEBUG!r}), _core.refusal()
        try:
            _core.attach_heap("")
        except RuntimeError as fault:
            assert {DEBUG!r} in str(fault)
        else:
            raise AssertionError
        assert not _core.heap_attached()
        """,
        options=options,
        env=env,
    )


@pytest.mark.parametrize(
    ("options", "allocator"),
    [((), "malloc"), ((), "pymalloc"), ((), "default"), (("-X", "dev"), "pymalloc")],
)
def test_plain_allocators_below_the_heap(options, allocator):
    succeed(
        """
        old = [str(i) * 50 for i in range(10_000)]
        _core.attach_heap("")
        new = [str(i) * 50 for i in range(10_000)]
        assert old == new
        del old
        assert _core.stats()["foreign_frees"] > 9_000
        _core.detach_heap()
        newer = [text + "." for text in new]
        del new
        _core.check()
        """,
        options=options,
        env={"PYTHONMALLOC": allocator},
    )


def test_tracemalloc_over_the_heap():
    succeed("""
        import tracemalloc
        _core.attach_heap("")
        before = [str(i) for i in range(1_000)]
        tracemalloc.start()
        traced = [str(i) for i in range(10_000)]
        size, peak = tracemalloc.get_traced_memory()
        assert size > 10_000 * 50
        live = _core.ledger()["live"]
        assert live > size
        tracemalloc.stop()
        after = [str(i) for i in range(1_000)]
        assert after == before and traced[:1000] == before
        del before, traced, after
        _core.check()
    """)


def test_tracemalloc_across_detach_and_attach():
    succeed("""
        import tracemalloc
        _core.attach_heap("")
        tracemalloc.start()
        traced = [str(i) for i in range(10_000)]
        _core.detach_heap()                      # ours lie below tracemalloc's
        live = _core.ledger()["live"]
        outside = [str(i) for i in range(10_000)]
        assert _core.ledger()["live"] < live + 5_000
        assert _core.refusal() is None
        _core.attach_heap("")
        inside = [str(i) for i in range(10_000)]
        assert _core.ledger()["live"] > live + 10_000 * 32
        _core.detach_heap()
        tracemalloc.stop()
        still = [str(i) for i in range(10_000)]
        assert traced == outside == inside == still
        assert _core.refusal() is None
        _core.attach_heap("")
        del traced, outside, inside, still
        _core.check()
    """)


def test_tracemalloc_before_the_heap_is_refused():
    succeed("""
        import tracemalloc
        tracemalloc.start(5)
        assert _core.refusal().startswith("tracemalloc is tracing"), _core.refusal()
        try:
            _core.attach_heap("")
        except RuntimeError as fault:
            assert "tracemalloc" in str(fault)
        else:
            raise AssertionError
        tracemalloc.stop()
        assert _core.refusal() is None
        _core.attach_heap("")
        _core.detach_heap()
        tracemalloc.start()                      # over the forwarding hooks
        assert _core.refusal().startswith("tracemalloc is tracing"), _core.refusal()
        tracemalloc.stop()
        _core.attach_heap("")
    """)


def test_tracing_from_the_start_can_stop_and_start_again():
    succeed(
        """
        import tracemalloc
        frames = tracemalloc.get_traceback_limit()
        assert tracemalloc.is_tracing() and frames == 3
        old = [str(i) for i in range(10_000)]
        tracemalloc.stop()
        _core.attach_heap("")
        tracemalloc.start(frames)
        new = [str(i) for i in range(10_000)]
        assert old == new and tracemalloc.get_traced_memory()[0] > 10_000 * 40
        del old, new
        """,
        options=("-X", "tracemalloc=3"),
    )


@pytest.mark.parametrize(
    "api",
    ["test_pymem_setrawallocators", "test_pymem_setallocators", "test_pyobject_setallocators"],
)
def test_hooks_that_come_and_go_over_the_heap(api):
    """CPython's own test of PEP 445 puts hooks over ours and takes them away."""
    succeed(f"""
        import _testcapi
        _core.attach_heap("")
        getattr(_testcapi, {api!r})()
        _core.check()
        _core.detach_heap()
        getattr(_testcapi, {api!r})()
        _core.attach_heap("")
        getattr(_testcapi, {api!r})()
    """)


def test_a_foreign_hook_before_the_heap_is_refused():
    succeed("""
        import _testcapi
        _testcapi.set_nomemory(1 << 30, 0)       # CPython's failing allocator, never failing here
        reason = _core.refusal()
        _testcapi.remove_mem_hooks()
        assert reason.startswith("another memory hook is installed"), reason
        assert _core.refusal() is None
    """)


def test_failing_allocator_over_the_heap():
    succeed("""
        import _testcapi
        _core.attach_heap("")
        errors = 0
        for start in range(1, 60):
            _testcapi.set_nomemory(start, start + 1)
            try:
                x = [str(i) for i in range(30)]
            except MemoryError:
                errors += 1
            finally:
                _testcapi.remove_mem_hooks()
        assert errors > 10, errors
        _core.check()
    """)


def test_debugmallocstats_still_works():
    child = run("""
        import sys
        _core.attach_heap("")
        sys._debugmallocstats()
    """)
    assert child.returncode == 0, child.stderr
