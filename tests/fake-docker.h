/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that answers as told, on a socket in a directory of its own.  It
 * never waits either, so that a test runs it and what it tests in one thread.
 */
#ifndef FAKE_DOCKER_H
#define FAKE_DOCKER_H

#include <stddef.h>

struct fake_docker;

/* A fake that listens already, where all is 404 but /events: an open stream. Aborts on errors. */
struct fake_docker *fake_docker_new(void);
void fake_docker_free(struct fake_docker *fake);

/* Removes the socket and closes all connections; makes it anew. */
void fake_docker_stop(struct fake_docker *fake);
void fake_docker_start(struct fake_docker *fake);

const char *fake_docker_path(const struct fake_docker *fake);

/* Readable when fake_docker_work has something to do. */
int fake_docker_fd(const struct fake_docker *fake);
void fake_docker_work(struct fake_docker *fake);

/*
 * What a path (without its query) is answered from now on: raw bytes, HTTP head
 * included, after which the connection is closed but that of /events. NULL: nothing, ever;
 * of size 0: the connection is closed.
 */
void fake_docker_reply_raw(struct fake_docker *fake, const char *path, const char *raw,
			   size_t size);
/* The same with a head for this status and body. */
void fake_docker_reply(struct fake_docker *fake, const char *path, int status, const char *body,
		       size_t size);

/* Sends raw bytes, or one chunk of a chunked body, to all who asked for /events. */
void fake_docker_send_raw(struct fake_docker *fake, const char *raw, size_t size);
void fake_docker_send(struct fake_docker *fake, const char *chunk, size_t size);

/* How often a path was asked for; the most requests but /events that were open at once. */
unsigned int fake_docker_asked(struct fake_docker *fake, const char *path);
unsigned int fake_docker_peak(const struct fake_docker *fake);

#endif
