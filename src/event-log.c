/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of bpf/log.bpf.c, through a ring buffer.  That containers start and
 * stop is told by the containers themselves.
 */
#include "event-log.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel.h"
#include "log.skel.h"
#include "ring.h"
#include "file-path.h"
#include "slow-file.h"
#include "util.h"

struct event_log {
	struct log_bpf *skeleton;
	struct ring *ring;
	struct slow_files *slow;	/* NULL: nobody asked for them, or they cannot be told */
	struct containers *containers;	/* borrowed */
	struct user_names *users;	/* likewise */
	struct sample taken;		/* since the last reading: its events */
	__u64 lost_events;		/* at the last reading */
	uint64_t missed_runs;		/* likewise */
	bool begun;			/* there was a reading */
};

static const struct hook hooks[] = {
	{
		.name = "tp/inet_sock_set_state",
		.suits = hook_is_preemptible,
		.programs = { "state_changed_perf", "sent_again_perf" },
	},
	{
		.name = "tp_btf/inet_sock_set_state",
		.programs = { "state_changed", "sent_again" },
	},
	{
		.name = "tp/inet_sock_set_state",	/* before 5.11 */
		.programs = { "state_changed_perf", "sent_again_perf" },
	},
	{
		.name = "tp_btf/sched_process_exec without connections",
	},
};

/* ---- what the kernel tells */

static void take_counts(struct event_sample *event, const struct log_record *record)
{
	if (record->counted) {
		event->rx_bytes = record->rx_bytes;
		event->tx_bytes = record->tx_bytes;
		event->rx_packets = record->rx_packets;
		event->tx_packets = record->tx_packets;
	}
	if (record->duration_ns)
		event->duration_ms = record->duration_ns / 1000000;
	if (record->latency_us)
		event->latency_us = record->latency_us;
	if (record->kind != LOG_EXIT)
		return;
	if (record->status & 0x7f)
		event->signal = record->status & 0x7f;
	else
		event->exit_code = record->status >> 8 & 0xff;
}

static void take_owner(struct event_log *log, struct event_sample *event,
		       const struct flow_owner *owner)
{
	if (!owner->pid)
		return;
	event->pid = owner->pid;
	event->ppid = owner->ppid ? owner->ppid : UNKNOWN;
	memcpy(event->comm, owner->comm, sizeof(event->comm));
	memcpy(event->parent, owner->parent, sizeof(event->parent));
	if (owner->uid == LOG_NOBODY)
		return;
	event->uid = owner->uid;
	event->gid = owner->gid;
	event->user = user_name(log->users, owner->uid);
	event->group = group_name(log->users, owner->gid);
}

/* The container is found at once: it may be gone later. */
static void take_record(void *arg, const void *data, size_t size)
{
	struct event_log *log = arg;
	const struct log_record *record = data;
	struct event_sample *event;

	if (size < sizeof(*record) || record->kind >= LOG_KINDS)
		return;
	event = sample_add_event(&log->taken);
	if (!event)
		return;
	event->container = containers_find(log->containers, record->key.cgroup);
	event->kind = record->kind;
	event->time_ns = record->time_ns + realtime_minus_monotonic();
	event->key = record->key;
	event->state = record->state;
	event->direction = record->direction;
	event->error = record->error;
	take_owner(log, event, &record->owner);
	memcpy(event->interface, record->interface, sizeof(event->interface));
	take_counts(event, record);
}

/* A call on a file that took long; the path is as the process saw it. */
static void take_slow_file(void *arg, const void *data, size_t size)
{
	struct event_log *log = arg;
	const struct slow_file_record *record = data;
	struct event_sample *event;

	if (size < sizeof(*record) || record->path_size > sizeof(record->path))
		return;
	event = sample_add_event(&log->taken);
	if (!event)
		return;
	event->container = containers_find(log->containers, record->cgroup);
	event->kind = LOG_SLOW_IO;
	event->time_ns = record->time_ns + realtime_minus_monotonic();
	event->latency_us = record->latency_ns / 1000;
	event->operation = record->operation == SLOW_SYNC ? operation_sync :
			   operation_name(record->operation == SLOW_READ ? DISK_READ : DISK_WRITE);
	if (record->result >= 0 && record->operation != SLOW_SYNC)
		event->bytes = (uint64_t)record->result;
	/* The kernel's own codes for "start again" are no errors. */
	if (record->result < 0 && record->result > -512)
		event->error = (unsigned int)-record->result;
	event->path = file_path_text(record->path, record->path_size, record->path_flags);
	event->pid = record->pid;
	event->uid = record->uid;
	event->user = user_name(log->users, record->uid);
	memcpy(event->comm, record->comm, sizeof(event->comm));
}

/* ---- containers */

static void tell_container(struct sample *sample, struct container *container, enum log_kind kind,
			   uint64_t monotonic)
{
	struct event_sample *event = sample_add_event(sample);

	if (!event)
		return;
	event->container = container;
	event->kind = kind;
	event->time_ns = monotonic + realtime_minus_monotonic();
	if (kind == LOG_STOP && container->start_ns && container->start_ns < monotonic)
		event->duration_ms = (monotonic - container->start_ns) / 1000000;
}

static void tell_containers(const struct event_log *log, struct sample *sample)
{
	size_t n;
	struct container *const *all = containers_all(log->containers, &n);

	for (size_t i = 0; i < n; i++) {
		struct container *container = all[i];

		/* When those that were here before contop did start is not known. */
		if (!log->begun)
			container->start_ns = 0;
		if (container->serial && container->start_ns != container->told_start_ns)
			tell_container(sample, container, LOG_START, container->start_ns);
		if (container->stop_ns != container->told_stop_ns)
			tell_container(sample, container, LOG_STOP, container->stop_ns);
		container->told_start_ns = container->start_ns;
		container->told_stop_ns = container->stop_ns;
	}
}

void event_log_take(struct event_log *log)
{
	ring_read(log->ring);
	if (log->slow)
		slow_files_take(log->slow);
}

void event_log_read(struct event_log *log, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(log->skeleton->obj);
	struct event_sample *empty = sample->events;
	size_t capacity = sample->events_capacity;

	event_log_take(log);
	/* Those that counters have told. */
	for (size_t i = 0; i < sample->n_events; i++) {
		struct event_sample *event = sample_add_event(&log->taken);

		if (event)
			*event = sample->events[i];
	}
	tell_containers(log, &log->taken);
	log->begun = true;
	sample_sort_events(&log->taken);
	sample->events = log->taken.events;
	sample->events_capacity = log->taken.events_capacity;
	sample->n_events = log->taken.n_events;
	sample->accuracy.lost_events += log->taken.accuracy.lost_events;
	log->taken = (struct sample){ .events = empty, .events_capacity = capacity };
	sample->accuracy.lost_events += counter_growth(&log->skeleton->bss->lost_events,
						       &log->lost_events);
	sample->accuracy.missed_runs += missed - log->missed_runs;
	log->missed_runs = missed;
	if (log->slow)
		slow_files_read_losses(log->slow, sample);
}

/* ---- beginning and end */

/* Programs of a hook, and those of processes, which all hooks have. */
static void choose_programs(struct log_bpf *skeleton, const struct counter_setup *setup,
			    const struct hook *hook)
{
	unsigned int arguments = setup->facts.victim_arguments;
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
		bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < HOOK_PARTS_MAX && hook->programs[i]; i++)
		bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton->obj,
									  hook->programs[i]), true);
	bpf_program__set_autoload(skeleton->progs.program_executed, true);
	bpf_program__set_autoload(skeleton->progs.process_exited, true);
	bpf_program__set_autoload(skeleton->progs.victim_marked, arguments > 1);
	bpf_program__set_autoload(skeleton->progs.victim_marked_by_id, arguments == 1);
}

static int start(struct event_log *log, const struct counter_setup *setup, const struct hook *hook)
{
	struct log_bpf *skeleton = log_bpf__open_opts(&setup->types.open);
	int error;

	if (!skeleton)
		return -errno;
	log->skeleton = skeleton;
	skeleton->rodata->settings = setup->settings;
	skeleton->bss->accepts_told = setup->accepts_told;
	choose_programs(skeleton, setup, hook);
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = counter_share_flows(setup, skeleton->obj);
	if (!error)
		error = log_bpf__load(skeleton);
	if (!error)
		error = ring_open(skeleton->maps.log_ring, take_record, log, &log->ring);
	if (!error)
		error = log_bpf__attach(skeleton);
	return error;
}

static void stop(struct event_log *log)
{
	ring_free(log->ring);
	slow_files_free(log->slow);
	log->slow = NULL;
	log_bpf__destroy(log->skeleton);
	log->ring = NULL;
	log->skeleton = NULL;
}

struct attempt {
	struct event_log *log;
	const struct counter_setup *setup;
};

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	bool connections = hook->programs[0];
	int error;

	if (connections && !attempt->setup->flows)
		return -ENOTSUP;
	/* Without notes a socket tells its cgroup of version 2 only. */
	if (attempt->setup->settings.home_controller >= 0 && !strncmp(hook->name, "tp/", 3))
		return -ENOTSUP;
	error = start(attempt->log, attempt->setup, hook);
	if (error)
		stop(attempt->log);
	return error;
}

static void open_slow_files(struct event_log *log, const struct counter_setup *setup,
			    struct pane_status *status)
{
	static const char without[] = "no slow files: ";
	struct pane_status slow = { 0 };

	if (!slow_files_open(setup, &slow, take_slow_file, log, &log->slow))
		snprintf(status->hook + strlen(status->hook),
			 sizeof(status->hook) - strlen(status->hook), ", slow files");
	else
		snprintf(status->reason, sizeof(status->reason), "%s%.*s", without,
			 (int)(sizeof(status->reason) - sizeof(without)), slow.reason);
}

int event_log_open(const struct counter_setup *setup, struct containers *containers,
		   struct pane_status *status, struct event_log **ret)
{
	struct event_log *log = xcalloc(1, sizeof(*log));
	struct attempt attempt = { .log = log, .setup = setup };
	int error;

	log->containers = containers;
	log->users = setup->users;
	error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
			    &attempt, status);
	if (error) {
		event_log_free(log);
		return error;
	}
	*ret = log;
	if (setup->settings.slow_ns)
		open_slow_files(log, setup, status);
	return 0;
}

void event_log_free(struct event_log *log)
{
	if (!log)
		return;
	stop(log);
	sample_done(&log->taken);
	free(log);
}

void event_log_want(struct event_log *log)
{
	__atomic_store_n(&log->skeleton->bss->log_wanted, 1, __ATOMIC_RELAXED);
	if (log->slow)
		slow_files_want(log->slow);
}

const struct bpf_object *event_log_object(const struct event_log *log)
{
	return log->skeleton->obj;
}

const struct bpf_object *event_log_slow_object(const struct event_log *log)
{
	return log->slow ? slow_files_object(log->slow) : NULL;
}

int event_log_fd(const struct event_log *log)
{
	return ring_fd(log->ring);
}

int event_log_slow_fd(const struct event_log *log)
{
	return log->slow ? slow_files_fd(log->slow) : -1;
}
