/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown of a pane: for reports all of it in order, for the screen a window. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "view.h"

void view_init(struct view *view, const struct pane *pane)
{
	*view = (struct view){ .pane = pane, .all_rows = pane->every_row };
	view_usual_columns(view, 0);
	view_set_sort(view, pane_column(pane, pane->sort, strlen(pane->sort)), false);
}

void view_usual_columns(struct view *view, unsigned int line)
{
	const struct pane *pane = view->pane;

	view->columns = xreallocarray(view->columns, pane->n_columns, sizeof(*view->columns));
	view->n_columns = 0;
	for (size_t i = 0; i < pane->n_columns; i++) {
		const struct column *column = &pane->columns[i];

		if (!column->hidden || (column->from && column->from <= line))
			view->columns[view->n_columns++] = column;
	}
}

bool view_has_usual_columns(const struct view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < view->pane->n_columns; i++) {
		const struct column *column = &view->pane->columns[i];

		if (!column->hidden && (n == view->n_columns || view->columns[n++] != column))
			return false;
	}
	return n == view->n_columns;
}

void view_done(struct view *view)
{
	free(view->columns);
	free(view->rows);
	order_done(&view->order);
	id_map_free(view->places);
	tree_done(&view->tree);
	*view = (struct view){ 0 };
}

int view_set_columns(struct view *view, const char *list, const char **ret_bad, size_t *ret_size)
{
	const struct column **columns = NULL;
	size_t n = 0, capacity = 0;
	const char *name = list;

	for (;;) {
		size_t size = strcspn(name, ",");
		const struct column *column = pane_column(view->pane, name, size);

		if (!column) {
			*ret_bad = name;
			*ret_size = size;
			free(columns);
			return -EINVAL;
		}
		columns = array_reserve(columns, &capacity, n + 1, sizeof(const struct column *));
		columns[n++] = column;
		if (!name[size])
			break;
		name += size + 1;
	}
	free(view->columns);
	view->columns = columns;
	view->n_columns = n;
	return 0;
}

void view_set_sort(struct view *view, const struct column *column, bool reverse)
{
	view->sort = column;
	view->ascending = (column && !column_is_number(column)) != reverse;
}

unsigned int view_wishes(const struct view *view)
{
	unsigned int wishes = filter_wishes(view->filter) | (view->sort ? view->sort->wishes : 0);

	for (size_t i = 0; i < view->n_columns; i++)
		wishes |= view->columns[i]->wishes;
	return wishes;
}

static uint64_t member(const struct row *row, size_t offset)
{
	return *(const uint64_t *)(const void *)((const char *)row + offset);
}

/* details: rows of processes, where there are any, instead of sums over them. */
static bool in_scope(const struct view *view, const struct view_scope *scope,
		     const struct row *row, bool details)
{
	size_t pid = view->pane->pid, uid = view->pane->uid;

	if (scope->container && row->key.serial != scope->serial)
		return false;
	if (scope->user && uid && member(row, uid) != scope->uid)
		return false;
	if (!scope->process || !pid)
		return row->detail == details;
	return member(row, pid) == scope->pid;
}

/* Rows that came after the order was frozen are behind all others, in an order that stays. */
static struct value place_value(const struct view *view, enum pane_id pane, const void *row)
{
	size_t place = id_map_get(view->places, row_id(pane, row));

	if (place == ID_MAP_NONE)
		return (struct value){ .type = VALUE_UNKNOWN };
	return (struct value){ .type = VALUE_NUMBER, .number = place };
}

static struct value sort_value(const struct view *view, enum pane_id pane, const void *row,
			       const struct mark *mark)
{
	if (view->places)
		return place_value(view, pane, row);
	if (mark && view->sort->type == VALUE_COUNT && !view->sort->by_owner)
		return mark_value(mark, pane, row, view->sort);
	return column_value(view->sort, row, view->total);
}

void view_pick(struct view *view, const struct view_from *from)
{
	enum pane_id pane = (enum pane_id)(view->pane - panes);
	bool log = view->pane->log;
	bool idle = log ? !from->reports :
			  view->all_rows || view->total || view->is_tree;
	const struct filter_look look = { view->columns, view->n_columns, from->interval_ns,
					  view->total };
	bool details = view_wishes(view) & WISH_PROCESSES;
	size_t n = idle ? from->rows.n : from->rows.n_touched;
	union any_row copy;

	order_begin(&view->order, n, view->ascending || (view->places && !column_is_number(view->sort)));
	for (size_t i = 0; i < n; i++) {
		struct row *row = from->rows.rows[i];
		const void *as_shown = row;

		if (i + AHEAD < n)
			__builtin_prefetch(from->rows.rows[i + AHEAD]);
		if (row->container->hidden || (!idle && !row->active) ||
		    (log && row->key.number <= from->after) ||
		    !in_scope(view, &from->scope, row, details))
			continue;
		if (view->filter && from->mark) {
			mark_apply(from->mark, pane, row, &copy);
			as_shown = &copy;
		}
		if (view->filter && !filter_match(view->filter, as_shown, &look))
			continue;
		order_add(&view->order, row, sort_value(view, pane, row, from->mark));
	}
	if (view->is_tree)
		tree_arrange(&view->tree, &view->order, view->all_rows || view->total);
}

void view_take(struct view *view, size_t from, size_t to)
{
	struct order *order = &view->order;

	order_window(order, from, to);
	view->rows = array_reserve(view->rows, &view->rows_capacity, order->n + 1,
				   sizeof(*view->rows));
	view->n_rows = order->n;
	for (size_t i = 0; i < order->n; i++)
		view->rows[i] = order->entries[i].row;
}

void view_update(struct view *view, const struct model *model)
{
	enum pane_id pane = (enum pane_id)(view->pane - panes);
	struct view_from from = { .interval_ns = model_interval_ns(model), .reports = true };

	from.rows.rows = model_rows(model, pane, &from.rows.n);
	model_touched_rows(model, pane, &from.rows.n_touched);
	view_pick(view, &from);
	view_take(view, 0, view->order.n);
}

void view_freeze(struct view *view, bool freeze)
{
	enum pane_id pane = (enum pane_id)(view->pane - panes);
	bool by_value = column_is_number(view->sort);

	id_map_free(view->places);
	view->places = NULL;
	if (!freeze)
		return;
	view->places = id_map_new(view->order.n);
	for (size_t i = 0; i < view->order.n; i++) {
		const struct order_entry *entry = &view->order.entries[i];

		if (!by_value || entry->value.type)
			id_map_put(view->places, row_id(pane, entry->row),
				   by_value ? entry->value.number : i);
	}
}
