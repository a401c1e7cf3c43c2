"""Is every public function of the object model called while memory fails?

    check_failures.py INCLUDE_DIRECTORY TEST_DIRECTORY

A function counts when a test calls it where allocations fail: in an operation that is given to
FAIL_AT_EVERY_STEP, or between lair_heap_inject_failure or os_inject_failure switching failures on
and off; directly or through functions and tables of the same file. Prints those that no test
(test_*.c) calls there, and exits with 1 if there are any.
"""

import re
import sys
from pathlib import Path

# Other modules, which have tests of their own (tests/oom).
OTHER_HEADERS = {"heap.h", "options.h", "options_table.h", "process_map.h", "status.h"}

# What the macros and inline functions of the headers call, and what only other builds have.
NOT_CALLED_BY_PROGRAMS = {
    "lair_object_release",
    "lair_object_up",
    "lair_object_down",
    "lair_debug_incref",
    "lair_debug_decref",
    "lair_debug_new",
}

MACROS = {
    "LAIR_LIST": {"lair_list_steal"},
    "LAIR_TUPLE": {"lair_tuple_steal"},
    "LAIR_DICT": {"lair_dict_steal"},
    "LAIR_SET": {"lair_set_steal"},
    "LAIR_EACH": {"lair_cursor_of", "lair_next_item", "lair_cursor_end"},
    "LAIR_SCOPED_CURSOR": {"lair_cursor_end"},
}

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)
DECLARATION = re.compile(r"\bLAIR_API\b[^;{]*?\b(lair_\w+)\s*\(")
FUNCTION = re.compile(r"^\w[^\n;{}=]*?\b(\w+)\([^;{}]*?\)\n\{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
TABLE = re.compile(
    r"^static const [^\n;{}=]*?\b(\w+)(?:\[\w*\])? = \{(.*?)\};", re.DOTALL | re.MULTILINE
)
TRIED = re.compile(r"\bFAIL_AT_EVERY_STEP\(\s*\w+,\s*(\w+)")
FAILING = re.compile(
    r"(?:lair_heap_inject_failure\(\w+(?:\.\w+|->\w+)*,|os_inject_failure\()\s*(?!0\b)"
    r"(.*?)(?=(?:lair_heap_inject_failure\(\w+(?:\.\w+|->\w+)*,|os_inject_failure\()\s*0\b|\Z)",
    re.DOTALL,
)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def public_functions(include: Path) -> set[str]:
    found: set[str] = set()
    for header in include.glob("*.h"):
        if header.name not in OTHER_HEADERS:
            text = DIRECTIVE.sub("", COMMENT.sub("", header.read_text(encoding="utf-8")))
            found.update(DECLARATION.findall(text))
    return found - NOT_CALLED_BY_PROGRAMS


def words_of(code: str) -> set[str]:
    words = set(WORD.findall(code))
    return words.union(*(MACROS[word] for word in words & MACROS.keys()))


def called_while_failing(source: str) -> set[str]:
    """All names that occur where memory fails, in one test."""
    text = COMMENT.sub("", source)
    functions = {match[1]: match[2] for match in FUNCTION.finditer(text)}
    tables = {match[1]: match[2] for match in TABLE.finditer(text)}
    bodies = tables | functions
    waiting = set(TRIED.findall(text))
    names: set[str] = set()
    for body in functions.values():
        for failing in FAILING.findall(body):
            names |= words_of(failing)
    waiting |= names & bodies.keys()
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        names |= words_of(bodies.get(name, ""))
        waiting |= (names & bodies.keys()) - seen
    return names


def main(include: Path, tests: Path) -> int:
    public = public_functions(include)
    called: set[str] = set()
    for test in tests.glob("test_*.c"):
        called |= called_while_failing(test.read_text(encoding="utf-8"))
    missing = sorted(public - called)
    print(f"{len(public)} public functions of the object model")
    for name in missing:
        print(f"no test calls {name} while memory fails")
    return 1 if missing or not public else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
