"""`lair enable` and `lair disable` in an environment made for the purpose."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ATTACHED = "import lair; print(lair.limit.hard)"


class Environment:
    """A virtual environment that sees the Lair under test, whose own hook it does not read."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = str(folder / "bin" / "python")
        found = self.run("-c", "import sysconfig; print(sysconfig.get_paths()['platlib'])")
        self.packages = Path(found.stdout.strip())
        self.link = self.packages / "a-link-to-lair.pth"
        self.link.write_text(sysconfig.get_paths()["platlib"] + "\n")
        self.hook = self.packages / "lair-enabled.pth"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *arguments], capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


def test_there_and_back(environment):
    before = sorted(environment.packages.iterdir())
    done = environment.run("-m", "lair", "enable")
    assert done.returncode == 0 and str(environment.hook) in done.stdout
    done = environment.run("-X", "gctype=stock", "-X", "maxheapsize=64M", "-c", ATTACHED)
    assert (done.stdout, done.stderr, done.returncode) == (f"{64 << 20}\n", "", 0)
    assert environment.run("-m", "lair", "disable").returncode == 0
    assert sorted(environment.packages.iterdir()) == before
    done = environment.run("-X", "maxheapsize=64M", "-c", ATTACHED)
    assert "has not been attached" in done.stderr


def test_other_options_leave_it_alone(environment):
    environment.run("-m", "lair", "enable")
    code = "import sys; print('lair._core' in sys.modules)"
    assert environment.run("-c", code).stdout == "False\n"
    attached = "from lair import _core; print(_core.heap_attached())"
    assert environment.run("-X", "utf8", "-c", attached).stdout == "False\n"


def test_bad_options(environment):
    environment.run("-m", "lair", "enable")
    done = environment.run("-X", "maxheapsize=many", "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    assert "many" in done.stderr and done.stderr.count("\n") == 1


def test_enable_twice_and_disable_when_not_enabled(environment):
    assert environment.run("-m", "lair", "enable").returncode == 0
    assert environment.run("-m", "lair", "enable").returncode == 0
    assert environment.run("-m", "lair", "disable").returncode == 0
    again = environment.run("-m", "lair", "disable")
    assert again.returncode == 1 and "not enabled" in again.stderr


def test_silent_when_lair_is_gone(environment):
    environment.run("-m", "lair", "enable")
    environment.link.unlink()
    done = environment.run("-X", "maxheapsize=64M", "-c", "print('ran')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_not_writable(environment):
    # A folder in its place cannot be written even by root.
    environment.hook.mkdir()
    done = environment.run("-m", "lair", "enable")
    assert done.returncode == 1
    assert done.stderr.startswith(f"lair: enable: cannot write {environment.hook}: ")


def test_this_environment_is_untouched():
    assert not (Path(sysconfig.get_paths()["platlib"]) / "lair-enabled.pth").exists(), sys.prefix
