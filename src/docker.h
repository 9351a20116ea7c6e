/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Docker's API on its Unix socket: what containers are called, asked once for
 * each, and its events as they come.  Nothing here ever waits: a slow, broken
 * or absent daemon costs names, not time.
 */
#ifndef DOCKER_H
#define DOCKER_H

#include <stdbool.h>
#include <stddef.h>

#include "container.h"

/* Digits of an id: shortened ones have 12. */
#define DOCKER_ID_MIN 12
#define DOCKER_ID_MAX 64

struct docker;

/*
 * Starts to follow the daemon behind a socket (path NULL: $DOCKER_HOST if it
 * names a Unix socket, else /run/docker.sock or /var/run/docker.sock); it need not
 * exist yet. Facts go to containers, which is borrowed. Returns NULL and sets
 * *ret_error (-errno) when epoll cannot be set up.
 */
struct docker *docker_new(const char *path, struct containers *containers, int *ret_error);
void docker_free(struct docker *docker);

/* Readable when docker_work has something to do: replies, events, time-outs, reconnection. */
int docker_fd(const struct docker *docker);
void docker_work(struct docker *docker);

/*
 * Once an interval: asks about containers that came up since (docker_work does so
 * too), and tries a daemon that was started anew at once.
 */
void docker_ask(struct docker *docker);

/*
 * Takes in what GET /containers/ID/json, GET /containers/json or one line of
 * GET /events said. Returns 0 or -EBADMSG for what is no such reply; of a list,
 * the containers that can be read are taken in even so.
 * (docker-reply.c; docker_work calls them.)
 */
int docker_parse_inspect(struct containers *containers, const char *text, size_t size);
int docker_parse_list(struct containers *containers, const char *text, size_t size);
int docker_parse_event(struct containers *containers, const char *text, size_t size);

/*
 * Where the daemon's socket is: the path given, else that of $DOCKER_HOST when it
 * names one, else the usual place. The caller frees.
 */
char *docker_socket_path(const char *path);

/* Whether this is an id and nothing else: lower-case hexadecimal. NULL is not. */
bool docker_id_valid(const char *id);

#endif
