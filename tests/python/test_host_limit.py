"""The memory limit: MemoryError, the reserve, recovery, and the soft limit's collection."""

from host_child import run, succeed


def test_past_the_limit_the_program_gets_memory_error_and_goes_on():
    succeed("""
        import traceback
        _core.attach_heap("maxheapsize=64M")
        for turn in range(3):
            kept = []
            try:
                while True:
                    kept.append([turn] * 100)
            except MemoryError:
                text = traceback.format_exc()
                assert "MemoryError" in text and "kept.append" not in text[:10]
            assert 40_000 < len(kept) < 75_000, len(kept)
            assert _core.ledger()["footprint"] <= 66 << 20
            del kept
        assert _core.stats()["limit_errors"] >= 3
        assert len([None] * 1_000_000) == 1_000_000
        _core.check()
    """)


def test_one_request_too_large():
    succeed("""
        _core.attach_heap("maxheapsize=64M")
        for size in (100 << 20, 1 << 40):
            try:
                bytearray(size)
            except MemoryError:
                pass
            else:
                raise AssertionError
        assert _core.stats()["limit_errors"] == 2
        assert len(bytearray(40 << 20)) == 40 << 20
        assert _core.get_limit() == (64 << 20, _core.stats()["soft_limit"])
    """)


def test_the_reserve_serves_the_handler_and_closes_again():
    succeed("""
        import logging, io
        _core.attach_heap("maxheapsize=64M")
        log = io.StringIO()
        logging.basicConfig(stream=log)
        kept = []
        def fill():
            while True:
                kept.append(bytes(1000))
        for turn in range(4):
            try:
                fill()
            except MemoryError:
                logging.exception("turn %d", turn)
            footprint = _core.ledger()["footprint"]
            assert 62 << 20 < footprint <= 66 << 20, footprint
            kept.clear()
            _core.trim()
        assert log.getvalue().count("MemoryError") == 4
        assert _core.stats()["limit_errors"] == 4, _core.stats()
    """)


def test_the_reserve_closes_without_being_asked():
    """Only the soft limit on the way up tells that the footprint had fallen."""
    succeed("""
        import traceback
        _core.attach_heap("maxheapsize=64M")
        kept, highest = [None] * 80_000, []
        for turn in range(4):
            count = 0
            try:
                while True:
                    kept[count] = bytes(1000)
                    count += 1
            except MemoryError:
                assert "MemoryError" in traceback.format_exc()
            highest.append(count)
            for i in range(count):
                kept[i] = None
        assert max(highest) <= highest[0] + 300, highest  # an open reserve would hold 900 more
    """)


def test_an_unhandled_error_ends_the_program_with_a_traceback():
    child = run("""
        _core.attach_heap("maxheapsize=48M")
        kept = []
        while True:
            kept.append([0] * 100)
    """)
    assert child.returncode == 1
    assert child.stderr.startswith("Traceback (most recent call last):")
    assert child.stderr.rstrip().endswith("MemoryError")


SOFT = """
    import gc
    _core.attach_heap("maxheapsize=128M")
    {before}
    class Node:
        pass
    def garbage():
        node = Node()
        node.self = node
        node.weight = bytearray(50_000)
    for i in range(20_000):
        garbage()
    assert _core.stats()["soft_collections"] > 0, _core.stats()
    assert _core.stats()["limit_errors"] == 0, _core.stats()
    {after}
"""


def test_the_soft_limit_collects_garbage():
    succeed(SOFT.format(before="gc.set_threshold(1_000_000)", after="assert gc.isenabled()"))


def test_the_soft_limit_collects_even_where_the_collector_is_off():
    succeed(SOFT.format(before="gc.disable()", after="assert not gc.isenabled()"))


def test_the_soft_limit_collects_on_a_thread():
    """Before 3.12 a safe point on another thread is the collector's own next turn."""
    code = """
        import gc, threading
        _core.attach_heap("maxheapsize=128M")
        class Node:
            pass
        def garbage():
            node = Node()
            node.self = node
            node.weight = bytearray(50_000)
        def work():
            for i in range(10_000):
                garbage()
            done.append(True)
        done = []
        gc.set_threshold(100_000)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert done and _core.stats()["limit_errors"] == 0, _core.stats()
    """
    succeed(code)


def test_the_limit_refuses_nothing_while_the_collector_runs():
    succeed("""
        import gc
        _core.attach_heap("maxheapsize=64M")
        refused = []
        class Node:
            def __del__(self):
                try:
                    kept.append(bytearray(10 << 20))
                except MemoryError:
                    refused.append(self)
        kept = [bytearray(1 << 20) for _ in range(40)]
        for _ in range(4):
            node = Node()
            node.self = node
        del node
        gc.collect()
        assert not refused and len(kept) == 44
        assert _core.ledger()["footprint"] > 64 << 20
        try:
            more = bytearray(16 << 20)
        except MemoryError:
            pass
        else:
            raise AssertionError("refuses again after the collection")
        kept.clear()
        _core.trim()
        assert _core.get_limit()[0] == 64 << 20
        assert len(bytearray(40 << 20)) == 40 << 20
        try:
            bytearray(64 << 20)
        except MemoryError:
            pass
        else:
            raise AssertionError("the limit is back where it was")
    """)


def test_raw_memory_counts_but_is_never_refused():
    succeed("""
        import bz2
        _core.attach_heap("maxheapsize=64M")
        def hoard(count):
            held = [bz2.BZ2Compressor(9) for _ in range(count)]    # 7 MB of RAW each
            for compressor in held:
                compressor.compress(b"x")
            return held
        before = _core.ledger()["charged"]
        held = hoard(6)
        grown = _core.ledger()["charged"] - before
        assert 40 << 20 < grown < 50 << 20, grown
        assert abs(_core.ledger()["charged"] - _core.stats()["raw_bytes"]) < 64 * 1024
        try:
            bytearray(24 << 20)
        except MemoryError:
            pass
        else:
            raise AssertionError("RAW counts")
        limit = _core.ledger()["footprint"] + (2 << 20)
        _core.set_limit(limit)
        beyond = bz2.BZ2Compressor(9)
        _core.set_limit(0)
        assert _core.ledger()["footprint"] > limit and _core.stats()["limit_errors"] == 1
        del beyond
        del held
        assert abs(_core.ledger()["charged"] - before) < 1 << 20
        assert len(bytearray(24 << 20)) == 24 << 20
    """)


def test_limits_can_change():
    succeed("""
        _core.attach_heap("")
        assert _core.get_limit() == (0, 0)
        _core.set_limit(256 << 20)
        hard, soft = _core.get_limit()
        assert hard == 256 << 20 and abs(soft - hard * 0.9) < 4096
        _core.set_limit(256 << 20, soft_bytes=100 << 20)
        assert _core.get_limit() == (256 << 20, 100 << 20)
        kept = bytearray(50 << 20)
        try:
            _core.set_limit(max_bytes=40 << 20)
        except ValueError as fault:
            assert "in use" in str(fault)
        else:
            raise AssertionError
        assert _core.get_limit() == (256 << 20, 100 << 20)
        _core.set_limit(0)
        assert _core.get_limit() == (0, 0)
        assert len(bytearray(300 << 20)) == 300 << 20
    """)


def test_memory_errors_on_many_threads():
    succeed("""
        import threading
        _core.attach_heap("maxheapsize=96M")
        errors = []
        def work():
            for _ in range(5):
                kept = []
                try:
                    while True:
                        kept.append([0] * 200)
                except MemoryError:
                    kept.clear()
                    errors.append(1)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(errors) == 20, len(errors)
        _core.check()
    """)
