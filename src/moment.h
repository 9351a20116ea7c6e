/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a screen shows at a moment: the model's own rows, or copies of them that
 * stay as they are while the model goes on (pause), or count from a mark.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include "model.h"

struct arena;
struct column;

struct moment_rows {
	void *const *rows;		/* the first n_touched: something was told of them */
	size_t n, n_touched;
};

struct moment {
	struct moment_rows panes[PANE_COUNT];
	const struct container_row *total;
	const struct accuracy *accuracy[2];	/* of the interval, since the start */
	struct timespec time;
	uint64_t interval_ns;
	size_t running;			/* containers */
	struct arena *arena;		/* owned, with all of the above; NULL: it is the model's */
};

/* What identifies a row for as long as it lives, in the model as in its copies: a hash. */
uint64_t row_id(enum pane_id pane, const void *row);

/* The id of a process' row. */
uint64_t row_id_of_process(uint64_t serial, uint64_t pid);

/* Room for a copy of any row. */
union any_row {
	struct row row;
	struct container_row container;
	struct flow_row flow;
	struct disk_row disk;
	struct syscall_row syscall;
	struct process_row process;
	struct file_row file;
	struct event_row event;
	struct listener_row listener;
	struct hint_row hint;
};

/* The model as it is; good until its next update. */
void moment_of_model(struct moment *ret, const struct model *model,
		     const struct containers *containers);
void moment_done(struct moment *moment);

/* Makes it last: from now on all of it is a copy. */
void moment_hold(struct moment *moment);

/* What all counts were at a moment. */
struct mark;
struct mark *mark_new(const struct moment *moment);
void mark_free(struct mark *mark);

/*
 * A copy of a row with totals since the mark. It points to what the row points to.
 */
void mark_apply(const struct mark *mark, enum pane_id pane, const void *row, union any_row *ret);

/* Only the total of one count of the row: of a column that is not by_owner. */
struct value mark_value(const struct mark *mark, enum pane_id pane, const void *row,
			const struct column *column);

/* The same for the sum of all containers. */
void mark_apply_total(const struct mark *mark, const struct container_row *total,
		      struct container_row *ret);

#endif
