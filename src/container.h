/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The containers of this host: which cgroups are theirs, what they are called,
 * and whether they still run.  Filled from the cgroup file system, from the
 * kernel's cgroup events and by whoever knows names (docker.c, a recording).
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup.h"

/*
 * One container, or the host itself.  It stays where it is until
 * containers_reap frees it.  Strings are owned, clean UTF-8 (text.h), and NULL
 * when not known; name is never NULL.
 */
struct container {
	uint64_t serial;		/* order of appearance; 0 is the host */
	char *name;			/* the short id until the name is known */
	char *id;			/* NULL for the host */
	char *short_id;			/* as people see it; NULL for the host */
	char *runtime;
	char *image;
	char *pod;
	char *namespace;
	char *compose_project;
	char *compose_service;
	char *network_mode;		/* as its runtime has it; "host": none of its own */
	char *outer;			/* name of the container this one is in; NULL: in none */
	uint64_t started;		/* seconds since the epoch; UINT64_MAX: not known */
	uint64_t restarts;		/* UINT64_MAX: not known */
	char *cgroup;			/* path in the home hierarchy */
	const char *state;		/* "running" or "exited" */
	uint64_t processes;		/* UINT64_MAX: not known */
	uint64_t io_pressure;		/* percent of the interval; UINT64_MAX: not known */
	bool named;			/* the name came from the runtime */
	bool exited;
	bool hidden;			/* nobody asked for it (-c, --units) */
	uint64_t exited_ns;		/* CLOCK_MONOTONIC */
	uint64_t start_ns, stop_ns;	/* when it was last seen to, likewise; 0: never */
	uint64_t told_start_ns, told_stop_ns;	/* those that events have told */
	unsigned int live_cgroups;	/* directories in the home hierarchy that exist */
};

/* What a runtime says of a container; NULL members are not known. Borrowed. */
struct container_facts {
	const char *name;
	const char *image;
	const char *pod;
	const char *namespace;
	const char *compose_project;
	const char *compose_service;
	const char *network_mode;
	uint64_t started;		/* seconds since the epoch; 0: not known */
	bool restarts_known;
	uint64_t restarts;
};

struct containers;

/* An empty table but for the host. layout is borrowed and outlives it; NULL for a recording. */
struct containers *containers_new(const struct cgroup_layout *layout);
void containers_free(struct containers *containers);

/*
 * Whether systemd's units are containers, too; they are not at first. Once the
 * next containers_refresh has scanned, those shown so far are hidden or the host
 * has lost what is theirs; what was counted before stays where it was.
 */
void containers_set_units(struct containers *containers, bool units);
bool containers_has_units(const struct containers *containers);

/*
 * Walks the cgroup directories of all mounted hierarchies that matter (home,
 * blkio, memory, version 2) and takes in what is there; containers whose home
 * directory has gone since are marked exited. Returns 0 or -errno, when some of
 * the home hierarchy may have been missed; then none is marked.
 */
int containers_scan(struct containers *containers);

/* The kernel made or removed a cgroup. path is within its hierarchy, raw bytes. */
void containers_cgroup_made(struct containers *containers, uint64_t cgroup_key, const char *path);
void containers_cgroup_removed(struct containers *containers, uint64_t cgroup_key);

/*
 * Whose cgroup this is: never NULL. A key nobody has heard of makes the next
 * containers_refresh scan again and is charged to the host meanwhile, as is
 * what the kernel did not know the cgroup of (0 and CGROUP_UNKNOWN).
 */
struct container *containers_find(struct containers *containers, uint64_t cgroup_key);

/* Another number whenever any cgroup may have become another container's than it was. */
uint32_t containers_age(const struct containers *containers);

/*
 * Whether containers_refresh also reads how long some of a container's tasks stood
 * still for I/O (io_pressure): not at first. Only version 2 knows.
 */
void containers_watch_pressure(struct containers *containers, bool on);

/*
 * Who can tell the home cgroups of all processes at once: hands each to
 * containers_count_process. -errno: it cannot now, and those files are read that
 * list the processes of each cgroup, as without it.
 */
void containers_count_by(struct containers *containers,
			 int (*census)(void *arg, struct containers *containers), void *arg);
void containers_count_process(struct containers *containers, uint64_t cgroup_key);

/* Once an interval: scans again when a key was not known, or every few seconds; counts processes. */
void containers_refresh(struct containers *containers);

/*
 * Sets what a runtime knows of the container with this id. Facts of one that is
 * not here are kept for a while (of the newest 1024), as its cgroup may come up later.
 * Of several with this id it is the one that runs, is no user's and is not within another.
 */
void containers_describe(struct containers *containers, const char *id,
			 const struct container_facts *facts);

/* The container that containers_describe would describe, or NULL. */
const struct container *containers_by_id(const struct containers *containers, const char *id);

/* Adds a container of a recording, or finds it, by id (NULL: the host). */
struct container *containers_add(struct containers *containers, const char *id, const char *runtime);

/*
 * Hands out, once, and again when it starts again, each container of the runtime
 * whose name or start is not known yet; NULL when there is none (left). Borrowed.
 */
const struct container *containers_next_unknown(struct containers *containers, const char *runtime);

/*
 * What is nobody's in particular: disk I/O of the kernel itself, for containers
 * or the host. It has no id and is there from the first call on.
 */
struct container *containers_shared(struct containers *containers);

/* True for the host and what is shared: no containers, if listed with them. */
static inline bool container_is_none(const struct container *container)
{
	return !container->id;
}

/*
 * All of them, in order of appearance, the host first. Borrowed; valid until the
 * next call that adds or frees.
 */
struct container *const *containers_all(const struct containers *containers, size_t *ret_n);

/* Frees those that exited before this moment. Nobody may hold on to them. */
void containers_reap(struct containers *containers, uint64_t before_ns);

#endif
