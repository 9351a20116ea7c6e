/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what was counted of packets' contents, one record for each container and method,
 * and what was copied of them, through a ring buffer.
 */
#include "hint.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hint-table.h"
#include "hint.skel.h"
#include "ring.h"
#include "tally.h"
#include "util.h"
#include "word.h"

#define KINDS_MOST 16384		/* of all containers */
#define IDLE_LIMIT 120			/* intervals: then a slot goes back */

struct hints {
	struct hint_bpf *skeleton;
	struct tally tally;
	struct ring *ring;
	struct hint_table *names;
	struct containers *containers;	/* borrowed */
	__u64 not_counted, lost_packets;	/* at the last reading */
	uint64_t missed_runs;		/* likewise */
};

static const struct hook hooks[] = {
	{
		.name = "cgroup_skb",
		.option = "CONFIG_CGROUP_BPF",
		.programs = { "packet_in", "packet_out" },
	},
};

/* ---- reading */

static void read_record(struct hints *hints, uint32_t slot, struct sample *sample)
{
	const struct hint_record *record = slots_record(&hints->tally.slots, slot);
	uint64_t n = tally_growth(&hints->tally, slot);
	struct hint_sample *hint;

	if (!n)
		return;
	hint = sample_add_hint(sample);
	hint->container = containers_find(hints->containers, record->key.cgroup);
	hint->number = hint_number_http(record->key.method, record->key.direction);
	hint->kind = HINT_HTTP;
	hint->what = http_method_name(record->key.method);
	hint->direction = record->key.direction;
	hint->count = n;
}

/* The container is found at once: it may be gone later. */
static void take_packet(void *arg, const void *data, size_t size)
{
	struct hints *hints = arg;
	const struct hint_packet *packet = data;

	if (size >= sizeof(*packet))
		hint_table_take(hints->names,
				containers_find(hints->containers, packet->cgroup), packet,
				size);
}

void hints_take(struct hints *hints)
{
	ring_read(hints->ring);
}

void hints_read(struct hints *hints, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(hints->skeleton->obj);

	slots_refresh(&hints->tally.slots);
	for (uint32_t slot = 1; slot < hints->tally.slots.used; slot++)
		read_record(hints, slot, sample);
	sample->accuracy.hint_map_full += tally_recycle(&hints->tally);
	hints_take(hints);
	hint_table_read(hints->names, hints->containers, monotonic_ns(), sample);
	sample->accuracy.hint_map_full += counter_growth(&hints->skeleton->bss->not_counted,
							 &hints->not_counted);
	sample->accuracy.lost_hints += counter_growth(&hints->skeleton->bss->lost_packets,
						      &hints->lost_packets);
	sample->accuracy.missed_runs += missed - hints->missed_runs;
	hints->missed_runs = missed;
}

/* ---- beginning and end */

struct attempt {
	struct hints *hints;
	const struct counter_setup *setup;
};

static int attach(struct bpf_program *program, int cgroup_fd, struct bpf_link **ret_link)
{
	*ret_link = bpf_program__attach_cgroup(program, cgroup_fd);
	return *ret_link ? 0 : -errno;
}

static int start(struct hints *hints, const struct counter_setup *setup, const struct hook *hook)
{
	struct hint_bpf *skeleton = hints->skeleton;
	int error;

	skeleton->rodata->settings = setup->settings;
	counter_use_hook(skeleton->obj, hook);
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = counter_share_flows(setup, skeleton->obj);
	if (!error)
		error = slots_prepare(skeleton->obj, "hint", KINDS_MOST);
	if (!error)
		error = hint_bpf__load(skeleton);
	if (!error)
		error = tally_init(&hints->tally, skeleton->obj, "hint",
				   offsetof(struct hint_record, key),
				   offsetof(struct hint_record, count), IDLE_LIMIT);
	if (!error)
		error = ring_open(skeleton->maps.hint_ring, take_packet, hints, &hints->ring);
	if (!error)
		error = attach(skeleton->progs.packet_in, setup->cgroup_fd,
			       &skeleton->links.packet_in);
	if (!error)
		error = attach(skeleton->progs.packet_out, setup->cgroup_fd,
			       &skeleton->links.packet_out);
	return error;
}

static void stop(struct hints *hints)
{
	ring_free(hints->ring);
	hints->ring = NULL;
	tally_done(&hints->tally);
	hint_bpf__destroy(hints->skeleton);
	hints->skeleton = NULL;
}

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	struct hints *hints = attempt->hints;
	int error;

	if (attempt->setup->cgroup_fd < 0 || !attempt->setup->flows)
		return -ENOTSUP;
	hints->skeleton = hint_bpf__open_opts(&attempt->setup->types.open);
	if (!hints->skeleton)
		return -errno;
	error = start(hints, attempt->setup, hook);
	if (!error)
		return 0;
	stop(hints);
	return error;
}

int hints_open(const struct counter_setup *setup, struct containers *containers,
	       struct pane_status *status, struct hints **ret)
{
	struct hints *hints = xcalloc(1, sizeof(*hints));
	struct attempt attempt = { .hints = hints, .setup = setup };
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	if (error) {
		free(hints);
		return error;
	}
	hints->names = hint_table_new();
	hints->containers = containers;
	*ret = hints;
	return 0;
}

const struct bpf_object *hints_object(const struct hints *hints)
{
	return hints->skeleton->obj;
}

int hints_fd(const struct hints *hints)
{
	return ring_fd(hints->ring);
}

void hints_free(struct hints *hints)
{
	if (!hints)
		return;
	stop(hints);
	hint_table_free(hints->names);
	free(hints);
}
