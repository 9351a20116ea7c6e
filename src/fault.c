/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's event of major faults, one for each CPU, with a program on each: made
 * when contop starts, as that takes rights, and enabled when it is to count.
 */
#include "fault.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.skel.h"
#include "tally.h"
#include "util.h"

#define PROCESSES_MOST 2048
#define IDLE_LIMIT 60			/* intervals: then a slot goes back */

struct faults {
	struct fault_bpf *skeleton;
	struct tally tally;
	int *events;			/* by CPU, -1: it is not there; owned */
	size_t n_events;
	__u64 not_counted;		/* at the last reading */
	bool on;
};

/* ---- reading */

static void read_record(struct faults *faults, uint32_t slot, struct containers *containers,
			struct sample *sample)
{
	const struct fault_record *record = slots_record(&faults->tally.slots, slot);
	uint64_t n = tally_growth(&faults->tally, slot);
	struct fault_sample *fault;

	if (!n)
		return;
	fault = sample_add_fault(sample);
	fault->container = containers_find(containers, record->key.cgroup);
	fault->count = n;
	if (!record->key.pid)
		return;
	fault->pid = record->key.pid;
	fault->uid = record->uid;
	memcpy(fault->comm, record->comm, sizeof(fault->comm));
}

void faults_read(struct faults *faults, struct containers *containers, struct sample *sample)
{
	slots_refresh(&faults->tally.slots);
	for (uint32_t slot = 1; slot < faults->tally.slots.used; slot++)
		read_record(faults, slot, containers, sample);
	sample->faults_counted = faults->on;
	sample->accuracy.process_map_full += tally_recycle(&faults->tally);
	sample->accuracy.process_map_full += counter_growth(&faults->skeleton->bss->not_counted,
							    &faults->not_counted);
}

void faults_count(struct faults *faults, bool on)
{
	faults->on = on;
	for (size_t i = 0; i < faults->n_events; i++)
		if (faults->events[i] >= 0)
			ioctl(faults->events[i], on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

/* ---- beginning and end */

static int load(struct faults *faults, const struct counter_setup *setup)
{
	struct fault_bpf *skeleton = fault_bpf__open_opts(&setup->types.open);
	int error;

	if (!skeleton)
		return -errno;
	faults->skeleton = skeleton;
	skeleton->rodata->settings = setup->settings;
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = slots_prepare(skeleton->obj, "fault", PROCESSES_MOST);
	if (!error)
		error = fault_bpf__load(skeleton);
	if (!error)
		error = tally_init(&faults->tally, skeleton->obj, "fault",
				   offsetof(struct fault_record, key),
				   offsetof(struct fault_record, count), IDLE_LIMIT);
	return error;
}

/* A descriptor, or -errno; -ENODEV: this CPU is off. */
static int open_event(int cpu, int program)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS_MAJ,
		.size = sizeof(attributes), .sample_period = 1, .disabled = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int attach(struct faults *faults)
{
	int program = bpf_program__fd(faults->skeleton->progs.major_fault);
	int n = libbpf_num_possible_cpus();

	if (n < 0)
		return n;
	faults->events = xcalloc((size_t)n, sizeof(*faults->events));
	for (int cpu = 0; cpu < n; cpu++) {
		int fd = open_event(cpu, program);

		if (fd < 0 && fd != -ENODEV)
			return fd;
		faults->events[faults->n_events++] = fd < 0 ? -1 : fd;
	}
	return 0;
}

int faults_open(const struct counter_setup *setup, struct faults **ret)
{
	struct faults *faults = xcalloc(1, sizeof(*faults));
	int error = load(faults, setup);

	if (!error)
		error = attach(faults);
	if (error)
		faults_free(faults);
	else
		*ret = faults;
	return error;
}

void faults_free(struct faults *faults)
{
	if (!faults)
		return;
	for (size_t i = 0; i < faults->n_events; i++)
		if (faults->events[i] >= 0)
			close(faults->events[i]);
	free(faults->events);
	tally_done(&faults->tally);
	fault_bpf__destroy(faults->skeleton);
	free(faults);
}

const struct bpf_object *faults_object(const struct faults *faults)
{
	return faults->skeleton->obj;
}
