/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples from a recording: the lines that -o json writes.  Rows become samples
 * again; what a container counted beyond its listed rows becomes a remainder,
 * so that totals are those that were recorded.  Keys that are not known are
 * passed over, null and missing numbers are unknown.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "recording.h"
#include "replay-word.h"
#include "source.h"
#include "syscall-name.h"
#include "text.h"
#include "util.h"
#include "word.h"

/* What a container counted that none of its rows has. */
struct rest {
	UT_hash_handle hh;
	struct container *container;
	struct remainder_sample counts;
};

struct replay {
	struct source source;		/* must stay the first member */
	struct recording recording;
	json_t *report;			/* the one read last: samples borrow names from it */
	bool pending;			/* it was not delivered yet */
	int end;			/* what read says from now on; 0: there may be more */
	struct rest *rests;		/* by container, of this report */
	bool split;			/* system calls are those of processes in this report */
};

/* A number of an object and where it goes. */
struct member {
	const char *key;
	size_t offset;
};

#define MEMBER(type, key, member) { key, offsetof(struct type, member) }

/* ---- values */

static const char *get_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text && *text ? text : NULL;
}

static uint64_t get_number(const json_t *row, const char *key)
{
	const json_t *number = json_object_get(row, key);
	json_int_t value = json_integer_value(number);

	return json_is_integer(number) && value >= 0 ? (uint64_t)value : UNKNOWN;
}

static void get_numbers(const json_t *row, void *out, const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t number = get_number(row, members[i].key);

		memcpy((char *)out + members[i].offset, &number, sizeof(number));
	}
}

/* Numbers that are small or not there. */
static unsigned int get_small(const json_t *row, const char *key, unsigned int most)
{
	uint64_t number = get_number(row, key);

	return number <= most ? (unsigned int)number : 0;
}

static void get_name(const json_t *row, const char *key, char name[TASK_NAME_SIZE])
{
	const char *text = get_text(row, key);

	text_clean(name, TASK_NAME_SIZE, text ? text : "", text ? strlen(text) : 0);
}

/* ---- containers */

static bool is_host(const char *name, const char *id, const char *runtime)
{
	if (id)
		return false;
	return !name || (runtime ? !strcmp(runtime, "host") : !strcmp(name, "host"));
}

/* Not one that is called so: it has no id, and its runtime, where that is told, is of the name. */
static bool is_shared(const char *name, const char *id, const char *runtime)
{
	return !id && name && !strcmp(runtime ? runtime : name, "shared");
}

/* The container with this name and id, made when it is new; by its name where it has no id. */
static struct container *find_container(struct replay *replay, const json_t *row,
					const char *name_key)
{
	const char *name = get_text(row, name_key), *id = get_text(row, "id");
	const char *runtime = get_text(row, "runtime");
	struct container_facts facts = {
		.name = name,
		.image = get_text(row, "image"),
		.pod = get_text(row, "pod"),
		.namespace = get_text(row, "namespace"),
		.compose_project = get_text(row, "compose_project"),
		.compose_service = get_text(row, "compose_service"),
		.network_mode = get_text(row, "network_mode"),
		.restarts = get_number(row, "restarts"),
	};
	uint64_t started = get_number(row, "started");
	struct container *container;

	facts.started = started == UNKNOWN ? 0 : started;
	facts.restarts_known = facts.restarts != UNKNOWN;

	if (is_host(name, id, runtime))
		return containers_add(replay->source.containers, NULL, "host");
	if (is_shared(name, id, runtime))
		return containers_shared(replay->source.containers);
	if (!id)
		id = name;
	container = containers_add(replay->source.containers, id, runtime);
	if (!container->runtime)
		container->runtime = text_clean_dup(runtime);
	if (name)
		containers_describe(replay->source.containers, id, &facts);
	return container;
}

/* The container's rest in this report, made when it is new. */
static struct rest *find_rest(struct replay *replay, struct container *container)
{
	struct rest *rest;

	HASH_FIND_PTR(replay->rests, &container, rest);
	if (!rest) {
		rest = xcalloc(1, sizeof(*rest));
		rest->container = container;
		HASH_ADD_PTR(replay->rests, container, rest);
	}
	return rest;
}

static void take_container(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(remainder_sample, "rx_bytes", rx_bytes),
		MEMBER(remainder_sample, "tx_bytes", tx_bytes),
		MEMBER(remainder_sample, "rx_packets", rx_packets),
		MEMBER(remainder_sample, "tx_packets", tx_packets),
		MEMBER(remainder_sample, "retransmits", retransmits),
		MEMBER(remainder_sample, "read_bytes", disk_bytes[DISK_READ]),
		MEMBER(remainder_sample, "write_bytes", disk_bytes[DISK_WRITE]),
		MEMBER(remainder_sample, "reads", disk_operations[DISK_READ]),
		MEMBER(remainder_sample, "writes", disk_operations[DISK_WRITE]),
		MEMBER(remainder_sample, "file_read_bytes", file_read_bytes),
		MEMBER(remainder_sample, "file_write_bytes", file_write_bytes),
		MEMBER(remainder_sample, "file_reads", file_reads),
		MEMBER(remainder_sample, "file_writes", file_writes),
		MEMBER(remainder_sample, "syscalls", syscalls),
		MEMBER(remainder_sample, "errors", errors),
	};
	struct container *container = find_container(replay, row, "name");
	const char *state = get_text(row, "state");
	char *cgroup = text_clean_dup(get_text(row, "cgroup"));
	char *outer = text_clean_dup(get_text(row, "outer"));

	get_numbers(row, &find_rest(replay, container)->counts, members, ARRAY_SIZE(members));
	container->processes = get_number(row, "processes");
	container->io_pressure = get_number(row, "io_pressure");
	replace_string(&container->cgroup, cgroup);
	free(cgroup);
	replace_string(&container->outer, outer);
	free(outer);
	container->exited = state && !strcmp(state, "exited");
	container->state = container->exited ? "exited" : "running";
	container->exited_ns = container->exited ? sample->monotonic_ns : 0;
}

/* A row that is listed leaves that much less to the rest. */
static void subtract(uint64_t *rest, uint64_t listed)
{
	if (*rest == UNKNOWN || listed == UNKNOWN)
		return;
	*rest = *rest > listed ? *rest - listed : 0;
}

/* ---- rows */

static void get_flow_key(const json_t *row, const struct container *container, struct flow_key *key)
{
	key->cgroup = container->serial;
	key->protocol = replay_protocol(row);
	key->family = replay_address(row, "local_address", key->local_address);
	key->family |= replay_address(row, "remote_address", key->remote_address);
	key->local_port = (uint16_t)get_small(row, "local_port", UINT16_MAX);
	key->remote_port = (uint16_t)get_small(row, "remote_port", UINT16_MAX);
}

static bool has_list(const struct replay *replay, enum pane_id pane)
{
	return json_is_array(json_object_get(replay->report, panes[pane].name));
}

/* What only processes have in the model; where they are listed, they say it themselves. */
static void take_owner(struct replay *replay, struct sample *sample,
		       const struct flow_sample *flow, const json_t *row)
{
	const char *command = get_text(row, "command"), *exe = get_text(row, "exe");
	struct process_sample *process;

	if ((!command && !exe) || flow->pid == UNKNOWN || has_list(replay, PANE_PROCESSES))
		return;
	process = sample_add_process(sample);
	process->container = flow->container;
	process->pid = flow->pid;
	process->command = text_clean_dup(command);
	process->exe = text_clean_dup(exe);
}

static void take_flow(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(flow_sample, "rx_bytes", rx_bytes),
		MEMBER(flow_sample, "tx_bytes", tx_bytes),
		MEMBER(flow_sample, "rx_packets", rx_packets),
		MEMBER(flow_sample, "tx_packets", tx_packets),
		MEMBER(flow_sample, "retransmits", retransmits),
		MEMBER(flow_sample, "rtt_us", rtt_us),
		MEMBER(flow_sample, "connect_us", connect_us),
		MEMBER(flow_sample, "cwnd", cwnd),
		MEMBER(flow_sample, "resets", resets),
		MEMBER(flow_sample, "zero_windows", zero_windows),
		MEMBER(flow_sample, "age_s", age_s),
		MEMBER(flow_sample, "pid", pid),
		MEMBER(flow_sample, "ppid", ppid),
		MEMBER(flow_sample, "uid", uid),
		MEMBER(flow_sample, "gid", gid),
	};
	struct flow_sample *flow = sample_add_flow(sample);
	struct remainder_sample *rest;

	flow->container = find_container(replay, row, "container");
	get_flow_key(row, flow->container, &flow->key);
	get_numbers(row, flow, members, ARRAY_SIZE(members));
	flow->state = replay_state(row);
	flow->ended = flow->state == TCP_CLOSE;
	flow->direction = replay_direction(row);
	flow->translated = flow->key.family &&
		replay_address(row, "real_address", flow->real.address) == flow->key.family;
	flow->real.port = (uint16_t)get_small(row, "real_port", UINT16_MAX);
	get_name(row, "comm", flow->comm);
	get_name(row, "parent", flow->parent);
	flow->user = get_text(row, "user");
	flow->group = get_text(row, "group");
	flow->service = get_text(row, "service");
	take_owner(replay, sample, flow, row);
	rest = &find_rest(replay, flow->container)->counts;
	subtract(&rest->rx_bytes, flow->rx_bytes);
	subtract(&rest->tx_bytes, flow->tx_bytes);
	subtract(&rest->rx_packets, flow->rx_packets);
	subtract(&rest->tx_packets, flow->tx_packets);
	subtract(&rest->retransmits, flow->retransmits);
}

/* The average stands for one operation: recordings do not say how many were timed. */
static void get_latency(const json_t *row, struct disk_sample *disk)
{
	uint64_t average = get_number(row, "latency_avg_us");
	uint64_t most = get_number(row, "latency_max_us");

	uint64_t queue = get_number(row, "queue_avg_us");

	if (average < UNKNOWN / 1000) {
		disk->latency_ns = average * 1000;
		disk->timed = 1;
	}
	if (queue < UNKNOWN / 1000) {
		disk->queue_ns = queue * 1000;
		disk->queued = 1;
	}
	queue = get_number(row, "queue_max_us");
	disk->queue_max_ns = queue < UNKNOWN / 1000 ? queue * 1000 : UNKNOWN;
	disk->latency_max_ns = most < UNKNOWN / 1000 ? most * 1000 : UNKNOWN;
	disk->latency_p50_us = get_number(row, "latency_p50_us");
	disk->latency_p99_us = get_number(row, "latency_p99_us");
}

static void take_disk(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(disk_sample, "read_bytes", bytes[DISK_READ]),
		MEMBER(disk_sample, "write_bytes", bytes[DISK_WRITE]),
		MEMBER(disk_sample, "reads", operations[DISK_READ]),
		MEMBER(disk_sample, "writes", operations[DISK_WRITE]),
		MEMBER(disk_sample, "writeback_bytes", writeback_bytes),
		MEMBER(disk_sample, "discard_bytes", bytes[DISK_DISCARD]),
		MEMBER(disk_sample, "discards", operations[DISK_DISCARD]),
		MEMBER(disk_sample, "flushes", operations[DISK_FLUSH]),
		MEMBER(disk_sample, "errors", errors),
	};
	struct disk_sample *disk = sample_add_disk(sample);
	const char *name = get_text(row, "device");
	struct remainder_sample *rest;

	disk->container = find_container(replay, row, "container");
	disk->device = DISK_DEVICE(get_small(row, "major", 0xfff),
				   get_small(row, "minor", 0xfffff));
	text_clean(disk->name, sizeof(disk->name), name ? name : "", name ? strlen(name) : 0);
	get_numbers(row, disk, members, ARRAY_SIZE(members));
	get_latency(row, disk);
	rest = &find_rest(replay, disk->container)->counts;
	for (size_t i = DISK_READ; i <= DISK_WRITE; i++) {
		subtract(&rest->disk_bytes[i], disk->bytes[i]);
		subtract(&rest->disk_operations[i], disk->operations[i]);
	}
}

static uint32_t call_flags(const char *name)
{
	if (name && !strncmp(name, COMPAT_MARK, strlen(COMPAT_MARK)))
		return SYSCALL_COMPAT;
	return name && !strncmp(name, URING_MARK, strlen(URING_MARK)) ? SYSCALL_URING : 0;
}

/* Recordings do not say how many were timed: as many as the sum and the average make. */
static void get_call_latency(struct sample *sample, struct syscall_sample *call, const json_t *row)
{
	uint64_t average = get_number(row, "latency_avg_ns");
	uint64_t sum = get_number(row, "latency_total_ns");
	struct call_latency *latency;

	if (average == UNKNOWN)
		return;
	latency = sample_add_latency(sample, call);
	latency->timed = sum != UNKNOWN && sum > average && average ? sum / average : 1;
	latency->sum_ns = sum != UNKNOWN ? sum : average;
	latency->max_ns = get_number(row, "latency_max_ns");
	latency->p50_ns = get_number(row, "latency_p50_ns");
	latency->p99_ns = get_number(row, "latency_p99_ns");
}

/* The name stays the report's: numbers mean something else on another architecture. */
static void take_syscall(struct replay *replay, struct sample *sample, const json_t *row)
{
	struct syscall_sample *call = sample_add_syscall(sample);
	struct remainder_sample *rest;

	call->container = find_container(replay, row, "container");
	call->pid = get_number(row, "pid");
	get_name(row, "comm", call->comm);
	call->name = get_text(row, "syscall");
	call->nr = get_small(row, "nr", SYSCALL_URING - 1) | call_flags(call->name);
	call->count = get_number(row, "count");
	call->errors = get_number(row, "errors");
	call->top[0].number = replay_error(row, "top_error");
	call->top[0].count = get_small(row, "top_errors", UINT32_MAX);
	get_call_latency(sample, call, row);
	replay->split |= call->pid != UNKNOWN;
	rest = &find_rest(replay, call->container)->counts;
	subtract(&rest->syscalls, call->count);
	subtract(&rest->errors, call->errors);
}

/* A path stands for what a recording does not have of a file. */
static uint64_t path_hash(const char *path)
{
	uint64_t hash = 0;

	for (; path && *path; path++)
		hash = (hash ^ (unsigned char)*path) * 0x100000001b3;
	return hash;
}

/* The average stands for one call: recordings do not say how many were timed. */
static void get_file_latency(const json_t *row, struct file_sample *file)
{
	file->latency_ns = get_number(row, "latency_avg_ns");
	file->latency_max_ns = get_number(row, "latency_max_ns");
	file->timed = file->latency_ns != UNKNOWN;
}

static void take_file(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(file_sample, "pid", pid),
		MEMBER(file_sample, "uid", uid),
		MEMBER(file_sample, "read_bytes", read_bytes),
		MEMBER(file_sample, "write_bytes", write_bytes),
		MEMBER(file_sample, "reads", reads),
		MEMBER(file_sample, "writes", writes),
	};
	struct file_sample *file = sample_add_file(sample);
	const char *path = get_text(row, "path"), *access = get_text(row, "access");
	uint64_t inode = get_number(row, "inode");
	struct remainder_sample *rest;

	file->container = find_container(replay, row, "container");
	get_numbers(row, file, members, ARRAY_SIZE(members));
	/* 0 is no file: one whose number is not known still has its row. */
	file->key.inode = inode == UNKNOWN || !inode ? 1 : inode;
	file->key.name = path_hash(path);
	file->key.device = DISK_DEVICE(get_small(row, "major", 0xfff),
				       get_small(row, "minor", 0xfffff));
	file->key.flags = access && !strcmp(access, "direct") ? FILE_DIRECT : 0;
	file->path = path ? xstrdup(path) : NULL;
	file->in_process = json_is_array(json_object_get(replay->report,
							 panes[PANE_PROCESSES].name));
	get_file_latency(row, file);
	get_name(row, "comm", file->comm);
	rest = &find_rest(replay, file->container)->counts;
	subtract(&rest->file_read_bytes, file->read_bytes);
	subtract(&rest->file_write_bytes, file->write_bytes);
	subtract(&rest->file_reads, file->reads);
	subtract(&rest->file_writes, file->writes);
}

static void take_process(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(process_sample, "pid", pid),
		MEMBER(process_sample, "nspid", nspid),
		MEMBER(process_sample, "ppid", ppid),
		MEMBER(process_sample, "uid", uid),
		MEMBER(process_sample, "rx_bytes", rx_bytes),
		MEMBER(process_sample, "tx_bytes", tx_bytes),
		MEMBER(process_sample, "read_bytes", read_bytes),
		MEMBER(process_sample, "write_bytes", write_bytes),
		MEMBER(process_sample, "reads", reads),
		MEMBER(process_sample, "writes", writes),
		MEMBER(process_sample, "disk_avg_us", disk_latency.avg_us),
		MEMBER(process_sample, "disk_p50_us", disk_latency.p50_us),
		MEMBER(process_sample, "disk_p99_us", disk_latency.p99_us),
		MEMBER(process_sample, "disk_max_us", disk_latency.max_us),
		MEMBER(process_sample, "file_read_bytes", file_read_bytes),
		MEMBER(process_sample, "file_write_bytes", file_write_bytes),
		MEMBER(process_sample, "syscalls", syscalls),
		MEMBER(process_sample, "errors", errors),
	};
	struct process_sample *process = sample_add_process(sample);

	process->container = find_container(replay, row, "container");
	get_numbers(row, process, members, ARRAY_SIZE(members));
	/* Where the flows are listed, the model adds up theirs. */
	if (has_list(replay, PANE_FLOWS))
		process->rx_bytes = process->tx_bytes = 0;
	/* Where their calls are listed, likewise. */
	if (replay->split)
		process->syscalls = process->errors = 0;
	process->user = get_text(row, "user");
	process->command = text_clean_dup(get_text(row, "command"));
	process->exe = text_clean_dup(get_text(row, "exe"));
	get_name(row, "comm", process->comm);
}

static void take_listener(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(listener_sample, "accepts", accepts),
		MEMBER(listener_sample, "drops", drops),
		MEMBER(listener_sample, "backlog", backlog),
		MEMBER(listener_sample, "backlog_max", backlog_max),
		MEMBER(listener_sample, "sockets", sockets),
		MEMBER(listener_sample, "pid", pid),
	};
	struct listener_sample *listener = sample_add_listener(sample);

	listener->container = find_container(replay, row, "container");
	listener->key.protocol = replay_protocol(row);
	listener->key.family = replay_address(row, "local_address", listener->key.address);
	listener->key.port = (uint16_t)get_small(row, "local_port", UINT16_MAX);
	listener->service = get_text(row, "service");
	get_numbers(row, listener, members, ARRAY_SIZE(members));
	get_name(row, "comm", listener->comm);
}

static void take_hint(struct replay *replay, struct sample *sample, const json_t *row)
{
	uint8_t method = http_method(get_text(row, "what"));
	struct hint_sample *hint;

	/* One that this contop does not know is passed over. */
	if (method == HTTP_NONE)
		return;
	hint = sample_add_hint(sample);
	hint->container = find_container(replay, row, "container");
	hint->method = method;
	hint->direction = replay_direction(row);
	hint->count = get_number(row, "count");
}

/* ---- events */

static void take_event(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct member members[] = {
		MEMBER(event_sample, "pid", pid),
		MEMBER(event_sample, "ppid", ppid),
		MEMBER(event_sample, "uid", uid),
		MEMBER(event_sample, "gid", gid),
		MEMBER(event_sample, "rx_bytes", rx_bytes),
		MEMBER(event_sample, "tx_bytes", tx_bytes),
		MEMBER(event_sample, "rx_packets", rx_packets),
		MEMBER(event_sample, "tx_packets", tx_packets),
		MEMBER(event_sample, "duration_ms", duration_ms),
		MEMBER(event_sample, "latency_us", latency_us),
		MEMBER(event_sample, "bytes", bytes),
		MEMBER(event_sample, "exit_code", exit_code),
		MEMBER(event_sample, "signal", signal),
	};
	double seconds = json_number_value(json_object_get(row, "time"));
	enum log_kind kind = event_kind(get_text(row, "event"));
	const char *device = get_text(row, "device");
	struct event_sample *event;

	/* One that this contop does not know is passed over. */
	if (kind == LOG_KINDS || !(seconds >= 0 && seconds < 1e10))
		return;
	event = sample_add_event(sample);
	if (!event)
		return;
	event->container = find_container(replay, row, "container");
	event->kind = kind;
	event->time_ns = (uint64_t)(seconds * 1e6 + 0.5) * 1000;
	get_numbers(row, event, members, ARRAY_SIZE(members));
	get_flow_key(row, event->container, &event->key);
	event->state = replay_state(row);
	event->direction = replay_direction(row);
	event->error = replay_error(row, "error");
	event->user = get_text(row, "user");
	event->group = get_text(row, "group");
	get_name(row, "comm", event->comm);
	get_name(row, "parent", event->parent);
	get_name(row, "interface", event->interface);
	event->operation = operation_by_name(get_text(row, "operation"));
	text_clean(event->device, sizeof(event->device), device ? device : "",
		   device ? strlen(device) : 0);
}

static void take_events(struct replay *replay, struct sample *sample)
{
	const json_t *event;
	size_t i;

	json_array_foreach(replay->recording.events, i, event)
		take_event(replay, sample, event);
	sample_sort_events(sample);
}

static void take_accuracy(const json_t *object, struct accuracy *accuracy)
{
	for (size_t i = 0; i < ACCURACY_FIELDS; i++) {
		const struct member member = { accuracy_fields[i].name, accuracy_fields[i].offset };

		get_numbers(object, accuracy, &member, 1);
	}
}

/* ---- reports */

static void take_rows(struct replay *replay, struct sample *sample, enum pane_id pane,
		      void (*take)(struct replay *, struct sample *, const json_t *))
{
	const json_t *rows = json_object_get(replay->report, panes[pane].name), *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (json_is_object(row))
			take(replay, sample, row);
}

/* Hands out the rests that are any, and forgets them. */
static void take_rests(struct replay *replay, struct sample *sample)
{
	static const struct remainder_sample none;
	struct rest *rest, *next;

	HASH_ITER(hh, replay->rests, rest, next) {
		HASH_DEL(replay->rests, rest);
		if (memcmp(&rest->counts, &none, sizeof(none))) {
			struct remainder_sample *remainder = sample_add_remainder(sample);

			*remainder = rest->counts;
			remainder->container = rest->container;
		}
		free(rest);
	}
}

/* A container that a list of containers no longer has is gone, even if nobody saw it exit. */
static void end_unlisted(struct replay *replay, uint64_t now_ns)
{
	struct container *const *all;
	struct rest *rest;
	size_t n;

	if (!json_is_array(json_object_get(replay->report, panes[PANE_CONTAINERS].name)))
		return;
	all = containers_all(replay->source.containers, &n);
	for (size_t i = 0; i < n; i++) {
		HASH_FIND_PTR(replay->rests, &all[i], rest);
		if (rest || all[i]->exited || !all[i]->serial)
			continue;
		all[i]->exited = true;
		all[i]->state = "exited";
		all[i]->exited_ns = now_ns;
	}
}

static void take_pane_status(const json_t *report, enum pane_id pane, struct pane_status *status)
{
	const json_t *object = json_object_get(json_object_get(report, "panes"), panes[pane].name);
	const char *hook = get_text(object, "hook"), *reason = get_text(object, "reason");
	bool listed = json_is_array(json_object_get(report, panes[pane].name));

	*status = (struct pane_status){ 0 };
	status->available = object ? json_is_true(json_object_get(object, "available")) : listed;
	text_clean(status->hook, sizeof(status->hook), hook ? hook : "", hook ? strlen(hook) : 0);
	if (status->available)
		return;
	if (!reason)
		reason = "not in this recording";
	text_clean(status->reason, sizeof(status->reason), reason, strlen(reason));
}

static void take_header(struct replay *replay)
{
	char *host = text_clean_dup(get_text(replay->report, "host"));

	replace_string(&replay->source.host, host ? host : "");
	free(host);
	for (size_t i = 0; i < PANE_COUNT; i++)
		take_pane_status(replay->report, (enum pane_id)i, &replay->source.status[i]);
}

static void take_report(struct replay *replay, struct sample *sample)
{
	double now = json_number_value(json_object_get(replay->report, "time"));
	double interval = json_number_value(json_object_get(replay->report, "interval"));
	uint64_t now_ms = (uint64_t)(now * 1000 + 0.5);

	sample->time.tv_sec = (time_t)(now_ms / 1000);
	sample->time.tv_nsec = (long)(now_ms % 1000) * 1000000;
	sample->interval_ns = (uint64_t)(interval * NSEC_PER_SEC + 0.5);
	/* The recording's own clock: how long ago something ended counts in its time. */
	sample->monotonic_ns = now_ms * 1000000;
	take_rows(replay, sample, PANE_CONTAINERS, take_container);
	take_rows(replay, sample, PANE_FLOWS, take_flow);
	take_rows(replay, sample, PANE_DISKS, take_disk);
	replay->split = false;
	take_rows(replay, sample, PANE_SYSCALLS, take_syscall);
	take_rows(replay, sample, PANE_FILES, take_file);
	take_rows(replay, sample, PANE_LISTENERS, take_listener);
	take_rows(replay, sample, PANE_HINTS, take_hint);
	sample->listeners_listed = has_list(replay, PANE_LISTENERS);
	take_rows(replay, sample, PANE_PROCESSES, take_process);
	take_events(replay, sample);
	take_accuracy(json_object_get(replay->report, "accuracy"), &sample->accuracy);
	end_unlisted(replay, sample->monotonic_ns);
	take_rests(replay, sample);
}

/* Reads the next report; what is wrong with it is said to whoever reads the source. */
static int next_report(struct replay *replay)
{
	int err;

	json_decref(replay->report);
	replay->report = NULL;
	err = recording_next(&replay->recording, &replay->report);
	replace_string(&replay->source.error, replay->recording.error);
	return err;
}

static int replay_read(struct source *source, struct sample *sample)
{
	struct replay *replay = (struct replay *)source;

	if (!replay->pending && !replay->end)
		replay->end = next_report(replay);
	if (replay->end)
		return replay->end;
	replay->pending = false;
	take_header(replay);
	sample_clear(sample);
	take_report(replay, sample);
	return 0;
}

/* From the start, as it was opened. The model, which has rows of the containers, is gone. */
static int replay_rewind(struct source *source)
{
	struct replay *replay = (struct replay *)source;
	int err = recording_rewind(&replay->recording);

	if (err)
		return err;
	containers_free(source->containers);
	source->containers = containers_new(NULL);
	replay->pending = false;
	replay->end = 0;
	return 0;
}

static void replay_free(struct source *source)
{
	struct replay *replay = (struct replay *)source;

	recording_close(&replay->recording);
	json_decref(replay->report);
	containers_free(source->containers);
	free(source->host);
	free(source->error);
	free(replay);
}

int source_replay_open(const char *path, struct source **ret_source, char **ret_error)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));
	int err;

	replay->source.read = replay_read;
	replay->source.free = replay_free;
	if (strcmp(path, "-"))
		replay->source.rewind = replay_rewind;
	replay->source.events_fd = -1;
	replay->source.cost = -1;
	replay->source.containers = containers_new(NULL);
	err = recording_open(&replay->recording, path);
	if (err)
		*ret_error = xasprintf("%s: %s", replay->recording.name, strerror(-err));
	else if ((err = next_report(replay)))
		*ret_error = replay->source.error ? xstrdup(replay->source.error) :
			     xasprintf("%s: empty: not a recording", replay->recording.name);
	if (err) {
		replay_free(&replay->source);
		return err;
	}
	replay->pending = true;
	take_header(replay);
	*ret_source = &replay->source;
	return 0;
}
