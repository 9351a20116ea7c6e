/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls: from bpf/syscall.bpf.c to samples. */
#include "counter-file.h"
#include "kernel.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall.skel.h"
#include "thread-set.h"
#include "util.h"

/* With more than this share of the slots taken, those idle for CROWDED_IDLE intervals go. */
#define CROWDED(live, n) ((live) > (n) / 4 * 3)

/* A record as last read. */
struct syscall_seen {
	__u64 count, errors;
	uint8_t idle;			/* intervals without a call */
	bool released;
	bool detailed;			/* there is something in its details */
};

struct syscall_counter {
	struct counter counter;		/* must stay the first member */
	struct syscall_bpf *skeleton;
	struct slots slots;
	struct slot_memory details;	/* of the lowest slots */
	struct syscall_seen *seen;	/* by slot; owned */
	struct syscall_details *seen_details;	/* likewise; owned */
	int enter_fd;			/* program that stamps the starts of calls; borrowed */
	int event_fd;			/* perf event it is attached to; -1: to a tracepoint itself */
	int timing_fd;			/* link of both; -1: not now */
	bool uring_errors;		/* known of operations of io_uring */
	struct thread_set ended;	/* since the last reading */
	bool crowded;			/* at the last reading */
	struct file_counter files;
	__u64 lost_events;		/* at the last reading */
};

static const struct hook hooks[] = {
	{
		.name = "tp/sys_exit",
		.suits = hook_of_calls_is_preemptible,
		.programs = { "sys_exit_perf", "sys_enter_perf" },
		.maps_unused = { "entered" },
	},
	{
		.name = "tp_btf/sys_exit",
		.programs = { "sys_exit_storage", "sys_enter_storage" },
		.maps_unused = { "entered" },
	},
	{
		.name = "tp_btf/sys_exit untyped",
		.programs = { "sys_exit_untyped", "sys_enter_storage" },
		.maps_unused = { "entered" },
	},
	{
		.name = "tp_btf/sys_exit per CPU",
		.programs = { "sys_exit_cpu", "sys_enter_cpu" },
		.maps_unused = { "threads", "begun_calls" },
	},
};

#define ENTER_PROGRAM 1			/* its place in a hook */
#define URING_PROGRAM 2

/* The program for io_uring that goes with a hook on this kernel; NULL: none does. */
static const char *uring_program(const struct kernel_facts *facts, const struct hook *hook)
{
	bool storage = !!strcmp(hook->programs[0], "sys_exit_cpu");

	switch (facts->uring) {
	case URING_SUBMIT:
		return storage ? "uring_submit" : "uring_submit_cpu";
	case URING_COMPLETE:
		return storage ? "uring_complete" : NULL;
	case URING_COMPLETE_ENTRY:
		if (!storage)
			return NULL;
		/* Tracepoints can be preempted. */
		return hook_is_preemptible(facts) ? "uring_complete_perf" : "uring_complete_entry";
	case URING_NONE:
		break;
	}
	return NULL;
}

static void free_syscalls(struct counter *counter)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	if (syscalls->timing_fd >= 0)
		close(syscalls->timing_fd);
	if (syscalls->event_fd >= 0)
		close(syscalls->event_fd);
	slot_memory_done(&syscalls->details);
	counter_unload(counter);
	syscall_bpf__destroy(syscalls->skeleton);
	thread_set_clear(&syscalls->ended);
	file_counter_done(&syscalls->files);
	free(syscalls->seen);
	free(syscalls->seen_details);
	free(syscalls);
}

struct attempt {
	const struct counter_setup *setup;
	struct syscall_counter *syscalls;
	const char *uring;		/* the program that was loaded */
};

/* Has the programs leave contop's own process out. */
static int leave_out_own(struct syscall_bpf *skeleton)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);

	return bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.syscall_leave_out), &options);
}

static int load(struct attempt *attempt, const struct hook *hook)
{
	const struct counter_setup *setup = attempt->setup;
	struct syscall_counter *syscalls = attempt->syscalls;
	struct syscall_bpf *skeleton = syscalls->skeleton;
	struct bpf_program *enter;
	const struct counter_table tables[] = {
		{
			.name = "syscall",
			.slots = &syscalls->slots,
			.n = setup->sizes.syscalls,
			.key_offset = offsetof(struct syscall_record, key),
		},
		file_counter_table(&syscalls->files, setup->sizes.files),
	};
	int error;

	skeleton->rodata->settings = setup->settings;
	skeleton->data->files_crowded_from = file_counter_reserve(setup->sizes.files);
	bpf_map__set_max_entries(skeleton->maps.syscall_details, setup->sizes.syscall_details);
	enter = bpf_object__find_program_by_name(skeleton->obj, hook->programs[ENTER_PROGRAM]);
	bpf_program__set_autoattach(enter, false);
	error = counter_load(&syscalls->counter, skeleton->skeleton, setup, hook, tables,
			     ARRAY_SIZE(tables));
	if (!error && !setup->own_calls)
		error = leave_out_own(skeleton);
	syscalls->enter_fd = bpf_program__fd(enter);
	return error ? error : syscall_bpf__attach(skeleton);
}

static int try_programs(struct attempt *attempt, const struct hook *hook)
{
	struct syscall_counter *syscalls = attempt->syscalls;
	int error;

	syscalls->skeleton = syscall_bpf__open_opts(&attempt->setup->types.open);
	if (!syscalls->skeleton)
		return -errno;
	if (attempt->setup->facts.version < KERNEL_VERSION_OF(6, 2))
		kernel_skip_modules(syscalls->skeleton->progs.sys_exit_storage);
	error = load(attempt, hook);
	if (!error)
		return 0;
	counter_unload(&syscalls->counter);
	syscall_bpf__destroy(syscalls->skeleton);
	syscalls->skeleton = NULL;
	return error;
}

/* Where io_uring cannot be counted, system calls still can. */
static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	struct hook both = *hook;

	attempt->uring = uring_program(&attempt->setup->facts, hook);
	both.programs[URING_PROGRAM] = attempt->uring;
	if (attempt->uring && !try_programs(attempt, &both))
		return 0;
	attempt->uring = NULL;
	return try_programs(attempt, hook);
}

void syscall_counter_thread_ended(struct counter *counter, uint32_t tid, uint64_t start_ns)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	thread_set_add(&syscalls->ended, tid, start_ns);
}

void syscall_counter_tell_accepts(struct counter *counter)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	__atomic_store_n(&syscalls->skeleton->bss->log_wanted, 1, __ATOMIC_RELAXED);
}

void syscall_counter_list_files(struct counter *counter)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	__atomic_store_n(&syscalls->skeleton->bss->files_listed, 1, __ATOMIC_RELAXED);
}

void syscall_counter_merge(struct counter *counter)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;

	__atomic_store_n(&syscalls->skeleton->bss->merged, 1, __ATOMIC_RELAXED);
}

static void read_errors(const struct syscall_details *details, struct syscall_details *seen,
			struct syscall_sample *call)
{
	for (size_t i = 0; i < CALL_ERRORS; i++) {
		const struct call_error *error = &details->errors[i];
		uint32_t count = __atomic_load_n(&error->count, __ATOMIC_ACQUIRE);

		/* Counts of a place only grow, whichever error has it. */
		call->top[i].count = count - seen->errors[i].count;
		call->top[i].number = __atomic_load_n(&error->number, __ATOMIC_RELAXED);
		seen->errors[i].count = count;
	}
}

static void read_latency(const struct syscall_details *details, struct syscall_details *seen,
			 uint32_t epoch, struct sample *sample, struct syscall_sample *call)
{
	struct call_latency *latency;
	uint64_t sum = counter_growth(&details->latency_ns, &seen->latency_ns);

	if (!sum)
		return;
	latency = sample_add_latency(sample, call);
	latency->sum_ns = sum;
	for (size_t i = 0; i < CALL_BUCKETS; i++) {
		uint32_t now = __atomic_load_n(&details->histogram[i], __ATOMIC_RELAXED);

		latency->histogram[i] = now - seen->histogram[i];
		latency->timed += latency->histogram[i];
		seen->histogram[i] = now;
	}
	/* What ended while the last interval was read is of this one, but its maximum was not kept. */
	latency->max_ns = details->latency_epoch == epoch ?
			  __atomic_load_n(&details->latency_max_ns, __ATOMIC_RELAXED) :
			  call_percentile(latency->histogram, 1);
}

static void read_details(struct syscall_counter *syscalls, uint32_t slot, struct sample *sample,
			 struct syscall_sample *call)
{
	const struct syscall_details *details;

	if (slot >= syscalls->details.n_mapped)
		return;
	details = (const struct syscall_details *)(void *)syscalls->details.records + slot;
	if (call->errors)
		read_errors(details, &syscalls->seen_details[slot], call);
	read_latency(details, &syscalls->seen_details[slot], syscalls->skeleton->data->epoch,
		     sample, call);
	syscalls->seen[slot].detailed |= call->errors || call->latency;
}

static bool read_record(struct syscall_counter *syscalls, uint32_t slot,
			struct containers *containers, struct sample *sample)
{
	const struct syscall_record *record = slots_record(&syscalls->slots, slot);
	struct syscall_seen *seen = &syscalls->seen[slot];
	struct syscall_sample *call;

	if (__atomic_load_n(&record->count, __ATOMIC_ACQUIRE) == seen->count)
		return false;
	call = sample_add_syscall(sample);
	call->container = counter_container(&syscalls->counter, containers, record->key.cgroup);
	if (record->pid) {
		call->pid = record->pid;
		call->uid = record->uid;
	}
	call->nr = record->key.nr & ~SYSCALL_RELEASED;
	call->count = counter_growth(&record->count, &seen->count);
	call->errors = counter_growth(&record->errors, &seen->errors);
	memcpy(call->comm, record->comm, sizeof(call->comm));
	read_details(syscalls, slot, sample, call);
	if (call->nr & SYSCALL_URING && !syscalls->uring_errors)
		call->errors = UNKNOWN;
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
	} else if (syscalls->crowded && seen->idle >= CROWDED_IDLE) {
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
	if (syscalls->seen[slot].detailed) {
		memset((struct syscall_details *)(void *)syscalls->details.records + slot, 0,
		       sizeof(struct syscall_details));
		memset(&syscalls->seen_details[slot], 0, sizeof(struct syscall_details));
	}
	syscalls->seen[slot] = (struct syscall_seen){ 0 };
}

static void read_syscalls(struct counter *counter, struct containers *containers,
			  struct sample *sample)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;
	uint32_t live = 0, *epoch = &syscalls->skeleton->data->epoch;
	uint64_t unlisted, files;

	slots_refresh(&syscalls->slots);
	/* Without memory to see them they stay unseen: errors and times, not the counts. */
	slot_memory_reach(&syscalls->details, syscalls->slots.used);
	for (uint32_t slot = 1; slot < syscalls->slots.used; slot++) {
		const struct syscall_record *record = slots_record(&syscalls->slots, slot);
		struct syscall_seen *seen = &syscalls->seen[slot];

		if (!record->key.cgroup)
			continue;
		live++;
		if (read_record(syscalls, slot, containers, sample))
			seen->idle = 0;
		else if (seen->idle < CROWDED_IDLE)
			seen->idle++;
		if (!seen->released)
			consider_release(syscalls, slot, containers, sample);
	}
	files = file_counter_read(&syscalls->files, counter, &syscalls->ended, *epoch, containers,
				  sample);
	__atomic_store_n(epoch, *epoch + 1, __ATOMIC_RELAXED);
	syscalls->crowded = CROWDED(live, syscalls->slots.n);
	thread_set_clear(&syscalls->ended);
	sample->accuracy.lost_events += counter_growth(&syscalls->skeleton->bss->lost_events,
						       &syscalls->lost_events);
	unlisted = counter_read_losses(counter, &syscalls->skeleton->bss->overflowed, containers,
				       sample);
	sample->merged = syscalls->skeleton->bss->merged;
	sample->accuracy.file_map_full += files;
	sample->accuracy.syscall_map_full += unlisted > files ? unlisted - files : 0;
	slots_recycle(&syscalls->slots, wipe, syscalls);
}

/*
 * The perf event of sys_enter: opening one takes rights that are gone when the
 * screen wants calls to be timed. -errno.
 */
static int open_enter_event(void)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attributes), .disabled = 1,
	};
	char *text = NULL;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && !text; i++)
		read_file(AT_FDCWD, paths[i], 32, &text);
	if (!text)
		return -ENOENT;
	attributes.config = strtoul(text, NULL, 10);
	free(text);
	fd = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int attach_enter(const struct syscall_counter *syscalls)
{
	if (syscalls->event_fd >= 0)
		return bpf_link_create(syscalls->enter_fd, syscalls->event_fd, BPF_PERF_EVENT, NULL);
	return bpf_link_create(syscalls->enter_fd, 0, BPF_TRACE_RAW_TP, NULL);
}

int syscall_counter_time(struct counter *counter, bool on)
{
	struct syscall_counter *syscalls = (struct syscall_counter *)counter;
	uint64_t since = on ? monotonic_ns() : 0;

	if (on == (syscalls->timing_fd >= 0))
		return 0;
	if (on) {
		int fd = attach_enter(syscalls);

		if (fd < 0)
			return fd;
		syscalls->timing_fd = fd;
	} else {
		close(syscalls->timing_fd);
		syscalls->timing_fd = -1;
	}
	__atomic_store_n(&syscalls->skeleton->bss->timed_since, since, __ATOMIC_RELAXED);
	return 0;
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
	syscalls->details = slot_memory_of(syscalls->skeleton->maps.syscall_details);
	syscalls->seen_details = xcalloc(syscalls->details.n, sizeof(*syscalls->seen_details));
	file_counter_init(&syscalls->files, &syscalls->skeleton->bss->files_crowded,
			  &syscalls->skeleton->bss->files_overflowed);
	syscalls->timing_fd = syscalls->event_fd = -1;
	if (setup->may_time && !strncmp(status->hook, "tp/", strlen("tp/")))
		syscalls->event_fd = open_enter_event();
	syscalls->uring_errors = setup->facts.uring != URING_SUBMIT;
	if (attempt.uring)
		snprintf(status->hook + strlen(status->hook),
			 sizeof(status->hook) - strlen(status->hook), ", io_uring");
	syscalls->counter.scope_epoch = &syscalls->skeleton->data->scope_epoch;
	*ret = &syscalls->counter;
	return 0;
}
