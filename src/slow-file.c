/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads what tells of calls on files that take long. */
#include "slow-file.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "ring.h"
#include "slow.skel.h"
#include "util.h"

struct slow_files {
	struct slow_bpf *skeleton;
	struct ring *ring;
	__u64 lost_events;		/* at the last reading */
	uint64_t missed_runs;		/* likewise */
};

static bool tracepoints_are_not(const struct kernel_facts *facts)
{
	return !hook_of_calls_is_preemptible(facts);
}

static const struct hook hooks[] = {
	{
		.name = "tp/sys_enter",
		.suits = hook_of_calls_is_preemptible,
		.programs = { "slow_enter_perf", "slow_exit_perf" },
	},
	{
		.name = "tp_btf/sys_enter",
		.suits = tracepoints_are_not,
		.programs = { "slow_enter", "slow_exit" },
	},
};

struct attempt {
	const struct counter_setup *setup;
	struct slow_files *slow;
	void (*take)(void *arg, const void *data, size_t size);
	void *arg;
};

static int load(struct slow_bpf *skeleton, const struct counter_setup *setup,
		const struct hook *hook)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int error;

	skeleton->rodata->settings = setup->settings;
	counter_use_hook(skeleton->obj, hook);
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = slow_bpf__load(skeleton);
	if (!error && !setup->own_calls)
		error = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.slow_leave_out),
					       &options);
	return error;
}

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	struct slow_files *slow = xcalloc(1, sizeof(*slow));
	int error;

	slow->skeleton = slow_bpf__open_opts(&attempt->setup->types.open);
	error = slow->skeleton ? load(slow->skeleton, attempt->setup, hook) : -errno;
	if (!error)
		error = ring_open(slow->skeleton->maps.slow_files, attempt->take, attempt->arg,
				  &slow->ring);
	if (!error)
		error = slow_bpf__attach(slow->skeleton);
	if (error)
		slow_files_free(slow);
	else
		attempt->slow = slow;
	return error;
}

int slow_files_open(const struct counter_setup *setup, struct pane_status *status,
		    void (*take)(void *arg, const void *data, size_t size), void *arg,
		    struct slow_files **ret)
{
	struct attempt attempt = { .setup = setup, .take = take, .arg = arg };
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	*ret = attempt.slow;
	return error;
}

void slow_files_free(struct slow_files *slow)
{
	if (!slow)
		return;
	ring_free(slow->ring);
	slow_bpf__destroy(slow->skeleton);
	free(slow);
}

void slow_files_take(struct slow_files *slow)
{
	ring_read(slow->ring);
}

int slow_files_fd(const struct slow_files *slow)
{
	return ring_fd(slow->ring);
}

void slow_files_want(struct slow_files *slow)
{
	__atomic_store_n(&slow->skeleton->bss->wanted, 1, __ATOMIC_RELAXED);
}

const struct bpf_object *slow_files_object(const struct slow_files *slow)
{
	return slow->skeleton->obj;
}

void slow_files_read_losses(struct slow_files *slow, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(slow->skeleton->obj);

	sample->accuracy.lost_events += counter_growth(&slow->skeleton->bss->lost_events,
						       &slow->lost_events);
	sample->accuracy.missed_runs += missed - slow->missed_runs;
	slow->missed_runs = missed;
}
