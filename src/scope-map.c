/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the kernel from counting what nobody asked for. */
#include "scope-map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util.h"

#define OUTSIDE_MOST 65536
#define INSIDE_MOST 65536

static int make_map(const char *name, uint32_t key_size, uint32_t n, int *ret_fd)
{
	*ret_fd = bpf_map_create(BPF_MAP_TYPE_HASH, name, key_size, sizeof(uint8_t), n, NULL);
	return *ret_fd < 0 ? -errno : 0;
}

int scope_maps_init(struct scope_maps *maps, const struct scope *scope, const char *procfs,
		    struct settings *settings)
{
	int error = 0;

	*maps = (struct scope_maps){
		.outside_cgroups = -1, .inside_processes = -1,
		.scope = scope, .procfs = procfs,
	};
	settings->by_container = scope->globs != NULL;
	settings->by_process = scope->n_pids > 0;
	settings->by_user = scope->by_user;
	settings->uid = scope->uid;
	if (settings->by_container)
		error = make_map("outside_cgroups", sizeof(uint64_t), OUTSIDE_MOST,
				 &maps->outside_cgroups);
	if (!error && settings->by_process)
		error = make_map("inside_processes", sizeof(uint32_t), INSIDE_MOST,
				 &maps->inside_processes);
	return error;
}

void scope_maps_done(struct scope_maps *maps)
{
	if (maps->outside_cgroups >= 0)
		close(maps->outside_cgroups);
	if (maps->inside_processes >= 0)
		close(maps->inside_processes);
}

static int share(struct bpf_object *object, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return fd < 0 || !map ? 0 : bpf_map__reuse_fd(map, fd);
}

int scope_maps_share(const struct scope_maps *maps, struct bpf_object *object)
{
	int error = share(object, "outside_cgroups", maps->outside_cgroups);

	return error ? error : share(object, "inside_processes", maps->inside_processes);
}

int scope_maps_seed(struct scope_maps *maps)
{
	const uint8_t inside = 1;
	uint32_t *pids;
	size_t n;

	if (maps->inside_processes < 0)
		return 0;
	n = scope_find_processes(maps->scope, maps->procfs, &pids);
	for (size_t i = 0; i < n; i++)
		bpf_map_update_elem(maps->inside_processes, &pids[i], &inside, BPF_ANY);
	free(pids);
	maps->changed = true;
	return n ? 0 : -ESRCH;
}

/* Cgroups of what is wanted now are among those that were not; they are told again by their counts. */
static void forget_cgroups(struct scope_maps *maps)
{
	uint64_t key, next;
	bool found = !bpf_map_get_next_key(maps->outside_cgroups, NULL, &key);

	/* The next one first: to begin anew after each deletion takes quadratic time. */
	while (found) {
		found = !bpf_map_get_next_key(maps->outside_cgroups, &key, &next);
		bpf_map_delete_elem(maps->outside_cgroups, &key);
		key = next;
	}
	maps->changed = true;
}

void scope_maps_judge(struct scope_maps *maps, struct containers *containers)
{
	struct container *const *all;
	bool shown_again;
	size_t n;

	if (maps->outside_cgroups < 0)
		return;
	/* Cgroups change hands with the units. */
	shown_again = maps->units != containers_has_units(containers);
	maps->units = containers_has_units(containers);
	all = containers_all(containers, &n);
	for (size_t i = 0; i < n; i++) {
		bool hidden = !scope_has_container(maps->scope, all[i]);

		shown_again |= all[i]->hidden && !hidden;
		all[i]->hidden = hidden;
	}
	if (shown_again)
		forget_cgroups(maps);
}

void scope_maps_exclude(struct scope_maps *maps, uint64_t cgroup)
{
	const uint8_t outside = 1;

	if (!bpf_map_update_elem(maps->outside_cgroups, &cgroup, &outside, BPF_NOEXIST))
		maps->changed = true;
}
