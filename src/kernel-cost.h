/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What contop's own programs cost in the kernel.  The kernel measures them only
 * while it is told to, and then each run takes some tens of nanoseconds longer:
 * so it is told to for a tenth of a second in ten, or in two where a bound is to be
 * kept, and for the first second.
 * Telling it takes CAP_SYS_ADMIN; where that is given up, the first second is all.
 */
#ifndef KERNEL_COST_H
#define KERNEL_COST_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#define KERNEL_COST_OBJECTS 8			/* at most */

struct kernel_cost {
	const struct bpf_object *objects[KERNEL_COST_OBJECTS];	/* borrowed */
	size_t n;
	int timer_fd;			/* readable when kernel_cost_work has something to do */
	int stats_fd;			/* the kernel measures as long as it is open; else -1 */
	bool refused;			/* it no longer does: not asked again */
	uint64_t every_ns;		/* from the start of one measurement to the next */
	uint64_t begun_ns, run_ns;	/* when it began (CLOCK_MONOTONIC), and the sum then */
	double share;			/* of one CPU, when last measured; negative: never */
};

/* -errno. */
int kernel_cost_init(struct kernel_cost *cost);
void kernel_cost_done(struct kernel_cost *cost);

/* Another object that is loaded. NULL is passed over. */
void kernel_cost_add(struct kernel_cost *cost, const struct bpf_object *object);

/* Begins to measure, when it is due; ends it, when it has lasted long enough. True: share is new. */
bool kernel_cost_work(struct kernel_cost *cost, uint64_t now_ns);

#endif
