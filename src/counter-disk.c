/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block I/O: from bpf/disk.bpf.c to samples. */
#include "counter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block-device.h"
#include "disk.skel.h"
#include "kernel.h"
#include "ring.h"
#include "util.h"

/* A slot idle for so many intervals goes; all it has counted was read. Processes are many. */
#define IDLE_LIMIT 60
#define IDLE_LIMIT_PROCESS 5

/* Of a ring that is not used: a page. */
#define LEAST_RING 4096

/* Requests under way that are looked after at most at each reading. */
#define REQUESTS_LOOKED_AT 1024

struct disk_counter {
	struct counter counter;		/* must stay the first member */
	struct disk_bpf *skeleton;
	struct slots slots;
	struct disk_record *seen;	/* records as last read, by slot; owned */
	uint8_t *idle;			/* intervals without I/O, by slot; owned */
	bool counts_bios;		/* at devices that take them as they are */
	struct block_devices devices;	/* of this interval */
	__u64 unseen, lost_events;	/* at the last reading */
	struct ring *slow;		/* NULL: nobody asked for them */
	struct containers *containers;	/* for these two, while the ring is read */
	struct sample *sample;
};

/* The tracepoints of requests changed together, that of bios on its own. */
static bool requests_alone(const struct kernel_facts *facts)
{
	return facts->issue_arguments == 1 && facts->bio_arguments == 1;
}

static bool requests_alone_preemptible(const struct kernel_facts *facts)
{
	return hook_is_preemptible(facts) && requests_alone(facts);
}

static bool requests_alone_bios_with_queue(const struct kernel_facts *facts)
{
	return facts->issue_arguments == 1 && facts->bio_arguments == 2;
}

static bool all_with_queue(const struct kernel_facts *facts)
{
	return facts->issue_arguments == 2 && facts->bio_arguments == 2;
}

static const struct hook hooks[] = {
	{
		.name = "block_rq",
		.suits = requests_alone_preemptible,
		.programs = { "bio_submitted_try", "bio_submitted_retry", "bio_submitted_last",
			      "bio_completed", "request_inserted", "request_issued",
			      "request_requeued", "request_completed" },
	},
	{
		.name = "block_rq",
		.suits = requests_alone,
		.programs = { "bio_submitted", "bio_completed", "request_inserted", "request_issued",
			      "request_requeued", "request_completed" },
	},
	{
		.name = "block_rq",
		.suits = requests_alone_bios_with_queue,
		.programs = { "bio_submitted_with_queue", "bio_completed", "request_inserted", "request_issued",
			      "request_requeued", "request_completed" },
	},
	{
		.name = "block_rq",
		.suits = all_with_queue,
		.programs = { "bio_submitted_with_queue", "bio_completed", "request_inserted_with_queue",
			      "request_issued_with_queue", "request_requeued_with_queue",
			      "request_completed" },
	},
	{
		.name = "block_rq_complete",	/* no latency, no processes */
		.programs = { "request_completed" },
	},
};

static void free_disks(struct counter *counter)
{
	struct disk_counter *disks = (struct disk_counter *)counter;

	counter_unload(counter);
	ring_free(disks->slow);
	disk_bpf__destroy(disks->skeleton);
	block_devices_done(&disks->devices);
	free(disks->seen);
	free(disks->idle);
	free(disks);
}

/* An operation that took long becomes an event. */
static void take_slow(void *arg, const void *data, size_t size)
{
	struct disk_counter *disks = arg;
	const struct slow_record *record = data;
	struct event_sample *event;

	if (size < sizeof(*record))
		return;
	event = sample_add_event(disks->sample);
	if (!event)
		return;
	event->container = counter_container(&disks->counter, disks->containers, record->cgroup);
	event->kind = LOG_SLOW_IO;
	event->time_ns = record->time_ns + realtime_minus_monotonic();
	event->latency_us = record->latency_ns / 1000;
	event->operation = operation_name(record->operation);
	event->bytes = record->bytes;
	event->error = record->error;
	strcpy(event->device, block_devices_get(&disks->devices, record->device)->name);
	if (record->pid) {
		event->pid = record->pid;
		event->uid = record->uid;
		memcpy(event->comm, record->comm, sizeof(event->comm));
	}
}

/* -errno. */
static int listen_to_slow(struct disk_counter *disks, const struct counter_setup *setup)
{
	if (!setup->settings.slow_ns)
		return 0;
	return ring_open(disks->skeleton->maps.slow_ring, take_slow, disks, &disks->slow);
}

static void read_slow(struct disk_counter *disks, struct containers *containers,
		      struct sample *sample)
{
	if (!disks->slow)
		return;
	disks->containers = containers;
	disks->sample = sample;
	ring_read(disks->slow);
	sample->accuracy.lost_events += counter_growth(&disks->skeleton->bss->lost_events,
						       &disks->lost_events);
}

struct attempt {
	const struct counter_setup *setup;
	struct disk_counter *disks;
};

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	const struct counter_setup *setup = attempt->setup;
	struct disk_counter *disks = attempt->disks;
	struct counter_table table = {
		.name = "disk",
		.slots = &disks->slots,
		.n = setup->sizes.disks,
		.key_offset = offsetof(struct disk_record, key),
	};
	int error;

	disks->skeleton = disk_bpf__open_opts(&setup->types.open);
	if (!disks->skeleton)
		return -errno;
	disks->skeleton->rodata->settings = setup->settings;
	if (!setup->settings.slow_ns)
		bpf_map__set_max_entries(disks->skeleton->maps.slow_ring, LEAST_RING);
	error = counter_load(&disks->counter, disks->skeleton->skeleton, setup, hook, &table, 1);
	if (!error)
		error = listen_to_slow(disks, setup);
	if (!error)
		error = disk_bpf__attach(disks->skeleton);
	disks->counts_bios = bpf_program__autoload(disks->skeleton->progs.bio_completed);
	if (!error)
		return 0;
	ring_free(disks->slow);
	disks->slow = NULL;
	counter_unload(&disks->counter);
	disk_bpf__destroy(disks->skeleton);
	disks->skeleton = NULL;
	return error;
}

static bool has_moved(const struct disk_record *record, const struct disk_record *seen)
{
	for (int i = 0; i < DISK_OPERATIONS; i++)
		if (record->bytes[i] != seen->bytes[i] || record->operations[i] != seen->operations[i])
			return true;
	/* What is timed may end an interval after it was counted. */
	return record->errors != seen->errors || record->timed != seen->timed;
}

static void read_times(const struct disk_record *record, struct disk_record *seen, uint32_t epoch,
		       struct disk_sample *disk)
{
	disk->latency_ns = counter_growth(&record->latency_ns, &seen->latency_ns);
	disk->timed = counter_growth(&record->timed, &seen->timed);
	disk->queue_ns = counter_growth(&record->queue_ns, &seen->queue_ns);
	disk->queued = counter_growth(&record->queued, &seen->queued);
	if (disk->queued)
		disk->queue_max_ns = record->epoch == epoch ? record->queue_max_ns : UNKNOWN;
	for (int i = 0; i < LATENCY_BUCKETS; i++) {
		uint32_t now = __atomic_load_n(&record->histogram[i], __ATOMIC_RELAXED);

		disk->histogram[i] = now - seen->histogram[i];
		seen->histogram[i] = now;
	}
	if (!disk->timed)
		return;
	/* What ended while the last interval was read is of this one, but its maximum was not kept. */
	disk->latency_max_ns = record->epoch == epoch ? record->latency_max_ns :
			       histogram_percentile(disk->histogram, 1) * 1000;
}

static void read_record(struct disk_counter *disks, const struct disk_record *record,
			struct disk_record *seen, uint32_t epoch, struct containers *containers,
			struct sample *sample)
{
	struct disk_sample *disk = sample_add_disk(sample);
	const struct block_device *device = block_devices_get(&disks->devices, record->key.device);

	disk->container = counter_container(&disks->counter, containers, record->key.cgroup);
	disk->device = record->key.device;
	strcpy(disk->name, device->name);
	strcpy(disk->volume, device->volume);
	if (disks->counts_bios)
		strcpy(disk->holders, device->holders);
	if (record->key.pid) {
		disk->pid = record->key.pid;
		disk->uid = record->uid;
		memcpy(disk->comm, record->comm, sizeof(disk->comm));
	}
	for (int i = 0; i < DISK_OPERATIONS; i++) {
		disk->bytes[i] = counter_growth(&record->bytes[i], &seen->bytes[i]);
		disk->operations[i] = counter_growth(&record->operations[i], &seen->operations[i]);
		if (record->key.cgroup == CGROUP_SHARED && !disk->holders[0])
			sample->accuracy.shared_bytes += disk->bytes[i];
	}
	disk->writeback_bytes = counter_growth(&record->writeback_bytes, &seen->writeback_bytes);
	disk->errors = counter_growth(&record->errors, &seen->errors);
	read_times(record, seen, epoch, disk);
}

static void wipe(void *arg, uint32_t slot)
{
	struct disk_counter *disks = arg;

	memset(slots_record(&disks->slots, slot), 0, sizeof(struct disk_record));
	memset(&disks->seen[slot], 0, sizeof(*disks->seen));
	disks->idle[slot] = 0;
}

static bool is_idle(const struct disk_record *record, uint8_t *idle)
{
	uint8_t limit = record->key.pid ? IDLE_LIMIT_PROCESS : IDLE_LIMIT;

	return *idle < limit && ++*idle == limit;
}

/*
 * Requests that have ended without our programs being told stay among those under
 * way until their memory is used again: a program looks at them now.  Map look-ups
 * would make other programs miss events; to list keys does not.
 */
static void look_after_requests(struct disk_counter *disks, struct sample *sample)
{
	int map = bpf_map__fd(disks->skeleton->maps.requests);
	int program = bpf_program__fd(disks->skeleton->progs.request_settled);
	uint64_t address, next;
	bool found = !bpf_map_get_next_key(map, NULL, &address);

	for (int i = 0; found && i < REQUESTS_LOOKED_AT; i++, address = next) {
		LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &address,
			    .ctx_size_in = sizeof(address));

		found = !bpf_map_get_next_key(map, &address, &next);
		bpf_prog_test_run_opts(program, &options);
	}
	sample->accuracy.disk_ends_missed += counter_growth(&disks->skeleton->bss->unseen,
							    &disks->unseen);
}

static void read_disks(struct counter *counter, struct containers *containers, struct sample *sample)
{
	struct disk_counter *disks = (struct disk_counter *)counter;
	uint32_t epoch = disks->skeleton->bss->epoch;

	block_devices_forget(&disks->devices);
	look_after_requests(disks, sample);
	read_slow(disks, containers, sample);
	slots_refresh(&disks->slots);
	for (uint32_t slot = 1; slot < disks->slots.used; slot++) {
		const struct disk_record *record = slots_record(&disks->slots, slot);

		if (!record->key.cgroup)
			continue;
		if (has_moved(record, &disks->seen[slot])) {
			read_record(disks, record, &disks->seen[slot], epoch, containers, sample);
			disks->idle[slot] = 0;
		} else if (is_idle(record, &disks->idle[slot])) {
			slots_release(&disks->slots, slot, true);
		}
	}
	/* From here on maxima are of the next interval. */
	__atomic_store_n(&disks->skeleton->bss->epoch, epoch + 1, __ATOMIC_RELAXED);
	sample->accuracy.disk_map_full +=
		counter_read_losses(counter, &disks->skeleton->bss->overflowed, containers, sample);
	slots_recycle(&disks->slots, wipe, disks);
}

int disk_counter_open(const struct counter_setup *setup, struct pane_status *status,
		      struct counter **ret)
{
	struct disk_counter *disks = xcalloc(1, sizeof(*disks));
	struct attempt attempt = { .setup = setup, .disks = disks };
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	if (error) {
		free(disks);
		return error;
	}
	disks->counter.read = read_disks;
	disks->counter.free = free_disks;
	disks->seen = xcalloc(disks->slots.n, sizeof(*disks->seen));
	disks->idle = xcalloc(disks->slots.n, sizeof(*disks->idle));
	disks->counter.scope_epoch = &disks->skeleton->data->scope_epoch;
	*ret = &disks->counter;
	return 0;
}
