/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That no daemon, and no lack of one, can stall docker.c, flood it or keep it busy. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "docker-world.h"
#include "util.h"

/* ---- hostile daemons */

static uint64_t cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void silent_daemon_costs_nothing(void **state)
{
	struct world *world = *state;
	uint64_t end_ns, before_ms;

	fake_docker_reply_raw(world->fake, EVENTS, NULL, 0);
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, EVENTS, 1);
	world->wakeups = 0;
	before_ms = cpu_ms();
	for (end_ns = monotonic_ns() + NSEC_PER_SEC; monotonic_ns() < end_ns;)
		world_step(world, 100);
	assert_true(world->wakeups < 20);
	assert_true(cpu_ms() - before_ms < 100);
	assert_int_equal(fake_docker_asked(world->fake, LIST), 0);
}

/* Ten questions, none answered: three at a time, given up after 5 s, then the same again. */
static void silence_is_limited_in_time_and_number(void **state)
{
	struct world *world = *state;
	uint64_t start_ns;
	char id[DOCKER_ID_MAX + 1];

	for (int i = 0; i < 10; i++) {
		char *path;

		snprintf(id, sizeof(id), "%064d", i);
		world_container(world, id);
		path = xasprintf("/containers/%s/json", id);
		fake_docker_reply_raw(world->fake, path, NULL, 0);
		free(path);
	}
	fake_docker_reply_raw(world->fake, INSPECT_A, NULL, 0);
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_A, 1);
	start_ns = monotonic_ns();
	world->wakeups = 0;
	world_run_until_asked(world, INSPECT_A, 2);
	assert_true(monotonic_ns() - start_ns > 4500 * NSEC_PER_MSEC);
	assert_true(fake_docker_peak(world->fake) <= 4);
	assert_true(world->wakeups < 100);
	world_send_event(world, ID_A, "told");
	world_run_until_named(world, ID_A, "told");
}

static void huge_list_is_dropped_and_the_rest_goes_on(void **state)
{
	struct world *world = *state;
	static const char inspected[] = "{\"Id\":\"" ID_A "\",\"Name\":\"/asked\"}";
	size_t size = 20U << 20;
	char *list = xmalloc(size);
	int n = snprintf(list, size, "[{\"Id\":\"" ID_A "\",\"Names\":[\"/listed\"]}");

	memset(list + n, ' ', size - (size_t)n);
	list[size - 1] = ']';
	fake_docker_reply(world->fake, LIST, 200, list, size);
	fake_docker_reply(world->fake, INSPECT_A, 200, inspected, strlen(inspected));
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_named(world, ID_A, "asked");
	world_send_event(world, ID_B, "b");
	world_run_until_named(world, ID_B, "b");
	assert_int_equal(fake_docker_asked(world->fake, LIST), 1);
	free(list);
}

static void huge_inspect_is_dropped_and_not_asked_again(void **state)
{
	struct world *world = *state;
	size_t size = 2U << 20;
	char *text = xmalloc(size);

	memset(text, ' ', size);
	fake_docker_reply(world->fake, INSPECT_A, 200, text, size);
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_A, 1);
	world_run(world, 700);
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_A), 1);
	world_send_event(world, ID_A, "told");
	world_run_until_named(world, ID_A, "told");
	free(text);
}

#define HEAD_200 "HTTP/1.1 200 OK\r\n"

/* What is no HTTP, or broken HTTP, instead of the stream: tried again, but not at once. */
static void garbage_is_tried_again_later(void **state)
{
	static const char good[] = HEAD_200 "\r\n";
	static const char *const replies[] = {
		"\xff\xfe\xfd garbage\r\n\r\n\n",
		"HTTP/1.1 200 OK",
		"HTTP/9.9 999 \r\n\r\n",
		HEAD_200 "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		HEAD_200 "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nx",
		HEAD_200 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		HEAD_200 "Content-Length: -1\r\n\r\n",
		HEAD_200 "Content-Length: 3\r\n\r\n{}\n",
		HEAD_200 "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
		"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct world *world = *state;
		char *name = xasprintf("after-%zu", i);
		unsigned int asked = fake_docker_asked(world->fake, EVENTS);

		fake_docker_reply_raw(world->fake, EVENTS, replies[i], strlen(replies[i]));
		world_reply_list(world, ID_A, name);
		world_follow(world, fake_docker_path(world->fake));
		world_run(world, 200);
		asked = fake_docker_asked(world->fake, EVENTS) - asked;
		if (asked < 1 || asked > 2)
			fail_msg("reply %zu: asked %u times in 0.2 s", i, asked);
		fake_docker_stop(world->fake);
		fake_docker_reply_raw(world->fake, EVENTS, good, strlen(good));
		fake_docker_start(world->fake);
		world_run_until_named(world, ID_A, name);
		docker_free(world->docker);
		world->docker = NULL;
		free(name);
	}
}

/* Short enough for every libcurl to take: newer ones have a limit of 300 KiB. */
#define HEAD_SIZE (128 << 10)

static void endless_head_is_cut(void **state)
{
	struct world *world = *state;
	char *raw = xmalloc(HEAD_SIZE);
	size_t size = (size_t)sprintf(raw, HEAD_200);

	while (size < HEAD_SIZE - 64)
		size += (size_t)sprintf(raw + size, "X-%zu: 0123456789012345678901234567\r\n", size);
	fake_docker_reply_raw(world->fake, EVENTS, raw, size);
	world_follow(world, fake_docker_path(world->fake));
	/* The stream has no time-out: that it is asked for again says it was ended. */
	world_run_until_asked(world, EVENTS, 2);
	free(raw);
}

/* ---- paths without a daemon */

static void make_path(const char *path, mode_t kind)
{
	if (kind == S_IFDIR)
		assert_int_equal(mkdir(path, 0700), 0);
	else if (kind)
		assert_int_equal(mknod(path, kind | 0600, 0), 0);
}

static void paths_that_are_no_socket_cost_nothing(void **state)
{
	static const mode_t kinds[] = { 0, S_IFDIR, S_IFIFO, S_IFREG };
	struct world *world = *state;

	fake_docker_stop(world->fake);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		make_path(fake_docker_path(world->fake), kinds[i]);
		world_follow(world, fake_docker_path(world->fake));
		world->wakeups = 0;
		world_run(world, 700);
		/*
		 * Attempts after 0, 0.25 and 0.75 s, each with a few steps if there is something;
		 * where there is nothing, it is looked for when names are asked for.
		 */
		if (kinds[i] ? world->wakeups < 1 || world->wakeups > 30 : world->wakeups > 0)
			fail_msg("kind %zu: %u wakeups", i, world->wakeups);
		docker_free(world->docker);
		world->docker = NULL;
		remove(fake_docker_path(world->fake));
	}
}

/* A connect(2) to a full backlog would wait for ever. */
static void full_backlog_costs_nothing(void **state)
{
	struct world *world = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int callers[16];
	uint64_t start_ns;

	fake_docker_stop(world->fake);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fake_docker_path(world->fake));
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		callers[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(callers[i], (struct sockaddr *)&address, sizeof(address));
	}
	start_ns = monotonic_ns();
	world_follow(world, fake_docker_path(world->fake));
	docker_work(world->docker);
	assert_true(monotonic_ns() - start_ns < NSEC_PER_SEC);
	world_run(world, 700);
	assert_true(world->wakeups < 60);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		close(callers[i]);
	close(listener);
}

static void path_too_long_or_empty_is_no_crash(void **state)
{
	struct world *world = *state;
	char path[300];

	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	world_follow(world, path);
	world_run(world, 300);
	assert_true(world->wakeups < 30);
}

static void docker_host_names_the_socket(void **state)
{
	struct world *world = *state;
	char *host = xasprintf("unix://%s", fake_docker_path(world->fake));

	world_reply_list(world, ID_A, "by-environment");
	setenv("DOCKER_HOST", host, 1);
	world_follow(world, NULL);
	unsetenv("DOCKER_HOST");
	world_run_until_named(world, ID_A, "by-environment");
	free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DAEMON(silent_daemon_costs_nothing),
		WITH_DAEMON(silence_is_limited_in_time_and_number),
		WITH_DAEMON(huge_list_is_dropped_and_the_rest_goes_on),
		WITH_DAEMON(huge_inspect_is_dropped_and_not_asked_again),
		WITH_DAEMON(garbage_is_tried_again_later),
		WITH_DAEMON(endless_head_is_cut),
		WITH_DAEMON(paths_that_are_no_socket_cost_nothing),
		WITH_DAEMON(full_backlog_costs_nothing),
		WITH_DAEMON(path_too_long_or_empty_is_no_crash),
		WITH_DAEMON(docker_host_names_the_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
