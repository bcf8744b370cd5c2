#!/bin/sh
# Compiles the kernels to WebAssembly, as modules that carry their bytes as
# text: so they are the same files for Node, for the tests and in the package.
# Usage: generate.sh [OUTPUT_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/../generated"}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out"

# kernel NAME SOURCE...
kernel() {
  name=$1
  shift
  asc "$@" -O3 --enable simd --runtime stub --noAssert --outFile "$scratch/wasm"
  {
    echo '// Made by src/window/kernel/generate.sh; not to be edited.'
    echo
    echo '/** The compiled kernel, in base64. */'
    echo "export const $(echo "$name" | tr '[:lower:]' '[:upper:]')_WASM ="
    base64 -w 76 "$scratch/wasm" | sed -e 's/.*/  "&" +/' -e '$ s/ +$/;/'
  } >"$out/${name}_wasm.ts"
}

kernel scan "$here/scan.ts" "$here/record.ts" "$here/layout.ts"
kernel format "$here/format.ts"
