"""Fork, multiprocessing, threads at exit, limits of the system."""

import resource
import sys

import pytest
from host_child import run, succeed

ATTACH = '_core.attach_heap("")\n'


def test_a_forked_child_keeps_working():
    succeed("""
        import os
        _core.attach_heap("")
        kept = [str(i) for i in range(100_000)]
        for turn in range(10):
            pid = os.fork()
            if pid == 0:
                try:
                    del kept[::2]
                    more = [str(i) * 3 for i in range(100_000)]
                    _core.trim()
                    _core.check()
                    os._exit(0 if more[-1] == "99999" * 3 else 3)
                except BaseException:
                    os._exit(4)
            assert os.waitpid(pid, 0)[1] == 0
        assert kept[-1] == "99999"
        _core.check()
    """)


def test_fork_beside_threads():
    child = run("""
        import os, threading, warnings
        warnings.simplefilter("ignore", DeprecationWarning)   # 3.12 and later: our own threads
        _core.attach_heap("")
        stop = threading.Event()
        def churn():
            while not stop.is_set():
                rows = [[i, str(i)] for i in range(2_000)]
        threads = [threading.Thread(target=churn) for _ in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(20):
            pid = os.fork()
            if pid == 0:
                try:
                    rows = [str(i) for i in range(20_000)]
                    _core.check()
                    os._exit(0)
                except BaseException:
                    os._exit(4)
            assert os.waitpid(pid, 0)[1] == 0
        stop.set()
        for thread in threads:
            thread.join()
        _core.check()
    """)
    assert child.returncode == 0, child.stderr


def test_fork_warns_of_no_thread_of_ours():
    succeed("""
        import os, time, warnings
        warnings.simplefilter("error")
        _core.attach_heap("")
        for turn in range(20):
            kept = [bytes(5_000) for _ in range(2_000)]
            del kept
            time.sleep(0.02)                                  # the helper has work to do
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
    """)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(tmp_path, method):
    script = tmp_path / "pool.py"
    script.write_text(f"""
import multiprocessing
from lair import _core
if not _core.heap_attached():
    _core.attach_heap("")
def work(n):
    rows = [str(i) * 2 for i in range(n)]
    _core.check()
    return len(rows), _core.heap_attached(), rows[-1]
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool:
        results = pool.map(work, range(1000, 21000, 1000))
    assert results == [(n, True, str(n - 1) * 2) for n in range(1000, 21000, 1000)], results
    queue = context.SimpleQueue()
    child = context.Process(target=queue.put, args=(list(range(10_000)),))
    child.start()
    assert queue.get() == list(range(10_000))
    child.join()
    assert child.exitcode == 0
    print("done")
""")
    assert succeed(f"import runpy; runpy.run_path({str(script)!r}, run_name='x')") == ""
    import subprocess

    child = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, "done\n", "")


def test_daemon_threads_at_exit():
    for _ in range(5):
        child = run("""
            import threading
            _core.attach_heap("maxheapsize=512M")
            def churn():
                while True:
                    rows = [[i, str(i), {i: i}] for i in range(500)]
            for _ in range(6):
                threading.Thread(target=churn, daemon=True).start()
            rows = [str(i) for i in range(50_000)]
        """)
        assert (child.returncode, child.stderr) == (0, "")


@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "import os; os._exit(3)", "os.abort"])
def test_ways_to_end(ending):
    if ending == "os.abort":
        child = run(
            ATTACH + "import os, resource\n"
            "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()"
        )
        assert child.returncode == -6
    else:
        assert run(ATTACH + ending).returncode == 3


def limit_address_space(megabytes):
    size = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def test_under_a_limit_of_address_space():
    succeed(
        """
        _core.attach_heap("")
        assert _core.stats()["reserved"] is False
        kept = [str(i) for i in range(200_000)]
        del kept[::2]
        big = bytearray(20 << 20)
        del big
        _core.check()
        errors = 0
        for turn in range(3):
            hoard = []
            try:
                while True:
                    hoard.append([turn] * 1000)
            except MemoryError:
                hoard.clear()
                errors += 1
        assert errors == 3 and kept[-1] == "199999"
        _core.detach_heap()
        del kept
        _core.check()
    """,
        preexec_fn=lambda: limit_address_space(400),
    )


def test_late_attach_with_threads_running():
    succeed("""
        import threading
        stop = threading.Event()
        kept = []
        def churn(n):
            while not stop.is_set():
                kept.append([[i, str(i)] for i in range(n)])
                del kept[:-20]
                handle = open("/dev/null", "rb")              # RAW without the GIL
                handle.close()
        threads = [threading.Thread(target=churn, args=(500,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(10):
            _core.attach_heap("")
            list(map(str, range(100_000)))
            _core.detach_heap()
            list(map(str, range(100_000)))
        stop.set()
        for thread in threads:
            thread.join()
        _core.check()
    """)
