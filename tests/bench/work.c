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
	char *page;			/* aligned; of an exchange: the message */
	uint32_t *turn;			/* shared between the two of a ping-pong */
	off_t size;			/* of the file or message */
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
	size_t size = (size_t)work->size;
	char answer[64];

	if (send(work->fd, work->page, size, 0) != work->size ||
	    recv(work->fd, answer, sizeof(answer), 0) != work->size)
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

/* Few, for what slows each down a thousand times. */
static void run_few_getppid(char **arguments)
{
	(void)arguments;
	best_of(do_getppid, NULL, 100);
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

#define ANSWER 0x80			/* in the third byte of a message of DNS */

/* Two ends connected over loopback: fds[1] is the echo's. Port 0: any. */
static void connect_pair(int type, uint16_t port, int fds[2])
{
	/* Not where a resolver may be. */
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(0x7f4d0001) };
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

static void run_exchange(int type, uint16_t port, char *message, size_t size)
{
	struct work work = { .page = message, .size = (off_t)size };
	int fds[2];
	pid_t child;

	connect_pair(type, port, fds);
	child = fork();
	if (child == 0) {
		alarm(TIME_LIMIT);
		close(fds[0]);
		while (recv(fds[1], message, size, 0) == (ssize_t)size) {
			message[2] ^= ANSWER;
			send(fds[1], message, size, 0);
		}
		_exit(0);
	}
	work.fd = fds[0];
	best_of(do_exchange, &work, 1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void run_udp(char **arguments)
{
	char message[40] = { 0 };

	(void)arguments;
	run_exchange(SOCK_DGRAM, 0, message, sizeof(message));
}

/* The same with a query of DNS and its answer. */
static void run_dns(char **arguments)
{
	char message[] = "\1\2\1\0\0\1\0\0\0\0\0\0\5bench\7example\3org\0\0\1\0\1";

	(void)arguments;
	run_exchange(SOCK_DGRAM, 53, message, sizeof(message) - 1);
}

static void run_tcp(char **arguments)
{
	char message[40] = { 0 };

	(void)arguments;
	run_exchange(SOCK_STREAM, 0, message, sizeof(message));
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
	alarm(60 * TIME_LIMIT);		/* for all rounds */
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
	{ "few-getppid", 0, "", run_few_getppid },
	{ "pread", 1, " FILE", run_pread },
	{ "futex", 0, "", run_futex },
	{ "udp", 0, "", run_udp },
	{ "tcp", 0, "", run_tcp },
	{ "dns", 0, "", run_dns },
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
