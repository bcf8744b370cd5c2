#!/bin/sh
# Compiles the kernel to WebAssembly.
# Usage: compile.sh ENTRY OUTPUT [OPTION OF asc]...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
entry=$1
output=$2
shift 2
asc "$here/$entry" --enable simd --runtime stub --importMemory \
  --zeroFilledMemory --outFile "$output" "$@"
