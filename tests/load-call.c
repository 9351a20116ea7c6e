/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads of system calls: so many, with these errors, of this length, by these processes. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Nothing but these calls happens from start to end: "other" are the wait and the report. */
void run_syscalls(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], UINT32_MAX), errors = number(arguments[1], UINT32_MAX);
	uint64_t i, failed = 0;

	wait_for_go(flags->wait);
	for (i = 0; i < n; i++)
		syscall(SYS_getppid);
	for (i = 0; i < errors; i++)
		failed += syscall(SYS_close, -1) < 0 && errno == EBADF;
	report("{\"load\":\"syscalls\",\"getppid\":%" PRIu64 ",\"close\":%" PRIu64
	       ",\"errors\":%" PRIu64 ",\"other\":%d}\n", n, errors, failed, 1 + flags->wait);
	if (failed != errors)
		exit(1);
}

/* One that is to fail with this error. Returns 1 when it does not. */
static uint64_t open_failing(const char *path, int error)
{
	return syscall(SYS_openat, AT_FDCWD, path, O_WRONLY) >= 0 || errno != error;
}

/* One call that fails in several ways, with one error more often than others at any time. */
void run_errors(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 1000000), rare = number(arguments[1], 1000000);
	uint64_t wrong = rare > n;

	wait_for_go(flags->wait);
	for (uint64_t i = 0; i < n; i++) {
		if (i < rare) {
			wrong += open_failing("/proc/self/exe/file", ENOTDIR);
			wrong += open_failing("/proc", EISDIR) + open_failing(NULL, EFAULT);
		}
		wrong += open_failing("/proc/self/root/nothing", ENOENT) + open_failing("", ENOENT);
	}
	report("{\"load\":\"errors\",\"openat\":%" PRIu64 ",\"ENOENT\":%" PRIu64
	       ",\"other\":%d}\n", 2 * n + 3 * rare, 2 * n, 1 + flags->wait);
	if (wrong)
		exit(1);
}

/* Sleeps of a length, and how long they took: what was slept can only be longer. */
void run_sleeps(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 10000), ms = number(arguments[1], 60000);
	struct timespec time = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
	uint64_t sum = 0, longest = 0;

	wait_for_go(flags->wait);
	for (uint64_t i = 0; i < n; i++) {
		struct timespec begin, end;
		uint64_t ns;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (syscall(SYS_nanosleep, &time, NULL))
			fail("nanosleep");
		clock_gettime(CLOCK_MONOTONIC, &end);
		ns = (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000u +
		     (uint64_t)end.tv_nsec - (uint64_t)begin.tv_nsec;
		sum += ns;
		longest = ns > longest ? ns : longest;
	}
	report("{\"load\":\"sleeps\",\"nanosleep\":%" PRIu64 ",\"length_ns\":%" PRIu64
	       ",\"sum_ns\":%" PRIu64 ",\"max_ns\":%" PRIu64 "}\n", n, ms * 1000000, sum, longest);
}

struct sleepers {
	pthread_barrier_t all_there;
	struct timespec length;
};

static void *sleep_once(void *argument)
{
	struct sleepers *sleepers = argument;

	pthread_barrier_wait(&sleepers->all_there);
	if (syscall(SYS_nanosleep, &sleepers->length, NULL))
		fail("nanosleep");
	return NULL;
}

/* So many threads that sleep at the same time. */
void run_sleepers(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 20000), ms = number(arguments[1], 60000);
	struct sleepers sleepers = {
		.length = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 },
	};
	pthread_t *threads = calloc(n, sizeof(*threads));
	pthread_attr_t attributes;

	pthread_barrier_init(&sleepers.all_there, NULL, (unsigned int)n + 1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (uint64_t i = 0; i < n; i++)
		if (pthread_create(&threads[i], &attributes, sleep_once, &sleepers))
			fail("pthread_create");
	wait_for_go(flags->wait);
	pthread_barrier_wait(&sleepers.all_there);
	for (uint64_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	report("{\"load\":\"sleepers\",\"nanosleep\":%" PRIu64 ",\"length_ns\":%" PRIu64 "}\n", n,
	       ms * 1000000);
}

/* ---- calls of other tables than that of this program */

#define X32_BIT 0x40000000
#define UNKNOWN_CALL 1999		/* no table has it, nor will soon */

#ifdef __x86_64__
/* A call of the 32-bit table, as any program can make it: its errno negative. */
static long call_32(long nr, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(first), "c"(second), "d"(third) :
			 "memory", "cc", "r8", "r9", "r10", "r11");
	return result;
}

/* Without it the instruction is one that no program may have. */
static bool has_call_32(void)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork");
	if (!child)
		_exit(call_32(20, 0, 0, 0) != getpid());
	return waitpid(child, &status, 0) == child && !status;
}
#else
static long call_32(long nr, long first, long second, long third)
{
	(void)nr, (void)first, (void)second, (void)third;
	return -ENOSYS;
}

static bool has_call_32(void)
{
	return false;
}
#endif

/* By the 32-bit table: n times getppid, errors times close, read and an unknown call. */
static uint64_t call_32_table(uint64_t n, uint64_t errors, int fd)
{
	static char buffer[64];		/* linked statically: its address has 32 bits */
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < n; i++)
		wrong += call_32(64, 0, 0, 0) < 0;
	for (uint64_t i = 0; i < errors; i++) {
		wrong += call_32(6, -1, 0, 0) != -EBADF;
		wrong += call_32(3, fd, (long)buffer, sizeof(buffer)) != sizeof(buffer);
		wrong += call_32(UNKNOWN_CALL, 0, 0, 0) != -ENOSYS;
	}
	return wrong;
}

/*
 * N times getppid by the 32-bit table and by that of x32, ERRORS times calls of the
 * 32-bit table, and of no table at all.
 */
void run_tables(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], UINT32_MAX), errors = number(arguments[1], 1000);
	bool compat = has_call_32();
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint64_t x32 = 0, wrong = 0;

	if (fd < 0)
		fail("/proc/self/exe");
	wait_for_go(flags->wait);
	if (compat)
		wrong = call_32_table(n, errors, fd);
	for (uint64_t i = 0; i < n; i++)
		x32 += syscall(X32_BIT | SYS_getppid) < 0;
	for (uint64_t i = 0; i < errors; i++)
		wrong += syscall(UNKNOWN_CALL) >= 0 || errno != ENOSYS;
	report("{\"load\":\"tables\",\"compat\":%s,\"getppid\":%" PRIu64 ",\"errors\":%" PRIu64
	       ",\"bytes\":%" PRIu64 ",\"x32_errors\":%" PRIu64 ",\"unknown\":\"syscall_%d\",\"other\":%d}\n",
	       compat ? "true" : "false", n, errors, 64 * errors, x32, UNKNOWN_CALL,
	       1 + flags->wait);
	if (wrong)
		exit(1);
}

/* ---- processes that descend from each other */

/* A process with its number of calls, which nobody else in the family has. */
static void be_member(const char *who, uint64_t calls)
{
	for (uint64_t i = 0; i < calls; i++)
		syscall(SYS_getppid);
	report("{\"load\":\"family\",\"who\":\"%s\",\"pid\":%d,\"getppid\":%" PRIu64 "}\n", who,
	       (int)getpid(), calls);
}

static pid_t fork_member(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

static void wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		fail("child");
}

/* One that is there before the load begins, and has a child of its own when it has. */
static void be_older_child(const int begin[2], uint64_t n)
{
	pid_t child;
	char byte;

	close(begin[1]);
	if (read(begin[0], &byte, 1) != 1)
		fail("begin");
	child = fork_member();
	if (!child) {
		be_member("grandchild", n + 3);
		exit(0);
	}
	wait_for(child);
	be_member("child", n + 1);
	exit(0);
}

/* N calls by the program itself, some more by each of its descendants, older and younger. */
void run_family(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], UINT32_MAX);
	pid_t older, younger;
	int begin[2];

	if (pipe(begin))
		fail("pipe");
	older = fork_member();
	if (!older)
		be_older_child(begin, n);
	wait_for_go(flags->wait);
	if (write(begin[1], "", 1) != 1)
		fail("begin");
	younger = fork_member();
	if (!younger) {
		be_member("late child", n + 2);
		exit(0);
	}
	be_member("parent", n);
	wait_for(older);
	wait_for(younger);
}
