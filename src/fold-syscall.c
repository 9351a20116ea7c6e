/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls by container, those of one process by themselves, and the sums over them. */
#include <string.h>

#include "fold.h"
#include "syscall-name.h"
#include "text.h"
#include "util.h"

#define PROCESS_SHIFT 32		/* in a row's key: above the system call's number */

/* The row of a container (pid UNKNOWN), or that of a process. */
static struct syscall_row *syscall_row_get(struct model *model, const struct syscall_sample *sample,
					   uint64_t pid)
{
	const uint64_t process = pid == UNKNOWN ? 0 : pid << PROCESS_SHIFT;
	const struct row_key key = { sample->container->serial, process | sample->nr };
	struct syscall_row *row = rows_find(&model->rows, PANE_SYSCALLS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_SYSCALLS, sample->container, &key);
	row->pid = pid;
	row->row.detail = pid != UNKNOWN;
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

static struct syscall_row *add_to_row(struct model *model, const struct syscall_sample *sample,
				      uint64_t pid)
{
	struct syscall_row *row = syscall_row_get(model, sample, pid);

	row_touch_both(model, PANE_SYSCALLS, &row->row);
	row_count(&row->row, &row->count, sample->count);
	row_count(&row->row, &row->errors, sample->errors);
	return row;
}

void fold_syscall(struct model *model, const struct syscall_sample *sample)
{
	struct syscall_row *row = add_to_row(model, sample, UNKNOWN);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	if (sample->pid != UNKNOWN) {
		struct process_row *process = process_row_get(model, sample->container,
							      sample->pid);

		process->confirmed = true;
		gauge_set(&process->uid, sample->uid);
		process_name(process, sample->comm);
		process_add_calls(model, process, sample->count, sample->errors);
		if (sample->pid == model->focus.pid &&
		    sample->container->serial == model->focus.serial)
			add_to_row(model, sample, sample->pid);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_SYSCALLS]; i++)
		container_add_calls(sums[i], sample->count, sample->errors);
}
