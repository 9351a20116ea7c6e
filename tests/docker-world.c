/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs docker.c and a fake daemon in turn, until something happened or should have. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "docker-world.h"
#include "util.h"

#define PATIENCE_MS 20000	/* for what must happen; a slow machine must not fail */

struct container *world_container(struct world *world, const char *id)
{
	return containers_add(world->containers, id, "docker");
}

const char *world_name(struct world *world, const char *id)
{
	return world_container(world, id)->name;
}

void world_step(struct world *world, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = docker_fd(world->docker), .events = POLLIN },
		{ .fd = world->fake ? fake_docker_fd(world->fake) : -1, .events = POLLIN },
	};

	poll(fds, ARRAY_SIZE(fds), timeout_ms);
	if (fds[1].revents)
		fake_docker_work(world->fake);
	if (fds[0].revents) {
		world->wakeups++;
		docker_work(world->docker);
	}
}

void world_run(struct world *world, uint64_t ms)
{
	uint64_t end_ns = monotonic_ns() + ms * NSEC_PER_MSEC;

	while (monotonic_ns() < end_ns)
		world_step(world, 5);
}

void world_run_until_named(struct world *world, const char *id, const char *name)
{
	uint64_t end_ns = monotonic_ns() + PATIENCE_MS * NSEC_PER_MSEC;

	while (strcmp(world_name(world, id), name) != 0) {
		if (monotonic_ns() > end_ns)
			fail_msg("%.12s is called %s, never %s", id,
				 world_name(world, id), name);
		world_step(world, 5);
	}
}

void world_run_until_asked(struct world *world, const char *path, unsigned int times)
{
	uint64_t end_ns = monotonic_ns() + PATIENCE_MS * NSEC_PER_MSEC;

	while (fake_docker_asked(world->fake, path) < times) {
		if (monotonic_ns() > end_ns)
			fail_msg("%s was asked for %u times, never %u", path,
				 fake_docker_asked(world->fake, path), times);
		world_step(world, 5);
	}
}

void world_follow(struct world *world, const char *path)
{
	int error = 0;

	world->docker = docker_new(path, world->containers, &error);
	if (!world->docker)
		fail_msg("docker_new: %s", strerror(-error));
}

/* The number that the next descriptor would get: the same again when none leaked. */
static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

int world_set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->first_fd = next_fd();
	world->containers = containers_new(NULL);
	world_container(world, ID_A);
	world_container(world, ID_B);
	world->fake = fake_docker_new();
	fake_docker_reply(world->fake, LIST, 200, "[]", 2);
	*state = world;
	return 0;
}

int world_tear_down(void **state)
{
	struct world *world = *state;

	docker_free(world->docker);
	fake_docker_free(world->fake);
	containers_free(world->containers);
	assert_int_equal(next_fd(), world->first_fd);
	free(world);
	return 0;
}

void world_reply_list(struct world *world, const char *id, const char *name)
{
	char *body = xasprintf("[{\"Id\":\"%s\",\"Names\":[\"/%s\"],\"Image\":\"bb\"}]", id, name);

	fake_docker_reply(world->fake, LIST, 200, body, strlen(body));
	free(body);
}

char *world_event_line(const char *id, const char *name)
{
	return xasprintf("{\"Type\":\"container\",\"Action\":\"rename\",\"Actor\":{\"ID\":\"%s\","
			 "\"Attributes\":{\"name\":\"%s\",\"image\":\"bb\"}}}\n", id, name);
}

void world_send_event(struct world *world, const char *id, const char *name)
{
	char *line = world_event_line(id, name);

	fake_docker_send(world->fake, line, strlen(line));
	free(line);
}
