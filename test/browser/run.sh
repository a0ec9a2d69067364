#!/usr/bin/env bash
# Drives the page of examples/echo in headless Chromium, over ws and wss, against each mode of the server and each compression.
#
#   test/browser/run.sh                    all checks; installs chromium and playwright-core where missing
#   SCREENSHOTS=DIR test/browser/run.sh    also leaves pictures of the page, light and dark, wide and narrow
#
# Exit status 0 when every check passed. Everything stays on 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")"

playwright_version=1.65.1

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v chromium >/dev/null; then
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi
if [ "$(node -p 'require("playwright-core/package.json").version' 2>/dev/null)" != "$playwright_version" ]; then
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix . "playwright-core@$playwright_version"
fi

temp=$(mktemp -d)
checks=
stop() {
  if [ -n "$checks" ]; then
    kill -- "-$checks" 2>/dev/null && wait "$checks" || true # the checks, which end the browser, and the servers
  fi
  rm -rf "$temp"
}
trap stop EXIT
trap 'exit 1' INT TERM

go build -o "$temp/echo" ../../examples/echo
(cd "$temp" && go run "$(go env GOROOT)/src/crypto/tls/generate_cert.go" \
  -host 127.0.0.1,localhost -ecdsa-curve P256 -duration 24h 2>generate_cert.log) || { cat "$temp/generate_cert.log"; exit 1; }

set -m # a process group of their own
CHROMIUM=$(command -v chromium) node checks.mjs "$temp" &
checks=$!
set +m
status=0
wait "$checks" || status=$?
exit "$status"
