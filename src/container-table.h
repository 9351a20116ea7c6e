/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What container.c and container-cgroup.c share: the table of containers, from within. */
#ifndef CONTAINER_TABLE_H
#define CONTAINER_TABLE_H

#include "container.h"

#define HASH_FUNCTION HASH_SAX		/* the default one falls through without saying so */
#include <uthash.h>

#include "key-set.h"
#include "pending.h"

#define CONTAINERS_MAX (1 << 14)

struct entry {
	struct container container;	/* first, so that one leads to the other */
	char *path;			/* raw, of its own directory; NULL: host or recording */
	uint64_t home_key;		/* of that directory, 0 when it is not there */
	struct entry *outer;		/* the container this one is in, or NULL */
	uint64_t stall_us, stall_ns;	/* of I/O since it was made, and when that was read; 0: never */
	bool unit;			/* of systemd: no container */
	bool asked;			/* containers_next_unknown has handed it out */
	UT_hash_handle by_path, by_id;
};

struct cgroup;

struct containers {
	const struct cgroup_layout *layout;
	bool units;			/* of systemd are containers, too */
	bool pressure;			/* is read */
	struct entry *host;
	struct entry *shared;		/* NULL: nothing was, yet */
	struct entry *by_path, *by_id;
	struct container **all;
	size_t n, capacity;
	uint64_t serial;
	struct cgroup *cgroups, *dead;	/* see container-cgroup.c */
	uint32_t age;			/* of whose they are */
	size_t n_dead;
	struct key_set host_keys;	/* of cgroups that are no container's */
	struct pending *pending;
	bool stale;			/* a key was asked for that no scan has seen */
	int (*census)(void *arg, struct containers *containers);	/* NULL: nobody can */
	void *census_arg;
	unsigned int scan;
	uint64_t scan_due_ns, scan_after_ns, count_after_ns;
};

/* An entry is its container. */
static inline struct entry *entry_of(struct container *container)
{
	return (struct entry *)container;
}

/* Adds the container that a path is of, which is not known yet. */
struct entry *entry_add(struct containers *containers, const char *path,
			const struct cgroup_identity *identity);
void entry_set_outer(struct entry *entry, struct entry *outer);
void entry_set_exited(struct entry *entry);
/* It is there, or there again, with this key. */
void entry_set_running(struct containers *containers, struct entry *entry, uint64_t home_key);

/* Whether a container exited before this moment. */
bool container_is_due(const struct container *container, uint64_t before_ns);

/* Forgets the cgroups of those containers, or of all. */
void containers_drop_cgroups(struct containers *containers, bool all, uint64_t before_ns);

#endif
