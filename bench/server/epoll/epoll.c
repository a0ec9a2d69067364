//go:build ignore
// (The line above keeps the go command, which would take this file for cgo's, away from it.)

// epoll echoes bytes over bare TCP, from one thread with one buffer: one wait for many connections, and one read and one write per
// connection that is ready. It is no WebSocket server: it is the least that an echo through epoll(7) can cost, to compare event loops with.
//
//	epoll -addr HOST:PORT
//
// HOST is a numeric IPv4 address; port 0 is any that is free. It prints "listening on HOST:PORT" and runs until it is killed.
//
// The set is level-triggered: what a read leaves behind is found by the next wait, so that no read is made in vain. What a socket does not take
// is waited for on the spot, and nothing else is served meanwhile; with clients that read what they are sent, that is a moment.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	buffer_size = 16 << 10, // bytes one read takes at most, as in the server tcp
	max_events = 512,	// connections that one wait returns at most
};

static char buffer[buffer_size];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

// listen_on returns a non-blocking socket that listens on "HOST:PORT", and tells where.
static int listen_on(const char *addr)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	char host[INET_ADDRSTRLEN] = "";
	const char *colon = strrchr(addr, ':');
	if (colon == NULL || (size_t)(colon - addr) >= sizeof host) {
		fprintf(stderr, "epoll: -addr %s; want HOST:PORT\n", addr);
		exit(2);
	}
	memcpy(host, addr, colon - addr);
	in.sin_port = htons(atoi(colon + 1));
	if (inet_pton(AF_INET, host, &in.sin_addr) != 1) {
		fprintf(stderr, "epoll: -addr %s; want a numeric IPv4 address\n", addr);
		exit(2);
	}
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof in;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, (struct sockaddr *)&in, sizeof in) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) < 0)
		fail("epoll: listen");
	printf("listening on %s:%d\n", host, ntohs(in.sin_port));
	fflush(stdout);
	return fd;
}

static void watch(int set, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) < 0)
		fail("epoll: epoll_ctl");
}

// accept_one takes a connection, with small writes sent at once, as Go's net package has it.
static void accept_one(int set, int listener)
{
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		fail("epoll: accept");
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	watch(set, fd);
}

// echo reads once and writes that back. It closes the connection at its end; that takes it out of the set.
static void echo(int fd)
{
	ssize_t n = read(fd, buffer, sizeof buffer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	for (ssize_t sent = 0; sent < n;) {
		ssize_t w = write(fd, buffer + sent, n - sent);
		if (w >= 0) {
			sent += w;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			close(fd);
			return;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "-addr") != 0) {
		fprintf(stderr, "usage: epoll -addr HOST:PORT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); // a write to a connection that is gone fails instead
	struct rlimit files;	  // as many descriptors as there may be, which Go's runtime asks for too
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	int set = epoll_create1(EPOLL_CLOEXEC), listener = listen_on(argv[2]);
	if (set < 0)
		fail("epoll: epoll_create1");
	watch(set, listener);
	static struct epoll_event events[max_events];
	for (;;) {
		int n = epoll_wait(set, events, max_events, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll: epoll_wait");
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_one(set, listener);
			else
				echo(events[i].data.fd);
		}
	}
}
