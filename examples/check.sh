#!/bin/sh
# Runs an example and compares what it prints with what it should.
#
#   check.sh PROGRAM EXPECTED
set -eu

printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
"$1" >"$printed"
diff "$2" "$printed"
