#!/bin/sh
# Builds the C part in a directory of its own, configured at the first time. CC is the compiler.
#
#   build-c.sh DIRECTORY [MESON OPTION...]
set -eu

directory=$1
shift
if [ ! -e "$directory/build.ninja" ]; then
    meson setup "$directory" "$@" ${LAIR_WERROR:+-Dwerror=true}
fi
meson compile -C "$directory"
