/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown of a pane: which columns, which rows, in which order. */
#ifndef VIEW_H
#define VIEW_H

#include "column.h"
#include "filter.h"
#include "model.h"
#include "pane.h"

struct view_entry;

struct view {
	const struct pane *pane;
	const struct column **columns;	/* owned array of borrowed columns */
	size_t n_columns;
	const struct column *sort;
	bool ascending;
	bool total;			/* counts since the start, not of the interval */
	bool all_rows;			/* idle ones too */
	const struct filter *filter;	/* of the pane, borrowed: rows that it matches; NULL: all */
	unsigned int line_width;	/* cells of a line: columns grow into it, and texts that are
					   still longer are cut and marked; 0: no limit, cells have
					   their whole text and widths as on a line of 80 */
	void **rows;			/* owned array of borrowed rows, in order; of the last
					   update */
	size_t n_rows, rows_capacity;
	struct view_entry *entries;	/* owned: rows and their sort values, while sorting */
	size_t entries_capacity;
};

/* Sets up the pane's default columns and order. */
void view_init(struct view *view, const struct pane *pane);
void view_done(struct view *view);

/* Takes the columns of a list ("name,rx_bytes"). -EINVAL: *ret_bad points at the name
   that is none, of *ret_size characters. */
int view_set_columns(struct view *view, const char *list, const char **ret_bad, size_t *ret_size);

/* Sorts by a column from now on: numbers descend, texts ascend; reverse turns that round. */
void view_set_sort(struct view *view, const struct column *column, bool reverse);

/*
 * Picks and sorts the model's rows that the filter matches: those that were active
 * in the interval, all where the pane or the view says so or totals are shown,
 * but of a log never.
 * What is unknown is last in either direction; ties keep an order that does not
 * change from tick to tick.
 */
void view_update(struct view *view, const struct model *model);

#endif
