/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of a scope: maps that all BPF objects share (bpf/scope.bpf.h). */
#ifndef SCOPE_MAP_H
#define SCOPE_MAP_H

#include <bpf/libbpf.h>

#include "../bpf/contop.h"
#include "scope.h"

struct scope_maps {
	int outside_cgroups, inside_processes;	/* descriptors; -1: not needed */
	bool changed;			/* the programs' notes are out of date */
	bool units;			/* whether systemd's units were containers the last time */
	const struct scope *scope;	/* borrowed, as is procfs */
	const char *procfs;
};

/*
 * Makes the maps that the scope needs and says in settings what is wanted.
 * 0 or -errno; scope_maps_done is safe then.
 */
int scope_maps_init(struct scope_maps *maps, const struct scope *scope, const char *procfs,
		    struct settings *settings);
void scope_maps_done(struct scope_maps *maps);

/* Has an object, before it is loaded, use these maps. 0 or -errno. */
int scope_maps_share(const struct scope_maps *maps, struct bpf_object *object);

/*
 * Puts the processes of the scope and their descendants in, once forks are followed.
 * 0, or -ESRCH when none of them is there.
 */
int scope_maps_seed(struct scope_maps *maps);

/* Hides the containers that are not wanted, and shows those that are now. Once an interval. */
void scope_maps_judge(struct scope_maps *maps, struct containers *containers);

/* From the next interval on the kernel does not count for this cgroup. */
void scope_maps_exclude(struct scope_maps *maps, uint64_t cgroup);

#endif
