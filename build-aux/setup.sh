#!/bin/sh
# Installs the system packages that Lair's build and tests need and that are missing: with apt
# where that is allowed (root, or sudo without a password), else it says what to install.
#
#   setup.sh PYTHON [TOOL...]     TOOL: what only some checks need: a command (clang, valgrind); a
#                                 package of Debian (libjemalloc2); fuzzer-runtime, of the clang
#                                 that is there
set -eu

python=$1
shift
missing=

need() { # PACKAGE TEST...: note the package where the test fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_libc_headers() {
    echo '#include <stdlib.h>' | ${CC:-cc} -E -
}

has_fuzzer_runtime() {
    echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size);
int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data[size]; }' |
        clang -fsanitize=fuzzer,address -x c - -o /dev/null
}

if ! command -v "$python" >/dev/null 2>&1; then
    # A fresh Debian may have no Python at all; any other interpreter is the user's to install.
    if [ "$python" != python3 ]; then
        echo "lair: no interpreter '$python': set PYTHON to a CPython 3.11, 3.12 or 3.13" >&2
        exit 1
    fi
    missing="python3 python3-dev python3-venv"
else
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    lacking=$("$python" -c 'import importlib.util, os, sys, sysconfig
if sys.version_info < (3, 11):
    print("version")
if not importlib.util.find_spec("ensurepip") or not importlib.util.find_spec("venv"):
    print("venv")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print("dev")')
    for part in $lacking; do
        if [ "$part" = version ]; then
            echo "lair: $python is Python $version; Lair needs CPython 3.11 or later" >&2
            exit 1
        fi
        missing="$missing python$version-$part"
    done
fi
need gcc command -v "${CC:-cc}"
need libc6-dev has_libc_headers
need make command -v make
need pkg-config command -v pkg-config
for tool in "$@"; do
    case $tool in
    fuzzer-runtime) need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" has_fuzzer_runtime ;;
    lib*) need "$tool" dpkg -s "$tool" ;;
    *) need "$tool" command -v "$tool" ;;
    esac
done

[ -n "$missing" ] || exit 0
as_root=
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
fi
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    echo "lair: installing system packages:$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        $missing
else
    echo "lair: please install these packages (names as in Debian):$missing" >&2
    exit 1
fi
