/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all counters do alike: sizes, hooks, and what was lost. */
#include "counter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* Those without a hook serve the tables (bpf/slots.bpf.h): contop runs them itself. */
static bool serves_tables(const struct bpf_program *program)
{
	return !strcmp(bpf_program__section_name(program), "raw_tp");
}

void counter_use_hook(struct bpf_object *object, const struct hook *hook)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, serves_tables(program));
	for (size_t i = 0; i < HOOK_PARTS_MAX && hook->programs[i]; i++) {
		program = bpf_object__find_program_by_name(object, hook->programs[i]);
		if (program)
			bpf_program__set_autoload(program, true);
	}
	for (size_t i = 0; i < HOOK_PARTS_MAX && hook->maps_unused[i]; i++) {
		map = bpf_object__find_map_by_name(object, hook->maps_unused[i]);
		if (map)
			bpf_map__set_autocreate(map, false);
	}
}

#define LOG_RING_SIZE (1U << 22)

void flow_maps_init(struct flow_maps *maps, uint32_t n, bool events)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	maps->records = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flow_records", sizeof(uint32_t),
				       sizeof(struct flow_record), n, &options);
	maps->index = bpf_map_create(BPF_MAP_TYPE_HASH, "flow_index", sizeof(struct flow_key),
				     sizeof(uint32_t), n, NULL);
	maps->ring = events ? bpf_map_create(BPF_MAP_TYPE_RINGBUF, "log_ring", 0, 0, LOG_RING_SIZE,
					     NULL) : -1;
	if (maps->records < 0 || maps->index < 0)
		flow_maps_done(maps);
}

void flow_maps_done(struct flow_maps *maps)
{
	if (maps->records >= 0)
		close(maps->records);
	if (maps->index >= 0)
		close(maps->index);
	if (maps->ring >= 0)
		close(maps->ring);
	*maps = (struct flow_maps){ -1, -1, -1 };
}

static int share_map(const struct bpf_object *object, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map && fd >= 0 ? bpf_map__reuse_fd(map, fd) : 0;
}

int counter_share_flows(const struct counter_setup *setup, const struct bpf_object *object)
{
	int error = share_map(object, "flow_records", setup->flow_maps.records);

	if (!error)
		error = share_map(object, "flow_index", setup->flow_maps.index);
	if (!error)
		error = share_map(object, "log_ring", setup->flow_maps.ring);
	if (!error && setup->flows)
		error = share_map(object, "notes",
				  bpf_object__find_map_fd_by_name(setup->flows, "notes"));
	return error;
}

static int prepare_tables(struct bpf_object *object, const struct counter_setup *setup,
			  const struct counter_table *tables, size_t n)
{
	int error = slots_prepare(object, "overflow", setup->sizes.overflows);

	for (size_t i = 0; i < n && !error; i++)
		error = slots_prepare(object, tables[i].name, tables[i].n);
	return error;
}

static int init_tables(struct counter *counter, const struct bpf_object *object,
		       const struct counter_table *tables, size_t n)
{
	int error = slots_init(&counter->overflow, object, "overflow",
			       offsetof(struct overflow_record, cgroup));

	for (size_t i = 0; i < n && !error; i++) {
		counter->tables[i] = tables[i].slots;
		error = slots_init(tables[i].slots, object, tables[i].name, tables[i].key_offset);
	}
	if (!error)
		counter->seen = xcalloc(counter->overflow.n, sizeof(*counter->seen));
	return error;
}

int counter_load(struct counter *counter, struct bpf_object_skeleton *skeleton,
		 const struct counter_setup *setup, const struct hook *hook,
		 const struct counter_table *tables, size_t n_tables)
{
	struct bpf_object *object = *skeleton->obj;
	int error;

	counter->scope = setup->scope;
	counter_use_hook(object, hook);
	error = scope_maps_share(setup->scope, object);
	if (!error)
		error = counter_share_flows(setup, object);
	if (!error)
		error = prepare_tables(object, setup, tables, n_tables);
	if (!error)
		error = bpf_object__load_skeleton(skeleton);
	if (!error)
		error = init_tables(counter, object, tables, n_tables);
	counter->object = object;
	if (error)
		counter_unload(counter);
	return error;
}

void counter_unload(struct counter *counter)
{
	for (size_t i = 0; i < COUNTER_TABLES_MAX; i++) {
		if (counter->tables[i])
			slots_done(counter->tables[i]);
		counter->tables[i] = NULL;
	}
	slots_done(&counter->overflow);
	free(counter->seen);
	counter->seen = NULL;
}

/* When it is skipped, the next one does it. */
static bool is_tried_again(const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	size_t length = strlen(name);

	return length > 3 && !strcmp(name + length - 3, "try");
}

uint64_t counter_missed_runs(const struct bpf_object *object)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd >= 0 && !serves_tables(program) && !is_tried_again(program) &&
		    !bpf_obj_get_info_by_fd(fd, &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

/* Made when it is first counted for: whether it is asked for was not judged before. */
static struct container *shared_container(const struct counter *counter,
					  struct containers *containers)
{
	struct container *container = containers_shared(containers);

	container->hidden = !scope_has_container(counter->scope->scope, container);
	return container;
}

struct container *counter_container(const struct counter *counter, struct containers *containers,
				    uint64_t cgroup)
{
	struct container *container;

	if (cgroup == CGROUP_SHARED)
		return shared_container(counter, containers);
	container = containers_find(containers, cgroup);
	/* One without a name may yet turn out to be wanted. */
	if (container->hidden && (container->named || !container->id))
		scope_maps_exclude(counter->scope, cgroup);
	return container;
}

/* Flows that found no slot are one row of their container. Returns their bytes. */
static uint64_t add_unlisted_flows(struct overflow_record *record, struct overflow_record *seen,
				   struct container *container, struct sample *sample)
{
	struct flow_sample *flow;

	if (record->rx_packets == seen->rx_packets && record->tx_packets == seen->tx_packets)
		return 0;
	flow = sample_add_flow(sample);
	flow->container = container;
	flow->rx_bytes = counter_growth(&record->rx_bytes, &seen->rx_bytes);
	flow->tx_bytes = counter_growth(&record->tx_bytes, &seen->tx_bytes);
	flow->rx_packets = counter_growth(&record->rx_packets, &seen->rx_packets);
	flow->tx_packets = counter_growth(&record->tx_packets, &seen->tx_packets);
	flow->retransmits = flow->resets = flow->zero_windows = UNKNOWN;
	strcpy(flow->comm, FLOWS_NOT_LISTED);
	return flow->rx_bytes + flow->tx_bytes;
}

static void add_remainder(struct overflow_record *record, struct overflow_record *seen,
			  struct container *container, struct sample *sample)
{
	struct remainder_sample *remainder = sample_add_remainder(sample);
	uint64_t bytes, disk_bytes = 0;

	remainder->container = container;
	bytes = add_unlisted_flows(record, seen, container, sample);
	for (int i = 0; i < DISK_OPERATIONS; i++) {
		remainder->disk_bytes[i] = counter_growth(&record->disk_bytes[i],
							  &seen->disk_bytes[i]);
		remainder->disk_operations[i] = counter_growth(&record->disk_operations[i],
							       &seen->disk_operations[i]);
		disk_bytes += remainder->disk_bytes[i];
	}
	bytes += disk_bytes;
	remainder->syscalls = counter_growth(&record->syscalls, &seen->syscalls);
	remainder->errors = counter_growth(&record->errors, &seen->errors);
	remainder->file_read_bytes = counter_growth(&record->file_read_bytes,
						    &seen->file_read_bytes);
	remainder->file_write_bytes = counter_growth(&record->file_write_bytes,
						     &seen->file_write_bytes);
	remainder->file_reads = counter_growth(&record->file_reads, &seen->file_reads);
	remainder->file_writes = counter_growth(&record->file_writes, &seen->file_writes);
	if (!record->cgroup || record->cgroup == CGROUP_UNKNOWN)
		sample->accuracy.unattributed_bytes += bytes;
	if (record->cgroup == CGROUP_SHARED)
		sample->accuracy.shared_bytes += disk_bytes;
}

uint64_t counter_read_losses(struct counter *counter, const __u64 *overflowed,
			     struct containers *containers, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(counter->object);
	uint64_t growth = counter_growth(overflowed, &counter->overflowed);

	sample->accuracy.missed_runs += missed - counter->missed_runs;
	counter->missed_runs = missed;
	if (!growth)
		return 0;
	slots_refresh(&counter->overflow);
	for (uint32_t slot = 0; slot < counter->overflow.used; slot++) {
		struct overflow_record *record = slots_record(&counter->overflow, slot);

		if (slot == 0 || record->cgroup)
			add_remainder(record, &counter->seen[slot],
				      counter_container(counter, containers, record->cgroup),
				      sample);
	}
	return growth;
}
