/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storms: so many short processes or threads a second, each of which makes some calls and ends. */
#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
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
