/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of rows, and what all rows have in common: counts, and an end. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "util.h"

/* Where a pane's rows have their key and their counts. */
struct row_class {
	size_t size;
	size_t key, key_size;
	size_t counts, n_counts;
};

#define COUNTS(row, first, last)								\
	.counts = offsetof(struct row, first),							\
	.n_counts = 1 + (offsetof(struct row, last) - offsetof(struct row, first)) /		\
		sizeof(struct count)
#define KEY(row, member)									\
	.key = offsetof(struct row, member), .key_size = sizeof(((struct row *)0)->member)

static const struct row_class classes[PANE_COUNT] = {
	[PANE_CONTAINERS] = { .size = sizeof(struct container_row), KEY(container_row, row.key),
		COUNTS(container_row, rx_bytes, errors) },
	[PANE_FLOWS] = { .size = sizeof(struct flow_row), KEY(flow_row, key),
		COUNTS(flow_row, rx_bytes, zero_windows) },
	[PANE_DISKS] = { .size = sizeof(struct disk_row), KEY(disk_row, row.key),
		COUNTS(disk_row, read_bytes, io_errors) },
	[PANE_SYSCALLS] = { .size = sizeof(struct syscall_row), KEY(syscall_row, row.key),
		COUNTS(syscall_row, count, latency_ns) },
	[PANE_PROCESSES] = { .size = sizeof(struct process_row), KEY(process_row, row.key),
		COUNTS(process_row, rx_bytes, errors) },
	[PANE_LISTENERS] = { .size = sizeof(struct listener_row), KEY(listener_row, key),
		COUNTS(listener_row, accepts, drops) },
	[PANE_HINTS] = { .size = sizeof(struct hint_row), KEY(hint_row, row.key),
		COUNTS(hint_row, count, unanswered) },
	[PANE_EVENTS] = { .size = sizeof(struct event_row), KEY(event_row, row.key) },
	[PANE_FILES] = { .size = sizeof(struct file_row), KEY(file_row, key),
		COUNTS(file_row, read_bytes, writes) },
};

#define ROWS_SELDOM 16384		/* in a pane */

/* ---- counts */

static struct count *row_counts(enum pane_id pane, struct row *row)
{
	return (struct count *)(void *)((char *)row + classes[pane].counts);
}

void row_forget(enum pane_id pane, struct row *row)
{
	struct count *counts = row_counts(pane, row);

	for (size_t i = 0; i < classes[pane].n_counts; i++)
		counts[i] = (struct count){ UNKNOWN, UNKNOWN };
}

/* What was ever known is 0 until there is more. */
void row_begin(enum pane_id pane, struct row *row)
{
	struct count *counts = row_counts(pane, row);

	for (size_t i = 0; i < classes[pane].n_counts; i++)
		if (counts[i].total != UNKNOWN)
			counts[i].interval = 0;
	row->active = false;
}

void row_add_up(enum pane_id pane, struct row *row, struct row *from)
{
	struct count *counts = row_counts(pane, row);
	const struct count *others = row_counts(pane, from);

	for (size_t i = 0; i < classes[pane].n_counts; i++)
		row_count(row, &counts[i], others[i].interval);
}

static const struct latency no_latency = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };

void disk_row_begin(struct disk_row *row)
{
	row->latency = no_latency;
	latency_sum_begin(&row->sum);
	row->queue_avg_us = row->queue_max_us = row->queue_max_ns = UNKNOWN;
	row->queue_ns = row->queued = 0;
}

void process_row_begin(struct process_row *row)
{
	row->disk_latency = no_latency;
	if (row->disk_sum)
		latency_sum_begin(row->disk_sum);
}

void syscall_row_begin(struct syscall_row *row)
{
	for (size_t i = 0; i < ROW_FAILURES; i++)
		row->failures[i].count.interval = 0;
	row->top_error.interval = NULL;
	row->latency_avg_ns.interval = row->latency_p50_ns.interval = UNKNOWN;
	row->latency_p99_ns.interval = row->latency_max_ns.interval = UNKNOWN;
	if (row->times)
		row->times->interval = (struct call_latency){
			.p50_ns = UNKNOWN, .p99_ns = UNKNOWN,
		};
}

void file_row_begin(struct file_row *row)
{
	row->latency_avg_ns = row->latency_max_ns = UNKNOWN;
	row->latency_ns = row->timed = 0;
}

void hint_row_begin(struct hint_row *row)
{
	row->latency = no_latency;
	latency_sum_begin(&row->sum);
	row->error = NULL;
}

/* ---- tables */

static const char *key_of(const struct row *row)
{
	return (const char *)row + classes[row->pane].key;
}

/*
 * Keys are whole words. Whoever makes flows chooses part of the keys: where the
 * table lies in memory goes into the hash, so that nobody can fill one bucket.
 */
static uint32_t key_hash(const struct row_table *table, const void *key, size_t size)
{
	uint64_t hash = (uintptr_t)table * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, (const char *)key + i, sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return (uint32_t)hash;
}

/*
 * Samples come in much the same order each time, and so do rows get touched: the
 * first one not touched yet is most often the one that is looked for.
 */
static struct row *guess(const struct row_table *table, const struct row_class *class,
			 const void *key)
{
	struct row *row;

	if (table->n_touched + 4 < table->n)
		__builtin_prefetch(table->rows[table->n_touched + 4]);
	if (table->n_touched == table->n)
		return NULL;
	row = table->rows[table->n_touched];
	return memcmp((const char *)row + class->key, key, class->key_size) ? NULL : row;
}

void *rows_find(struct rows *rows, enum pane_id pane, const void *key)
{
	struct row_table *table = &rows->tables[pane];
	size_t size = classes[pane].key_size;
	struct row *row = guess(table, &classes[pane], key);

	struct link *link;

	if (row)
		return row;
	link = chains_first(&table->by_key, key_hash(table, key, size));
	while (link && memcmp(key_of((const struct row *)link), key, size))
		link = link_next(link);
	return (struct row *)link;
}

void *rows_add(struct rows *rows, enum pane_id pane, struct container *container, const void *key)
{
	const struct row_class *class = &classes[pane];
	struct row_table *table = &rows->tables[pane];
	struct row *row = xcalloc(1, class->size);
	char *own_key = (char *)row + class->key;

	row->pane = (uint8_t)pane;
	row->container = container;
	row->key.serial = container->serial;
	memcpy(own_key, key, class->key_size);
	row_forget(pane, row);
	chains_add(&table->by_key, &row->link, key_hash(table, own_key, class->key_size));
	table->rows = array_reserve(table->rows, &table->capacity, table->n + 1,
				    sizeof(*table->rows));
	row->index = (uint32_t)table->n;
	table->rows[table->n++] = row;
	return row;
}

static void table_swap(struct row_table *table, size_t a, size_t b)
{
	struct row *row_a = table->rows[a], *row_b = table->rows[b];

	table->rows[a] = row_b;
	table->rows[b] = row_a;
	row_b->index = (uint32_t)a;
	row_a->index = (uint32_t)b;
}

static void begin(enum pane_id pane, struct row *row)
{
	row_begin(pane, row);
	if (pane == PANE_DISKS)
		disk_row_begin((struct disk_row *)row);
	if (pane == PANE_SYSCALLS)
		syscall_row_begin((struct syscall_row *)row);
	if (pane == PANE_PROCESSES)
		process_row_begin((struct process_row *)row);
	if (pane == PANE_FILES)
		file_row_begin((struct file_row *)row);
	if (pane == PANE_HINTS)
		hint_row_begin((struct hint_row *)row);
}

/* One that rested goes behind those that are stale, and from there on as these do. */
void rows_touch(struct rows *rows, enum pane_id pane, struct row *row)
{
	struct row_table *table = &rows->tables[pane];

	if (row->index < table->n_touched)
		return;
	if (row->index < table->n_stale)
		begin(pane, row);
	else
		table_swap(table, row->index, table->n_stale++);
	table_swap(table, row->index, table->n_touched++);
}

void rows_end(struct rows *rows, enum pane_id pane, struct row *row)
{
	struct row_table *table = &rows->tables[pane];

	rows_touch(rows, pane, row);
	row->ended = true;
	if (row->index >= table->n_ended)
		table_swap(table, row->index, table->n_ended++);
}

/* A process that loses a flow is touched: the next reset sees whether it was the last. */
void rows_set_process(struct rows *rows, struct flow_row *flow, struct process_row *process)
{
	if (flow->process == process)
		return;
	if (flow->process) {
		flow->process->n_flows--;
		rows_touch(rows, PANE_PROCESSES, &flow->process->row);
	}
	if (process)
		process->n_flows++;
	flow->process = process;
}

/* ---- the places of flows */

struct flow_row *rows_at(const struct rows *rows, uint32_t place)
{
	return place < rows->n_places ? rows->places[place] : NULL;
}

void rows_expect(const struct rows *rows, uint32_t place)
{
	const char *flow = (const char *)rows_at(rows, place);
	const size_t line = 64;

	for (size_t i = 0; flow && i < offsetof(struct flow_row, key); i += line)
		__builtin_prefetch(flow + i);
}

/* A flow has one place, its last: an older one may become another's. */
void rows_set_place(struct rows *rows, struct flow_row *flow, uint32_t place)
{
	size_t n = rows->n_places;

	rows->places = array_reserve(rows->places, &rows->n_places, place + 1UL,
				     sizeof(struct flow_row *));
	if (n < rows->n_places)
		memset(&rows->places[n], 0, (rows->n_places - n) * sizeof(*rows->places));
	if (flow->place)
		rows->places[flow->place] = NULL;
	if (place && rows->places[place])
		rows->places[place]->place = 0;
	if (place)
		rows->places[place] = flow;
	flow->place = place;
}

/* ---- the two ends of a flow */

/* A 5-tuple is all of a key but whose it is. */
#define TUPLE_OFFSET offsetof(struct flow_row_key, local)
#define TUPLE_SIZE (sizeof(struct flow_row_key) - TUPLE_OFFSET)

static uint32_t tuple_hash(const struct rows *rows, const struct flow_row_key *key)
{
	return key_hash(&rows->tables[PANE_FLOWS], (const char *)key + TUPLE_OFFSET, TUPLE_SIZE);
}

/* The key by which the other end knows it. */
static const struct flow_row_key *tuple_key(const struct flow_row *flow)
{
	return flow->real ? flow->real : &flow->key;
}

static struct flow_row *flow_of(struct link *link)
{
	return (struct flow_row *)(void *)((char *)link - offsetof(struct flow_row, tuple_link));
}

static struct flow_row *find_tuple(struct rows *rows, const struct flow_row_key *key)
{
	struct link *link = chains_first(&rows->tuples, tuple_hash(rows, key));

	for (; link; link = link_next(link)) {
		struct flow_row *flow = flow_of(link);

		if (!memcmp((const char *)tuple_key(flow) + TUPLE_OFFSET,
			    (const char *)key + TUPLE_OFFSET, TUPLE_SIZE))
			return flow;
	}
	return NULL;
}

static struct flow_row *find_mirrored(struct rows *rows, const struct flow_row_key *key)
{
	struct flow_row_key mirrored = *key;

	mirrored.local = key->remote;
	mirrored.remote = key->local;
	mirrored.local_port = key->remote_port;
	mirrored.remote_port = key->local_port;
	return find_tuple(rows, &mirrored);
}

static void unlink_ends(struct rows *rows, struct flow_row *flow)
{
	if (flow->stands_for_tuple)
		chains_remove(&rows->tuples, &flow->tuple_link);
	flow->stands_for_tuple = false;
	if (flow->other_end) {
		flow->other_end->other_end = NULL;
		flow->other_end->peer = NULL;
	}
	flow->other_end = NULL;
	flow->peer = NULL;
}

static bool is_hosts(const struct flow_row *flow)
{
	return flow->row.container->serial == 0;
}

/*
 * One flow stands for a 5-tuple.  The kernel itself answers for sockets that are
 * gone already (resets, the last acknowledgement), on the host's account: that
 * does not stand for what a container does.  Nor does the first packet of a
 * connection that this very host translated on its way out.
 */
void rows_link_ends(struct rows *rows, struct flow_row *flow)
{
	const struct flow_row_key *key = tuple_key(flow);
	struct flow_row *same = find_tuple(rows, key), *other;

	if (same && !flow->real && (is_hosts(flow) || !is_hosts(same)))
		return;
	if (same)
		unlink_ends(rows, same);
	chains_add(&rows->tuples, &flow->tuple_link, tuple_hash(rows, key));
	flow->stands_for_tuple = true;
	other = find_mirrored(rows, key);
	if (!other || other == flow)
		return;
	flow->other_end = other;
	flow->peer = other->row.container;
	other->other_end = flow;
	other->peer = flow->row.container;
}

void rows_set_real_end(struct rows *rows, struct flow_row *flow, const struct flow_end *end)
{
	unlink_ends(rows, flow);
	if (!flow->real)
		flow->real = xmalloc(sizeof(*flow->real));
	*flow->real = flow->key;
	memcpy(flow->real->remote.bytes, end->address, sizeof(end->address));
	flow->real->remote_port = end->port;
	rows_link_ends(rows, flow);
}

static void free_late(struct container *late)
{
	if (!late)
		return;
	free(late->name);
	free(late->id);
	free(late->short_id);
	free(late);
}

static void free_process(struct process_row *row)
{
	free(row->disk_sum);
	free(row->command);
	free(row->exe);
}

static void free_flow(struct rows *rows, struct flow_row *row)
{
	const char **const names[] = {
		&row->protocol, &row->comm, &row->parent, &row->user, &row->group, &row->service,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		name_pool_drop(&rows->flow_names, names[i]);
	free(row->real);
}

static void row_free(struct rows *rows, enum pane_id pane, struct row *row)
{
	if (pane == PANE_PROCESSES)
		free_process((struct process_row *)row);
	if (pane == PANE_FLOWS)
		free_flow(rows, (struct flow_row *)row);
	if (pane == PANE_DISKS)
		free(((struct disk_row *)row)->volume);
	if (pane == PANE_SYSCALLS)
		free(((struct syscall_row *)row)->times);
	if (pane == PANE_FILES)
		free(((struct file_row *)row)->path);
	if (pane == PANE_HINTS)
		free(((struct hint_row *)row)->name);
	if (pane == PANE_EVENTS) {
		free(((struct event_row *)row)->path);
		free_late(((struct event_row *)row)->late);
	}
	free(row);
}

void rows_remove(struct rows *rows, enum pane_id pane, struct row *row)
{
	struct row_table *table = &rows->tables[pane];

	if (pane == PANE_FLOWS) {
		rows_set_process(rows, (struct flow_row *)row, NULL);
		rows_set_place(rows, (struct flow_row *)row, 0);
		unlink_ends(rows, (struct flow_row *)row);
	}
	if (row->index < table->n_ended)
		table_swap(table, row->index, --table->n_ended);
	if (row->index < table->n_touched)
		table_swap(table, row->index, --table->n_touched);
	if (row->index < table->n_stale)
		table_swap(table, row->index, --table->n_stale);
	table_swap(table, row->index, --table->n);
	chains_remove(&table->by_key, &row->link);
	row_free(rows, pane, row);
}

/*
 * An ended process goes with the last of its flows: its sockets may live on in
 * others. One that only flows tell of goes with them too, as nothing tells its end.
 */
static bool process_is_over(struct process_row *row)
{
	if (row->row.ended)
		row->confirmed = row->row.ended = false;
	return !row->confirmed && !row->n_flows;
}

/* From the last one down, so that taking rows out moves none that is still to come. */
static void remove_ended(struct rows *rows, enum pane_id pane)
{
	const struct row_table *table = &rows->tables[pane];

	for (size_t i = table->n_ended; i-- > 0;)
		if (((struct row *)table->rows[i])->ended)
			rows_remove(rows, pane, table->rows[i]);
}

static void remove_processes(struct rows *rows)
{
	const struct row_table *table = &rows->tables[PANE_PROCESSES];

	for (size_t i = table->n_touched; i-- > 0;)
		if (process_is_over(table->rows[i]))
			rows_remove(rows, PANE_PROCESSES, table->rows[i]);
}

/* Flows that go touch processes: these are looked at after them. */
void rows_reset(struct rows *rows)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		remove_ended(rows, i);
	remove_processes(rows);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		rows->tables[i].n_stale = rows->tables[i].n_touched;
		rows->tables[i].n_touched = rows->tables[i].n_ended = 0;
	}
}

void rows_settle(struct rows *rows)
{
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct row_table *table = &rows->tables[i];

		while (table->n_stale > table->n_touched)
			begin(i, table->rows[--table->n_stale]);
	}
}

/* The allocator would keep what it took. */
void rows_trim(struct rows *rows)
{
	bool over = false;

	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct row_table *table = &rows->tables[i];

		if (table->n > table->n_most)
			table->n_most = table->n;
		if (table->n_most < ROWS_SELDOM || table->n > table->n_most / 2)
			continue;
		table->n_most = table->n;
		over = true;
	}
	if (over)
		malloc_trim(0);
}

void rows_done(struct rows *rows)
{
	chains_done(&rows->tuples);
	free(rows->places);
	rows->places = NULL;
	rows->n_places = 0;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct row_table *table = &rows->tables[i];

		chains_done(&table->by_key);
		for (size_t j = 0; j < table->n; j++)
			row_free(rows, i, table->rows[j]);
		free(table->rows);
		*table = (struct row_table){ 0 };
	}
}

int row_compare(const struct row *a, const struct row *b)
{
	int order = COMPARE(a->key.serial, b->key.serial);

	if (!order)
		order = COMPARE(a->key.number, b->key.number);
	if (!order && a->pane == b->pane)
		order = memcmp(key_of(a), key_of(b), classes[a->pane].key_size);
	return order;
}
