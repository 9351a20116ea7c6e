/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How docker.c finds names: list, questions, events, and daemons that go and come. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker-world.h"
#include "util.h"

/* ---- a daemon, as it should be */

static void list_inspect_and_events_name_containers(void **state)
{
	struct world *world = *state;
	static const char inspected[] = "{\"Id\":\"" ID_A "\",\"Name\":\"/alpha\","
					"\"Config\":{\"Image\":\"redis:7\"}}";

	world_reply_list(world, ID_B, "listed");
	fake_docker_reply(world->fake, INSPECT_A, 200, inspected, strlen(inspected));
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_named(world, ID_B, "listed");
	world_run_until_named(world, ID_A, "alpha");
	assert_string_equal(world_container(world, ID_A)->image, "redis:7");
	world_send_event(world, ID_A, "beta");
	world_run_until_named(world, ID_A, "beta");
	/* The list says not all of those it has: each path is asked for, once. */
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_A), 1);
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_B), 1);
	assert_int_equal(fake_docker_asked(world->fake, LIST), 1);
	assert_int_equal(fake_docker_asked(world->fake, EVENTS), 1);
}

static void docker_ask_asks_about_containers_that_came_later(void **state)
{
	struct world *world = *state;
	static const char inspected[] = "{\"Id\":\"" ID_C "\",\"Name\":\"/late\"}";

	fake_docker_reply(world->fake, INSPECT_C, 200, inspected,
			  strlen(inspected));
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_B, 1);
	world_run(world, 100);
	world_container(world, ID_C);
	docker_ask(world->docker);
	world_run_until_named(world, ID_C, "late");
}

static void container_that_is_not_there_is_asked_about_once(void **state)
{
	struct world *world = *state;

	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_A, 1);
	world_run(world, 1200);
	docker_ask(world->docker);
	world_run(world, 100);
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_A), 1);
}

/* Each byte of the stream in a write of its own, the chunks' sizes and ends included. */
static void events_may_be_split_anywhere(void **state)
{
	struct world *world = *state;
	char *line = world_event_line(ID_A, "piecemeal");
	char *raw = xasprintf("%zx\r\n%s\r\n", strlen(line), line);

	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, LIST, 1);
	for (size_t i = 0; raw[i]; i++) {
		fake_docker_send_raw(world->fake, &raw[i], 1);
		world_step(world, 20);
		world_step(world, 20);
	}
	world_run_until_named(world, ID_A, "piecemeal");
	free(raw);
	free(line);
}

static void line_split_into_two_chunks_at_each_byte(void **state)
{
	struct world *world = *state;
	size_t size = SIZE_MAX;

	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, LIST, 1);
	for (size_t i = 1; i < size; i++) {
		char *name = xasprintf("split-%zu", i);
		char *line = world_event_line(ID_A, name);

		size = strlen(line);
		fake_docker_send(world->fake, line, i);
		world_step(world, 5);
		world_step(world, 5);
		fake_docker_send(world->fake, line + i, size - i);
		world_run_until_named(world, ID_A, name);
		free(line);
		free(name);
	}
}

static void bad_lines_lose_nothing_else(void **state)
{
	struct world *world = *state;
	static const char garbage[] = "\n\r\n{\n]\n\0\n\xff\xfe\n";
	size_t size = 1 << 20;
	char *flood = xmalloc(size);
	char *line = world_event_line(ID_A, "too-long");

	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, LIST, 1);
	fake_docker_send(world->fake, garbage, sizeof(garbage) - 1);
	world_send_event(world, ID_A, "after-garbage");
	world_run_until_named(world, ID_A, "after-garbage");
	/* Good but for its length: what fits of it must not count either. */
	memset(flood, ' ', size);
	memcpy(flood, line, strlen(line) - 1);
	flood[size - 1] = '\n';
	fake_docker_send(world->fake, flood, size);
	world_send_event(world, ID_B, "after-flood");
	world_run_until_named(world, ID_B, "after-flood");
	assert_string_equal(world_name(world, ID_A), "after-garbage");
	assert_int_equal(fake_docker_asked(world->fake, EVENTS), 1);
	free(line);
	free(flood);
}

/* ---- a daemon that goes and comes */

static void names_come_after_a_restart(void **state)
{
	struct world *world = *state;

	world_reply_list(world, ID_A, "before");
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_named(world, ID_A, "before");
	fake_docker_stop(world->fake);
	world_run(world, 50);
	world_reply_list(world, ID_A, "renamed-meanwhile");
	fake_docker_start(world->fake);
	world_run_until_named(world, ID_A, "renamed-meanwhile");
	world_send_event(world, ID_A, "live");
	world_run_until_named(world, ID_A, "live");
	assert_int_equal(fake_docker_asked(world->fake, LIST), 2);
}

static void daemon_may_start_later(void **state)
{
	struct world *world = *state;

	fake_docker_stop(world->fake);
	world_follow(world, fake_docker_path(world->fake));
	world_run(world, 400);
	world_reply_list(world, ID_A, "late");
	fake_docker_start(world->fake);
	/* As once an interval, and when a container comes up. */
	docker_ask(world->docker);
	world_run_until_named(world, ID_A, "late");
}

/* After many failures the next attempt is far away; a new socket is tried at once. */
static void docker_ask_tries_a_new_socket_at_once(void **state)
{
	struct world *world = *state;
	uint64_t start_ns;

	fake_docker_stop(world->fake);
	world_follow(world, fake_docker_path(world->fake));
	world_run(world, 2200);
	/* The last attempt was after 1.75 s, the next one is due after 3.75 s. */
	world_reply_list(world, ID_A, "at-once");
	fake_docker_start(world->fake);
	start_ns = monotonic_ns();
	docker_ask(world->docker);
	world_run_until_named(world, ID_A, "at-once");
	assert_true(monotonic_ns() - start_ns < NSEC_PER_SEC);
}

static void question_that_a_restart_cut_short_is_asked_again(void **state)
{
	struct world *world = *state;
	static const char inspected[] = "{\"Id\":\"" ID_A "\",\"Name\":\"/again\"}";

	fake_docker_reply_raw(world->fake, INSPECT_A, NULL, 0);
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_A, 1);
	/* Longer than three tries would take. */
	fake_docker_stop(world->fake);
	world_run(world, 1200);
	fake_docker_reply(world->fake, INSPECT_A, 200, inspected, strlen(inspected));
	fake_docker_start(world->fake);
	world_run_until_named(world, ID_A, "again");
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_A), 2);
}

static void broken_connection_is_tried_three_times(void **state)
{
	struct world *world = *state;

	fake_docker_reply_raw(world->fake, INSPECT_A, "", 0);
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_asked(world, INSPECT_A, 3);
	world_run(world, 1500);
	assert_int_equal(fake_docker_asked(world->fake, INSPECT_A), 3);
}

/* A proxy before the socket may refuse the stream alone. */
static void refused_stream_leaves_list_and_questions(void **state)
{
	struct world *world = *state;
	static const char inspected[] = "{\"Id\":\"" ID_A "\",\"Name\":\"/a\"}";
	char *line = world_event_line(ID_C, "refused");

	world_container(world, ID_C);
	fake_docker_reply(world->fake, EVENTS, 403, line, strlen(line));
	world_reply_list(world, ID_B, "b");
	fake_docker_reply(world->fake, INSPECT_A, 200, inspected, strlen(inspected));
	world_follow(world, fake_docker_path(world->fake));
	world_run_until_named(world, ID_B, "b");
	world_run_until_named(world, ID_A, "a");
	world_run_until_asked(world, LIST, 2);
	assert_string_not_equal(world_name(world, ID_C), "refused");
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DAEMON(list_inspect_and_events_name_containers),
		WITH_DAEMON(docker_ask_asks_about_containers_that_came_later),
		WITH_DAEMON(container_that_is_not_there_is_asked_about_once),
		WITH_DAEMON(events_may_be_split_anywhere),
		WITH_DAEMON(line_split_into_two_chunks_at_each_byte),
		WITH_DAEMON(bad_lines_lose_nothing_else),
		WITH_DAEMON(names_come_after_a_restart),
		WITH_DAEMON(daemon_may_start_later),
		WITH_DAEMON(docker_ask_tries_a_new_socket_at_once),
		WITH_DAEMON(question_that_a_restart_cut_short_is_asked_again),
		WITH_DAEMON(broken_connection_is_tried_three_times),
		WITH_DAEMON(refused_stream_leaves_list_and_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
