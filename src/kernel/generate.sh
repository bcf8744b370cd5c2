#!/bin/sh
# Compiles the kernel to WebAssembly, as a module that carries its bytes as
# text: so it is the same file for Node, for the tests and in the package.
# Usage: generate.sh [OUTPUT_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/host/generated"}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out"

asc "$here/exports.ts" -O3 --enable simd --runtime stub --noAssert \
  --importMemory --zeroFilledMemory --outFile "$scratch/wasm"
{
  echo '// Made by src/kernel/generate.sh; not to be edited.'
  echo
  echo '/** The compiled kernel, in base64. */'
  echo 'export const KERNEL_WASM ='
  base64 -w 76 "$scratch/wasm" | sed -e 's/.*/  "&" +/' -e '$ s/ +$/;/'
} >"$out/kernel_wasm.ts"
