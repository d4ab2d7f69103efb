#!/usr/bin/env bash
# All apps of a Marathon through the filter, in one instance, with a WASI runtime of the command line.
#   curl --silent http://marathon.example.com/v2/apps | pipeline.sh pullcreds.filter.wasm "$policy" > fixed.ndjson
# jq puts each app on a line, and each is answered by a line. The exit code is the filter's: 0 nothing to complain of,
# 1 something remains, 2 a line could not be done, and is empty; any other is jq's.
# Needs jq, and wazero (go install github.com/tetratelabs/wazero/cmd/wazero@v1.12.0) or what WASI names, such as
# "wasmtime run".
set -euo pipefail

filter=$1
shift
jq --compact-output '.apps[]' | ${WASI:-wazero run} "$filter" --ndjson "$@"
