/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters: one for each kind of event, each with one BPF object.  They turn
 * what the kernel has counted since the last reading into a sample.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <bpf/libbpf.h>

#include "container.h"
#include "hook.h"
#include "kernel-types.h"
#include "nat.h"
#include "sample.h"
#include "scope-map.h"
#include "service.h"
#include "slots.h"
#include "table-size.h"
#include "user-names.h"

/* Maps that several objects use, of flows and of events; descriptors, -1: there is none. */
struct flow_maps {
	int records, index, ring;
};

/* What all counters need to start. */
struct counter_setup {
	struct kernel_facts facts;
	struct kernel_types types;	/* how objects are opened */
	struct table_sizes sizes;
	struct settings settings;	/* for all objects */
	const struct cgroup_layout *layout;	/* borrowed, as is procfs */
	const char *procfs;
	struct scope_maps *scope;	/* borrowed */
	struct flow_maps flow_maps;
	const struct bpf_object *flows;	/* whose notes events tell; NULL: not loaded */
	struct nat *nat;		/* borrowed */
	struct user_names *users;	/* likewise */
	const struct services *services;	/* likewise */
	bool accepts_told;		/* those that see system calls tell of accepted connections */
	bool own_calls;			/* contop's own system calls are counted, too */
	bool may_time;			/* calls may be timed, now or later */
	int cgroup_fd;			/* root of the version 2 hierarchy; -1: there is none */
	const char *hooks_off;		/* as hook_choose takes it */
};

#define COUNTER_TABLES_MAX 2

/* The part every counter begins with. */
struct counter {
	void (*read)(struct counter *counter, struct containers *containers, struct sample *sample);
	void (*free)(struct counter *counter);
	struct bpf_object *object;	/* borrowed from the skeleton */
	struct slots *tables[COUNTER_TABLES_MAX];	/* that are loaded; borrowed, NULL: none */
	uint64_t missed_runs;		/* at the last reading */
	__u64 overflowed;		/* likewise */
	struct slots overflow;
	struct overflow_record *seen;	/* overflow records as last read, by slot; owned */
	struct scope_maps *scope;	/* borrowed */
	__u32 *scope_epoch;		/* of the object: to go up when the scope has changed */
};

/* Each loads and attaches its programs and says in *status how. 0 or -errno. */
int flow_counter_open(const struct counter_setup *setup, struct pane_status *status, struct counter **ret);
int disk_counter_open(const struct counter_setup *setup, struct pane_status *status, struct counter **ret);
int syscall_counter_open(const struct counter_setup *setup, struct pane_status *status, struct counter **ret);

/* Times system calls from now on, or no more. -errno: it cannot; nothing has changed. */
int syscall_counter_time(struct counter *counter, bool on);

/* From now on no process is told of with system calls and files: that costs less. */
void syscall_counter_merge(struct counter *counter);

/* From now on connections that are accepted are told through the ring of events. */
void syscall_counter_tell_accepts(struct counter *counter);

/* From now on files have samples of their own; until then, only what processes do to all of theirs. */
void syscall_counter_list_files(struct counter *counter);

/* A thread has ended: its slots come back with the next reading. */
void syscall_counter_thread_ended(struct counter *counter, uint32_t tid, uint64_t start_ns);

/* Slots idle for as many intervals go when a table is crowded. */
#define CROWDED_IDLE 5

/* A table that a counter counts in. */
struct counter_table {
	const char *name;		/* of its maps, without _records and so on */
	struct slots *slots;		/* what it is to be read by */
	uint32_t n;			/* slots */
	size_t key_offset;		/* in a record */
};

/* Has an opened object load the programs of a hook only, and those that serve its tables. */
void counter_use_hook(struct bpf_object *object, const struct hook *hook);

/*
 * For counters: loads an opened object with the programs of a hook only, sizes
 * its tables (COUNTER_TABLES_MAX at most) and maps them; attaching is the
 * caller's. On failure all is undone but the skeleton, which stays the caller's.
 * -errno.
 */
int counter_load(struct counter *counter, struct bpf_object_skeleton *skeleton,
		 const struct counter_setup *setup, const struct hook *hook,
		 const struct counter_table *tables, size_t n_tables);

/*
 * Makes these maps for n flows, or neither; that of events if these may be told.
 * flow_maps_done closes ours: the objects keep theirs.
 */
void flow_maps_init(struct flow_maps *maps, uint32_t n, bool events);
void flow_maps_done(struct flow_maps *maps);

/* Puts these maps, and the notes of flows, in the place of those that an opened object has. */
int counter_share_flows(const struct counter_setup *setup, const struct bpf_object *object);

/* For counters: frees what counter_load made. Safe after its failure, and twice. */
void counter_unload(struct counter *counter);

/*
 * For counters: adds to the sample what found no slot, and how many runs of the
 * programs the kernel left out. Returns how often something found no slot.
 */
uint64_t counter_read_losses(struct counter *counter, const __u64 *overflowed,
			     struct containers *containers, struct sample *sample);

/* Runs of the object's programs that the kernel skipped, since they were loaded. */
uint64_t counter_missed_runs(const struct bpf_object *object);

/*
 * For counters: whose a record is; the host's when the kernel did not know the
 * cgroup. From now on the kernel does not count for it if nobody asked for it.
 */
struct container *counter_container(const struct counter *counter, struct containers *containers,
				    uint64_t cgroup);

/* How much a counter of the kernel grew since *seen, which is moved up. */
static inline uint64_t counter_growth(const __u64 *counter, __u64 *seen)
{
	__u64 now = __atomic_load_n(counter, __ATOMIC_RELAXED), growth = now - *seen;

	*seen = now;
	return growth;
}

#endif
