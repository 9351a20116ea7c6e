/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes: what they are called, and sums of what they did. */
#include <stdlib.h>

#include "fold.h"
#include "text.h"
#include "word.h"

static const struct count NOTHING = { 0, 0 };

struct process_row *process_row_get(struct model *model, struct container *container,
					   uint64_t pid)
{
	const struct row_key key = { .serial = container->serial, .number = pid };
	struct process_row *row = rows_find(&model->rows, PANE_PROCESSES, &key);

	if (!row) {
		row = row_add(model, PANE_PROCESSES, container, &key);
		row->pid = pid;
		row->nspid = row->ppid = row->uid = UNKNOWN;
		process_row_begin(row);
		if (model->counted[PANE_FLOWS])
			row->rx_bytes = row->tx_bytes = NOTHING;
		if (model->counted[PANE_DISKS])
			row->read_bytes = row->write_bytes = row->reads = row->writes = NOTHING;
		if (model->counted[PANE_FILES])
			row->file_read_bytes = row->file_write_bytes = NOTHING;
		if (model->faults_counted)
			row->major_faults = NOTHING;
		if (model->counted[PANE_SYSCALLS])
			row->syscalls = row->errors = NOTHING;
	}
	rows_touch(&model->rows, PANE_PROCESSES, &row->row);
	return row;
}

void process_name(struct process_row *row, const char comm[TASK_NAME_SIZE])
{
	if (!row->named)
		task_name_set(&row->name, &row->comm, comm);
}

void process_add_calls(struct model *model, struct process_row *row, uint64_t count,
			      uint64_t errors)
{
	if (!model->counted[PANE_SYSCALLS])
		return;
	row_count(&row->row, &row->syscalls, count);
	row_count(&row->row, &row->errors, errors);
}

void process_add_files(struct model *model, struct process_row *row, uint64_t read_bytes,
		       uint64_t write_bytes)
{
	if (!model->counted[PANE_FILES])
		return;
	row_count(&row->row, &row->file_read_bytes, read_bytes);
	row_count(&row->row, &row->file_write_bytes, write_bytes);
}

void processes_lose_calls(struct model *model)
{
	static const struct count unknown = { UNKNOWN, UNKNOWN };
	const struct row_table *table = &model->rows.tables[PANE_PROCESSES];

	for (size_t i = 0; i < table->n; i++) {
		struct process_row *row = table->rows[i];

		row->syscalls = row->errors = unknown;
		row->file_read_bytes = row->file_write_bytes = unknown;
	}
}

static void replace_clean(char **ret, const char *text)
{
	if (!text)
		return;
	free(*ret);
	*ret = text_clean_dup(text);
}

void fold_process(struct model *model, const struct process_sample *sample)
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
	replace_clean(&row->command, sample->command);
	replace_clean(&row->exe, sample->exe);
	if (sample->user)
		name_set(row->user_text, &row->user, sample->user);
	process_add_calls(model, row, sample->syscalls, sample->errors);
	process_add_files(model, row, sample->file_read_bytes, sample->file_write_bytes);
	if (model->faults_counted)
		row_count(&row->row, &row->major_faults, sample->major_faults);
	if (model->counted[PANE_FLOWS]) {
		row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
		row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
	}
	if (model->counted[PANE_DISKS]) {
		row_count(&row->row, &row->read_bytes, sample->read_bytes);
		row_count(&row->row, &row->write_bytes, sample->write_bytes);
		row_count(&row->row, &row->reads, sample->reads);
		row_count(&row->row, &row->writes, sample->writes);
	}
	if (sample->disk_latency.avg_us != UNKNOWN)
		row->disk_latency = sample->disk_latency;
	if (sample->ended)
		row->row.ended = true;
}

static void faults_restart(struct count *count, bool counted)
{
	*count = counted ? NOTHING : (struct count){ UNKNOWN, UNKNOWN };
}

void faults_begin(struct model *model, bool counted)
{
	const struct row_table *containers = &model->rows.tables[PANE_CONTAINERS];
	const struct row_table *processes = &model->rows.tables[PANE_PROCESSES];

	if (model->faults_counted == counted)
		return;
	model->faults_counted = counted;
	faults_restart(&model->total.major_faults, counted);
	for (size_t i = 0; i < containers->n; i++)
		faults_restart(&((struct container_row *)containers->rows[i])->major_faults, counted);
	for (size_t i = 0; i < processes->n; i++)
		faults_restart(&((struct process_row *)processes->rows[i])->major_faults, counted);
}

void fold_fault(struct model *model, const struct fault_sample *sample)
{
	struct container_row *owner = container_row_get(model, sample->container);
	struct process_row *row;

	rows_touch(&model->rows, PANE_CONTAINERS, &owner->row);
	row_count(&owner->row, &owner->major_faults, sample->count);
	if (sample->pid == UNKNOWN)
		return;
	row = process_row_get(model, sample->container, sample->pid);
	row->confirmed = true;
	gauge_set(&row->uid, sample->uid);
	process_name(row, sample->comm);
	row_count(&row->row, &row->major_faults, sample->count);
}
