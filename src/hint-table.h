/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that containers ask for and are asked for: what bpf/hint.bpf.c copies of
 * packets, counted by name.  Whoever sends packets chooses the names: each container
 * has room for so many, and what finds none is counted as NAMES_OTHER.
 */
#ifndef HINT_TABLE_H
#define HINT_TABLE_H

#include "sample.h"

#define NAMES_MOST 512			/* of one container */
#define NAMES_OTHER "(other)"		/* no name has parentheses, but with a \ ahead */
#define NAMES_NONE "(none)"		/* a ClientHello without the server's name */

#define QUERIES_MOST 1024		/* of one container that wait for their answers */
#define HELLOS_MOST 64			/* likewise, ClientHellos that wait for their rest */
#define WAIT_NS (10 * 1000000000ULL)	/* then they wait no more */

struct hint_table;

struct hint_table *hint_table_new(void);
void hint_table_free(struct hint_table *table);

/* A packet of a container, which is borrowed for now only. Sizes are not trusted. */
void hint_table_take(struct hint_table *table, const struct container *container,
		     const struct hint_packet *packet, size_t size);

/*
 * The end of an interval, at now_ns of CLOCK_MONOTONIC: adds what was counted in it to
 * the sample, which borrows the names until the next call of any of these.
 */
void hint_table_read(struct hint_table *table, const struct containers *containers,
		     uint64_t now_ns, struct sample *sample);

#endif
