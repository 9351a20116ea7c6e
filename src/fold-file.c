/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: a row for each one that a process has used, and sums of its container and process. */
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "text.h"
#include "util.h"
#include "word.h"

static struct file_row *file_row_get(struct model *model, const struct file_sample *sample)
{
	const struct file_row_key key = {
		.serial = sample->container->serial,
		.pid = sample->pid,
		.inode = sample->key.inode,
		.name = sample->key.name,
		.device = sample->key.device,
		.generation = sample->key.generation,
		.flags = sample->key.flags,
	};
	struct file_row *row = rows_find(&model->rows, PANE_FILES, &key);

	if (row)
		return row;
	row = row_add(model, PANE_FILES, sample->container, &key);
	row->pid = sample->pid;
	row->uid = UNKNOWN;
	row->inode = sample->key.inode;
	row->major = sample->key.device >> DISK_MINOR_BITS;
	row->minor = sample->key.device & ((1u << DISK_MINOR_BITS) - 1);
	row->access = sample->key.flags & FILE_DIRECT ? "direct" : "cached";
	file_row_begin(row);
	return row;
}

static void file_add_latency(struct file_row *row, const struct file_sample *sample)
{
	if (!sample->timed || sample->timed == UNKNOWN || sample->latency_ns == UNKNOWN)
		return;
	row->timed = known_sum(row->timed, sample->timed);
	row->latency_ns = known_sum(row->latency_ns, sample->latency_ns);
	row->latency_avg_ns = row->latency_ns / row->timed;
	if (sample->latency_max_ns != UNKNOWN &&
	    (row->latency_max_ns == UNKNOWN || row->latency_max_ns < sample->latency_max_ns))
		row->latency_max_ns = sample->latency_max_ns;
}

/* Each of the process's threads has a record of its own of the file. */
static void file_add_record(struct model *model, struct file_row *row,
			    const struct file_sample *sample)
{
	if (sample->began)
		row->n_records++;
	if (sample->ended && row->n_records > 0)
		row->n_records--;
	row->row.ended = false;
	if (sample->ended && !row->n_records)
		rows_end(&model->rows, PANE_FILES, &row->row);
}

static void fold_into_row(struct model *model, const struct file_sample *sample)
{
	struct file_row *row = file_row_get(model, sample);

	row_touch_both(model, PANE_FILES, &row->row);
	if (sample->path && !row->path)
		row->path = text_clean_dup(sample->path);
	gauge_set(&row->uid, sample->uid);
	task_name_set(&row->name, &row->comm, sample->comm);
	row_count(&row->row, &row->read_bytes, sample->read_bytes);
	row_count(&row->row, &row->write_bytes, sample->write_bytes);
	row_count(&row->row, &row->reads, sample->reads);
	row_count(&row->row, &row->writes, sample->writes);
	file_add_latency(row, sample);
	file_add_record(model, row, sample);
}

static void fold_into_process(struct model *model, const struct file_sample *sample)
{
	struct process_row *row = process_row_get(model, sample->container, sample->pid);

	row->confirmed = true;
	gauge_set(&row->uid, sample->uid);
	process_name(row, sample->comm);
	process_add_files(model, row, sample->read_bytes, sample->write_bytes);
}

void fold_file(struct model *model, const struct file_sample *sample)
{
	struct container_row *owner = container_row_get(model, sample->container);

	rows_touch(&model->rows, PANE_CONTAINERS, &owner->row);
	if (model->counted[PANE_FILES])
		container_add_files(owner, sample->read_bytes, sample->write_bytes,
				    sample->reads, sample->writes);
	if (sample->pid != UNKNOWN && !sample->in_process)
		fold_into_process(model, sample);
	if (sample->key.inode)
		fold_into_row(model, sample);
}
