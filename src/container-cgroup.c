/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose a cgroup is: from the cgroup file system, now and then, and from the
 * kernel's events.  Cgroups of other hierarchies than home join the container
 * with their path.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container-table.h"
#include <utlist.h>

#include "../bpf/contop.h"
#include "util.h"

#define CGROUPS_MAX (1 << 18)		/* of containers, in all hierarchies */
#define DEAD_MAX (1 << 14)		/* cgroups that went and may still be asked for */

#define SCAN_NS (5 * NSEC_PER_SEC)
#define REST 50				/* work that took t is not done again for REST * t: 2 % */

/* A cgroup of a container, in any hierarchy. */
struct cgroup {
	uint64_t key;
	struct entry *owner;
	bool live;
	unsigned int scan;		/* number of the last scan or event that saw it */
	struct cgroup *prev, *next;	/* of the dead */
	UT_hash_handle hh;
};

static bool is_home(const struct containers *containers, uint64_t key)
{
	return CGROUP_KEY_HIERARCHY(key) ==
		CGROUP_KEY_HIERARCHY(CGROUP_KEY(containers->layout->home, 0));
}

static void cgroup_drop(struct containers *containers, struct cgroup *cgroup)
{
	if (!cgroup->live) {
		DL_DELETE(containers->dead, cgroup);
		containers->n_dead--;
	}
	HASH_DEL(containers->cgroups, cgroup);
	free(cgroup);
	containers->age++;
}

/* It stays known: pages written before it went are charged to it later. */
static void cgroup_die(struct containers *containers, struct cgroup *cgroup)
{
	struct entry *owner = cgroup->owner;

	if (!cgroup->live)
		return;
	cgroup->live = false;
	DL_APPEND(containers->dead, cgroup);
	containers->n_dead++;
	if (is_home(containers, cgroup->key)) {
		owner->container.live_cgroups--;
		if (owner->home_key == cgroup->key)
			entry_set_exited(owner);
	}
}

/* The oldest go first. */
static void trim_dead(struct containers *containers)
{
	while (containers->n_dead > DEAD_MAX)
		cgroup_drop(containers, containers->dead);
}

static struct cgroup *cgroup_find(struct containers *containers, uint64_t key)
{
	struct cgroup *cgroup;

	HASH_FIND(hh, containers->cgroups, &key, sizeof(key), cgroup);
	return cgroup;
}

/* A cgroup of a container comes; there may be too many of them to keep. */
static void cgroup_add(struct containers *containers, uint64_t key, struct entry *owner)
{
	struct cgroup *cgroup;

	if (HASH_COUNT(containers->cgroups) >= CGROUPS_MAX && containers->dead)
		cgroup_drop(containers, containers->dead);
	if (HASH_COUNT(containers->cgroups) >= CGROUPS_MAX)
		return;
	cgroup = xcalloc(1, sizeof(*cgroup));
	cgroup->key = key;
	cgroup->owner = owner;
	cgroup->live = true;
	cgroup->scan = containers->scan;
	HASH_ADD(hh, containers->cgroups, key, sizeof(cgroup->key), cgroup);
	containers->age++;
	if (is_home(containers, key))
		owner->container.live_cgroups++;
}

static struct entry *find_owner(struct containers *containers, const char *path, bool home,
				bool *ret_exact);

/* The container that a directory of size bytes is in. */
static struct entry *find_outer(struct containers *containers, const char *path, size_t size,
				bool home)
{
	char *above = xstrndup(path, size), *slash = strrchr(above, '/');
	struct entry *outer;
	bool exact;

	*(slash ? slash : above) = '\0';
	outer = find_owner(containers, above, home, &exact);
	free(above);
	return outer;
}

/*
 * Whose a path is: the innermost container that is known, or that may be added
 * as it is in the home hierarchy. *ret_exact is false when there is one further
 * in, which is not known. NULL: the host's.
 */
static struct entry *find_owner(struct containers *containers, const char *path, bool home,
				bool *ret_exact)
{
	struct cgroup_identity identity;
	struct entry *entry, *outer;

	*ret_exact = true;
	if (!cgroup_identify(path, containers->units, &identity))
		return NULL;
	HASH_FIND(by_path, containers->by_path, path, identity.path_size, entry);
	if (entry)
		return entry;
	outer = find_outer(containers, path, identity.path_size, home);
	*ret_exact = home && containers->n < CONTAINERS_MAX;
	if (!*ret_exact)
		return outer;
	entry = entry_add(containers, path, &identity);
	entry_set_outer(entry, outer);
	return entry;
}

/*
 * Takes in a cgroup that is there.  What the key stood for before is forgotten.
 * False when it belongs to a container that is not known (yet).
 */
static bool take_cgroup(struct containers *containers, uint64_t key, const char *path)
{
	struct cgroup *cgroup = cgroup_find(containers, key);
	bool home = is_home(containers, key), exact;
	struct entry *owner = find_owner(containers, path, home, &exact);

	if (cgroup && (!cgroup->live || cgroup->owner != owner)) {
		cgroup_die(containers, cgroup);
		cgroup_drop(containers, cgroup);
		cgroup = NULL;
	}
	if (cgroup)
		cgroup->scan = containers->scan;
	else if (owner)
		cgroup_add(containers, key, owner);
	else if (exact)
		key_set_add(&containers->host_keys, key);
	if (owner && home && !strcmp(path, owner->path))
		entry_set_running(containers, owner, key);
	return exact;
}

void containers_cgroup_made(struct containers *containers, uint64_t cgroup_key, const char *path)
{
	/* A path that fills the event may have been cut within the name of a container. */
	if (strlen(path) >= CGROUP_PATH_SIZE - 1 || !take_cgroup(containers, cgroup_key, path))
		containers->stale = true;
}

void containers_cgroup_removed(struct containers *containers, uint64_t cgroup_key)
{
	struct cgroup *cgroup = cgroup_find(containers, cgroup_key);

	if (!cgroup)
		return;
	cgroup_die(containers, cgroup);
	trim_dead(containers);
}

struct container *containers_find(struct containers *containers, uint64_t cgroup_key)
{
	struct cgroup *cgroup = cgroup_find(containers, cgroup_key);

	if (cgroup)
		return &cgroup->owner->container;
	/* The set being full, the scan now and then has to do for the rest. */
	if (CGROUP_KEY(0, cgroup_key) && cgroup_key != CGROUP_UNKNOWN &&
	    !key_set_has(&containers->host_keys, cgroup_key) &&
	    key_set_add(&containers->host_keys, cgroup_key))
		containers->stale = true;
	return &containers->host->container;
}

uint32_t containers_age(const struct containers *containers)
{
	return containers->age;
}

struct scan {
	struct containers *containers;
	unsigned int number;		/* of the hierarchy */
};

static void scan_visit(void *context, uint64_t id, const char *path)
{
	struct scan *scan = context;
	uint64_t key = CGROUP_KEY(scan->number, id);

	if (!take_cgroup(scan->containers, key, path))
		key_set_add(&scan->containers->host_keys, key);
}

/* Buries what a complete scan of a hierarchy has not seen. */
static void sweep(struct containers *containers, unsigned int number)
{
	unsigned int hierarchy = CGROUP_KEY_HIERARCHY(CGROUP_KEY(number, 0));
	struct cgroup *cgroup, *next;
	size_t i;

	for (cgroup = containers->cgroups; cgroup; cgroup = next) {
		next = cgroup->hh.next;
		if (cgroup->live && cgroup->scan != containers->scan &&
		    CGROUP_KEY_HIERARCHY(cgroup->key) == hierarchy)
			cgroup_die(containers, cgroup);
	}
	trim_dead(containers);
	for (i = 0; number == containers->layout->home && i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (entry->path && !entry->home_key && !entry->container.exited)
			entry_set_exited(entry);
	}
}

static int scan_hierarchy(struct containers *containers, const struct hierarchy *hierarchy)
{
	struct scan scan = { .containers = containers };
	int r;

	if (!hierarchy || !hierarchy->mount)
		return -ENODEV;
	scan.number = hierarchy->number;
	r = cgroup_walk(hierarchy, scan_visit, &scan);
	if (r >= 0)
		sweep(containers, hierarchy->number);
	return r;
}

/* Home goes first: it makes the containers that cgroups of the others join. */
int containers_scan(struct containers *containers)
{
	const struct cgroup_layout *layout = containers->layout;
	uint64_t start = monotonic_ns(), end;
	const struct hierarchy *hierarchies[4];
	int r = 0, error = 0;
	size_t i, j;

	if (!layout)
		return 0;
	hierarchies[0] = cgroup_hierarchy(layout, layout->home);
	hierarchies[1] = cgroup_controller(layout, "blkio");
	hierarchies[2] = cgroup_controller(layout, "memory");
	hierarchies[3] = cgroup_hierarchy(layout, 0);
	if (containers->host_keys.n > KEY_SET_MAX / 2)
		key_set_clear(&containers->host_keys);
	containers->stale = false;
	containers->scan++;
	for (i = 0; i < ARRAY_SIZE(hierarchies); i++) {
		for (j = 0; j < i && hierarchies[j] != hierarchies[i]; j++)
			;
		if (j == i)
			error = scan_hierarchy(containers, hierarchies[i]);
		if (!i)
			r = error;
	}
	end = monotonic_ns();
	containers->scan_due_ns = end + SCAN_NS;
	containers->scan_after_ns = end + (end - start) * REST;
	return r;
}

void containers_set_units(struct containers *containers, bool units)
{
	if (containers->units == units)
		return;
	containers->units = units;
	containers->stale = true;
	containers->scan_after_ns = 0;
	key_set_clear(&containers->host_keys);
	for (size_t i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (!units && entry->unit)
			entry->container.hidden = true;
		if (entry->path)
			entry_set_outer(entry, find_outer(containers, entry->path,
							  strlen(entry->path), true));
	}
}

bool containers_has_units(const struct containers *containers)
{
	return containers->units;
}

void containers_count_by(struct containers *containers,
			 int (*census)(void *arg, struct containers *containers), void *arg)
{
	containers->census = census;
	containers->census_arg = arg;
}

/* What has no home of its own here is not known; the host has what is left. */
static bool is_in_census(const struct containers *containers, const struct entry *entry)
{
	return entry->home_key || entry == containers->host;
}

/* Those of a container within another are the outer one's, too. */
void containers_count_process(struct containers *containers, uint64_t cgroup_key)
{
	struct entry *entry = entry_of(containers_find(containers, cgroup_key));

	for (; entry; entry = entry->outer)
		if (is_in_census(containers, entry))
			entry->container.processes++;
}

static int take_census(struct containers *containers)
{
	int error = -ENOTSUP;

	if (containers->census) {
		for (size_t i = 0; i < containers->n; i++)
			if (is_in_census(containers, entry_of(containers->all[i])))
				containers->all[i]->processes = 0;
		error = containers->census(containers->census_arg, containers);
	}
	if (error)
		containers->host->container.processes = UINT64_MAX;
	return error;
}

static void count_processes(struct containers *containers)
{
	const struct hierarchy *home = cgroup_hierarchy(containers->layout,
							containers->layout->home);
	uint64_t start = monotonic_ns(), end;
	bool counted;

	if (!home || !home->mount)
		return;
	counted = !take_census(containers);
	for (size_t i = 0; i < containers->n && !counted; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (entry->home_key)
			entry->container.processes = cgroup_count_processes(home, entry->path);
	}
	end = monotonic_ns();
	containers->count_after_ns = end + (end - start) * REST;
}

/*
 * A version 2 cgroup beside the home one may be empty: its pressure would be that
 * of nobody.
 */
static uint64_t read_stall(const struct containers *containers, const struct entry *entry)
{
	const struct hierarchy *unified = cgroup_hierarchy(containers->layout, 0);

	if (!entry->home_key || !unified || !unified->mount)
		return UINT64_MAX;
	if (containers->layout->home && !cgroup_count_processes(unified, entry->path))
		return UINT64_MAX;
	return cgroup_io_stall_us(unified, entry->path);
}

static void read_pressure(const struct containers *containers, struct entry *entry)
{
	uint64_t stall_us = read_stall(containers, entry), now = monotonic_ns(), share;

	entry->container.io_pressure = UINT64_MAX;
	if (stall_us == UINT64_MAX) {
		entry->stall_ns = 0;
		return;
	}
	if (entry->stall_ns && now > entry->stall_ns && stall_us >= entry->stall_us) {
		share = (stall_us - entry->stall_us) * 100000 / (now - entry->stall_ns);
		entry->container.io_pressure = share < 100 ? share : 100;
	}
	entry->stall_us = stall_us;
	entry->stall_ns = now;
}

void containers_watch_pressure(struct containers *containers, bool on)
{
	containers->pressure = on;
	for (size_t i = 0; i < containers->n; i++) {
		entry_of(containers->all[i])->stall_ns = 0;
		containers->all[i]->io_pressure = UINT64_MAX;
		if (on)
			read_pressure(containers, entry_of(containers->all[i]));
	}
}

void containers_refresh(struct containers *containers)
{
	uint64_t now = monotonic_ns();

	if (!containers->layout)
		return;
	if (now >= containers->scan_after_ns &&
	    (containers->stale || now >= containers->scan_due_ns))
		containers_scan(containers);
	if (now >= containers->count_after_ns)
		count_processes(containers);
	for (size_t i = 0; i < containers->n && containers->pressure; i++)
		read_pressure(containers, entry_of(containers->all[i]));
}

void containers_drop_cgroups(struct containers *containers, bool all, uint64_t before_ns)
{
	struct cgroup *cgroup, *next;

	for (cgroup = containers->cgroups; cgroup; cgroup = next) {
		next = cgroup->hh.next;
		if (all || container_is_due(&cgroup->owner->container, before_ns))
			cgroup_drop(containers, cgroup);
	}
}
