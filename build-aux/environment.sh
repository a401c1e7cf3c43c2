#!/bin/sh
# Makes the environment of an interpreter (see venv.sh), with the pinned tools in it.
#
#   environment.sh PYTHON
set -eu

venv=$(build-aux/venv.sh "$1")
if [ ! -e "$venv/base" ]; then
    mkdir -p .venv
    "$1" -m venv --clear "$venv"
    "$1" -c 'import os, sys; print(os.path.realpath(sys._base_executable))' >"$venv/base"
fi
# The copy is what was installed last.
if ! cmp -s requirements/dev.txt "$venv/requirements.txt"; then
    echo "lair: installing the tools into $venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r requirements/dev.txt
    cp requirements/dev.txt "$venv/requirements.txt"
fi
