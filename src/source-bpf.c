/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel of this host as a source of samples: all counters, and the containers' lives. */
#include "source-bpf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "census.h"
#include "column.h"
#include "event-log.h"
#include "kernel.h"
#include "lifecycle.h"
#include "hint.h"
#include "fault.h"
#include "listener.h"
#include "privilege.h"
#include "process.h"
#include "util.h"

#define BOUNDED_EVERY_NS (2 * NSEC_PER_SEC)	/* the programs' cost is measured, within a bound */

static void time_calls(struct source *source, bool on)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	if (kernel->counters[COUNTER_SYSCALLS] && !(on && kernel->never_timed))
		syscall_counter_time(kernel->counters[COUNTER_SYSCALLS], on);
}

/*
 * The programs have been found to take more than they may: times of calls are left
 * out first, then which process makes them.
 */
static void leave_out(struct kernel_source *kernel)
{
	struct pane_status *status = kernel->source.status;
	size_t size;

	if (!kernel->counters[COUNTER_SYSCALLS])
		return;
	if (!kernel->never_timed) {
		time_calls(&kernel->source, false);
		kernel->never_timed = true;
		size = strlen(status[PANE_SYSCALLS].hook);
		snprintf(status[PANE_SYSCALLS].hook + size, sizeof(status->hook) - size,
			 ", not timed");
	} else if (!kernel->merged) {
		syscall_counter_merge(kernel->counters[COUNTER_SYSCALLS]);
		kernel->merged = true;
		status[PANE_PROCESSES].available = false;
		strcpy(status[PANE_PROCESSES].reason, "left out: all took more than --max-overhead");
	}
}

static void take_events(struct source *source)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	if (kernel->lifecycle)
		lifecycle_take_events(kernel->lifecycle);
	if (kernel->log)
		event_log_take(kernel->log);
	if (kernel->hints)
		hints_take(kernel->hints);
	if (kernel->cost.n && kernel_cost_work(&kernel->cost, monotonic_ns()) &&
	    kernel->options->max_overhead_ppm &&
	    kernel->cost.share * 1e6 > (double)kernel->options->max_overhead_ppm)
		leave_out(kernel);
	source->cost = kernel->cost.share;
}

/* The scope has changed: has the programs look again at whom they count for. */
static void tell_scope(struct kernel_source *kernel)
{
	if (!kernel->scope.changed)
		return;
	kernel->scope.changed = false;
	for (size_t i = 0; i < ARRAY_SIZE(kernel->counters); i++)
		if (kernel->counters[i])
			__atomic_fetch_add(kernel->counters[i]->scope_epoch, 1, __ATOMIC_RELAXED);
}

/*
 * While a task changes a map through bpf(2), perf tracepoints on its CPU are not
 * run: it must not be preempted there by tasks whose calls would then be missed.
 * Without CAP_SYS_NICE it may be, and missed_runs tells. Returns the former
 * policy or -1.
 */
static int hold_cpu(struct sched_param *ret_former)
{
	const struct sched_param first = { .sched_priority = 1 };
	int policy = sched_getscheduler(0);

	if (policy < 0 || sched_getparam(0, ret_former))
		return -1;
	return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) ? -1 : policy;
}

static void read_listeners(struct kernel_source *kernel, struct sample *sample)
{
	if (!kernel->listeners)
		return;
	if (kernel->source.wanted[PANE_LISTENERS])
		listeners_read(kernel->listeners, kernel->source.containers, sample);
	else
		listeners_skip(kernel->listeners);
}

static int read_sample(struct source *source, struct sample *sample)
{
	struct kernel_source *kernel = (struct kernel_source *)source;
	struct sched_param former;
	uint64_t now;
	int policy;

	/* First who lives and who has died, then what they did. */
	take_events(source);
	containers_refresh(source->containers);
	scope_maps_judge(&kernel->scope, source->containers);
	policy = kernel->perf_tracepoints ? hold_cpu(&former) : -1;
	now = monotonic_ns();
	/* What is found goes into a sample that is shown: not into the first. */
	if (kernel->read_ns)
		nat_begin(kernel->nat);
	for (size_t i = 0; i < ARRAY_SIZE(kernel->counters); i++)
		if (kernel->counters[i])
			kernel->counters[i]->read(kernel->counters[i], source->containers, sample);
	read_listeners(kernel, sample);
	if (kernel->hints)
		hints_read(kernel->hints, sample);
	if (kernel->faults)
		faults_read(kernel->faults, source->containers, sample);
	if (policy >= 0)
		sched_setscheduler(0, policy, &former);
	/* Likewise. */
	if (kernel->read_ns)
		processes_complete(kernel->processes, sample);
	tell_scope(kernel);
	if (kernel->lifecycle)
		lifecycle_read_losses(kernel->lifecycle, sample);
	if (kernel->log)
		event_log_read(kernel->log, sample);
	else
		sample_sort_events(sample);
	clock_gettime(CLOCK_REALTIME, &sample->time);
	sample->monotonic_ns = now;
	sample->interval_ns = now - kernel->read_ns;
	kernel->read_ns = now;
	return 0;
}

static void watch_pressure(struct source *source, bool on)
{
	containers_watch_pressure(source->containers, on);
}

static void count_faults(struct source *source, bool on)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	if (kernel->faults)
		faults_count(kernel->faults, on);
}

static void free_source(struct source *source)
{
	struct kernel_source *kernel = (struct kernel_source *)source;

	if (source->events_fd >= 0)
		close(source->events_fd);
	kernel_cost_done(&kernel->cost);
	listeners_free(kernel->listeners);
	census_free(kernel->census);
	hints_free(kernel->hints);
	faults_free(kernel->faults);
	event_log_free(kernel->log);
	lifecycle_free(kernel->lifecycle);
	processes_free(kernel->processes);
	nat_free(kernel->nat);
	user_names_free(kernel->users);
	services_free(kernel->services);
	for (size_t i = 0; i < ARRAY_SIZE(kernel->counters); i++)
		if (kernel->counters[i])
			kernel->counters[i]->free(kernel->counters[i]);
	scope_maps_done(&kernel->scope);
	if (kernel->cgroup_fd >= 0)
		close(kernel->cgroup_fd);
	containers_free(source->containers);
	cgroup_layout_done(&kernel->layout);
	free(source->host);
	free(source->error);
	free(kernel);
}

/* libbpf tells what failed by return values; its messages are for its own developers. */
static int print_nothing(enum libbpf_print_level level __attribute__((unused)),
			 const char *format __attribute__((unused)),
			 va_list arguments __attribute__((unused)))
{
	return 0;
}

__attribute__((format(printf, 2, 0)))
static int print_all(enum libbpf_print_level level __attribute__((unused)), const char *format,
		     va_list arguments)
{
	return vfprintf(stderr, format, arguments);
}

/* For the screen, which shows it, or to keep it within a bound. */
static void watch_cost(struct kernel_source *kernel)
{
	if (kernel_cost_init(&kernel->cost))
		return;
	if (kernel->options->max_overhead_ppm)
		kernel->cost.every_ns = BOUNDED_EVERY_NS;
	kernel_source_watch(kernel, kernel->cost.timer_fd);
	for (size_t i = 0; i < ARRAY_SIZE(kernel->counters); i++)
		if (kernel->counters[i])
			kernel_cost_add(&kernel->cost, kernel->counters[i]->object);
	if (kernel->lifecycle)
		kernel_cost_add(&kernel->cost, lifecycle_object(kernel->lifecycle));
	if (kernel->log)
		kernel_cost_add(&kernel->cost, event_log_object(kernel->log));
	if (kernel->log && event_log_slow_object(kernel->log))
		kernel_cost_add(&kernel->cost, event_log_slow_object(kernel->log));
	if (kernel->hints)
		kernel_cost_add(&kernel->cost, hints_object(kernel->hints));
	if (kernel->faults)
		kernel_cost_add(&kernel->cost, faults_object(kernel->faults));
	if (kernel->listeners)
		kernel_cost_add(&kernel->cost, listeners_object(kernel->listeners));
}

/* What of the host there is to look at. 0 or -errno with *ret_error. */
static int look_around(struct kernel_source *kernel, char **ret_error)
{
	const struct options *options = kernel->options;
	struct source *source = &kernel->source;
	int error = cgroup_layout_init(&kernel->layout, options->procfs, options->cgroupfs);

	if (error) {
		*ret_error = xasprintf("cannot read the cgroups below %s: %s; is it mounted?",
				       options->cgroupfs, strerror(-error));
		return error;
	}
	source->layout = cgroup_mode_name(kernel->layout.mode);
	source->containers = containers_new(&kernel->layout);
	containers_set_units(source->containers, options->units);
	return 0;
}

/* Finds out what setup has of the kernel, and opens all that counts. Likewise. */
static int open_with(struct kernel_source *kernel, struct counter_setup *setup, char **ret_error)
{
	const struct options *options = kernel->options;
	int error = kernel_facts_read(&kernel->layout, &setup->facts, &setup->settings,
				      &setup->types);

	if (error) {
		*ret_error = xasprintf("this kernel has no BTF (/sys/kernel/btf/vmlinux): "
				       "one with CONFIG_DEBUG_INFO_BTF=y is needed");
		return error;
	}
	kernel->cgroup_fd = kernel_open_cgroup2(&kernel->layout);
	setup->cgroup_fd = kernel->cgroup_fd;
	error = scope_maps_init(&kernel->scope, &options->scope, options->procfs, &setup->settings);
	if (error)
		*ret_error = xasprintf("cannot look at part of the host only: %s", hook_reason(error));
	else
		kernel_source_open(kernel, setup);
	kernel_types_close(&setup->types);
	return error;
}

static int start(struct kernel_source *kernel, char **ret_error)
{
	const struct options *options = kernel->options;
	struct source *source = &kernel->source;
	struct counter_setup setup = {
		.sizes = table_sizes_of(options->memory_budget),
		.layout = &kernel->layout,
		.procfs = options->procfs,
		.scope = &kernel->scope,
		.nat = kernel->nat,
		.own_calls = options->own_calls,
		.users = kernel->users,
		.may_time = !options->batch || options_wishes(options) & WISH_LATENCY,
		.services = kernel->services,
		.hooks_off = getenv("CONTOP_HOOKS_OFF"),
		/* Whether it works is asked without it. */
		.settings.slow_ns = options->check ? NSEC_PER_SEC : options->slow_ns,
	};
	/* Until 5.11, maps are charged to RLIMIT_MEMLOCK; later kernels do not mind a refusal. */
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int error;

	libbpf_set_print(getenv("CONTOP_DEBUG") ? print_all : print_nothing);
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	error = open_with(kernel, &setup, ret_error);
	if (error)
		return error;
	error = scope_maps_seed(&kernel->scope);
	if (error) {
		*ret_error = xasprintf("-p: no such process; ids are those that %s has",
				       options->procfs);
		return error;
	}
	if (options_wishes(options) & WISH_LATENCY)
		time_calls(source, true);
	if (!options->batch || options->max_overhead_ppm)
		watch_cost(kernel);
	kernel_cost_work(&kernel->cost, monotonic_ns());
	if (options->max_overhead_ppm && kernel->cost.stats_fd < 0) {
		*ret_error = xasprintf("--max-overhead: the kernel measures programs only for who "
				       "has CAP_SYS_ADMIN");
		return -EPERM;
	}
	if (source->status[PANE_CONTAINERS].available)
		return 0;
	*ret_error = xasprintf("no counter works here (contop --check tells more): %s",
			       source->status[PANE_SYSCALLS].reason);
	return -ENOTSUP;
}

/* Rights for what reading takes. */
static unsigned int needs(const struct kernel_source *kernel)
{
	unsigned int needs = PRIVILEGE_LOOK | PRIVILEGE_MAPS;

	/* Which columns are shown may change: calls are to be timed then, or no more. */
	if (!kernel->options->batch)
		needs |= PRIVILEGE_ATTACH;
	if (kernel->perf_tracepoints)
		needs |= PRIVILEGE_FIRST;
	if (kernel->source.status[PANE_FLOWS].available)
		needs |= PRIVILEGE_NAT;
	if (kernel->cost.n)
		needs |= PRIVILEGE_STATS;
	return needs;
}

/* All that was counted before the first interval begins is dropped. */
static void drop_first_sample(struct kernel_source *kernel)
{
	struct sample sample = { 0 };

	/* What libbpf read of the kernel's types goes back: it is never needed again. */
	malloc_trim(0);
	containers_scan(kernel->source.containers);
	read_sample(&kernel->source, &sample);
	sample_done(&sample);
}

static int begin(struct source *source, char **ret_error)
{
	struct kernel_source *kernel = (struct kernel_source *)source;
	int error;

	source->begin = NULL;
	kernel->users = user_names_new();
	kernel->services = services_new();
	kernel->processes = processes_new(kernel->options->procfs, kernel->users);
	kernel->nat = nat_new(kernel->options->procfs);
	error = start(kernel, ret_error);
	/* --check shows why nothing works. */
	if (error == -ENOTSUP && kernel->options->check) {
		free(*ret_error);
		*ret_error = NULL;
		error = 0;
	}
	if (error)
		return error;
	source->needs = needs(kernel);
	drop_first_sample(kernel);
	return 0;
}

int source_bpf_open(const struct options *options, struct source **ret_source, char **ret_error)
{
	struct kernel_source *kernel = xcalloc(1, sizeof(*kernel));
	struct source *source = &kernel->source;
	char host[256] = "";
	int error;

	gethostname(host, sizeof(host) - 1);
	kernel->options = options;
	source->host = xstrdup(host);
	source->events_fd = -1;
	source->cost = -1;
	kernel->cost = (struct kernel_cost){ .timer_fd = -1, .stats_fd = -1, .share = -1 };
	source->begin = begin;
	source->read = read_sample;
	source->take_events = take_events;
	source->time_calls = time_calls;
	source->watch_pressure = watch_pressure;
	source->count_faults = count_faults;
	source->free = free_source;
	kernel->cgroup_fd = -1;
	kernel->scope.outside_cgroups = kernel->scope.inside_processes = -1;
	error = look_around(kernel, ret_error);
	if (error)
		free_source(source);
	else
		*ret_source = source;
	return error;
}
