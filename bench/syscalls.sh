#!/usr/bin/env bash
# Shows, with strace, how many messages a server echoes per read and per write system call in the pipelined scenario:
# 100 connections, 64 frames of 128 bytes in flight on each. A server that answers a batch with one write shows
# many messages per write; one that writes each reply by itself shows one.
#
#   ./syscalls.sh SERVER [FLAGS OF THE SERVER]      ./syscalls.sh gorilla
#
# strace stops the server at every call that is counted, so nothing here says how fast it is. The load command reads
# the same ratio from /proc without disturbing the server ("server calls").
set -euo pipefail

server=${1:?usage: ./syscalls.sh SERVER [FLAGS]}
shift
mode=pipeline
case $server in tcp | epoll) mode=plain ;; esac

cd "$(dirname "$0")"
dir=$(mktemp -d)
tracer=
: >"$dir/out"
finish() {
	if [ -s "$dir/pid" ]; then kill "$(cat "$dir/pid")" 2>/dev/null || true; fi
	rm -f "$dir/pid"
	if [ -n "$tracer" ]; then wait "$tracer" 2>/dev/null || true; fi
	tracer=
}
trap 'finish; rm -rf "$dir"' EXIT

go build -o "$dir/" ./load
if [ -e "server/$server/$server.c" ]; then
	cc -O2 -o "$dir/$server" "server/$server/$server.c"
else
	go build -o "$dir/" "./server/$server"
fi

# The shell writes its process id and becomes the server. With --seccomp-bpf, calls that are not counted run at full speed.
GOMAXPROCS=1 strace -f -c --seccomp-bpf -o "$dir/summary" \
	-e trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,epoll_wait,epoll_pwait \
	sh -c 'echo $$ >"$0/pid"; exec "$@"' "$dir" "$dir/$server" -addr 127.0.0.1:0 "$@" >"$dir/out" &
tracer=$!
until grep -q '^listening on ' "$dir/out"; do
	if ! kill -0 "$tracer" 2>/dev/null; then
		echo "$server did not start" >&2
		exit 1
	fi
	sleep 0.1
done
addr=$(sed -n 's/^listening on \(http:\/\/\)\{0,1\}//p' "$dir/out")

# Without -pid nothing but these connections reaches the server.
conns=100
"$dir/load" -json -addr "$addr" -mode "$mode" -conns "$conns" -inflight 64 -size 128 -warmup 0s -duration 3s >"$dir/result"
finish
messages=$(sed -n 's/.*"total":\([0-9]*\).*/\1/p' "$dir/result")

echo "$server $*: $messages messages echoed over $conns connections; calls include one write per handshake"
awk -v messages="$messages" '
	$NF ~ /^(read|readv|recvfrom|recvmsg|write|writev|sendto|sendmsg|epoll_wait|epoll_pwait)$/ {
		printf "  %-12s %9d calls %10.2f messages per call\n", $NF, $4, messages / $4
	}' "$dir/summary"
