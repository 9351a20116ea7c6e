/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loads of the benchmarks.  Each prints nanoseconds per operation, the best
 * of many short batches: what other tasks take of the CPU only ever adds.  The
 * stream and the sink print bytes per second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 40
#define PAGE 4096
#define TIME_LIMIT 60			/* seconds */
#define STREAM_NS 700000000ULL		/* how long the stream lasts */

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- what one operation is */

struct work {
	int fd;
	char *page;			/* aligned */
	uint32_t *turn;			/* shared between the two of a ping-pong */
	off_t size;
};

static void do_getppid(struct work *work)
{
	(void)work;
	syscall(SYS_getppid);
}

static void do_pread(struct work *work)
{
	if (pread(work->fd, work->page, PAGE, 0) != PAGE)
		fail("pread");
}

static void do_random_read(struct work *work)
{
	off_t offset = (off_t)(random() % (work->size / PAGE)) * PAGE;

	if (pread(work->fd, work->page, PAGE, offset) != PAGE)
		fail("pread");
}

static void do_exchange(struct work *work)
{
	char byte = 1;

	if (send(work->fd, &byte, 1, 0) != 1 || recv(work->fd, &byte, 1, 0) != 1)
		fail("exchange");
}

static void futex_wait_for(uint32_t *turn, uint32_t wanted)
{
	uint32_t seen;

	while ((seen = __atomic_load_n(turn, __ATOMIC_ACQUIRE)) != wanted)
		syscall(SYS_futex, turn, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void futex_pass(uint32_t *turn, uint32_t to)
{
	__atomic_store_n(turn, to, __ATOMIC_RELEASE);
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void do_ping_pong(struct work *work)
{
	futex_pass(work->turn, 1);
	futex_wait_for(work->turn, 0);
}

static void best_of(void (*operation)(struct work *), struct work *work, unsigned int times)
{
	uint64_t best = UINT64_MAX;

	for (int batch = 0; batch < BATCHES; batch++) {
		uint64_t begin = now_ns(), took;

		for (unsigned int i = 0; i < times; i++)
			operation(work);
		took = now_ns() - begin;
		if (took < best)
			best = took;
	}
	printf("%.2f\n", (double)best / times);
}

/* ---- the loads */

static void run_getppid(char **arguments)
{
	(void)arguments;
	best_of(do_getppid, NULL, 50000);
}

static char *new_page(void)
{
	char *page = aligned_alloc(PAGE, PAGE);

	if (!page)
		fail("memory");
	return page;
}

static void run_pread(char **arguments)
{
	struct work work = { .fd = open(arguments[0], O_RDONLY), .page = new_page() };

	if (work.fd < 0)
		fail(arguments[0]);
	do_pread(&work);
	best_of(do_pread, &work, 20000);
}

static void run_disk(char **arguments)
{
	struct work work = { .fd = open(arguments[0], O_RDONLY | O_DIRECT), .page = new_page() };
	struct stat status;

	if (work.fd < 0 || fstat(work.fd, &status))
		fail(arguments[0]);
	work.size = status.st_size;
	best_of(do_random_read, &work, 200);
}

static void run_futex(char **arguments)
{
	struct work work = { .turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0) };
	pid_t child;

	(void)arguments;
	if (work.turn == MAP_FAILED)
		fail("mmap");
	child = fork();
	if (child == 0) {
		alarm(TIME_LIMIT);
		for (;;) {
			futex_wait_for(work.turn, 1);
			futex_pass(work.turn, 0);
		}
	}
	best_of(do_ping_pong, &work, 2000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Two ends connected over loopback: fds[1] is the echo's. */
static void connect_pair(int type, int fds[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int one = 1, server = socket(AF_INET, type, 0);

	if (server < 0 || bind(server, (struct sockaddr *)&address, size) ||
	    getsockname(server, (struct sockaddr *)&address, &size))
		fail("bind");
	if (type == SOCK_STREAM && listen(server, 1))
		fail("listen");
	fds[0] = socket(AF_INET, type, 0);
	if (connect(fds[0], (struct sockaddr *)&address, size))
		fail("connect");
	fds[1] = server;
	if (type == SOCK_STREAM) {
		fds[1] = accept(server, NULL, NULL);
		setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fds[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		return;
	}
	if (getsockname(fds[0], (struct sockaddr *)&address, &size) ||
	    connect(fds[1], (struct sockaddr *)&address, size))
		fail("connect back");
}

static void run_exchange(int type)
{
	struct work work = { 0 };
	int fds[2];
	pid_t child;
	char byte;

	connect_pair(type, fds);
	child = fork();
	if (child == 0) {
		alarm(TIME_LIMIT);
		close(fds[0]);
		while (recv(fds[1], &byte, 1, 0) == 1)
			send(fds[1], &byte, 1, 0);
		_exit(0);
	}
	work.fd = fds[0];
	best_of(do_exchange, &work, 1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void run_udp(char **arguments)
{
	(void)arguments;
	run_exchange(SOCK_DGRAM);
}

static void run_tcp(char **arguments)
{
	(void)arguments;
	run_exchange(SOCK_STREAM);
}

/* Takes whatever one connection brings: sink PORT. */
static void run_sink(char **arguments)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(arguments[0])) };
	static char buffer[1 << 18];
	int one = 1, fd, server = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 1))
		fail("listen");
	puts("ready");
	fflush(stdout);
	for (;;) {
		fd = accept(server, NULL, NULL);
		while (fd >= 0 && read(fd, buffer, sizeof(buffer)) > 0)
			;
		close(fd);
	}
}

/* One TCP stream for a while: stream ADDRESS PORT; prints bytes per second. */
static void run_stream(char **arguments)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(arguments[1])) };
	static char buffer[1 << 18];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t begin, bytes = 0;

	inet_pton(AF_INET, arguments[0], &address.sin_addr);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	begin = now_ns();
	while (now_ns() - begin < STREAM_NS) {
		ssize_t n = write(fd, buffer, sizeof(buffer));

		if (n < 0)
			fail("write");
		bytes += (uint64_t)n;
	}
	printf("%.0f\n", (double)bytes * 1e9 / (double)(now_ns() - begin));
}

static const struct load {
	const char *name;
	int n_arguments;
	const char *usage;
	void (*run)(char **arguments);
} loads[] = {
	{ "getppid", 0, "", run_getppid },
	{ "pread", 1, " FILE", run_pread },
	{ "futex", 0, "", run_futex },
	{ "udp", 0, "", run_udp },
	{ "tcp", 0, "", run_tcp },
	{ "disk", 1, " FILE", run_disk },
	{ "sink", 1, " PORT", run_sink },
	{ "stream", 2, " ADDRESS PORT", run_stream },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (strcmp(argv[1], loads[i].name) || argc - 2 != loads[i].n_arguments)
			continue;
		alarm(TIME_LIMIT);
		loads[i].run(argv + 2);
		return 0;
	}
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		fprintf(stderr, "work %s%s\n", loads[i].name, loads[i].usage);
	return 2;
}
