/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders to Docker's daemon: what is asked, and what is made of the answer. */
#include "docker-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "docker-order.h"
#include "util.h"

#define STOP_A "/containers/" ID_A "/stop"

/* What became of "stop A", once the daemon has answered. */
static char *stop_a(struct world *world)
{
	struct docker_order *order = docker_order_new(fake_docker_path(world->fake), ID_A, "stop");
	struct pollfd fds[2] = {
		{ fake_docker_fd(world->fake), POLLIN, 0 }, { docker_order_fd(order), POLLIN, 0 },
	};
	char *error;

	for (int i = 0; i < 1000 && !fds[1].revents; i++)
		if (poll(fds, 2, 100) > 0 && fds[0].revents)
			fake_docker_work(world->fake);
	assert_true(fds[1].revents);
	error = docker_order_error(order);
	docker_order_free(order);
	return error;
}

static void answers_are_told(void **state)
{
	static const struct { int status; const char *body, *error; } cases[] = {
		{ 204, "", NULL },
		{ 304, "", NULL },
		{ 404, "{\"message\":\"No such container: x\"}", "No such container: x" },
		{ 500, "{\"message\":\"a\\u001b[31mb\"}", "a?[31mb" },
		{ 500, "no JSON", "Docker answers with status 500" },
		{ 403, "{}", "Docker answers with status 403" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *error;

		fake_docker_reply(world->fake, STOP_A, cases[i].status, cases[i].body,
				  strlen(cases[i].body));
		error = stop_a(world);
		if (cases[i].error)
			assert_string_equal(error, cases[i].error);
		else
			assert_null(error);
		free(error);
	}
	assert_int_equal(fake_docker_asked(world->fake, STOP_A), ARRAY_SIZE(cases));
}

static void no_daemon_is_told(void **state)
{
	struct world *world = *state;
	char *error;

	fake_docker_stop(world->fake);
	error = stop_a(world);
	assert_non_null(strstr(error, fake_docker_path(world->fake)));
	free(error);
}

static void what_is_no_id_is_not_sent(void **state)
{
	(void)state;
	assert_null(docker_order_new("/nowhere", "../images/prune", "stop"));
	assert_null(docker_order_new("/nowhere", "", "stop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DAEMON(answers_are_told),
		WITH_DAEMON(no_daemon_is_told),
		cmocka_unit_test(what_is_no_id_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
