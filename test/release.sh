#!/usr/bin/env bash
# The long checks before a release: everything that .ci/run does, then each fuzz target for a minute, the tests many
# times over in random order, the end of each of 900,000 small compressed messages, and five minutes of connections that
# come and go on an event loop.
set -euo pipefail
cd "$(dirname "$0")/.."

bash .ci/run
test/fuzz.sh 60s
go test -race -shuffle=on -count=10 ./...
go test -run '^TestTail$' ./deflate -tail=100000
(cd bench && go run ./churn -duration 5m)
