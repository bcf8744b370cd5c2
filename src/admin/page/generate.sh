#!/bin/sh
# Makes the page that the admin server shows: one file of text constants.
# Usage: generate.sh [OUTPUT_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here"}
mkdir -p "$out/generated"
node "$here/build/make_assets.ts" "$out/generated/page_assets.ts"
