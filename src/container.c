/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The containers of this host and what is known of them.  A container is a
 * directory of the home hierarchy that cgroup_identify knows, so two with one id
 * at two paths are two containers: what a container makes in its own cgroup
 * cannot pass for its neighbour.
 *
 * A container may make cgroups and names at will: all tables are bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "container-table.h"
#include "text.h"
#include "util.h"

/* True when that changes it. */
static bool set_clean(char **field, const char *text)
{
	bool changed;
	char *clean;

	if (!text || !*text)
		return false;
	clean = text_clean_dup(text);
	changed = replace_string(field, clean);
	free(clean);
	return changed;
}

void entry_set_outer(struct entry *entry, struct entry *outer)
{
	entry->outer = outer;
	replace_string(&entry->container.outer, outer ? outer->container.name : NULL);
}

/* A container has got another name: those within it have it, too. */
static void tell_inner(struct containers *containers, struct entry *outer)
{
	for (size_t i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (entry->outer == outer)
			entry_set_outer(entry, outer);
	}
}

static void describe(struct containers *containers, struct entry *entry,
		     const struct container_facts *facts)
{
	struct container *container = &entry->container;

	if (set_clean(&container->name, facts->name))
		tell_inner(containers, entry);
	if (facts->name && *facts->name)
		container->named = true;
	set_clean(&container->image, facts->image);
	set_clean(&container->pod, facts->pod);
	set_clean(&container->namespace, facts->namespace);
	set_clean(&container->compose_project, facts->compose_project);
	set_clean(&container->compose_service, facts->compose_service);
	set_clean(&container->network_mode, facts->network_mode);
	if (facts->started)
		container->started = facts->started;
	if (facts->restarts_known)
		container->restarts = facts->restarts;
}

static void apply_pending(struct containers *containers, struct entry *entry)
{
	const struct container_facts *facts = pending_find(containers->pending,
							   entry->container.id);

	if (!facts)
		return;
	describe(containers, entry, facts);
	pending_remove(&containers->pending, entry->container.id);
}

void containers_describe(struct containers *containers, const char *id,
			 const struct container_facts *facts)
{
	char *clean = text_clean_dup(id);
	struct entry *entry;

	HASH_FIND(by_id, containers->by_id, clean, strlen(clean), entry);
	if (entry)
		describe(containers, entry, facts);
	else
		pending_add(&containers->pending, clean, facts);
	free(clean);
}

const struct container *containers_by_id(const struct containers *containers, const char *id)
{
	char *clean = text_clean_dup(id);
	struct entry *entry;

	HASH_FIND(by_id, containers->by_id, clean, strlen(clean), entry);
	free(clean);
	return entry ? &entry->container : NULL;
}

static struct entry *entry_new(struct containers *containers, const char *runtime)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));
	struct container *container = &entry->container;

	container->serial = containers->serial++;
	container->runtime = text_clean_dup(runtime);
	container->state = "running";
	container->processes = UINT64_MAX;
	container->io_pressure = UINT64_MAX;
	container->started = UINT64_MAX;
	container->restarts = UINT64_MAX;
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
	free(container->short_id);
	free(container->runtime);
	free(container->image);
	free(container->pod);
	free(container->namespace);
	free(container->compose_project);
	free(container->compose_service);
	free(container->network_mode);
	free(container->outer);
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

/* What users make in their own slices may have any name, those of the system's containers, too. */
static bool is_users(const struct entry *entry)
{
	static const char slice[] = "/user.slice/";

	return !strncmp(entry->path, slice, strlen(slice));
}

/*
 * Of several containers with one id the one to be found by it is the one that
 * runs, then one that is no user's, then the one with the shorter path: those
 * within others are deeper.
 */
static bool keeps_id(const struct entry *holder, const struct entry *other)
{
	if (holder->container.exited || !holder->path || !other->path)
		return false;
	if (is_users(holder) != is_users(other))
		return is_users(other);
	return strlen(holder->path) <= strlen(other->path);
}

static void claim_id(struct containers *containers, struct entry *entry)
{
	const char *id = entry->container.id;
	struct entry *holder;

	HASH_FIND(by_id, containers->by_id, id, strlen(id), holder);
	if (holder == entry || (holder && keeps_id(holder, entry)))
		return;
	if (holder) {
		HASH_DELETE(by_id, containers->by_id, holder);
		memset(&holder->by_id, 0, sizeof(holder->by_id));
	}
	HASH_ADD_KEYPTR(by_id, containers->by_id, id, strlen(id), entry);
	apply_pending(containers, entry);
}

static void set_id(struct containers *containers, struct entry *entry, char *id)
{
	entry->container.id = id;
	entry->container.short_id = short_id(id);
	entry->container.name = xstrdup(entry->container.short_id);
	claim_id(containers, entry);
}

struct entry *entry_add(struct containers *containers, const char *path,
			const struct cgroup_identity *identity)
{
	char *id = cgroup_identity_id(identity), *clean = text_clean_dup(id);
	struct entry *entry = entry_new(containers, identity->runtime);

	entry->path = xstrndup(path, identity->path_size);
	entry->container.cgroup = text_clean_dup(entry->path);
	entry->container.named = identity->named;
	entry->container.start_ns = monotonic_ns();
	entry->unit = identity->unit;
	HASH_ADD_KEYPTR(by_path, containers->by_path, entry->path, identity->path_size, entry);
	/* Each user has units of the same names: the path tells them apart. */
	set_id(containers, entry, identity->unit ? xstrdup(entry->container.cgroup) : clean);
	if (identity->unit) {
		free(entry->container.name);
		entry->container.name = clean;
	}
	free(id);
	return entry;
}

void entry_set_exited(struct entry *entry)
{
	entry->home_key = 0;
	entry->container.exited = true;
	entry->container.exited_ns = monotonic_ns();
	entry->container.stop_ns = entry->container.exited_ns;
	entry->container.state = "exited";
	entry->container.processes = 0;
	entry->container.io_pressure = UINT64_MAX;
}

void entry_set_running(struct containers *containers, struct entry *entry, uint64_t home_key)
{
	entry->home_key = home_key;
	if (!entry->container.exited)
		return;
	entry->container.exited = false;
	entry->container.exited_ns = 0;
	entry->container.start_ns = monotonic_ns();
	entry->container.hidden = false;
	entry->container.state = "running";
	entry->container.processes = UINT64_MAX;
	entry->container.started = UINT64_MAX;
	entry->asked = false;
	claim_id(containers, entry);
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

struct container *containers_shared(struct containers *containers)
{
	struct entry *entry = containers->shared;

	if (!entry) {
		entry = containers->shared = entry_new(containers, "shared");
		entry->container.name = xstrdup("shared");
		entry->container.named = true;
	}
	return &entry->container;
}

const struct container *containers_next_unknown(struct containers *containers,
						const char *runtime)
{
	size_t i;

	for (i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);
		const struct container *container = &entry->container;

		if (entry->asked || (container->named && container->started != UINT64_MAX) ||
		    !container->runtime || strcmp(container->runtime, runtime))
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

bool container_is_due(const struct container *container, uint64_t before_ns)
{
	return container->exited && container->exited_ns < before_ns;
}

/* Those that stay may have been within one that goes: they keep its name. */
static void forget_outer(struct containers *containers, uint64_t before_ns)
{
	for (size_t i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (entry->outer && container_is_due(&entry->outer->container, before_ns))
			entry->outer = NULL;
	}
}

void containers_reap(struct containers *containers, uint64_t before_ns)
{
	size_t i, kept = 0;

	for (i = 0; i < containers->n && !container_is_due(containers->all[i], before_ns); i++)
		;
	if (i == containers->n)
		return;
	containers_drop_cgroups(containers, false, before_ns);
	forget_outer(containers, before_ns);
	for (i = 0; i < containers->n; i++) {
		struct entry *entry = entry_of(containers->all[i]);

		if (!container_is_due(&entry->container, before_ns)) {
			containers->all[kept++] = containers->all[i];
			continue;
		}
		entry_free(containers, entry);
	}
	containers->n = kept;
}

void containers_free(struct containers *containers)
{
	if (!containers)
		return;
	containers_drop_cgroups(containers, true, 0);
	pending_clear(&containers->pending);
	for (size_t i = 0; i < containers->n; i++)
		entry_free(containers, entry_of(containers->all[i]));
	key_set_clear(&containers->host_keys);
	free(containers->all);
	free(containers);
}
