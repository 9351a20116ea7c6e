/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who knows what containers are called: a table of sources, one for each family
 * of runtimes, behind one descriptor.  None of them ever waits for anybody.
 */
#ifndef NAMES_H
#define NAMES_H

#include "container.h"
#include "host.h"

struct name_options {
	const char *docker_socket;	/* NULL: the usual places */
	const char *procfs;
};

/* One source of names; what open returns is handed to the other functions. */
struct name_source {
	const char *name;
	/* Facts go to containers, borrowed like the host. NULL when it cannot be set up. */
	void *(*open)(const struct name_options *options, const struct host *host,
		      struct containers *containers);
	int (*fd)(const void *source);	/* readable when there is work; NULL: there never is */
	void (*work)(void *source);	/* deals with what made fd readable */
	void (*ask)(void *source);	/* finds out about containers that came up */
	void (*free)(void *source);
};

extern const struct name_source docker_names, podman_names, containerd_names;

struct names;

/*
 * Opens all sources, those left out that cannot be: without them containers
 * have their ids. Strings and containers are borrowed. Never NULL.
 */
struct names *names_new(const struct name_options *options, struct containers *containers);
void names_free(struct names *names);

/* Readable when names_work has something to do; -1: never. */
int names_fd(const struct names *names);
void names_work(struct names *names);

/* Once an interval and when containers came up: asks about those that are not known. */
void names_ask(struct names *names);

#endif
