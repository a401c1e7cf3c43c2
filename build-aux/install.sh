#!/bin/sh
# Builds the Python package and installs it into the environment of an interpreter, when a source
# is newer than the last time.
#
#   install.sh PYTHON
set -eu

venv=$(build-aux/venv.sh "$1")
stamp=$venv/installed
sources="meson.build meson.options pyproject.toml include src python tour"

mkdir -p build
# shellcheck disable=SC2086 # a list of words
if [ -e "$stamp" ] && [ -z "$(find $sources ! -path '*/__pycache__*' -newer "$stamp" | head -n 1)" ]
then
    exit 0
fi
# Taken before the build, so that a source changed meanwhile counts next time.
touch "$stamp.new"
echo "lair: building into $venv"
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/pip" install -q --disable-pip-version-check \
    --no-build-isolation --no-deps --force-reinstall \
    --config-settings="build-dir=build/${venv#.venv/}" \
    ${LAIR_WERROR:+--config-settings=setup-args=-Dwerror=true} .
mv "$stamp.new" "$stamp"
