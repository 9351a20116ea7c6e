/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel of this host as a source of samples: what it consists of. */
#ifndef SOURCE_BPF_H
#define SOURCE_BPF_H

#include "counter.h"
#include "kernel-cost.h"
#include "source.h"

/* The counters, in the order in which they are read. */
enum counter_kind { COUNTER_FLOWS, COUNTER_DISKS, COUNTER_SYSCALLS, COUNTER_KINDS };

struct kernel_source {
	struct source source;		/* must stay the first member */
	const struct options *options;	/* borrowed */
	struct cgroup_layout layout;
	int cgroup_fd;
	struct counter *counters[COUNTER_KINDS];	/* NULL: does not work here */
	struct lifecycle *lifecycle;	/* NULL: likewise */
	struct census *census;		/* NULL: likewise */
	struct hints *hints;		/* NULL: likewise, or nobody wants them */
	struct faults *faults;		/* NULL: likewise */
	struct listeners *listeners;	/* NULL: likewise, or nobody wants them */
	struct event_log *log;		/* NULL: likewise, or nobody wants events */
	struct processes *processes;
	struct nat *nat;
	struct services *services;
	struct user_names *users;
	struct scope_maps scope;
	struct kernel_cost cost;		/* of no objects: not to be measured */
	bool perf_tracepoints;		/* some counter uses them */
	bool never_timed, merged;	/* left out, to keep the programs' cost within a bound */
	uint64_t read_ns;		/* when the last sample was taken */
};

/* Loads and attaches all that the options ask for, and says in status what works. */
void kernel_source_open(struct kernel_source *kernel, struct counter_setup *setup);

/* events_fd stands for this descriptor, too. Without it, reading finds what there is. */
void kernel_source_watch(struct kernel_source *kernel, int fd);

#endif
