/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a recording as elements of a sample. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "hint-table.h"
#include "replay.h"
#include "replay-word.h"
#include "syscall-name.h"
#include "text.h"
#include "util.h"
#include "word.h"

/* A row that is listed leaves that much less to the rest. */
static void subtract(uint64_t *rest, uint64_t listed)
{
	if (*rest == UNKNOWN || listed == UNKNOWN)
		return;
	*rest = *rest > listed ? *rest - listed : 0;
}

static void get_flow_key(const json_t *row, const struct container *container, struct flow_key *key)
{
	key->cgroup = container->serial;
	key->protocol = replay_protocol(row);
	key->family = replay_address(row, "local_address", key->local_address);
	key->family |= replay_address(row, "remote_address", key->remote_address);
	key->local_port = (uint16_t)replay_small(row, "local_port", UINT16_MAX);
	key->remote_port = (uint16_t)replay_small(row, "remote_port", UINT16_MAX);
}


/* What only processes have in the model; where they are listed, they say it themselves. */
static void take_owner(struct replay *replay, struct sample *sample,
		       const struct flow_sample *flow, const json_t *row)
{
	const char *command = replay_text(row, "command"), *exe = replay_text(row, "exe");
	struct process_sample *process;

	if ((!command && !exe) || flow->pid == UNKNOWN || replay_has_list(replay, PANE_PROCESSES))
		return;
	process = sample_add_process(sample);
	process->container = flow->container;
	process->pid = flow->pid;
	process->command = text_clean_dup(command);
	process->exe = text_clean_dup(exe);
}

void replay_take_flow(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
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

	flow->container = replay_container(replay, row, "container");
	get_flow_key(row, flow->container, &flow->key);
	replay_numbers(row, flow, members, ARRAY_SIZE(members));
	flow->state = replay_state(row);
	flow->ended = flow->state == TCP_CLOSE;
	flow->direction = replay_direction(row);
	flow->translated = flow->key.family &&
		replay_address(row, "real_address", flow->real.address) == flow->key.family;
	flow->real.port = (uint16_t)replay_small(row, "real_port", UINT16_MAX);
	replay_name(row, "comm", flow->comm, sizeof(flow->comm));
	replay_name(row, "parent", flow->parent, sizeof(flow->parent));
	flow->user = replay_text(row, "user");
	flow->group = replay_text(row, "group");
	flow->service = replay_text(row, "service");
	take_owner(replay, sample, flow, row);
	rest = &replay_rest_of(replay, flow->container)->counts;
	subtract(&rest->rx_bytes, flow->rx_bytes);
	subtract(&rest->tx_bytes, flow->tx_bytes);
	subtract(&rest->rx_packets, flow->rx_packets);
	subtract(&rest->tx_packets, flow->tx_packets);
	subtract(&rest->retransmits, flow->retransmits);
}

/* The average stands for one operation: recordings do not say how many were timed. */
static void get_latency(const json_t *row, struct disk_sample *disk)
{
	uint64_t average = replay_number(row, "latency_avg_us");
	uint64_t most = replay_number(row, "latency_max_us");

	uint64_t queue = replay_number(row, "queue_avg_us");

	if (average < UNKNOWN / 1000) {
		disk->latency_ns = average * 1000;
		disk->timed = 1;
	}
	if (queue < UNKNOWN / 1000) {
		disk->queue_ns = queue * 1000;
		disk->queued = 1;
	}
	queue = replay_number(row, "queue_max_us");
	disk->queue_max_ns = queue < UNKNOWN / 1000 ? queue * 1000 : UNKNOWN;
	disk->latency_max_ns = most < UNKNOWN / 1000 ? most * 1000 : UNKNOWN;
	disk->latency_p50_us = replay_number(row, "latency_p50_us");
	disk->latency_p99_us = replay_number(row, "latency_p99_us");
}

void replay_take_disk(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
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
	struct remainder_sample *rest;

	disk->container = replay_container(replay, row, "container");
	disk->device = DISK_DEVICE(replay_small(row, "major", 0xfff),
				   replay_small(row, "minor", 0xfffff));
	replay_name(row, "device", disk->name, sizeof(disk->name));
	replay_name(row, "holders", disk->holders, sizeof(disk->holders));
	replay_name(row, "volume", disk->volume, sizeof(disk->volume));
	replay_numbers(row, disk, members, ARRAY_SIZE(members));
	get_latency(row, disk);
	if (replay_text(row, "holders"))
		return;
	rest = &replay_rest_of(replay, disk->container)->counts;
	for (size_t i = DISK_READ; i <= DISK_WRITE; i++) {
		subtract(&rest->disk_bytes[i], disk->bytes[i]);
		subtract(&rest->disk_operations[i], disk->operations[i]);
	}
}

/* Recordings do not say how many were timed: as many as the sum and the average make. */
static void get_call_latency(struct sample *sample, struct syscall_sample *call, const json_t *row)
{
	uint64_t average = replay_number(row, "latency_avg_ns");
	uint64_t sum = replay_number(row, "latency_total_ns");
	struct call_latency *latency;

	if (average == UNKNOWN)
		return;
	latency = sample_add_latency(sample, call);
	latency->timed = sum != UNKNOWN && sum > average && average ? sum / average : 1;
	latency->sum_ns = sum != UNKNOWN ? sum : average;
	latency->max_ns = replay_number(row, "latency_max_ns");
	latency->p50_ns = replay_number(row, "latency_p50_ns");
	latency->p99_ns = replay_number(row, "latency_p99_ns");
}

/* The name stays the report's: numbers mean something else on another architecture. */
void replay_take_syscall(struct replay *replay, struct sample *sample, const json_t *row)
{
	struct syscall_sample *call = sample_add_syscall(sample);
	struct remainder_sample *rest;
	const char *plain;

	call->container = replay_container(replay, row, "container");
	call->pid = replay_number(row, "pid");
	replay_name(row, "comm", call->comm, sizeof(call->comm));
	call->name = plain = replay_text(row, "syscall");
	call->nr = replay_small(row, "nr", SYSCALL_NUMBER_MAX) | (plain ? syscall_table(&plain) : 0);
	call->count = replay_number(row, "count");
	call->errors = replay_number(row, "errors");
	call->top[0].number = replay_error(row, "top_error");
	call->top[0].count = replay_small(row, "top_errors", UINT32_MAX);
	get_call_latency(sample, call, row);
	replay->split |= call->pid != UNKNOWN;
	rest = &replay_rest_of(replay, call->container)->counts;
	subtract(&rest->syscalls, call->count);
	subtract(&rest->errors, call->errors);
}

/* A path or name stands for what a recording does not have of it. */
static uint64_t text_hash(const char *text)
{
	uint64_t hash = 0;

	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

/* The average stands for one call: recordings do not say how many were timed. */
static void get_file_latency(const json_t *row, struct file_sample *file)
{
	file->latency_ns = replay_number(row, "latency_avg_ns");
	file->latency_max_ns = replay_number(row, "latency_max_ns");
	file->timed = file->latency_ns != UNKNOWN;
}

void replay_take_file(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
		MEMBER(file_sample, "pid", pid),
		MEMBER(file_sample, "uid", uid),
		MEMBER(file_sample, "read_bytes", read_bytes),
		MEMBER(file_sample, "write_bytes", write_bytes),
		MEMBER(file_sample, "reads", reads),
		MEMBER(file_sample, "writes", writes),
	};
	struct file_sample *file = sample_add_file(sample);
	const char *path = replay_text(row, "path"), *access = replay_text(row, "access");
	uint64_t inode = replay_number(row, "inode");
	struct remainder_sample *rest;

	file->container = replay_container(replay, row, "container");
	replay_numbers(row, file, members, ARRAY_SIZE(members));
	/* 0 is no file: one whose number is not known still has its row. */
	file->key.inode = inode == UNKNOWN || !inode ? 1 : inode;
	file->key.name = text_hash(path);
	file->key.device = DISK_DEVICE(replay_small(row, "major", 0xfff),
				       replay_small(row, "minor", 0xfffff));
	file->key.flags = access && !strcmp(access, "direct") ? FILE_DIRECT : 0;
	file->path = path ? xstrdup(path) : NULL;
	file->in_process = json_is_array(json_object_get(replay->report,
							 panes[PANE_PROCESSES].name));
	get_file_latency(row, file);
	replay_name(row, "comm", file->comm, sizeof(file->comm));
	rest = &replay_rest_of(replay, file->container)->counts;
	subtract(&rest->file_read_bytes, file->read_bytes);
	subtract(&rest->file_write_bytes, file->write_bytes);
	subtract(&rest->file_reads, file->reads);
	subtract(&rest->file_writes, file->writes);
}

void replay_take_process(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
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
		MEMBER(process_sample, "major_faults", major_faults),
		MEMBER(process_sample, "syscalls", syscalls),
		MEMBER(process_sample, "errors", errors),
	};
	struct process_sample *process = sample_add_process(sample);

	process->container = replay_container(replay, row, "container");
	replay_numbers(row, process, members, ARRAY_SIZE(members));
	sample->faults_counted |= process->major_faults != UNKNOWN;
	/* Where the flows are listed, the model adds up theirs. */
	if (replay_has_list(replay, PANE_FLOWS))
		process->rx_bytes = process->tx_bytes = 0;
	/* Where their calls are listed, likewise. */
	if (replay->split)
		process->syscalls = process->errors = 0;
	process->user = replay_text(row, "user");
	process->command = text_clean_dup(replay_text(row, "command"));
	process->exe = text_clean_dup(replay_text(row, "exe"));
	replay_name(row, "comm", process->comm, sizeof(process->comm));
}

void replay_take_listener(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
		MEMBER(listener_sample, "accepts", accepts),
		MEMBER(listener_sample, "drops", drops),
		MEMBER(listener_sample, "backlog", backlog),
		MEMBER(listener_sample, "backlog_max", backlog_max),
		MEMBER(listener_sample, "sockets", sockets),
		MEMBER(listener_sample, "pid", pid),
	};
	struct listener_sample *listener = sample_add_listener(sample);

	listener->container = replay_container(replay, row, "container");
	listener->key.protocol = replay_protocol(row);
	listener->key.family = replay_address(row, "local_address", listener->key.address);
	listener->key.port = (uint16_t)replay_small(row, "local_port", UINT16_MAX);
	listener->service = replay_text(row, "service");
	replay_numbers(row, listener, members, ARRAY_SIZE(members));
	replay_name(row, "comm", listener->comm, sizeof(listener->comm));
}

static uint64_t hint_number(const struct hint_sample *hint)
{
	if (hint->kind == HINT_HTTP)
		return hint_number_http(http_method(hint->what), hint->direction);
	if (!strcmp(hint->what, NAMES_OTHER))
		return hint_number_other(hint->kind, hint->direction);
	return HINT_NUMBER_NAMES | (text_hash(hint->what) << 2 | hint->direction) << 2 | hint->kind;
}

/* The average stands for one answer: recordings do not say how many were timed. */
static void get_latency_sum(const json_t *row, struct latency_sum *sum)
{
	uint64_t average = replay_number(row, "latency_avg_us");
	uint64_t most = replay_number(row, "latency_max_us");

	if (average < UNKNOWN / 1000) {
		sum->ns = average * 1000;
		sum->timed = 1;
	}
	sum->max_ns = most < UNKNOWN / 1000 ? most * 1000 : UNKNOWN;
	sum->given_p50_us = replay_number(row, "latency_p50_us");
	sum->given_p99_us = replay_number(row, "latency_p99_us");
}

void replay_take_hint(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
		MEMBER(hint_sample, "count", count),
		MEMBER(hint_sample, "errors", errors),
		MEMBER(hint_sample, "unanswered", unanswered),
	};
	enum hint_kind kind = hint_kind(replay_text(row, "kind"));
	const char *what = replay_text(row, "what");
	struct hint_sample *hint;

	/* One that this contop does not know is passed over. */
	if (kind == HINT_KINDS || !what || (kind == HINT_HTTP && http_method(what) == HTTP_NONE))
		return;
	hint = sample_add_hint(sample);
	hint->container = replay_container(replay, row, "container");
	hint->kind = kind;
	hint->what = what;
	hint->direction = replay_direction(row);
	hint->number = hint_number(hint);
	hint->error = dns_error(replay_text(row, "error"));
	replay_numbers(row, hint, members, ARRAY_SIZE(members));
	get_latency_sum(row, &hint->latency);
}

/* ---- events */

static void take_event(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
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
	enum log_kind kind = event_kind(replay_text(row, "event"));
	const char *path = replay_text(row, "path");
	struct event_sample *event;

	/* One that this contop does not know is passed over. */
	if (kind == LOG_KINDS || !(seconds >= 0 && seconds < 1e10))
		return;
	event = sample_add_event(sample);
	if (!event)
		return;
	event->container = replay_container(replay, row, "container");
	event->kind = kind;
	event->time_ns = (uint64_t)(seconds * 1e6 + 0.5) * 1000;
	replay_numbers(row, event, members, ARRAY_SIZE(members));
	get_flow_key(row, event->container, &event->key);
	event->state = replay_state(row);
	event->direction = replay_direction(row);
	event->error = replay_error(row, "error");
	event->user = replay_text(row, "user");
	event->group = replay_text(row, "group");
	replay_name(row, "comm", event->comm, sizeof(event->comm));
	replay_name(row, "parent", event->parent, sizeof(event->parent));
	replay_name(row, "interface", event->interface, sizeof(event->interface));
	event->operation = operation_by_name(replay_text(row, "operation"));
	replay_name(row, "device", event->device, sizeof(event->device));
	event->path = path ? xstrdup(path) : NULL;
}

void replay_take_events(struct replay *replay, struct sample *sample)
{
	const json_t *event;
	size_t i;

	json_array_foreach(replay->recording.events, i, event)
		take_event(replay, sample, event);
	sample_sort_events(sample);
}
