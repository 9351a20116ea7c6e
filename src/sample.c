/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples: growing arrays of what happened in an interval, and percentiles of its histograms. */
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "util.h"

#define SELDOM 16384			/* events, or flows that move, in an interval */

#define ACCURACY(member, text) { #member, text, offsetof(struct accuracy, member), false }
#define NOTE(member, text) { #member, text, offsetof(struct accuracy, member), true }
const struct accuracy_field accuracy_fields[ACCURACY_FIELDS] = {
	ACCURACY(missed_runs, "events missed"),
	ACCURACY(lost_events, "container events lost"),
	ACCURACY(flow_map_full, "packets not listed"),
	ACCURACY(disk_map_full, "disk operations not listed"),
	ACCURACY(syscall_map_full, "system calls not listed"),
	ACCURACY(file_map_full, "calls on files not listed"),
	ACCURACY(process_map_full, "processes not listed"),
	ACCURACY(listener_map_full, "listeners or their connections not listed"),
	ACCURACY(hint_map_full, "requests not listed"),
	ACCURACY(lost_hints, "requests or answers not seen"),
	ACCURACY(unattributed_bytes, "bytes of no known container"),
	ACCURACY(unwritten_reports, "reports not written"),
	NOTE(shared_bytes, "disk bytes shared"),
	NOTE(disk_ends_missed, "disk operations not timed"),
};

uint64_t accuracy_number(const struct accuracy *accuracy, const struct accuracy_field *field)
{
	const char *base = (const char *)accuracy;

	return *(const uint64_t *)(const void *)(base + field->offset);
}

static const struct flow_sample no_flow = {
	.rtt_us = UNKNOWN, .connect_us = UNKNOWN, .cwnd = UNKNOWN, .age_s = UNKNOWN,
	.pid = UNKNOWN, .ppid = UNKNOWN, .uid = UNKNOWN, .gid = UNKNOWN,
};

struct flow_sample *sample_add_flow(struct sample *sample)
{
	struct flow_sample *flow;

	sample->flows = array_reserve(sample->flows, &sample->flows_capacity, sample->n_flows + 1,
				      sizeof(*flow));
	flow = &sample->flows[sample->n_flows++];
	*flow = no_flow;
	return flow;
}

struct flow_growth *sample_add_growth(struct sample *sample)
{
	sample->growths = array_reserve(sample->growths, &sample->growths_capacity,
					sample->n_growths + 1, sizeof(*sample->growths));
	return &sample->growths[sample->n_growths++];
}

void sample_complete_flow(const struct sample *sample, const struct flow_growth *growth,
			  struct flow_sample *ret)
{
	*ret = no_flow;
	ret->container = growth->container;
	ret->rx_bytes = growth->rx_bytes;
	ret->tx_bytes = growth->tx_bytes;
	ret->rx_packets = growth->rx_packets;
	ret->tx_packets = growth->tx_packets;
	ret->retransmits = growth->retransmits;
	ret->resets = growth->resets;
	ret->zero_windows = growth->zero_windows;
	ret->rtt_us = known_small(growth->rtt_us);
	ret->connect_us = known_small(growth->connect_us);
	ret->cwnd = known_small(growth->cwnd);
	ret->age_s = known_small(growth->age_s);
	ret->state = growth->state;
	ret->direction = growth->direction;
	ret->ended = growth->ended;
	ret->place = growth->place;
	sample->complete_flow(sample->flow_table, growth, ret);
}

struct disk_sample *sample_add_disk(struct sample *sample)
{
	struct disk_sample *disk;

	sample->disks = array_reserve(sample->disks, &sample->disks_capacity, sample->n_disks + 1,
				      sizeof(*disk));
	disk = &sample->disks[sample->n_disks++];
	*disk = (struct disk_sample){
		.pid = UNKNOWN, .uid = UNKNOWN,
		.latency_p50_us = UNKNOWN, .latency_p99_us = UNKNOWN,
	};
	return disk;
}

struct syscall_sample *sample_add_syscall(struct sample *sample)
{
	struct syscall_sample *call;

	sample->syscalls = array_reserve(sample->syscalls, &sample->syscalls_capacity,
					 sample->n_syscalls + 1, sizeof(*call));
	call = &sample->syscalls[sample->n_syscalls++];
	*call = (struct syscall_sample){ .pid = UNKNOWN, .uid = UNKNOWN };
	return call;
}

struct file_sample *sample_add_file(struct sample *sample)
{
	struct file_sample *file;

	sample->files = array_reserve(sample->files, &sample->files_capacity, sample->n_files + 1,
				      sizeof(*file));
	file = &sample->files[sample->n_files++];
	*file = (struct file_sample){ .pid = UNKNOWN, .uid = UNKNOWN };
	return file;
}

struct process_sample *sample_add_process(struct sample *sample)
{
	struct process_sample *process;

	sample->processes = array_reserve(sample->processes, &sample->processes_capacity,
					  sample->n_processes + 1, sizeof(*process));
	process = &sample->processes[sample->n_processes++];
	*process = (struct process_sample){
		.pid = UNKNOWN, .nspid = UNKNOWN, .ppid = UNKNOWN, .uid = UNKNOWN,
		.disk_latency = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};
	return process;
}

struct listener_sample *sample_add_listener(struct sample *sample)
{
	struct listener_sample *listener;

	sample->listeners = array_reserve(sample->listeners, &sample->listeners_capacity,
					  sample->n_listeners + 1, sizeof(*listener));
	listener = &sample->listeners[sample->n_listeners++];
	*listener = (struct listener_sample){
		.pid = UNKNOWN, .sockets = UNKNOWN, .backlog = UNKNOWN, .backlog_max = UNKNOWN,
		.accepts = UNKNOWN, .drops = UNKNOWN,
	};
	return listener;
}

struct hint_sample *sample_add_hint(struct sample *sample)
{
	struct hint_sample *hint;

	sample->hints = array_reserve(sample->hints, &sample->hints_capacity, sample->n_hints + 1,
				      sizeof(*hint));
	hint = &sample->hints[sample->n_hints++];
	*hint = (struct hint_sample){ .errors = UNKNOWN, .unanswered = UNKNOWN };
	latency_sum_begin(&hint->latency);
	return hint;
}

struct fault_sample *sample_add_fault(struct sample *sample)
{
	struct fault_sample *fault;

	sample->faults = array_reserve(sample->faults, &sample->faults_capacity,
				       sample->n_faults + 1, sizeof(*fault));
	fault = &sample->faults[sample->n_faults++];
	*fault = (struct fault_sample){ .pid = UNKNOWN, .uid = UNKNOWN };
	return fault;
}

struct remainder_sample *sample_add_remainder(struct sample *sample)
{
	struct remainder_sample *remainder;

	sample->remainders = array_reserve(sample->remainders, &sample->remainders_capacity,
					   sample->n_remainders + 1, sizeof(*remainder));
	remainder = &sample->remainders[sample->n_remainders++];
	*remainder = (struct remainder_sample){ 0 };
	return remainder;
}

struct call_latency *sample_add_latency(struct sample *sample, struct syscall_sample *call)
{
	struct call_latency *latency;

	sample->latencies = array_reserve(sample->latencies, &sample->latencies_capacity,
					  sample->n_latencies + 1, sizeof(*latency));
	latency = &sample->latencies[sample->n_latencies++];
	*latency = (struct call_latency){ .p50_ns = UNKNOWN, .p99_ns = UNKNOWN };
	call->latency = (uint32_t)sample->n_latencies;
	return latency;
}

struct event_sample *sample_add_event(struct sample *sample)
{
	struct event_sample *event;

	if (sample->n_events == SAMPLE_EVENTS_MAX) {
		sample->accuracy.lost_events++;
		return NULL;
	}
	sample->events = array_reserve(sample->events, &sample->events_capacity,
				       sample->n_events + 1, sizeof(*event));
	event = &sample->events[sample->n_events++];
	*event = (struct event_sample){
		.pid = UNKNOWN, .ppid = UNKNOWN, .uid = UNKNOWN, .gid = UNKNOWN, .rx_bytes = UNKNOWN, .tx_bytes = UNKNOWN,
		.rx_packets = UNKNOWN, .tx_packets = UNKNOWN, .duration_ms = UNKNOWN,
		.latency_us = UNKNOWN, .exit_code = UNKNOWN, .signal = UNKNOWN,
		.bytes = UNKNOWN,
	};
	return event;
}

static int compare_events(const void *a, const void *b)
{
	const struct event_sample *left = a, *right = b;

	return COMPARE(left->time_ns, right->time_ns);
}

void sample_sort_events(struct sample *sample)
{
	if (sample->n_events)
		qsort(sample->events, sample->n_events, sizeof(*sample->events), compare_events);
}

static const char *const event_names[LOG_KINDS] = {
	[LOG_CONNECT] = "connect", [LOG_ACCEPT] = "accept", [LOG_CLOSE] = "close",
	[LOG_CONNECT_FAILED] = "connect_failed", [LOG_RETRANSMIT] = "retransmit",
	[LOG_EXEC] = "exec", [LOG_EXIT] = "exit", [LOG_OOM] = "oom",
	[LOG_SLOW_IO] = "slow_io",
	[LOG_START] = "start", [LOG_STOP] = "stop",
};

const char *event_name(enum log_kind kind)
{
	return kind < LOG_KINDS ? event_names[kind] : NULL;
}

enum log_kind event_kind(const char *name)
{
	enum log_kind kind = 0;

	while (kind < LOG_KINDS && (!name || strcmp(name, event_names[kind])))
		kind++;
	return kind;
}

static const char *const operation_names[DISK_OPERATIONS] = {
	[DISK_READ] = "read", [DISK_WRITE] = "write",
	[DISK_DISCARD] = "discard", [DISK_FLUSH] = "flush",
};

const char *operation_name(enum disk_operation operation)
{
	return operation < DISK_OPERATIONS ? operation_names[operation] : NULL;
}

const char *const operation_sync = "sync";

const char *operation_by_name(const char *name)
{
	for (size_t i = 0; name && i < DISK_OPERATIONS; i++)
		if (!strcmp(name, operation_names[i]))
			return operation_names[i];
	return name && !strcmp(name, operation_sync) ? operation_sync : NULL;
}

uint64_t sample_time_ns(const struct sample *sample)
{
	return (uint64_t)sample->time.tv_sec * 1000000000 + (uint64_t)sample->time.tv_nsec;
}

void sample_clear(struct sample *sample)
{
	for (size_t i = 0; i < sample->n_processes; i++) {
		free(sample->processes[i].command);
		free(sample->processes[i].exe);
	}
	for (size_t i = 0; i < sample->n_files; i++)
		free(sample->files[i].path);
	for (size_t i = 0; i < sample->n_events; i++)
		free(sample->events[i].path);
	/* The room of a storm is not needed again soon. */
	if (sample->events_capacity > SELDOM) {
		free(sample->events);
		sample->events = NULL;
		sample->events_capacity = 0;
	}
	if (sample->growths_capacity > SELDOM && sample->n_growths < sample->growths_capacity / 4) {
		free(sample->growths);
		sample->growths = NULL;
		sample->growths_capacity = 0;
	}
	sample->n_growths = 0;
	sample->time = (struct timespec){ 0 };
	sample->monotonic_ns = sample->interval_ns = 0;
	sample->n_flows = sample->n_disks = sample->n_syscalls = sample->n_latencies = 0;
	sample->n_files = sample->n_processes = sample->n_remainders = sample->n_events = 0;
	sample->n_listeners = 0;
	sample->listeners_listed = false;
	sample->n_hints = sample->n_faults = 0;
	sample->faults_counted = false;
	sample->merged = false;
	sample->accuracy = (struct accuracy){ 0 };
}

void sample_done(struct sample *sample)
{
	sample_clear(sample);
	free(sample->flows);
	free(sample->growths);
	free(sample->disks);
	free(sample->syscalls);
	free(sample->latencies);
	free(sample->files);
	free(sample->processes);
	free(sample->listeners);
	free(sample->hints);
	free(sample->faults);
	free(sample->remainders);
	free(sample->events);
	*sample = (struct sample){ 0 };
}

/*
 * The bucket with the operation that a share of all operations does not exceed,
 * and how far into it that lies, as its operations count as spread evenly over
 * it. Returns n_buckets when there are no operations.
 */
static size_t find_share(const uint64_t *histogram, size_t n_buckets, double share,
			 double *ret_within)
{
	uint64_t n = 0, before = 0, rank;
	size_t i;

	for (i = 0; i < n_buckets; i++)
		n += histogram[i];
	/* In order of latency, from 0; a whole share ends with the operation before. */
	rank = (uint64_t)((double)n * share * (1 - 1e-12));
	if (n && rank >= n)
		rank = n - 1;
	for (i = 0; i < n_buckets && rank >= before + histogram[i]; i++)
		before += histogram[i];
	if (i < n_buckets)
		*ret_within = ((double)(rank - before) + 0.5) / (double)histogram[i];
	return i;
}

/* The last bucket has no end: its start is told. */
static uint64_t within_bucket(uint64_t start, uint64_t end, double share, bool last)
{
	return last ? start : start + (uint64_t)((double)(end - start) * share);
}

uint64_t histogram_percentile(const uint32_t histogram[LATENCY_BUCKETS], double share)
{
	uint64_t wide[LATENCY_BUCKETS];
	double within;
	size_t i;

	for (i = 0; i < LATENCY_BUCKETS; i++)
		wide[i] = histogram[i];
	i = find_share(wide, LATENCY_BUCKETS, share, &within);
	if (i == LATENCY_BUCKETS)
		return UNKNOWN;
	return within_bucket(LATENCY_FLOOR(i), LATENCY_FLOOR(i + 1), within,
			     i == LATENCY_BUCKETS - 1);
}

static size_t latency_bucket(uint64_t us)
{
	size_t high, bucket;

	if (us < 1 << LATENCY_STEP_BITS)
		return us;
	high = 63 - (size_t)__builtin_clzll(us);
	bucket = (high - 1) * 4 + (us >> (high - LATENCY_STEP_BITS) & 3);
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

void latency_sum_begin(struct latency_sum *sum)
{
	*sum = (struct latency_sum){
		.max_ns = UNKNOWN, .given_p50_us = UNKNOWN, .given_p99_us = UNKNOWN,
	};
}

void latency_sum_add(struct latency_sum *sum, uint64_t ns)
{
	sum->ns += ns;
	sum->max_ns = sum->timed && sum->max_ns > ns ? sum->max_ns : ns;
	sum->timed++;
	sum->histogram[latency_bucket(ns / 1000)]++;
}

uint64_t call_percentile(const uint64_t histogram[CALL_BUCKETS], double share)
{
	double within;
	size_t i = find_share(histogram, CALL_BUCKETS, share, &within);

	if (i == CALL_BUCKETS)
		return UNKNOWN;
	return within_bucket(CALL_FLOOR(i) << CALL_UNIT_BITS, CALL_FLOOR(i + 1) << CALL_UNIT_BITS,
			     within, i == CALL_BUCKETS - 1);
}
