/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls by container and, as details of these rows, by process; errors
 * and times of each row, and the sums over them.
 */
#include <string.h>

#include "fold.h"
#include "syscall-name.h"
#include "text.h"
#include "util.h"
#include "word.h"

#define PROCESS_SHIFT 32		/* in a row's key: above the system call's number */

static void name_call(struct syscall_row *row, const struct syscall_sample *call)
{
	if (call->name)
		text_clean(row->syscall_text, sizeof(row->syscall_text), call->name,
			   strlen(call->name));
	else
		syscall_name(call->nr, row->syscall_text, sizeof(row->syscall_text));
	row->syscall = row->syscall_text;
}

/* The row of a call; pid UNKNOWN: of all processes. */
static struct syscall_row *syscall_row_get(struct model *model, const struct syscall_sample *call,
					   uint64_t pid)
{
	static const struct measure unknown = { UNKNOWN, UNKNOWN };
	const uint64_t process = pid == UNKNOWN ? 0 : pid << PROCESS_SHIFT;
	const struct row_key key = { call->container->serial, process | call->nr };
	struct syscall_row *row = rows_find(&model->rows, PANE_SYSCALLS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_SYSCALLS, call->container, &key);
	row->row.detail = pid != UNKNOWN;
	row->nr = syscall_number(call->nr);
	row->pid = pid;
	name_call(row, call);
	row->latency_avg_ns = row->latency_p50_ns = unknown;
	row->latency_p99_ns = row->latency_max_ns = unknown;
	return row;
}

/* ---- errors */

/* With no place left, the least frequent one makes room: its count is lost, the row's sum is not. */
static void add_failure(struct syscall_row *row, const struct call_error *error)
{
	struct failure *least = &row->failures[0];

	if (!error->count)
		return;
	for (size_t i = 0; i < ROW_FAILURES; i++) {
		struct failure *failure = &row->failures[i];

		if (failure->number == error->number) {
			least = failure;
			break;
		}
		if (failure->count.total < least->count.total)
			least = failure;
	}
	if (least->number != error->number)
		*least = (struct failure){ .number = error->number };
	least->count.interval += error->count;
	least->count.total += error->count;
}

static void choose_top_error(struct syscall_row *row)
{
	const struct failure *now = &row->failures[0], *ever = now;

	for (size_t i = 1; i < ROW_FAILURES; i++) {
		const struct failure *failure = &row->failures[i];

		if (failure->count.interval > now->count.interval)
			now = failure;
		if (failure->count.total > ever->count.total)
			ever = failure;
	}
	row->top_error.interval = now->count.interval ? error_name(now->number) : NULL;
	row->top_error.total = ever->count.total ? error_name(ever->number) : NULL;
	row->top_errors.interval = now->count.interval;
	row->top_errors.total = ever->count.total;
	/* Errors that nobody told apart. */
	if (row->errors.interval && !now->count.interval)
		row->top_errors.interval = UNKNOWN;
	if (row->errors.total && !ever->count.total)
		row->top_errors.total = UNKNOWN;
}

/* ---- times */

static void add_latency(struct call_latency *sum, const struct call_latency *latency)
{
	sum->sum_ns = known_sum(sum->sum_ns, latency->sum_ns);
	sum->timed += latency->timed;
	if (latency->max_ns > sum->max_ns)
		sum->max_ns = latency->max_ns;
	for (size_t i = 0; i < CALL_BUCKETS; i++)
		sum->histogram[i] += latency->histogram[i];
	sum->p50_ns = latency->p50_ns;
	sum->p99_ns = latency->p99_ns;
}

static void add_times(struct syscall_row *row, const struct call_latency *latency)
{
	if (!row->times)
		row->times = xcalloc(1, sizeof(*row->times));
	add_latency(&row->times->interval, latency);
	add_latency(&row->times->total, latency);
}

/* Buckets are wide: none was longer than the longest. */
static uint64_t percentile(const struct call_latency *latency, double share, uint64_t given)
{
	uint64_t ns = given != UNKNOWN ? given : call_percentile(latency->histogram, share);

	return ns != UNKNOWN && ns > latency->max_ns ? latency->max_ns : ns;
}

/* Where a row's value of one kind is that times belong to. */
static void finish_times(struct syscall_row *row, const struct call_latency *latency,
			 size_t offset)
{
	uint64_t *const values[] = {
		(uint64_t *)(void *)((char *)&row->latency_ns + offset),
		(uint64_t *)(void *)((char *)&row->latency_avg_ns + offset),
		(uint64_t *)(void *)((char *)&row->latency_p50_ns + offset),
		(uint64_t *)(void *)((char *)&row->latency_p99_ns + offset),
		(uint64_t *)(void *)((char *)&row->latency_max_ns + offset),
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		*values[i] = UNKNOWN;
	if (!latency || !latency->timed)
		return;
	*values[0] = latency->sum_ns;
	*values[1] = latency->sum_ns / latency->timed;
	*values[2] = percentile(latency, 0.50, latency->p50_ns);
	*values[3] = percentile(latency, 0.99, latency->p99_ns);
	*values[4] = latency->max_ns;
}

static void syscall_finish(struct syscall_row *row)
{
	_Static_assert(offsetof(struct measure, total) == offsetof(struct count, total), "alike");
	choose_top_error(row);
	finish_times(row, row->times ? &row->times->interval : NULL,
		     offsetof(struct measure, interval));
	finish_times(row, row->times ? &row->times->total : NULL, offsetof(struct measure, total));
}

/* ---- rows */

static void add_call(struct model *model, struct syscall_row *row, const struct sample *sample,
		     const struct syscall_sample *call)
{
	row_touch_both(model, PANE_SYSCALLS, &row->row);
	row_count(&row->row, &row->count, call->count);
	row_count(&row->row, &row->errors, call->errors);
	for (size_t i = 0; i < CALL_ERRORS; i++)
		add_failure(row, &call->top[i]);
	if (call->latency)
		add_times(row, &sample->latencies[call->latency - 1]);
}

/* Whether a process has rows of its own. */
static bool has_details(const struct model *model, uint64_t serial, uint64_t pid)
{
	return model->split_calls || (pid == model->focus.pid && serial == model->focus.serial);
}

/* From the last row down, so that taking rows out moves none that is still to come. */
static void remove_details(struct model *model)
{
	struct row_table *table = &model->rows.tables[PANE_SYSCALLS];

	for (size_t i = table->n; i-- > 0;) {
		struct syscall_row *row = table->rows[i];

		if (row->row.detail && !has_details(model, row->row.key.serial, row->pid))
			rows_remove(&model->rows, PANE_SYSCALLS, &row->row);
	}
}

void model_set_focus(struct model *model, struct model_focus focus)
{
	if (focus.pid == model->focus.pid && focus.serial == model->focus.serial)
		return;
	model->focus = focus;
	remove_details(model);
}

void model_split_calls(struct model *model, bool split)
{
	if (split == model->split_calls)
		return;
	model->split_calls = split;
	remove_details(model);
}

static void fold_detail(struct model *model, const struct sample *sample,
		      const struct syscall_sample *call)
{
	struct syscall_row *row = syscall_row_get(model, call, call->pid);

	task_name_set(&row->name, &row->comm, call->comm);
	add_call(model, row, sample, call);
}

void fold_syscall(struct model *model, const struct sample *sample,
		  const struct syscall_sample *call)
{
	struct syscall_row *row = syscall_row_get(model, call, UNKNOWN);

	add_call(model, row, sample, call);
	if (call->pid != UNKNOWN) {
		struct process_row *process = process_row_get(model, call->container, call->pid);

		process->confirmed = true;
		gauge_set(&process->uid, call->uid);
		process_name(process, call->comm);
		process_add_calls(model, process, call->count, call->errors);
		if (has_details(model, call->container->serial, call->pid))
			fold_detail(model, sample, call);
	}
	if (model->counted[PANE_SYSCALLS])
		container_add_calls(row->row.owner, call->count, call->errors);
}

/* Details whose process has ended or is not known any more go with the next interval. */
static void end_details(struct model *model)
{
	const struct row_table *table = &model->rows.tables[PANE_SYSCALLS];

	for (size_t i = 0; i < table->n; i++) {
		struct syscall_row *row = table->rows[i];
		const struct row_key key = { row->row.key.serial, row->pid };
		const struct process_row *process;

		if (!row->row.detail || row->row.ended)
			continue;
		process = rows_find(&model->rows, PANE_PROCESSES, &key);
		if (process && !process->row.ended)
			continue;
		rows_end(&model->rows, PANE_SYSCALLS, &row->row);
	}
}

void syscalls_finish(struct model *model)
{
	const struct row_table *table = &model->rows.tables[PANE_SYSCALLS];

	if (model->split_calls)
		end_details(model);
	for (size_t i = 0; i < table->n_touched; i++)
		syscall_finish(table->rows[i]);
}
