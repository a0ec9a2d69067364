#!/usr/bin/env bash
# Tests examples/echo and examples/client against npm ws and python3-websockets, both ways round.
#
#   test/interop/run.sh                                    everything; installs the peers where missing
#   test/interop/run.sh -test.v                            naming each check
#   test/interop/run.sh -test.run 'TestEcho/peer=ws'       a part; flags are those of a test binary
#   RACE= test/interop/run.sh                              without the race detector in any of laminar's programs
#
# Exit status 0 when every check passed. Everything stays on 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")"

ws_version=8.23.0

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! /usr/bin/python3 -c 'import websockets' 2>/dev/null; then
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends python3-websockets >/dev/null
fi
if [ "$(node -p 'require("./peers/ws/node_modules/ws/package.json").version' 2>/dev/null)" != "$ws_version" ]; then
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix peers/ws "ws@$ws_version"
fi

temp=$(mktemp -d)
tests=
stop() {
  if [ -n "$tests" ]; then
    kill -- "-$tests" 2>/dev/null || true # the tests and every program that they started
  fi
  rm -rf "$temp"
}
trap stop EXIT
trap 'exit 1' INT TERM

go build ${RACE--race} -o "$temp/raced/" ../../examples/echo ../../examples/client ./echoclient
go build -o "$temp/plain/" ../../examples/echo ../../examples/client ./echoclient
go test -c -o "$temp/interop.test" .

set -m # a process group of their own
TMPDIR=$temp GORACE=atexit_sleep_ms=10 "$temp/interop.test" -raced "$temp/raced" -plain "$temp/plain" \
  -test.timeout 20m -test.parallel 4 "$@" &
tests=$!
set +m
status=0
wait "$tests" || status=$?
exit "$status"
