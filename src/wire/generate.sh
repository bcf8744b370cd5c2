#!/bin/sh
# Makes src/wire/generated from the schemas with flatc (Debian: apt-get install
# flatbuffers-compiler). Its imports are rewritten to .ts, so that Node runs
# the result as it is. Usage: generate.sh [OUTPUT_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/generated"}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flatc --ts -o "$scratch" "$here/task.fbs" "$here/report.fbs"
mkdir -p "$out"
for name in task report; do
  sed -e "s#from '\(\.[^']*\)\.js'#from '\1.ts'#" \
    -e "s#from '\(\.\.*/[^'.]*\)'#from '\1.ts'#" \
    "$scratch/wire/$name.ts" >"$out/$name.ts"
done
