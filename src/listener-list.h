/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening sockets of one moment, made from what the kernel lists for each process:
 * one row for each container and address, with what came there since the last time.
 */
#ifndef LISTENER_LIST_H
#define LISTENER_LIST_H

#include "sample.h"

/* One socket, or several that share an address (SO_REUSEPORT). */
struct listener {
	struct listener_record record;	/* of the first process; queues and drops are sums */
	struct container *container;	/* borrowed */
	uint64_t sockets;
	uint64_t accepts;		/* since the last list */
};

/* Once in use the kernel may list more processes and sockets than this: they are counted. */
#define LISTENERS_MOST 65536

struct listener_list {
	struct listener *all;		/* owned */
	size_t n, capacity;
	uint64_t n_beyond;		/* records that found no room */
};

/* Empties a list, or frees what it owns. */
void listener_list_clear(struct listener_list *list);
void listener_list_done(struct listener_list *list);

/* Adds what the kernel says of one socket of one process. */
void listener_list_add(struct listener_list *list, const struct listener_record *record,
		       struct container *container);

/*
 * After the last of them: one entry for each container and address. A socket that
 * several processes have open is that of the first one in a container; what several
 * sockets of a container share is one entry.
 */
void listener_list_join(struct listener_list *list);

/*
 * Connections were taken at an address: they are those of the socket bound to it, else of
 * one bound to all. Where sockets of several containers share that, their accepts become
 * UNKNOWN. False: nobody listens there (any more).
 */
bool listener_list_accept(struct listener_list *list, const struct listen_key *key, uint64_t n);

/*
 * Adds the list to a sample. before is the last one (its drops are what has been seen
 * already), NULL where there was none just before: then what came since is not of the
 * interval, and unknown. counted: accepts are.
 */
void listener_list_tell(const struct listener_list *list, const struct listener_list *before,
			bool counted, struct sample *sample);

#endif
