/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of bpf/lifecycle.bpf.c, through a ring buffer. */
#include "lifecycle.h"

#include <errno.h>
#include <stdlib.h>

#include "kernel.h"
#include "lifecycle.skel.h"
#include "ring.h"
#include "util.h"

struct lifecycle {
	struct lifecycle_bpf *skeleton;
	struct ring *ring;
	struct containers *containers;	/* borrowed */
	struct counter *syscalls;	/* borrowed; NULL: none */
	struct processes *processes;	/* borrowed */
	__u64 lost_events;		/* at the last reading */
	uint64_t missed_runs;		/* likewise */
};

static const struct hook hooks[] = {
	{
		.name = "cgroup_mkdir",
	},
};

static void take_event(void *arg, const void *data, size_t size)
{
	struct lifecycle *lifecycle = arg;
	const struct cgroup_event *cgroup = data;
	const struct thread_event *thread = data;
	const struct exec_event *exec = data;

	switch (cgroup->type) {
	case EVENT_CGROUP_MADE:
		if (size >= offsetof(struct cgroup_event, path) + cgroup->path_size)
			containers_cgroup_made(lifecycle->containers, cgroup->cgroup, cgroup->path);
		break;
	case EVENT_CGROUP_REMOVED:
		if (size >= offsetof(struct cgroup_event, path))
			containers_cgroup_removed(lifecycle->containers, cgroup->cgroup);
		break;
	case EVENT_THREAD_EXIT:
		if (size >= sizeof(*thread) && lifecycle->syscalls)
			syscall_counter_thread_ended(lifecycle->syscalls, thread->tid,
						     thread->start_ns);
		break;
	case EVENT_EXEC:
		if (size >= sizeof(*exec))
			processes_executed(lifecycle->processes, exec->pid, exec->comm);
		break;
	}
}

static int start(struct lifecycle *lifecycle, const struct counter_setup *setup, uint64_t followed)
{
	struct lifecycle_bpf *skeleton = lifecycle_bpf__open_opts(&setup->types.open);
	int error;

	if (!skeleton)
		return -errno;
	lifecycle->skeleton = skeleton;
	skeleton->rodata->followed_hierarchies = followed;
	skeleton->rodata->settings = setup->settings;
	bpf_program__set_autoload(skeleton->progs.process_forked, setup->settings.by_process);
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = lifecycle_bpf__load(skeleton);
	if (error)
		return error;
	error = ring_open(skeleton->maps.events, take_event, lifecycle, &lifecycle->ring);
	return error ? error : lifecycle_bpf__attach(skeleton);
}

struct attempt {
	struct lifecycle *lifecycle;
	const struct counter_setup *setup;
	uint64_t followed;
};

static int try_hook(void *arg, const struct hook *hook __attribute__((unused)))
{
	struct attempt *attempt = arg;

	return start(attempt->lifecycle, attempt->setup, attempt->followed);
}

int lifecycle_open(const struct counter_setup *setup, uint64_t followed,
		   struct containers *containers, struct counter *syscalls,
		   struct processes *processes, struct pane_status *status, struct lifecycle **ret)
{
	struct lifecycle *lifecycle = xcalloc(1, sizeof(*lifecycle));
	struct attempt attempt = {
		.lifecycle = lifecycle, .setup = setup, .followed = followed,
	};
	int error;

	lifecycle->containers = containers;
	lifecycle->syscalls = syscalls;
	lifecycle->processes = processes;
	error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
			    &attempt, status);
	if (error)
		lifecycle_free(lifecycle);
	else
		*ret = lifecycle;
	return error;
}

void lifecycle_free(struct lifecycle *lifecycle)
{
	if (!lifecycle)
		return;
	ring_free(lifecycle->ring);
	lifecycle_bpf__destroy(lifecycle->skeleton);
	free(lifecycle);
}

const struct bpf_object *lifecycle_object(const struct lifecycle *lifecycle)
{
	return lifecycle->skeleton->obj;
}

int lifecycle_fd(const struct lifecycle *lifecycle)
{
	return ring_fd(lifecycle->ring);
}

void lifecycle_take_events(struct lifecycle *lifecycle)
{
	ring_read(lifecycle->ring);
}

void lifecycle_read_losses(struct lifecycle *lifecycle, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(lifecycle->skeleton->obj);

	sample->accuracy.lost_events += counter_growth(&lifecycle->skeleton->bss->lost_events,
						       &lifecycle->lost_events);
	sample->accuracy.missed_runs += missed - lifecycle->missed_runs;
	lifecycle->missed_runs = missed;
}
