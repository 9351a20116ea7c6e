/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user has Docker's daemon do to a container: one request, in a thread that may wait. */
#ifndef DOCKER_ORDER_H
#define DOCKER_ORDER_H

struct docker_order;

/*
 * Asks the daemon at a path (NULL: as docker_new has it) to do something to a
 * container: "stop", "kill", "restart", "pause" or "unpause". NULL: no such id, or
 * no thread.
 */
struct docker_order *docker_order_new(const char *path, const char *id, const char *verb);

/* Readable when it has been answered. */
int docker_order_fd(const struct docker_order *order);

/* What became of it, in one clean line; NULL: it was done. The caller frees. */
char *docker_order_error(const struct docker_order *order);

/* Frees one that was answered; one that was not goes on alone. NULL is fine. */
void docker_order_free(struct docker_order *order);

#endif
