#!/usr/bin/env bash
# Tests package deflate against zlib, through python3's module of it, both ways round.
#
#   test/zlib/run.sh                                       everything; installs python3 where it is missing
#   test/zlib/run.sh -test.v                               naming each test
#   test/zlib/run.sh -test.run 'TestCompressor/level=6'    a part; flags are those of a test binary
#
# Exit status 0 when every message came out as it went in.
set -euo pipefail
cd "$(dirname "$0")"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! /usr/bin/python3 -c 'import zlib' 2>/dev/null; then
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends python3 >/dev/null
fi
/usr/bin/python3 -c 'import zlib; print("zlib", zlib.ZLIB_RUNTIME_VERSION)'

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' INT TERM

go test -c -o "$temp/zlib.test" .
"$temp/zlib.test" -peer peer.py -test.timeout 10m -test.parallel 4 "$@"
