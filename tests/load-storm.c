/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storms: so many short processes or threads a second, each of which makes some calls
 * and ends; as many short connections as there can be.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS 7				/* of each */

static void *make_calls(void *argument)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	return argument;
}

static void start_process(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child)
		return;
	make_calls(NULL);
	_exit(0);
}

static void start_thread(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, make_calls, NULL))
		fail("pthread_create");
	pthread_attr_destroy(&attributes);
}

/* Starts them at a steady rate, or as fast as it can when it falls behind. */
static void start_all(uint64_t n, uint64_t per_second, void (*start)(void))
{
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (uint64_t i = 0; i < n; i++) {
		start();
		next.tv_nsec += 1000000000L / (long)per_second;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
}

void run_process_storm(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 10000000), per_second = number(arguments[1], 100000);

	wait_for_go(flags->wait);
	/* They need no one to wait for them. */
	signal(SIGCHLD, SIG_IGN);
	start_all(n, per_second, start_process);
	while (wait(NULL) > 0)
		;
	report("{\"load\":\"process-storm\",\"getppid\":%" PRIu64 "}\n", n * CALLS);
}

void run_thread_storm(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 10000000), per_second = number(arguments[1], 100000);

	wait_for_go(flags->wait);
	start_all(n, per_second, start_thread);
	pause_ms(300);
	report("{\"load\":\"thread-storm\",\"getppid\":%" PRIu64 "}\n", n * CALLS);
}

/* ---- connections: a word each way, and a reset, after which neither end remembers it */

#define WORD 64

static void address_of(char **arguments, struct sockaddr_in *ret)
{
	*ret = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)number(arguments[1], UINT16_MAX)),
	};
	if (inet_pton(AF_INET, arguments[0], &ret->sin_addr) != 1)
		fail(arguments[0]);
}

static void serve_storm(int listener)
{
	char word[WORD];

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			fail("accept");
		if (recv(fd, word, sizeof(word), MSG_WAITALL) == WORD &&
		    send(fd, word, sizeof(word), MSG_NOSIGNAL) == WORD)
			recv(fd, word, sizeof(word), 0);
		close(fd);
	}
}

static pid_t fork_once(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

/* Ends by a signal. */
void run_tcp_storm_server(char **arguments, const struct flags *flags)
{
	uint64_t processes = number(arguments[2], 64);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address;

	(void)flags;
	address_of(arguments, &address);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, 4096) < 0)
		fail("listen");
	for (uint64_t i = 1; i < processes; i++)
		if (!fork_once())
			serve_storm(listener);
	say_ready();
	serve_storm(listener);
}

static void connect_once(const struct sockaddr_in *address)
{
	struct linger at_once = { 1, 0 };
	char word[WORD] = "";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		fail("connect");
	if (send(fd, word, sizeof(word), 0) != WORD ||
	    recv(fd, word, sizeof(word), MSG_WAITALL) != WORD)
		fail("word");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void run_tcp_storm(char **arguments, const struct flags *flags)
{
	uint64_t processes = number(arguments[2], 64), seconds = number(arguments[3], 60), total = 0;
	uint64_t *counts = mmap(NULL, 64 * 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				-1, 0);
	struct sockaddr_in address;
	double begin;

	address_of(arguments, &address);
	if (counts == MAP_FAILED)
		fail("mmap");
	wait_for_go(flags->wait);
	begin = seconds_now();
	for (uint64_t i = 0; i < processes; i++) {
		if (fork_once())
			continue;
		while (seconds_now() < begin + (double)seconds) {
			connect_once(&address);
			counts[8 * i]++;	/* a cache line each */
		}
		_exit(0);
	}
	for (int status; wait(&status) > 0;)
		if (status)
			exit(1);
	for (uint64_t i = 0; i < processes; i++)
		total += counts[8 * i];
	report("{\"load\":\"tcp-storm\",\"connections\":%" PRIu64 ",\"per_second\":%.0f}\n",
	       total, (double)total / (seconds_now() - begin));
}
