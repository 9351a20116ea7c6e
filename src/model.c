/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows from samples: each element of a sample is folded into its row, the row
 * of its container, the sum of all and, where one is known, that of its process.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event-row.h"
#include "model.h"
#include "rows.h"
#include "syscall-name.h"
#include "text.h"
#include "util.h"
#include "word.h"

struct model {
	struct rows rows;
	struct container_row total;
	bool counted[PANE_COUNT];
	struct timespec time;
	uint64_t interval_ns;
	struct accuracy accuracy, accuracy_total;
};

/* A gauge keeps what it was when a sample does not tell. */
static void gauge_set(uint64_t *gauge, uint64_t n)
{
	if (n != UNKNOWN)
		*gauge = n;
}

static void accuracy_add(struct accuracy *sum, const struct accuracy *accuracy)
{
	const uint64_t *from = (const uint64_t *)accuracy;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(*to) == 0, "accuracy is all uint64_t");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] = known_sum(to[i], from[i]);
}

/* ---- what rows say in words */

static const char *flow_protocol(struct flow_row *row)
{
	const char *name = protocol_name(row->key.protocol);

	if (name)
		return name;
	snprintf(row->protocol_text, sizeof(row->protocol_text), "%u", row->key.protocol);
	return row->protocol_text;
}

static void disk_name(struct disk_row *row, const struct disk_sample *sample)
{
	if (sample->name[0])
		text_clean(row->device_text, sizeof(row->device_text), sample->name,
			   sizeof(sample->name));
	else if (!row->device)
		snprintf(row->device_text, sizeof(row->device_text), "%llu:%llu",
			 (unsigned long long)row->major, (unsigned long long)row->minor);
	row->device = row->device_text;
}

/* ---- containers */

static const struct count NOTHING = { 0, 0 };

/* What is counted here is 0 until something comes; the rest stays UNKNOWN. */
static void container_row_init(const struct model *model, struct container_row *row)
{
	row_forget(PANE_CONTAINERS, &row->row);
	if (model->counted[PANE_FLOWS])
		row->rx_bytes = row->tx_bytes = row->rx_packets = row->tx_packets =
			row->retransmits = NOTHING;
	if (model->counted[PANE_DISKS])
		row->read_bytes = row->write_bytes = row->reads = row->writes = NOTHING;
	if (model->counted[PANE_SYSCALLS])
		row->syscalls = row->errors = NOTHING;
}

static struct container_row *container_row_get(struct model *model, struct container *container)
{
	const struct row_key key = { .serial = container->serial };
	struct container_row *row = rows_find(&model->rows, PANE_CONTAINERS, &key);

	if (row)
		return row;
	row = rows_add(&model->rows, PANE_CONTAINERS, container, &key);
	row->row.owner = row;
	container_row_init(model, row);
	return row;
}

static void container_add_network(struct container_row *row, uint64_t rx_bytes, uint64_t tx_bytes,
				  uint64_t rx_packets, uint64_t tx_packets, uint64_t retransmits)
{
	row_count(&row->row, &row->rx_bytes, rx_bytes);
	row_count(&row->row, &row->tx_bytes, tx_bytes);
	row_count(&row->row, &row->rx_packets, rx_packets);
	row_count(&row->row, &row->tx_packets, tx_packets);
	row_count(&row->row, &row->retransmits, retransmits);
}

static void container_add_blocks(struct container_row *row, const uint64_t bytes[DISK_OPERATIONS],
				 const uint64_t operations[DISK_OPERATIONS])
{
	row_count(&row->row, &row->read_bytes, bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, bytes[DISK_WRITE]);
	row_count(&row->row, &row->reads, operations[DISK_READ]);
	row_count(&row->row, &row->writes, operations[DISK_WRITE]);
}

static void container_add_calls(struct container_row *row, uint64_t count, uint64_t errors)
{
	row_count(&row->row, &row->syscalls, count);
	row_count(&row->row, &row->errors, errors);
}

/* A row of any pane but the first; its container's row is touched with it. */
static void *row_add(struct model *model, enum pane_id pane, struct container *container,
		     const void *key)
{
	struct row *row = rows_add(&model->rows, pane, container, key);

	row->owner = container_row_get(model, container);
	return row;
}

static void row_touch_both(struct model *model, enum pane_id pane, struct row *row)
{
	rows_touch(&model->rows, pane, row);
	rows_touch(&model->rows, PANE_CONTAINERS, &row->owner->row);
}

/* ---- processes */

static struct process_row *process_row_get(struct model *model, struct container *container,
					   uint64_t pid)
{
	const struct row_key key = { .serial = container->serial, .number = pid };
	struct process_row *row = rows_find(&model->rows, PANE_PROCESSES, &key);

	if (!row) {
		row = row_add(model, PANE_PROCESSES, container, &key);
		row->pid = pid;
		row->nspid = row->ppid = row->uid = UNKNOWN;
		if (model->counted[PANE_FLOWS])
			row->rx_bytes = row->tx_bytes = NOTHING;
		if (model->counted[PANE_SYSCALLS])
			row->syscalls = row->errors = NOTHING;
	}
	rows_touch(&model->rows, PANE_PROCESSES, &row->row);
	return row;
}

static void process_name(struct process_row *row, const char comm[TASK_NAME_SIZE])
{
	if (!row->named)
		task_name_set(&row->name, &row->comm, comm);
}

static void process_add_calls(struct model *model, struct process_row *row, uint64_t count,
			      uint64_t errors)
{
	if (!model->counted[PANE_SYSCALLS])
		return;
	row_count(&row->row, &row->syscalls, count);
	row_count(&row->row, &row->errors, errors);
}

static void fold_process(struct model *model, const struct process_sample *sample)
{
	struct process_row *row;

	if (sample->pid == UNKNOWN)
		return;
	row = process_row_get(model, sample->container, sample->pid);
	row->confirmed = true;
	gauge_set(&row->nspid, sample->nspid);
	gauge_set(&row->ppid, sample->ppid);
	gauge_set(&row->uid, sample->uid);
	task_name_set(&row->name, &row->comm, sample->comm);
	row->named |= sample->comm[0] != '\0';
	if (sample->command) {
		free(row->command);
		row->command = text_clean_dup(sample->command);
	}
	process_add_calls(model, row, sample->syscalls, sample->errors);
	if (model->counted[PANE_FLOWS]) {
		row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
		row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
	}
	if (sample->ended)
		row->row.ended = true;
}

/* ---- flows */

static struct flow_row *flow_row_get(struct model *model, const struct flow_sample *sample)
{
	struct flow_key key = sample->key;
	struct flow_row *row;

	key.cgroup = sample->container->serial;
	key.pad = 0;
	row = rows_find(&model->rows, PANE_FLOWS, &key);
	if (row)
		return row;
	row = row_add(model, PANE_FLOWS, sample->container, &key);
	row->protocol = flow_protocol(row);
	row->family = key.family == 6 ? "ipv6" : "ipv4";
	row->local_address.family = row->remote_address.family = key.family;
	memcpy(row->local_address.bytes, key.local_address, sizeof(key.local_address));
	memcpy(row->remote_address.bytes, key.remote_address, sizeof(key.remote_address));
	row->local_port = key.local_port;
	row->remote_port = key.remote_port;
	row->rtt_us = row->connect_us = row->pid = row->uid = UNKNOWN;
	rows_link_ends(&model->rows, row);
	return row;
}

static void flow_gauges(struct flow_row *row, const struct flow_sample *sample)
{
	gauge_set(&row->rtt_us, sample->rtt_us);
	gauge_set(&row->connect_us, sample->connect_us);
	gauge_set(&row->pid, sample->pid);
	gauge_set(&row->uid, sample->uid);
	task_name_set(&row->name, &row->comm, sample->comm);
	if (tcp_state_name(sample->state))
		row->state = tcp_state_name(sample->state);
	if (direction_name(sample->direction))
		row->direction = direction_name(sample->direction);
}

/* The bytes are also those of the process that made the socket. */
static void flow_add_to_process(struct model *model, struct flow_row *flow,
				const struct flow_sample *sample)
{
	struct process_row *row = flow->process;

	if (sample->pid == UNKNOWN)
		return;
	if (!row || row->pid != sample->pid)
		row = process_row_get(model, sample->container, sample->pid);
	rows_set_process(&model->rows, flow, row);
	rows_touch(&model->rows, PANE_PROCESSES, &row->row);
	gauge_set(&row->uid, sample->uid);
	process_name(row, sample->comm);
	if (!model->counted[PANE_FLOWS])
		return;
	row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
	row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
}

static void fold_flow(struct model *model, const struct flow_sample *sample)
{
	struct flow_row *row = flow_row_get(model, sample);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	row_touch_both(model, PANE_FLOWS, &row->row);
	row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
	row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
	row_count(&row->row, &row->rx_packets, sample->rx_packets);
	row_count(&row->row, &row->tx_packets, sample->tx_packets);
	row_count(&row->row, &row->retransmits, sample->retransmits);
	flow_gauges(row, sample);
	flow_add_to_process(model, row, sample);
	if (sample->ended)
		row->row.ended = true;
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_FLOWS]; i++)
		container_add_network(sums[i], sample->rx_bytes, sample->tx_bytes,
				      sample->rx_packets, sample->tx_packets, sample->retransmits);
}

/* ---- disks */

static struct disk_row *disk_row_get(struct model *model, const struct disk_sample *sample)
{
	const struct row_key key = { sample->container->serial, sample->device };
	struct disk_row *row = rows_find(&model->rows, PANE_DISKS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_DISKS, sample->container, &key);
	row->major = sample->device >> DISK_MINOR_BITS;
	row->minor = sample->device & ((1u << DISK_MINOR_BITS) - 1);
	disk_row_begin(row);
	return row;
}

static uint64_t larger_known(uint64_t a, uint64_t b)
{
	if (a == UNKNOWN || b == UNKNOWN)
		return a == UNKNOWN ? b : a;
	return a > b ? a : b;
}

static void disk_add_latency(struct disk_row *row, const struct disk_sample *sample)
{
	if (sample->timed != UNKNOWN && sample->latency_ns != UNKNOWN) {
		row->timed = known_sum(row->timed, sample->timed);
		row->latency_ns = known_sum(row->latency_ns, sample->latency_ns);
	}
	if (sample->timed)
		row->max_ns = larger_known(row->max_ns, sample->latency_max_ns);
	row->given_p50_us = larger_known(row->given_p50_us, sample->latency_p50_us);
	row->given_p99_us = larger_known(row->given_p99_us, sample->latency_p99_us);
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		row->histogram[i] += sample->histogram[i];
}

/* Percentiles are off by part of a bucket: they do not go beyond what was seen. */
static uint64_t disk_percentile(const struct disk_row *row, double share, uint64_t given)
{
	uint64_t us = given != UNKNOWN ? given : histogram_percentile(row->histogram, share);

	return us != UNKNOWN && us > row->latency_max_us ? row->latency_max_us : us;
}

static void disk_finish(struct disk_row *row)
{
	if (row->timed)
		row->latency_avg_us = row->latency_ns / row->timed / 1000;
	if (row->max_ns != UNKNOWN)
		row->latency_max_us = row->max_ns / 1000;
	row->latency_p50_us = disk_percentile(row, 0.50, row->given_p50_us);
	row->latency_p99_us = disk_percentile(row, 0.99, row->given_p99_us);
}

static void fold_disk(struct model *model, const struct disk_sample *sample)
{
	struct disk_row *row = disk_row_get(model, sample);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	row_touch_both(model, PANE_DISKS, &row->row);
	disk_name(row, sample);
	row_count(&row->row, &row->read_bytes, sample->bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, sample->bytes[DISK_WRITE]);
	row_count(&row->row, &row->reads, sample->operations[DISK_READ]);
	row_count(&row->row, &row->writes, sample->operations[DISK_WRITE]);
	row_count(&row->row, &row->discards, sample->operations[DISK_DISCARD]);
	row_count(&row->row, &row->flushes, sample->operations[DISK_FLUSH]);
	row_count(&row->row, &row->io_errors, sample->errors);
	disk_add_latency(row, sample);
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_DISKS]; i++)
		container_add_blocks(sums[i], sample->bytes, sample->operations);
}

/* ---- system calls */

static struct syscall_row *syscall_row_get(struct model *model, const struct syscall_sample *sample)
{
	const struct row_key key = { sample->container->serial, sample->nr };
	struct syscall_row *row = rows_find(&model->rows, PANE_SYSCALLS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_SYSCALLS, sample->container, &key);
	row->nr = syscall_number(sample->nr);
	if (sample->name)
		text_clean(row->syscall_text, sizeof(row->syscall_text), sample->name,
			   strlen(sample->name));
	else
		syscall_name(sample->nr, row->syscall_text, sizeof(row->syscall_text));
	row->syscall = row->syscall_text;
	row->latency_avg_ns = row->latency_p99_ns = UNKNOWN;
	return row;
}

static void fold_syscall(struct model *model, const struct syscall_sample *sample)
{
	struct syscall_row *row = syscall_row_get(model, sample);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	row_touch_both(model, PANE_SYSCALLS, &row->row);
	row_count(&row->row, &row->count, sample->count);
	row_count(&row->row, &row->errors, sample->errors);
	if (sample->pid != UNKNOWN) {
		struct process_row *process = process_row_get(model, sample->container,
							      sample->pid);

		process->confirmed = true;
		gauge_set(&process->uid, sample->uid);
		process_name(process, sample->comm);
		process_add_calls(model, process, sample->count, sample->errors);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_SYSCALLS]; i++)
		container_add_calls(sums[i], sample->count, sample->errors);
}

static void fold_event(struct model *model, const struct event_sample *sample)
{
	struct container_row *owner = container_row_get(model, sample->container);

	rows_touch(&model->rows, PANE_CONTAINERS, &owner->row);
	event_row_add(&model->rows, sample)->row.owner = owner;
}

/* ---- what has no row */

static void fold_remainder(struct model *model, const struct remainder_sample *sample)
{
	struct container_row *row = container_row_get(model, sample->container);
	struct container_row *const sums[] = { row, &model->total };

	rows_touch(&model->rows, PANE_CONTAINERS, &row->row);
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		if (model->counted[PANE_FLOWS])
			container_add_network(sums[i], sample->rx_bytes, sample->tx_bytes,
					      sample->rx_packets, sample->tx_packets,
					      sample->retransmits);
		if (model->counted[PANE_DISKS])
			container_add_blocks(sums[i], sample->disk_bytes, sample->disk_operations);
		if (model->counted[PANE_SYSCALLS])
			container_add_calls(sums[i], sample->syscalls, sample->errors);
	}
}

/* ---- containers that are gone */

static bool container_is_due(const struct container *container, uint64_t before_ns)
{
	return container->exited && container->exited_ns < before_ns;
}

/*
 * The moment before which containers that exited are to go: none that was not
 * shown as exited yet, or had something in this sample, may have exited before it.
 */
static uint64_t reap_moment(struct model *model, uint64_t before_ns)
{
	struct row_table *table = &model->rows.tables[PANE_CONTAINERS];

	for (size_t i = 0; i < table->n; i++) {
		struct container_row *row = table->rows[i];
		const struct container *container = row->row.container;
		bool keep = container->exited && (!row->shown_exited || row->row.active);

		if (keep && container->exited_ns < before_ns)
			before_ns = container->exited_ns;
		row->shown_exited = container->exited;
	}
	return before_ns;
}

static bool any_due(const struct model *model, uint64_t before_ns)
{
	const struct row_table *table = &model->rows.tables[PANE_CONTAINERS];

	for (size_t i = 0; i < table->n; i++)
		if (container_is_due(((const struct row *)table->rows[i])->container, before_ns))
			return true;
	return false;
}

/* From the last row down, so that taking rows out moves none that is still to come. */
static void remove_due(struct model *model, enum pane_id pane, uint64_t before_ns)
{
	struct row_table *table = &model->rows.tables[pane];

	for (size_t i = table->n; i-- > 0;) {
		struct row *row = table->rows[i];

		if (container_is_due(row->container, before_ns))
			rows_remove(&model->rows, pane, row);
	}
}

/* Flows go before the processes they point to, everything before the containers' own rows. */
static void reap(struct model *model, struct containers *containers, uint64_t before_ns)
{
	before_ns = reap_moment(model, before_ns);
	if (any_due(model, before_ns)) {
		for (size_t i = PANE_FLOWS; i < PANE_EVENTS; i++)
			remove_due(model, i, before_ns);
		event_rows_outlive(&model->rows, before_ns);
		remove_due(model, PANE_CONTAINERS, before_ns);
	}
	containers_reap(containers, before_ns);
}

/* ---- the model */

struct model *model_new(const bool counted[PANE_COUNT])
{
	struct model *model = xcalloc(1, sizeof(*model));

	memcpy(model->counted, counted, sizeof(model->counted));
	container_row_init(model, &model->total);
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	rows_done(&model->rows);
	free(model);
}

static void begin_interval(struct model *model, const struct sample *sample)
{
	model->time = sample->time;
	model->interval_ns = sample->interval_ns;
	model->accuracy = sample->accuracy;
	accuracy_add(&model->accuracy_total, &sample->accuracy);
	row_begin(PANE_CONTAINERS, &model->total.row);
	rows_reset(&model->rows);
	event_rows_trim(&model->rows);
}

void model_update(struct model *model, const struct sample *sample,
		  struct containers *containers, uint64_t linger_ns)
{
	const struct row_table *disks = &model->rows.tables[PANE_DISKS];
	struct container *const *all;
	size_t n;

	begin_interval(model, sample);
	all = containers_all(containers, &n);
	for (size_t i = 0; i < n; i++)
		container_row_get(model, all[i]);
	for (size_t i = 0; i < sample->n_flows; i++)
		if (!sample->flows[i].container->hidden)
			fold_flow(model, &sample->flows[i]);
	for (size_t i = 0; i < sample->n_disks; i++)
		if (!sample->disks[i].container->hidden)
			fold_disk(model, &sample->disks[i]);
	for (size_t i = 0; i < sample->n_syscalls; i++)
		if (!sample->syscalls[i].container->hidden)
			fold_syscall(model, &sample->syscalls[i]);
	for (size_t i = 0; i < sample->n_processes; i++)
		if (!sample->processes[i].container->hidden)
			fold_process(model, &sample->processes[i]);
	for (size_t i = 0; i < sample->n_events; i++)
		if (!sample->events[i].container->hidden)
			fold_event(model, &sample->events[i]);
	for (size_t i = 0; i < sample->n_remainders; i++)
		if (!sample->remainders[i].container->hidden)
			fold_remainder(model, &sample->remainders[i]);
	for (size_t i = 0; i < disks->n_touched; i++)
		disk_finish(disks->rows[i]);
	reap(model, containers,
	     sample->monotonic_ns > linger_ns ? sample->monotonic_ns - linger_ns : 0);
}

void *const *model_rows(const struct model *model, enum pane_id pane, size_t *ret_n)
{
	*ret_n = model->rows.tables[pane].n;
	return model->rows.tables[pane].rows;
}

void *const *model_touched_rows(const struct model *model, enum pane_id pane, size_t *ret_n)
{
	*ret_n = model->rows.tables[pane].n_touched;
	return model->rows.tables[pane].rows;
}

const struct container_row *model_total(const struct model *model)
{
	return &model->total;
}

struct timespec model_time(const struct model *model)
{
	return model->time;
}

uint64_t model_interval_ns(const struct model *model)
{
	return model->interval_ns;
}

const struct accuracy *model_accuracy(const struct model *model, bool total)
{
	return total ? &model->accuracy_total : &model->accuracy;
}
