"""Finds the interpreters to measure, and makes an environment with Lair in it for each.

Two kinds are wanted: builds from source as people make them themselves (3.11 and 3.13), and the
distribution's own, which is built with profile-guided optimisation and is what most people run.
"""

import json
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness import BUILD

_PROBE = """
import json, os, platform, sys, sysconfig
get = sysconfig.get_config_var
print(json.dumps({
    "executable": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "compiler": platform.python_compiler(),
    "configured": get("CONFIG_ARGS") or "",
    "prefix": sys.base_prefix,
    "include": sysconfig.get_path("include"),
    "library": os.path.join(get("LIBDIR") or "", get("LDLIBRARY") or ""),
    "libraries": " ".join(get(name) or "" for name in ("LIBS", "SYSLIBS")).split(),
    "free_threaded": bool(get("Py_GIL_DISABLED")),
    "debug": bool(get("Py_DEBUG")),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A CPython to measure."""

    executable: str  # the real file, not a link or a wrapper
    version: str  # "3.13.0"
    compiler: str
    configured: str  # arguments of its configure script
    distribution: bool  # belongs to the system (prefix /usr)
    include: str  # folder of Python.h
    libpython: str  # which may not exist
    libraries: tuple[str, ...]  # linker arguments that go with it

    @property
    def optimised(self) -> bool:
        """Built with profiles. Distributions drive that from outside configure, so their own
        builds count as such."""
        return self.distribution or "--enable-optimizations" in self.configured

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def label(self) -> str:
        """How tables call it: 3.13.0, or 3.11.2-pgo."""
        return f"{self.version}-pgo" if self.optimised else self.version

    @property
    def role(self) -> str:
        """The prefix of its figures: pgo for the distribution's build, else python313."""
        return "pgo" if self.distribution else f"python{self.minor.replace('.', '')}"

    @property
    def embedded(self) -> str:
        """How tables call a C program with this interpreter inside: cpython 313, cpython pgo."""
        return f"cpython {self.role.removeprefix('python')}"

    def embed(self, source: Path, program: Path) -> None:
        """Compiles source, a C file, into program with this interpreter inside. LookupError when
        that cannot be, CalledProcessError when it does not compile."""
        library = Path(self.libpython)
        if not library.is_file():
            raise LookupError(f"{self.label} has no libpython to embed ({library})")
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *("cc", "-std=c17", "-D_GNU_SOURCE", "-O3", "-DNDEBUG", f"-I{self.include}"),
                *(str(source), str(library), f"-Wl,-rpath,{library.parent}", "-rdynamic"),
                *(*self.libraries, "-o", str(program)),
            ],
            check=True,
        )

    def as_json(self) -> dict[str, object]:
        """For the record: everything but the places, which are nobody's business."""
        options = [each for each in shlex.split(self.configured) if "/" not in each]
        return {
            "label": self.label,
            "role": self.role,
            "version": self.version,
            "compiler": self.compiler,
            "configured": " ".join(options),
            "distribution": self.distribution,
            "pgo": self.optimised,
        }


def probe(executable: str) -> Interpreter | None:
    """What executable is; None when it does not run or is not an ordinary CPython."""
    try:
        done = subprocess.run(
            [executable, "-I", "-c", _PROBE], capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.CalledProcessError, json.JSONDecodeError):
        return None
    if found["implementation"] != "CPython" or found["free_threaded"] or found["debug"]:
        return None
    return Interpreter(
        executable=found["executable"],
        version=found["version"],
        compiler=found["compiler"],
        configured=found["configured"],
        distribution=found["prefix"] == "/usr",
        include=found["include"],
        libpython=found["library"],
        libraries=tuple(found["libraries"]),
    )


def discover(wanted: list[str]) -> list[Interpreter]:
    """The newest build from source of each wanted version ("3.13") and the distribution's own
    interpreter, each once; fewer when there are fewer."""
    found: dict[str, Interpreter] = {}
    for candidate in _candidates(wanted):
        interpreter = probe(candidate)
        if interpreter is not None:
            found[interpreter.executable] = interpreter
    chosen = []
    for version in wanted:
        builds = [each for each in found.values() if each.minor == version]
        builds = [each for each in builds if not each.distribution]
        chosen += sorted(builds, key=lambda each: _numbers(each.version))[-1:]
    return chosen + [each for each in found.values() if each.distribution][:1]


def find(given: list[str], wanted: list[str], console: Console) -> list[Interpreter]:
    """Those given, or those discovered; a wanted version that nobody built from source is said.
    LookupError when one given is not an ordinary CPython."""
    if given:
        return named(given)
    found = discover(wanted)
    built = {each.minor for each in found if not each.distribution}
    for version in sorted(set(wanted) - built):
        console.print(f"not measured: no build of CPython {version} from source was found")
    return found


def named(executables: list[str]) -> list[Interpreter]:
    """Those that the user names. LookupError when one is not an ordinary CPython."""
    interpreters = []
    for executable in executables:
        interpreter = probe(executable)
        if interpreter is None:
            raise LookupError(f"{executable}: not an ordinary CPython that runs")
        interpreters.append(interpreter)
    return interpreters


def embed_each(
    interpreters: list[Interpreter], source: Path, console: Console
) -> dict[Interpreter, Path]:
    """Source, a C file, compiled with each interpreter inside, into build/bench; for one that
    cannot be embedded the reason is printed. CalledProcessError when it does not compile."""
    programs = {}
    for interpreter in interpreters:
        program = BUILD / f"{source.stem}-{interpreter.label}"
        try:
            interpreter.embed(source, program)
            programs[interpreter] = program
        except LookupError as reason:
            console.print(f"not measured: {reason}")
    return programs


def _candidates(wanted: list[str]) -> list[str]:
    """Executables that may be what is wanted: on PATH (all of them, not only the first), and the
    versions of pyenv, whose wrappers on PATH run only what is selected."""
    names = [f"python{version}" for version in wanted] + ["python3"]
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    paths = [folder / name for folder in folders for name in names]
    root = os.environ.get("PYENV_ROOT", "")
    if not root and shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True).stdout.strip()
    if root:
        paths += sorted(Path(root).glob("versions/*/bin/python3"))
    return [str(path) for path in paths if os.access(path, os.X_OK)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


class Environment:
    """The environment of an interpreter with Lair installed, as the Makefile makes it."""

    def __init__(self, checkout: Path, interpreter: Interpreter) -> None:
        """Builds and installs Lair where it is missing or old. CalledProcessError when that
        fails (make has then said why)."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        python = interpreter.executable
        subprocess.run(
            ["make", "--no-print-directory", "build", f"PYTHON={python}"],
            cwd=checkout,
            env=clean,
            check=True,
        )
        place = subprocess.run(
            ["build-aux/venv.sh", python], cwd=checkout, capture_output=True, text=True, check=True
        )
        self.folder = checkout / place.stdout.strip()

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def lair(self) -> str:
        return str(self.folder / "bin" / "lair")

    def install(self, requirements: Path) -> None:
        """Installs the packages that requirements pins, and nothing else. CalledProcessError when
        that fails (pip has then said why)."""
        subprocess.run(
            [
                *(self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check"),
                *("--no-deps", "-r", str(requirements)),
            ],
            check=True,
        )
