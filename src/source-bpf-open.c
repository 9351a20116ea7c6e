/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens what counts in the kernel of this host: the counters, and what tells of events. */
#include "source-bpf.h"

#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>

#include "census.h"
#include "column.h"
#include "event-log.h"
#include "fault.h"
#include "hint.h"
#include "lifecycle.h"
#include "listener.h"
#include "util.h"

/* The counters and whose pane depends on them. */
static const struct {
	enum pane_id pane;
	int (*open)(const struct counter_setup *setup, struct pane_status *status,
		    struct counter **ret);
} counter_kinds[COUNTER_KINDS] = {
	[COUNTER_FLOWS] = { PANE_FLOWS, flow_counter_open },
	[COUNTER_DISKS] = { PANE_DISKS, disk_counter_open },
	[COUNTER_SYSCALLS] = { PANE_SYSCALLS, syscall_counter_open },
};

static uint64_t hierarchy_bit(const struct cgroup_layout *layout, const char *controller)
{
	const struct hierarchy *hierarchy = cgroup_controller(layout, controller);

	return hierarchy ? 1ULL << (hierarchy->number & 63) : 0;
}

void kernel_source_watch(struct kernel_source *kernel, int fd)
{
	int *all = &kernel->source.events_fd;

	if (*all < 0)
		*all = epoll_create1(EPOLL_CLOEXEC);
	if (*all >= 0)
		epoll_ctl(*all, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN });
}

static void want_events(struct source *source)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	if (kernel->log) {
		event_log_want(kernel->log);
		if (kernel->counters[COUNTER_SYSCALLS])
			syscall_counter_tell_accepts(kernel->counters[COUNTER_SYSCALLS]);
	}
	source->want_events = NULL;
}

static void list_files(struct source *source)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	source->want_files = NULL;
	if (kernel->counters[COUNTER_SYSCALLS])
		syscall_counter_list_files(kernel->counters[COUNTER_SYSCALLS]);
}

static void not_asked(struct source *source, enum pane_id pane, const char *reason)
{
	strcpy(source->status[pane].reason, reason);
	source->left_out[pane] = true;
}

/* The screen may want events when the rights to attach are gone. */
static void open_log(struct kernel_source *kernel, struct counter_setup *setup,
		     const struct options *options)
{
	struct source *source = &kernel->source;
	bool wanted = options_want_events(options);

	if (!wanted && options->batch) {
		not_asked(source, PANE_EVENTS, "not asked for: start contop with -P events");
		return;
	}
	if (event_log_open(setup, source->containers, &source->status[PANE_EVENTS],
			   &kernel->log))
		return;
	kernel_source_watch(kernel, event_log_fd(kernel->log));
	if (event_log_slow_fd(kernel->log) >= 0)
		kernel_source_watch(kernel, event_log_slow_fd(kernel->log));
	source->want_events = want_events;
	if (wanted)
		want_events(source);
}

/* Likewise. */
static void open_listeners(struct kernel_source *kernel, const struct counter_setup *setup,
			   const struct options *options)
{
	struct source *source = &kernel->source;

	source->wanted[PANE_LISTENERS] = options_want_listeners(options);
	if (source->wanted[PANE_LISTENERS] || !options->batch)
		listeners_open(setup, &source->status[PANE_LISTENERS], &kernel->listeners);
	else
		not_asked(source, PANE_LISTENERS, "not asked for: start contop with -P listeners");
}

static void open_hints(struct kernel_source *kernel, const struct counter_setup *setup,
		       const struct options *options)
{
	struct source *source = &kernel->source;

	if (!options_want_hints(options))
		not_asked(source, PANE_HINTS, "not asked for: start contop with --hints");
	else if (!hints_open(setup, source->containers, &source->status[PANE_HINTS],
			     &kernel->hints))
		kernel_source_watch(kernel, hints_fd(kernel->hints));
}

/* The screen may show them later, when the rights to attach are gone. */
static void open_faults(struct kernel_source *kernel, const struct counter_setup *setup,
			const struct options *options)
{
	bool wanted = options_wishes(options) & WISH_FAULTS;

	if (!wanted && options->batch)
		return;
	if (!faults_open(setup, &kernel->faults) && wanted)
		faults_count(kernel->faults, true);
}

/* One counter that opens, in a thread of its own. */
struct opening {
	struct kernel_source *kernel;
	const struct counter_setup *setup;
	size_t kind;			/* of counter_kinds */
	pthread_t thread;
	bool has_thread;
};

static void *open_counter(void *arg)
{
	struct opening *opening = arg;
	struct kernel_source *kernel = opening->kernel;
	enum pane_id pane = counter_kinds[opening->kind].pane;

	counter_kinds[opening->kind].open(opening->setup, &kernel->source.status[pane],
					  &kernel->counters[opening->kind]);
	return NULL;
}

/*
 * All at once: each has its own BPF object, and most of the time goes into the
 * verifier and into the kernel's types, which libbpf reads anew for each.
 */
static void open_all(struct kernel_source *kernel, const struct counter_setup *setup)
{
	struct opening openings[COUNTER_KINDS];

	/*
	 * What is needed but once, the kernel's types above all, is to go back when it
	 * is freed: no arena for each thread, and large pieces always by mmap.
	 */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 1 << 17);
	for (size_t i = 0; i < ARRAY_SIZE(openings); i++) {
		struct opening *opening = &openings[i];

		*opening = (struct opening){ .kernel = kernel, .setup = setup, .kind = i };
		opening->has_thread = !pthread_create(&opening->thread, NULL, open_counter, opening);
		if (!opening->has_thread)
			open_counter(opening);
	}
	for (size_t i = 0; i < ARRAY_SIZE(openings); i++)
		if (openings[i].has_thread)
			pthread_join(openings[i].thread, NULL);
}

void kernel_source_open(struct kernel_source *kernel, struct counter_setup *setup)
{
	const struct options *options = kernel->options;
	struct source *source = &kernel->source;
	struct pane_status *status = source->status;
	uint64_t followed = 1ULL | 1ULL << (kernel->layout.home & 63) |
			    hierarchy_bit(&kernel->layout, "blkio") |
			    hierarchy_bit(&kernel->layout, "memory");

	flow_maps_init(&setup->flow_maps, setup->sizes.flows,
		       options_want_events(options) || !options->batch);
	setup->settings.flows_counted = kernel->cgroup_fd >= 0 && setup->flow_maps.records >= 0;
	open_all(kernel, setup);
	lifecycle_open(setup, followed, source->containers, kernel->counters[COUNTER_SYSCALLS],
		       kernel->processes, &status[PANE_CONTAINERS], &kernel->lifecycle);
	census_open(setup, source->containers, &kernel->census);
	if (kernel->lifecycle)
		kernel_source_watch(kernel, lifecycle_fd(kernel->lifecycle));
	if (kernel->counters[COUNTER_FLOWS])
		setup->flows = kernel->counters[COUNTER_FLOWS]->object;
	setup->accepts_told = kernel->counters[COUNTER_SYSCALLS] && setup->settings.flows_counted &&
			      setup->flow_maps.ring >= 0;
	open_log(kernel, setup, options);
	open_listeners(kernel, setup, options);
	open_hints(kernel, setup, options);
	open_faults(kernel, setup, options);
	flow_maps_done(&setup->flow_maps);
	source->want_files = list_files;
	if (options_want_files(options))
		list_files(source);
	/* The cgroup file system alone tells of containers, too, if later. */
	status[PANE_CONTAINERS].available = status[PANE_FLOWS].available ||
					    status[PANE_DISKS].available ||
					    status[PANE_SYSCALLS].available;
	if (status[PANE_CONTAINERS].available && !kernel->lifecycle)
		strcpy(status[PANE_CONTAINERS].hook, "cgroup file system");
	status[PANE_PROCESSES] = status[PANE_FILES] = status[PANE_SYSCALLS];
	kernel->perf_tracepoints = !strncmp(status[PANE_SYSCALLS].hook, "tp/", strlen("tp/"));
}
