/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The containers of this host.  A container is a directory of the home
 * hierarchy that cgroup_identify knows, so two with one id at two paths are
 * two containers: what a container makes in its own cgroup cannot pass for its
 * neighbour.  Cgroups of other hierarchies join the container with their path.
 *
 * A container may make cgroups and names at will: all tables are bounded.
 */
#include "container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define HASH_FUNCTION HASH_SAX		/* the default one falls through without saying so */
#include <uthash.h>
#include <utlist.h>

#include "../bpf/contop.h"
#include "key-set.h"
#include "pending.h"
#include "text.h"
#include "util.h"

#define CONTAINERS_MAX (1 << 14)
#define CGROUPS_MAX (1 << 18)		/* of containers, in all hierarchies */
#define DEAD_MAX (1 << 14)		/* cgroups that went and may still be asked for */

#define SCAN_NS (5 * NSEC_PER_SEC)
#define REST 50				/* work that took t is not done again for REST * t: 2 % */

struct entry {
	struct container container;	/* first, so that one leads to the other */
	char *path;			/* raw, of its own directory; NULL: host or recording */
	uint64_t home_key;		/* of that directory, 0 when it is not there */
	bool asked;			/* containers_next_unnamed has handed it out */
	UT_hash_handle by_path, by_id;
};

/* A cgroup of a container, in any hierarchy. */
struct cgroup {
	uint64_t key;
	struct entry *owner;
	bool live;
	unsigned int scan;		/* number of the last scan or event that saw it */
	struct cgroup *prev, *next;	/* of the dead */
	UT_hash_handle hh;
};

struct containers {
	const struct cgroup_layout *layout;
	struct entry *host;
	struct entry *by_path, *by_id;
	struct container **all;
	size_t n, capacity;
	uint64_t serial;
	struct cgroup *cgroups, *dead;
	size_t n_dead;
	struct key_set host_keys;	/* of cgroups that are no container's */
	struct pending *pending;
	bool stale;			/* a key was asked for that no scan has seen */
	unsigned int scan;
	uint64_t scan_due_ns, scan_after_ns, count_after_ns;
};

static struct entry *entry_of(struct container *container)
{
	return (struct entry *)container;
}

static void set_clean(char **field, const char *text)
{
	char *clean;

	if (!text || !*text)
		return;
	clean = text_clean_dup(text);
	replace_string(field, clean);
	free(clean);
}

static void describe(struct container *container, const struct container_facts *facts)
{
	set_clean(&container->name, facts->name);
	if (facts->name && *facts->name)
		container->named = true;
	set_clean(&container->image, facts->image);
	set_clean(&container->pod, facts->pod);
	set_clean(&container->namespace, facts->namespace);
}

static void apply_pending(struct containers *containers, struct entry *entry)
{
	const struct container_facts *facts = pending_find(containers->pending,
							   entry->container.id);

	if (!facts)
		return;
	describe(&entry->container, facts);
	pending_remove(&containers->pending, entry->container.id);
}

void containers_describe(struct containers *containers, const char *id,
			 const struct container_facts *facts)
{
	char *clean = text_clean_dup(id);
	struct entry *entry;

	HASH_FIND(by_id, containers->by_id, clean, strlen(clean), entry);
	if (entry)
		describe(&entry->container, facts);
	else
		pending_add(&containers->pending, clean, facts);
	free(clean);
}

static struct entry *entry_new(struct containers *containers, const char *runtime)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));
	struct container *container = &entry->container;

	container->serial = containers->serial++;
	container->runtime = text_clean_dup(runtime);
	container->state = "running";
	container->processes = UINT64_MAX;
	containers->all = array_reserve(containers->all, &containers->capacity,
					containers->n + 1, sizeof(struct container *));
	containers->all[containers->n++] = container;
	return entry;
}

/* It is in the table by path unless it is of a recording, and may be in that by id. */
static void entry_free(struct containers *containers, struct entry *entry)
{
	struct container *container = &entry->container;

	if (entry->by_path.tbl)
		HASH_DELETE(by_path, containers->by_path, entry);
	if (entry->by_id.tbl)
		HASH_DELETE(by_id, containers->by_id, entry);
	free(container->name);
	free(container->id);
	free(container->runtime);
	free(container->image);
	free(container->pod);
	free(container->namespace);
	free(container->cgroup);
	free(entry->path);
	free(entry);
}

/* People see the first digits of what is too long to be read. */
static char *short_id(const char *id)
{
	bool hex = strlen(id) == 64 && strspn(id, "0123456789abcdef") == 64;

	return hex ? xstrndup(id, CONTAINER_ID_SHORT) : xstrdup(id);
}

/*
 * Of several containers with one id the one to be found by it is the one that
 * runs, then the one with the shorter path: those within others are deeper.
 */
static void set_id(struct containers *containers, struct entry *entry, char *id)
{
	struct entry *other;

	entry->container.id = id;
	entry->container.name = short_id(id);
	HASH_FIND(by_id, containers->by_id, id, strlen(id), other);
	if (other && !other->container.exited && other->path && entry->path &&
	    strlen(other->path) <= strlen(entry->path))
		return;
	if (other) {
		HASH_DELETE(by_id, containers->by_id, other);
		memset(&other->by_id, 0, sizeof(other->by_id));
	}
	HASH_ADD_KEYPTR(by_id, containers->by_id, id, strlen(id), entry);
	apply_pending(containers, entry);
}

static struct entry *add_identified(struct containers *containers, const char *path,
				    const struct cgroup_identity *identity)
{
	struct entry *entry;
	char *id;

	entry = entry_new(containers, identity->runtime);
	entry->path = xstrndup(path, identity->path_size);
	entry->container.cgroup = text_clean_dup(entry->path);
	entry->container.named = identity->named;
	HASH_ADD_KEYPTR(by_path, containers->by_path, entry->path, identity->path_size, entry);
	id = cgroup_identity_id(identity);
	set_id(containers, entry, text_clean_dup(id));
	free(id);
	return entry;
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
	char *outer, *slash;
	struct entry *entry;
	bool exact;

	*ret_exact = true;
	if (!cgroup_identify(path, &identity))
		return NULL;
	HASH_FIND(by_path, containers->by_path, path, identity.path_size, entry);
	if (!entry && home && containers->n < CONTAINERS_MAX)
		entry = add_identified(containers, path, &identity);
	if (entry)
		return entry;
	*ret_exact = false;
	outer = xstrndup(path, identity.path_size);
	slash = strrchr(outer, '/');
	if (slash) {
		*slash = '\0';
		entry = find_owner(containers, outer, false, &exact);
	}
	free(outer);
	return entry;
}

static void set_exited(struct entry *entry)
{
	entry->home_key = 0;
	entry->container.exited = true;
	entry->container.exited_ns = monotonic_ns();
	entry->container.state = "exited";
	entry->container.processes = 0;
}

static void set_running(struct entry *entry, uint64_t home_key)
{
	entry->home_key = home_key;
	if (!entry->container.exited)
		return;
	entry->container.exited = false;
	entry->container.exited_ns = 0;
	entry->container.state = "running";
	entry->container.processes = UINT64_MAX;
	if (!entry->container.named)
		entry->asked = false;
}

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
			set_exited(owner);
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
	if (is_home(containers, key))
		owner->container.live_cgroups++;
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
		set_running(owner, key);
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
	if (CGROUP_KEY(0, cgroup_key) && !key_set_has(&containers->host_keys, cgroup_key) &&
	    key_set_add(&containers->host_keys, cgroup_key))
		containers->stale = true;
	return &containers->host->container;
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
			set_exited(entry);
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

static void count_processes(struct containers *containers)
{
	const struct hierarchy *home = cgroup_hierarchy(containers->layout,
							containers->layout->home);
	uint64_t start = monotonic_ns(), end;
	size_t i;

	if (!home || !home->mount)
		return;
	for (i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (entry->home_key)
			entry->container.processes = cgroup_count_processes(home, entry->path);
	}
	end = monotonic_ns();
	containers->count_after_ns = end + (end - start) * REST;
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
}

struct containers *containers_new(const struct cgroup_layout *layout)
{
	struct containers *containers = xcalloc(1, sizeof(*containers));

	containers->layout = layout;
	containers->host = entry_new(containers, "host");
	containers->host->container.name = xstrdup("host");
	containers->host->container.cgroup = xstrdup("/");
	containers->host->container.named = true;
	return containers;
}

struct container *containers_add(struct containers *containers, const char *id,
				 const char *runtime)
{
	struct entry *entry;
	char *clean;

	if (!id)
		return &containers->host->container;
	clean = text_clean_dup(id);
	HASH_FIND(by_id, containers->by_id, clean, strlen(clean), entry);
	if (entry) {
		free(clean);
		return &entry->container;
	}
	entry = entry_new(containers, runtime);
	set_id(containers, entry, clean);
	return &entry->container;
}

const struct container *containers_next_unnamed(struct containers *containers,
						const char *runtime)
{
	size_t i;

	for (i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);
		const struct container *container = &entry->container;

		if (entry->asked || container->named || !container->runtime ||
		    strcmp(container->runtime, runtime))
			continue;
		entry->asked = true;
		return container;
	}
	return NULL;
}

struct container *const *containers_all(const struct containers *containers, size_t *ret_n)
{
	*ret_n = containers->n;
	return containers->all;
}

static bool is_due(const struct container *container, uint64_t before_ns)
{
	return container->exited && container->exited_ns < before_ns;
}

void containers_reap(struct containers *containers, uint64_t before_ns)
{
	struct cgroup *cgroup, *next;
	size_t i, kept = 0;

	for (i = 0; i < containers->n && !is_due(containers->all[i], before_ns); i++)
		;
	if (i == containers->n)
		return;
	for (cgroup = containers->cgroups; cgroup; cgroup = next) {
		next = cgroup->hh.next;
		if (is_due(&cgroup->owner->container, before_ns))
			cgroup_drop(containers, cgroup);
	}
	for (i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (!is_due(&entry->container, before_ns)) {
			containers->all[kept++] = containers->all[i];
			continue;
		}
		entry_free(containers, entry);
	}
	containers->n = kept;
}

void containers_free(struct containers *containers)
{
	struct cgroup *cgroup, *next;
	size_t i;

	if (!containers)
		return;
	for (cgroup = containers->cgroups; cgroup; cgroup = next) {
		next = cgroup->hh.next;
		cgroup_drop(containers, cgroup);
	}
	pending_clear(&containers->pending);
	for (i = 0; i < containers->n; i++)
		entry_free(containers, entry_of(containers->all[i]));
	key_set_clear(&containers->host_keys);
	free(containers->all);
	free(containers);
}
