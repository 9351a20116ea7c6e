/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of containers, a fake daemon, and docker.c between them, for tests. */
#ifndef DOCKER_WORLD_H
#define DOCKER_WORLD_H

#include <stdint.h>

#include "container.h"
#include "docker.h"
#include "fake-docker.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ID_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define EVENTS "/events"
#define LIST "/containers/json"
#define INSPECT_A "/containers/" ID_A "/json"
#define INSPECT_B "/containers/" ID_B "/json"
#define INSPECT_C "/containers/" ID_C "/json"

#define NSEC_PER_MSEC 1000000ULL

struct world {
	struct containers *containers;	/* A and B are there, and have no names */
	struct fake_docker *fake;	/* has an empty list, and nothing to tell of containers */
	struct docker *docker;		/* from world_follow on */
	unsigned int wakeups;		/* of docker_work */
	int first_fd;
};

/* For cmocka: *state is the world. */
int world_set_up(void **state);
int world_tear_down(void **state);

#define WITH_DAEMON(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

/* The container with this id, made if need be, and what it is called now. */
struct container *world_container(struct world *world, const char *id);
const char *world_name(struct world *world, const char *id);

/* Starts docker.c on a path (NULL: its own choice). */
void world_follow(struct world *world, const char *path);

/* Waits for one of the two, at most so long, and lets it work; does so for a time. */
void world_step(struct world *world, int timeout_ms);
void world_run(struct world *world, uint64_t ms);

/* Goes on until a container has this name, or a path was asked for so often; fails if never. */
void world_run_until_named(struct world *world, const char *id, const char *name);
void world_run_until_asked(struct world *world, const char *path, unsigned int times);

/* The list of the fake is one container from now on. */
void world_reply_list(struct world *world, const char *id, const char *name);

/* An event that says what a container is called, and sends it. The caller frees the line. */
char *world_event_line(const char *id, const char *name);
void world_send_event(struct world *world, const char *id, const char *name);

#endif
