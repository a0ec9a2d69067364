#!/usr/bin/env bash
# Runs every native fuzz target of the module for the given time each.
#
#   test/fuzz.sh 60s                every target
#   test/fuzz.sh 60s ./frame        those of one package
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: test/fuzz.sh TIME [PACKAGE...]}
shift
for package in $(go list "${@:-./...}"); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    printf '%s %s\n' "$package" "$target"
    # Minimising an input that is merely interesting can take longer than the whole run.
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x "$package" | grep -E 'elapsed|FAIL|panic|---|failing' | tail -n 3
  done
done
