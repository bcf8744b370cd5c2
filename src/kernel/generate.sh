#!/bin/sh
# Makes what is generated of the kernel, each from one source: the texts from
# strings, the module from the AssemblyScript, the interface from the module.
# Usage: generate.sh [OUTPUT_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here"}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out/generated" "$out/host/generated"

node "$here/build/make_texts.ts" >"$out/generated/fixed_texts.ts"

# The module carries its bytes as text: so it is the same file for Node, for the
# tests and in the package.
sh "$here/compile.sh" exports.ts "$scratch/kernel.wasm" -O3 --noAssert \
  --bindings raw
{
  echo '// Made by src/kernel/generate.sh; not to be edited.'
  echo
  echo '/** The compiled kernel, in base64. */'
  echo 'export const KERNEL_WASM ='
  base64 -w 76 "$scratch/kernel.wasm" |
    sed -e 's/.*/  "&" +/' -e '$ s/ +$/;/'
} >"$out/host/generated/kernel_wasm.ts"

node "$here/build/make_interface.ts" "$scratch/kernel.d.ts" \
  >"$out/host/generated/kernel_exports.ts"
