/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls: from bpf/syscall.bpf.c to samples. */
#include "counter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "syscall.skel.h"
#include "thread-set.h"
#include "util.h"

/* With more than this share of the slots taken, those idle for IDLE_LIMIT intervals go. */
#define CROWDED(live, n) ((live) > (n) / 4 * 3)
#define IDLE_LIMIT 5

/* A record as last read. */
struct syscall_seen {
	__u64 count, errors;
	uint8_t idle;			/* intervals without a call */
	bool released;
};

struct syscall_counter {
	struct counter counter;		/* must stay the first member */
	struct syscall_bpf *skeleton;
	struct slots slots;
	struct syscall_seen *seen;	/* by slot; owned */
	struct thread_set ended;	/* since the last reading */
	bool crowded;			/* at the last reading */
};

static bool tracepoints_are_preemptible(const struct kernel_facts *facts)
{
	return facts->version >= KERNEL_VERSION_OF(7, 2);
}

static const struct hook hooks[] = {
	{
		.name = "tp/sys_exit",
		.suits = tracepoints_are_preemptible,
		.programs = { "sys_exit_perf" },
		.maps_unused = { "last_calls" },
	},
	{
		.name = "tp_btf/sys_exit",
		.programs = { "sys_exit_storage" },
		.maps_unused = { "last_calls" },
	},
	{
		.name = "tp_btf/sys_exit per CPU",
		.programs = { "sys_exit_cpu" },
		.maps_unused = { "threads" },
	},
};

static void free_syscalls(struct counter *counter)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	counter_unload(counter);
	syscall_bpf__destroy(syscalls->skeleton);
	thread_set_clear(&syscalls->ended);
	free(syscalls->seen);
	free(syscalls);
}

struct attempt {
	const struct counter_setup *setup;
	struct syscall_counter *syscalls;
};

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	const struct counter_setup *setup = attempt->setup;
	struct syscall_counter *syscalls = attempt->syscalls;
	struct counter_table table = {
		.name = "syscall",
		.slots = &syscalls->slots,
		.n = setup->sizes.syscalls,
		.key_offset = offsetof(struct syscall_record, key),
	};
	int error;

	syscalls->skeleton = syscall_bpf__open();
	if (!syscalls->skeleton)
		return -errno;
	syscalls->skeleton->rodata->settings = setup->settings;
	error = counter_load(&syscalls->counter, syscalls->skeleton->skeleton, setup, hook, &table, 1);
	if (!error)
		error = syscall_bpf__attach(syscalls->skeleton);
	if (!error)
		return 0;
	counter_unload(&syscalls->counter);
	syscall_bpf__destroy(syscalls->skeleton);
	syscalls->skeleton = NULL;
	return error;
}

void syscall_counter_thread_ended(struct counter *counter, uint32_t tid, uint64_t start_ns)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	thread_set_add(&syscalls->ended, tid, start_ns);
}

static bool read_record(const struct syscall_counter *syscalls,
			const struct syscall_record *record, struct syscall_seen *seen,
			struct containers *containers, struct sample *sample)
{
	struct syscall_sample *call;

	if (__atomic_load_n(&record->count, __ATOMIC_RELAXED) == seen->count)
		return false;
	call = sample_add_syscall(sample);
	call->container = counter_container(&syscalls->counter, containers, record->key.cgroup);
	call->pid = record->pid;
	call->uid = record->uid;
	call->nr = record->key.nr & ~SYSCALL_RELEASED;
	call->count = counter_growth(&record->count, &seen->count);
	call->errors = counter_growth(&record->errors, &seen->errors);
	memcpy(call->comm, record->comm, sizeof(call->comm));
	return true;
}

/* The process's first thread stands for the process. */
static void add_process_end(const struct syscall_counter *syscalls,
			    const struct syscall_record *record, struct containers *containers,
			    struct sample *sample)
{
	struct process_sample *process = sample_add_process(sample);

	process->container = counter_container(&syscalls->counter, containers, record->key.cgroup);
	process->pid = record->pid;
	process->nspid = UNKNOWN;
	process->ppid = UNKNOWN;
	process->uid = record->uid;
	memcpy(process->comm, record->comm, sizeof(process->comm));
	process->ended = true;
}

/* What becomes of a slot after its record was read. */
static void consider_release(struct syscall_counter *syscalls, uint32_t slot,
			     struct containers *containers, struct sample *sample)
{
	struct syscall_record *record = slots_record(&syscalls->slots, slot);
	struct syscall_seen *seen = &syscalls->seen[slot];

	if (thread_set_has(&syscalls->ended, record->key.tid, record->key.start_ns)) {
		if (record->key.tid == record->pid)
			add_process_end(syscalls, record, containers, sample);
		slots_release(&syscalls->slots, slot, false);
		seen->released = true;
	} else if (syscalls->crowded && seen->idle >= IDLE_LIMIT) {
		slots_release(&syscalls->slots, slot, true);
		/* The thread looks its slot up again, and makes a new one. */
		__atomic_fetch_or(&record->key.nr, SYSCALL_RELEASED, __ATOMIC_RELEASE);
		seen->released = true;
	}
}

static void wipe(void *arg, uint32_t slot)
{
	struct syscall_counter *syscalls = arg;

	memset(slots_record(&syscalls->slots, slot), 0, sizeof(struct syscall_record));
	syscalls->seen[slot] = (struct syscall_seen){ 0 };
}

static void read_syscalls(struct counter *counter, struct containers *containers,
			  struct sample *sample)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;
	uint32_t live = 0;

	slots_refresh(&syscalls->slots);
	for (uint32_t slot = 1; slot < syscalls->slots.used; slot++) {
		const struct syscall_record *record = slots_record(&syscalls->slots, slot);
		struct syscall_seen *seen = &syscalls->seen[slot];

		if (!record->key.cgroup)
			continue;
		live++;
		if (read_record(syscalls, record, seen, containers, sample))
			seen->idle = 0;
		else if (seen->idle < IDLE_LIMIT)
			seen->idle++;
		if (!seen->released)
			consider_release(syscalls, slot, containers, sample);
	}
	syscalls->crowded = CROWDED(live, syscalls->slots.n);
	thread_set_clear(&syscalls->ended);
	sample->accuracy.syscall_map_full +=
		counter_read_losses(counter, &syscalls->skeleton->bss->overflowed, containers,
				    sample);
	slots_recycle(&syscalls->slots, wipe, syscalls);
}

int syscall_counter_open(const struct counter_setup *setup, struct pane_status *status,
			 struct counter **ret)
{
	struct syscall_counter *syscalls = xcalloc(1, sizeof(*syscalls));
	struct attempt attempt = { .setup = setup, .syscalls = syscalls };
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	if (error) {
		free(syscalls);
		return error;
	}
	syscalls->counter.read = read_syscalls;
	syscalls->counter.free = free_syscalls;
	syscalls->seen = xcalloc(syscalls->slots.n, sizeof(*syscalls->seen));
	syscalls->counter.scope_epoch = &syscalls->skeleton->data->scope_epoch;
	*ret = &syscalls->counter;
	return 0;
}
