#!/bin/sh
# Prints the directory of the environment for an interpreter: .venv/X.Y, or .venv/X.Y-2 and so on
# where that one belongs to another build of the same version. Creates nothing.
#
#   venv.sh PYTHON
set -eu

found=$("$1" -c 'import os, sys
print("%d.%d" % sys.version_info[:2], os.path.realpath(sys._base_executable))')
base=${found#* }
name=.venv/${found%% *}
directory=$name
number=2
while [ -e "$directory/base" ] && [ "$(cat "$directory/base")" != "$base" ]; do
    directory=$name-$number
    number=$((number + 1))
done
echo "$directory"
