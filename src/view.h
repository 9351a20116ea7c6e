/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown of a pane: which columns, which rows, in which order. */
#ifndef VIEW_H
#define VIEW_H

#include "column.h"
#include "filter.h"
#include "id-map.h"
#include "model.h"
#include "moment.h"
#include "order.h"
#include "pane.h"
#include "tree.h"

/* Whose rows are picked. */
struct view_scope {
	bool container, process, user;	/* only those of one */
	uint64_t serial, pid, uid;
};

/* What a view picks its rows from. */
struct view_from {
	struct moment_rows rows;
	uint64_t interval_ns;
	const struct mark *mark;	/* counts are since it; NULL: as they are */
	struct view_scope scope;
	uint64_t after;			/* of a log: only rows with a higher number */
	bool reports;			/* of a log: only what is new */
};

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
	struct order order;		/* of the rows picked last */
	struct id_map *places;		/* owned: what rows are sorted by when it is not to change:
					   a number's value then, or the place; NULL: sort says */
	bool is_tree;			/* processes stand below their parents */
	struct tree tree;		/* then: how */
};

/* Sets up the pane's default columns and order. */
void view_init(struct view *view, const struct pane *pane);
void view_done(struct view *view);

/* Takes the pane's columns for a line of so many cells, at least those for 80. */
void view_usual_columns(struct view *view, unsigned int line);

/* Whether its columns are those for a line of 80. */
bool view_has_usual_columns(const struct view *view);

/* Takes the columns of a list ("name,rx_bytes"). -EINVAL: *ret_bad points at the name
   that is none, of *ret_size characters. */
int view_set_columns(struct view *view, const char *list, const char **ret_bad, size_t *ret_size);

/* Sorts by a column from now on: numbers descend, texts ascend; reverse turns that round. */
void view_set_sort(struct view *view, const struct column *column, bool reverse);

/* What its columns, order and filter need: a set of enum column_wish. */
unsigned int view_wishes(const struct view *view);

/*
 * Picks the rows that the filter matches, into view->order: those that were active
 * in the interval, all where the pane or the view says so or totals are shown.
 * What is unknown is last in either direction; ties keep an order that does not
 * change from tick to tick.
 */
void view_pick(struct view *view, const struct view_from *from);

/* Puts the rows picked from one place up to another in order, and all into view->rows. */
void view_take(struct view *view, size_t from, size_t to);

/* Both, for reports: all of the model's rows. */
void view_update(struct view *view, const struct model *model);

/*
 * Holds the order of the rows picked last, or lets it go. All are to be in order
 * when they are not sorted by a number.
 */
void view_freeze(struct view *view, bool freeze);

#endif
