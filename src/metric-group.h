/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters by labels: what a pane's rows counted is added up for each container
 * and each combination of the pane's labels (a flow's protocol and direction, a
 * disk's name).  Rows come and go; these only grow, until their container is gone.
 */
#ifndef METRIC_GROUP_H
#define METRIC_GROUP_H

#define HASH_FUNCTION HASH_SAX		/* the default one falls through without saying so */
#include <uthash.h>

#include "metric-peer.h"
#include "model.h"

#define METRIC_COLUMNS_MOST 32		/* counts of one pane */

/*
 * Buckets of times end at powers of two of microseconds, as those of LATENCY_FLOOR
 * do, from 32 us to 4 s; the last one has no end.
 */
#define METRIC_BUCKETS 19
#define METRIC_BOUND_US(bucket) (32ULL << (bucket))

/* A container, as long as the model has it. */
struct metric_owner {
	uint64_t serial;		/* of the container */
	char *id;			/* its label id, which no other has; owned */
	char *labels;			/* id and name; owned */
	const struct container_row *row;	/* while an update goes on; NULL: it is gone. Borrowed */
	struct metric_group *groups[PANE_COUNT];	/* by labels; owned */
	struct metric_peers peers;
	UT_hash_handle hh, by_id;
};

struct metric_group {
	struct metric_owner *owner;
	char *labels;			/* but for those of the owner; owned */
	const struct pane *pane;
	uint64_t counts[METRIC_COLUMNS_MOST];	/* of the pane's columns with metric_is_count, in
						   their order; UNKNOWN: nobody counts */
	uint64_t times[METRIC_BUCKETS], times_sum_ns;	/* of disks and hints: see struct metric_times */
	bool timed;			/* there are any */
	UT_hash_handle hh;
};

/* Whether a column of a pane is a counter in metrics, or a label. */
bool metric_is_count(const struct column *column);
bool metric_is_label(const struct column *column);

/* Adds the counts of a row's last interval to the group of its labels. */
void metric_group_add(struct metric_owner *owner, const struct pane *pane, const void *row);

/* Frees the groups of an owner. */
void metric_groups_done(struct metric_owner *owner);

#endif
