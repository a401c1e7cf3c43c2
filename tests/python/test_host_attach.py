"""Attaching the heap, using it, detaching it, attaching it again."""

import pytest
from host_child import run, succeed


def test_nothing_to_read_before_the_first_attach():
    succeed("""
        assert not _core.heap_attached() and _core.refusal() is None
        for function in (_core.ledger, _core.peak, _core.residency, _core.stats, _core.classes,
                         _core.trim, _core.get_limit, _core.check, _core.detach_heap):
            try:
                function()
            except RuntimeError as fault:
                assert "has not been attached" in str(fault)
            else:
                raise AssertionError(function)
    """)


def test_blocks_of_all_sizes_live_on_the_heap():
    succeed("""
        _core.attach_heap("")
        before = _core.ledger()["live"]
        kept = [b"x" * size for size in (1, 100, 500, 600, 5_000, 40_000, 3_000_000)]
        kept.append([None] * 100_000)
        grown = _core.ledger()["live"] - before
        assert 3_846_000 < grown < 4_300_000, grown
        _core.check()
        del kept
        assert abs(_core.ledger()["live"] - before) < 50_000
        _core.check()
    """)


def test_the_ledger_adds_up_and_the_classes_agree_with_it():
    succeed("""
        _core.attach_heap("")
        kept = [[str(i), i * 1.5, {i: i}] for i in range(50_000)]
        books = _core.ledger()
        assert books["committed"] == sum(
            books[part] for part in ("live", "free_in_pools", "cached", "purged", "overhead"))
        assert books["footprint"] == books["committed"] - books["purged"] + books["charged"]
        classes = _core.classes()
        assert len(classes) == _core.stats()["class_count"]
        assert all(len(c["fill"]) == 10 and sum(c["fill"]) == c["pools"] for c in classes[:-1])
        assert abs(sum(c["blocks"] for c in classes) - books["blocks"]) < 3_000
        assert _core.peak()["footprint"] <= _core.stats()["peak_footprint"] * 1.05
        resident = _core.residency()
        assert resident["resident"] == sum(v for k, v in resident.items() if k != "resident")
    """)


def test_late_attach_forwards_blocks_from_before():
    succeed("""
        import random
        old = [bytearray(random.randrange(2_000)) for _ in range(20_000)]
        text = {i: str(i) * 9 for i in range(20_000)}
        growing = list(range(1_000))
        _core.attach_heap("")
        growing.extend(range(100_000))
        for block in old:
            block.extend(b"more" * 200)
        assert growing[-1] == 99_999 and text[19_999] == "19999" * 9
        freed = _core.stats()["foreign_frees"]
        del text, growing
        old.clear()
        assert _core.stats()["foreign_frees"] - freed > 40_000
        _core.check()
    """)


def test_detach_keeps_blocks_valid_and_a_second_attach_works():
    succeed("""
        _core.attach_heap("pagesize=32K,maxheapsize=1G")
        first = [str(i) for i in range(50_000)]
        _core.detach_heap()
        assert not _core.heap_attached() and _core.get_limit() == (0, 0)
        live = _core.ledger()["live"]
        between = [str(-i) for i in range(50_000)]
        assert _core.ledger()["live"] < live + 10_000
        assert first == [str(i) for i in range(50_000)]
        del first[::2]
        first.extend(["grown"] * 100_000)
        _core.check()

        _core.attach_heap("maxheapsize=512M")
        assert _core.get_limit()[0] == 512 << 20
        live = _core.ledger()["live"]
        second = [str(i) for i in range(50_000)]
        assert _core.ledger()["live"] > live + 50_000 * 32
        assert between[-1] == "-49999" and first[-1] == "grown" and second[-1] == "49999"
        del first, between, second
        _core.detach_heap()
        _core.check()
    """)


def test_detach_gives_the_domain_back():
    """CPython sees its own malloc on top again."""
    succeed("""
        import io, os, sys
        _core.attach_heap("")
        _core.detach_heap()
        before = sys.getallocatedblocks()
        live = _core.ledger()["blocks"]
        kept = [object() for _ in range(10_000)]
        assert _core.ledger()["blocks"] < live + 100
        assert sys.getallocatedblocks() >= before + 10_000
    """)


@pytest.mark.parametrize("times", [1, 5])
def test_attach_and_detach_many_times(times):
    succeed(f"""
        kept = []
        for turn in range({times} * 20):
            _core.attach_heap("")
            kept.append([str(turn * i) for i in range(500)])
            _core.detach_heap()
            kept.append([str(turn * i) for i in range(500)])
            if turn % 3 == 0:
                kept = kept[::2]
        _core.check()
        assert all(row[7].isdigit() for row in kept)
    """)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("", "pagesize=64K", "pagesize=64K: the heap of this process was opened with 16K"),
        (
            "hardened=on",
            "hardened=off",
            "hardened=off: the heap of this process was opened with on",
        ),
    ],
)
def test_options_of_the_heap_cannot_change(first, second, message):
    succeed(f"""
        _core.attach_heap({first!r})
        _core.detach_heap()
        try:
            _core.attach_heap({second!r})
        except ValueError as fault:
            assert {message!r} in str(fault), fault
        else:
            raise AssertionError
        assert not _core.heap_attached()
        _core.attach_heap({first!r})
        _core.detach_heap()
        _core.attach_heap("")
    """)


REFUSED = """
        try:
            _core.{call}
        except {error} as fault:
            assert {message!r} in str(fault), fault
        else:
            raise AssertionError
"""


def refused(call, error, message):
    """Code of a child: the call raises this error with this message."""
    return REFUSED.format(call=call, error=error, message=message).strip()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ("attach_heap(5)", "TypeError", "options must be a str, not int"),
        ("attach_heap('a\\0b')", "ValueError", "null character"),
        ("attach_heap('nonsense=1')", "ValueError", "nonsense"),
        ("attach_heap('maxheapsize=lots')", "ValueError", "lots"),
        ("attach_heap('objects=5')", "ValueError", "free lists are its own"),
        ("attach_heap('maxheapsize=1M')", "ValueError", "too small to start"),
        ("attach_heap('pagesize=5K')", "ValueError", "pagesize"),
        ("parse_options(None)", "TypeError", "options must be a str, not NoneType"),
        ("parse_options('pagesize')", "ValueError", "pagesize"),
    ],
)
def test_bad_options_are_named(call, error, message):
    succeed(f"""
        {refused(call, error, message)}
        assert not _core.heap_attached()
    """)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ("attach_heap('')", "RuntimeError", "attached already"),
        ("set_limit('1')", "TypeError", "max_bytes must be an int, not str"),
        ("set_limit(-1)", "ValueError", "max_bytes must be from 0 to"),
        ("set_limit(1 << 70)", "ValueError", "max_bytes must be from 0 to"),
        ("set_limit(1 << 30, -5)", "ValueError", "soft_bytes must be from 0 to"),
        ("set_limit(1 << 30, 1 << 31)", "ValueError", "soft limit"),
        ("set_limit(4096)", "ValueError", "in use"),
        ("inject_failure(-1)", "ValueError", "nth must be from 0 to"),
        ("inject_failure(1.5)", "TypeError", "nth must be an int, not float"),
        ("ledger(1)", "TypeError", "takes no arguments"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    succeed(f"""
        _core.attach_heap("")
        {refused(call, error, message)}
        assert _core.get_limit() == (0, 0)
    """)


def test_options_table_and_parsed_options():
    succeed("""
        rows = {row["name"]: row for row in _core.options_table()}
        assert rows["maxheapsize"]["kind"] == "size" and rows["maxheapsize"]["refusal"] == ""
        assert rows["objects"]["refusal"] and "cpython" not in rows["objects"]["hosts"]
        assert rows["attach"]["hosts"] == ["cpython"]
        options = _core.parse_options("maxheapsize=2M, hardened, decay=2s, reportfile=a.json")
        assert options.keys() == rows.keys()
        assert options["maxheapsize"] == 2 << 20 and options["hardened"] is True
        assert options["decay"] == 2000 and options["reportfile"] == "a.json"
        assert options["gctype"] == "auto" and options["idlepurge"] is True
        total = _core.system_memory()
        quarter = _core.parse_options("maxheapsize=25%")["maxheapsize"]
        assert abs(quarter - total // 4) <= 4096
    """)


def test_getallocatedblocks_counts_the_heap():
    succeed("""
        import sys
        assert sys.getallocatedblocks.__module__ == "sys"
        before = sys.getallocatedblocks()
        _core.attach_heap("")
        assert abs(sys.getallocatedblocks() - before) < 500
        kept = [object() for _ in range(10_000)]
        assert 9_900 < sys.getallocatedblocks() - before < 11_000
        _core.detach_heap()
        assert 9_900 < sys.getallocatedblocks() - before < 11_000
        del kept
        assert abs(sys.getallocatedblocks() - before) < 500
        assert sys.getallocatedblocks.__module__ == "sys"
        assert sys.getallocatedblocks.__name__ == "getallocatedblocks"
    """)


def test_raw_memory_is_counted():
    succeed("""
        import threading
        _core.attach_heap("")
        before = _core.stats()
        def hold():
            ready.release()
            stop.wait()
        ready, stop = threading.Semaphore(0), threading.Event()
        threads = [threading.Thread(target=hold, daemon=True) for _ in range(20)]
        for thread in threads:
            thread.start()
        for _ in threads:
            ready.acquire()
        during = _core.stats()
        assert during["raw_blocks"] >= before["raw_blocks"] + 20    # each has a thread state
        assert during["raw_bytes"] >= before["raw_bytes"] + 20 * 200
        stop.set()
        for thread in threads:
            thread.join()
        assert _core.stats()["raw_blocks"] < during["raw_blocks"]
    """)


def test_refused_requests_become_memory_errors():
    """Each of the first requests of a small program fails in turn; none brings it down."""
    succeed("""
        _core.attach_heap("")
        def work():
            return sorted({str(i): [i] * 9 for i in range(60)}.items())[3][1][4:] * 99
        expected, errors = work(), 0
        for nth in range(1, 400):
            try:
                _core.inject_failure(nth)
                result = work()
                _core.inject_failure(0)
            except MemoryError:
                _core.inject_failure(0)
                errors += 1
            else:
                assert result == expected
        assert errors > 100, errors
        _core.check()
    """)


def test_import_in_an_unattached_process_changes_nothing():
    child = run("import sys; sys._debugmallocstats()")
    assert child.returncode == 0 and "arenas allocated total" in child.stderr
