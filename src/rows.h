/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the model keeps its rows.  Each pane's stand in an array whose first
 * part are those touched in the interval, so that an update costs by what moved,
 * not by what is known; a hash finds a row by its key.  What a row has of the
 * interval begins when it is touched first: one that moves all the time is
 * brought into the cache once an update, not twice.
 */
#ifndef ROWS_H
#define ROWS_H

#include "model.h"
#include "name-pool.h"

struct row_table {
	struct chains by_key;
	void **rows;			/* owned, and so are the rows; NULL: none yet */
	size_t n, capacity;
	size_t n_ended;			/* the first ones: these go at the next reset */
	size_t n_touched;		/* with those */
	size_t n_stale;			/* with those: the rest was touched in the interval before */
	size_t n_most;			/* there were since memory was last given back */
};

struct rows {
	struct chains tuples;		/* flows by their 5-tuple alone: to find their other ends */
	struct event_row *oldest, *newest;	/* events in the order they came */
	uint64_t n_events;		/* ever */
	struct name_pool flow_names;
	struct flow_row **places;	/* flows by their places; owned, they are not */
	size_t n_places;
	struct row_table tables[PANE_COUNT];
};

void rows_done(struct rows *rows);

/*
 * The row with a key, or NULL. Keys are struct row_key; of flows struct flow_row_key,
 * of listeners struct listener_key.
 */
void *rows_find(struct rows *rows, enum pane_id pane, const void *key);

/* Adds one: zeroed but for its container and key, all counts UNKNOWN. */
void *rows_add(struct rows *rows, enum pane_id pane, struct container *container, const void *key);

/* Something of this row is in the sample. Before anything is counted for it. */
void rows_touch(struct rows *rows, enum pane_id pane, struct row *row);

/* Touches a row of which nothing more will come: the next reset takes it out. */
void rows_end(struct rows *rows, enum pane_id pane, struct row *row);

/* Flows by where the source has them, which is faster; NULL: none that rows_set_place told of. */
struct flow_row *rows_at(const struct rows *rows, uint32_t place);
void rows_set_place(struct rows *rows, struct flow_row *flow, uint32_t place);

/* Some flows ahead of rows_at. */
void rows_expect(const struct rows *rows, uint32_t place);

/* Finds the other end of a flow that was just added: the one with the mirrored 5-tuple. */
void rows_link_ends(struct rows *rows, struct flow_row *flow);

/* The other end is called otherwise there than here: that decides where it is. */
void rows_set_real_end(struct rows *rows, struct flow_row *flow, const struct flow_end *end);

/* Says which process's socket a flow is (NULL: none known): it stays as long as its flows. */
void rows_set_process(struct rows *rows, struct flow_row *flow, struct process_row *process);

/* After an update: gives memory back when a storm of rows is over. */
void rows_trim(struct rows *rows);

/* Takes a row out and frees it. Containers' rows go last, flows before processes. */
void rows_remove(struct rows *rows, enum pane_id pane, struct row *row);

/*
 * Begins an interval: what ended goes. Rows that are not touched from here on to
 * rows_settle, which ends it, are not active, and their counts of the interval 0.
 */
void rows_reset(struct rows *rows);
void rows_settle(struct rows *rows);

/* The same for the counts of one row that is in no table. */
void row_begin(enum pane_id pane, struct row *row);

/* Adds the counts of the interval that one row of a pane has to those of another. */
void row_add_up(enum pane_id pane, struct row *row, struct row *from);

/* Makes all counts of a row UNKNOWN. */
void row_forget(enum pane_id pane, struct row *row);

/* Makes what a row has of one interval unknown. */
void disk_row_begin(struct disk_row *row);
void syscall_row_begin(struct syscall_row *row);
void process_row_begin(struct process_row *row);
void file_row_begin(struct file_row *row);
void hint_row_begin(struct hint_row *row);

/* Sum of two numbers: UNKNOWN adds nothing to what is known, and is never reached. */
static inline uint64_t known_sum(uint64_t a, uint64_t b)
{
	if (a == UNKNOWN)
		return b;
	if (b == UNKNOWN)
		return a;
	return a > UNKNOWN - 1 - b ? UNKNOWN - 1 : a + b;
}

/* Adds to a row's count; more than nothing makes the row active. */
static inline void row_count(struct row *row, struct count *count, uint64_t n)
{
	count->interval = known_sum(count->interval, n);
	count->total = known_sum(count->total, n);
	if (n && n != UNKNOWN)
		row->active = true;
}

#endif
