/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen: its state, and how that follows the model.  What is shown is
 * a moment: the model's own rows, copies while paused, or rows counted from a mark.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define AROUND 200			/* rows beside those asked for that are put in order, too */

/* ---- whose rows, and which pane */

enum pane_id tui_focus_id(const struct tui *tui)
{
	return tui->split && tui->in_lower ? tui->lower : tui->pane;
}

struct tui_pane *tui_focus(struct tui *tui)
{
	return &tui->panes[tui_focus_id(tui)];
}

static void scope_to_container(struct tui_scope *scope, const struct row *row)
{
	if (!row || !row->container)
		return;
	scope->container = true;
	scope->serial = row->key.serial;
	strncpy(scope->name, row->container->name, sizeof(scope->name) - 1);
}

/* The lower half shows what belongs to the row that the cursor is on in the upper one. */
struct tui_scope tui_scope_of(const struct tui *tui, enum pane_id pane)
{
	struct tui_scope scope = tui->scope;
	const struct tui_pane *upper = &tui->panes[tui->pane];

	if (tui->split && pane == tui->lower && upper->cursor < upper->view.n_rows)
		scope_to_container(&scope, upper->view.rows[upper->cursor]);
	return scope;
}

/* System calls and disk I/O are kept by container only. */
static bool in_scope(const struct tui_scope *scope, enum pane_id pane, const struct row *row)
{
	if (scope->container && row->key.serial != scope->serial)
		return false;
	if (!scope->process)
		return true;
	if (pane == PANE_FLOWS)
		return ((const struct flow_row *)(const void *)row)->pid == scope->pid;
	return pane != PANE_PROCESSES ||
	       ((const struct process_row *)(const void *)row)->pid == scope->pid;
}

/* ---- a frozen order */

static int compare_places(const void *a, const void *b)
{
	return COMPARE(((const struct tui_place *)a)->id, ((const struct tui_place *)b)->id);
}

/* Rows that came later are after all others, in an order that stays. */
static struct value frozen_value(const struct tui_pane *pane, enum pane_id id, const void *row)
{
	struct tui_place key = { .id = row_id(id, row), .place = 0 };
	const struct tui_place *place = bsearch(&key, pane->places, pane->n_places, sizeof(key),
						compare_places);

	return (struct value){ .type = VALUE_NUMBER,
			       .number = place ? place->place : pane->n_places };
}

void tui_freeze(struct tui *tui, enum pane_id id, bool freeze)
{
	struct tui_pane *pane = &tui->panes[id];

	free(pane->places);
	pane->places = NULL;
	pane->n_places = 0;
	if (!freeze)
		return;
	tui_window(tui, id, 0, pane->order.n);
	pane->places = xcalloc(pane->order.n + 1, sizeof(*pane->places));
	for (; pane->n_places < pane->order.n; pane->n_places++)
		pane->places[pane->n_places] = (struct tui_place){
			.id = row_id(id, pane->order.entries[pane->n_places].row),
			.place = pane->n_places,
		};
	qsort(pane->places, pane->n_places, sizeof(*pane->places), compare_places);
}

/* ---- rows picked, and put in order as far as they are looked at */

/* A row as its counts are shown; copy is the room for it when that is not as it is. */
static const void *counted(const struct tui *tui, enum pane_id id, const void *row,
			   union any_row *copy)
{
	if (tui->counts != COUNTS_MARK)
		return row;
	mark_apply(tui->mark, id, row, copy);
	return copy;
}

static void pick_rows(struct tui *tui, enum pane_id id)
{
	struct tui_pane *pane = &tui->panes[id];
	const struct view *view = &pane->view;
	const struct tui_scope scope = tui_scope_of(tui, id);
	bool idle = view->all_rows || view->total || view->pane->every_row || view->pane->log;
	size_t n = idle ? tui->shown.panes[id].n : tui->shown.panes[id].n_touched;
	const struct filter_look look = {
		.columns = view->columns, .n_columns = view->n_columns, .total = view->total,
		.interval_ns = tui->shown.interval_ns,
	};
	union any_row copy;

	order_begin(&pane->order, n, pane->places || view->ascending);
	for (size_t i = 0; i < n; i++) {
		struct row *row = tui->shown.panes[id].rows[i];
		const void *as_shown;

		if (row->container->hidden || (!idle && !row->active) ||
		    !in_scope(&scope, id, row))
			continue;
		as_shown = counted(tui, id, row, &copy);
		if (view->filter && !filter_match(view->filter, as_shown, &look))
			continue;
		/* Only numbers differ in a copy: texts and addresses are to outlive it. */
		if (!column_is_number(view->sort))
			as_shown = row;
		order_add(&pane->order, row, pane->places ? frozen_value(pane, id, row) :
			  column_value(view->sort, as_shown, view->total));
	}
}

/* Rows that are in order are shown as counts have it; others only take up room. */
static void take_rows(struct tui *tui, enum pane_id id, size_t from, size_t to)
{
	struct tui_pane *pane = &tui->panes[id];
	struct order *order = &pane->order;
	struct view *view = &pane->view;

	order_window(order, from, to);
	view->rows = array_reserve(view->rows, &view->rows_capacity, order->n + 1,
				   sizeof(*view->rows));
	view->n_rows = order->n;
	for (size_t i = 0; i < order->n; i++)
		view->rows[i] = order->entries[i].row;
	if (tui->counts != COUNTS_MARK)
		return;
	pane->copies = array_reserve(pane->copies, &pane->copies_capacity,
				     order->to - order->from + 1, sizeof(*pane->copies));
	for (size_t i = order->from; i < order->to; i++) {
		union any_row *copy = &pane->copies[i - order->from];

		mark_apply(tui->mark, id, view->rows[i], copy);
		view->rows[i] = copy;
	}
}

static void take_window(struct tui *tui, enum pane_id id, size_t from, size_t to)
{
	take_rows(tui, id, from > AROUND ? from - AROUND : 0, to + AROUND);
}

void tui_pick(struct tui *tui, enum pane_id id)
{
	size_t cursor = tui->panes[id].cursor;

	pick_rows(tui, id);
	take_window(tui, id, cursor, cursor);
}

/* Texts may have changed since they were picked (a name became known), so rows are picked anew. */
void tui_window(struct tui *tui, enum pane_id id, size_t from, size_t to)
{
	struct tui_pane *pane = &tui->panes[id];

	if (!tui->measured || (from >= pane->order.from &&
			       (to <= pane->order.to || pane->order.to == pane->order.n)))
		return;
	pick_rows(tui, id);
	take_window(tui, id, from, to);
}

const void *tui_row(struct tui *tui, enum pane_id id, size_t place)
{
	struct tui_pane *pane = &tui->panes[id];

	if (place >= pane->view.n_rows)
		return NULL;
	tui_window(tui, id, place, place + 1);
	return place < pane->view.n_rows ? pane->view.rows[place] : NULL;
}

/* Put in the first line, the cursor stays there: what is busiest stays in sight. */
void tui_set_cursor(struct tui *tui, enum pane_id id, size_t place)
{
	struct tui_pane *pane = &tui->panes[id];
	const void *row;

	if (place >= pane->view.n_rows)
		place = pane->view.n_rows ? pane->view.n_rows - 1 : 0;
	row = tui_row(tui, id, place);
	pane->cursor = place;
	pane->follows = row && (place > 0 || pane->pinned);
	if (pane->follows)
		pane->followed = row_id(id, row);
}

/* Looks for the row that the cursor stays on. What is in the place of one that has gone is next. */
static void follow(struct tui_pane *pane, enum pane_id id)
{
	for (size_t i = 0; pane->follows && i < pane->order.n; i++) {
		if (row_id(id, pane->order.entries[i].row) == pane->followed) {
			pane->cursor = order_rank(&pane->order, i);
			return;
		}
	}
	if (pane->cursor >= pane->order.n)
		pane->cursor = pane->order.n ? pane->order.n - 1 : 0;
}

static void update_pane(struct tui *tui, enum pane_id id)
{
	struct tui_pane *pane = &tui->panes[id];
	size_t first;

	pick_rows(tui, id);
	follow(pane, id);
	first = pane->top < pane->cursor ? pane->top : pane->cursor;
	if (pane->cursor - first > AROUND)
		first = pane->cursor - AROUND;
	take_rows(tui, id, first, pane->cursor + AROUND);
	if (pane->follows)
		tui_set_cursor(tui, id, pane->cursor);
}

void tui_update(struct tui *tui)
{
	bool total = tui->counts != COUNTS_RATE;

	if (!tui->measured)
		return;
	for (size_t i = 0; i < PANE_COUNT; i++)
		tui->panes[i].view.total = total;
	tui->total = *tui->shown.total;
	if (tui->counts == COUNTS_MARK)
		mark_apply_total(tui->mark, tui->shown.total, &tui->total);
	update_pane(tui, tui->pane);
	if (tui->split)
		update_pane(tui, tui->lower);
}

/* ---- the model has moved on */

static void remember(struct tui_history *history, const struct count *count, uint64_t interval_ns)
{
	double rate = -1;

	if (count->interval != UNKNOWN && interval_ns)
		rate = (double)count->interval * (double)NSEC_PER_SEC / (double)interval_ns;
	history->rates[history->n++ % HISTORY_SIZE] = rate;
}

static void remember_all(struct tui *tui, const struct model *model)
{
	const struct container_row *sum = model_total(model);
	uint64_t interval_ns = model_interval_ns(model);

	remember(&tui->meters[METER_RX], &sum->rx_bytes, interval_ns);
	remember(&tui->meters[METER_TX], &sum->tx_bytes, interval_ns);
	remember(&tui->meters[METER_READ], &sum->read_bytes, interval_ns);
	remember(&tui->meters[METER_WRITE], &sum->write_bytes, interval_ns);
	remember(&tui->meters[METER_SYSCALLS], &sum->syscalls, interval_ns);
}

bool tui_measure(struct tui *tui, const struct model *model)
{
	remember_all(tui, model);
	tui->elapsed_ns += model_interval_ns(model);
	if (tui->paused && tui->measured)
		return false;		/* what is shown is a copy: nothing of the model is in it */
	tui->measured = true;
	moment_done(&tui->shown);
	moment_of_model(&tui->shown, model, tui->source->containers);
	if (tui->paused)
		moment_hold(&tui->shown);
	tui_update(tui);
	return true;
}

void tui_say(struct tui *tui, const char *text)
{
	text_clean(tui->message, sizeof(tui->message), text, strlen(text));
}

/* ---- filters */

int tui_set_filter(struct tui *tui, enum pane_id id, const char *text,
		   struct filter_error *ret_error)
{
	struct tui_pane *pane = &tui->panes[id];
	struct filter *filter = NULL;
	int err = filter_parse(pane->view.pane, text, &filter, ret_error);

	if (err)
		return err;
	filter_free(pane->filter);
	free(pane->filter_text);
	pane->filter = filter;
	pane->view.filter = filter;
	pane->filter_text = filter ? xstrdup(text) : NULL;
	return 0;
}

/* ---- beginning and end */

void tui_init(struct tui *tui, const struct options *options, const struct source *source)
{
	enum pane_id chosen[PANE_COUNT];

	*tui = (struct tui) {
		.options = options, .source = source, .mode = IN_ROWS, .lower = PANE_FLOWS,
		.ascii = options->ascii, .delay_ns = options->delay_ns,
		.counts = options->accumulate ? COUNTS_TOTAL : COUNTS_RATE,
		.cost = { .cpu = -1, .memory = UNKNOWN },
	};
	for (size_t i = 0; i < PANE_COUNT; i++) {
		view_init(&tui->panes[i].view, &panes[i]);
		options_apply(options, &tui->panes[i].view);
		replace_string(&tui->panes[i].filter_text,
			       options_filter_text(options, (enum pane_id)i));
	}
	if (options_panes(options, chosen) > 0)
		tui->pane = chosen[0];
	tui_take_config(tui);
}

void tui_done(struct tui *tui)
{
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct tui_pane *pane = &tui->panes[i];

		view_done(&pane->view);
		order_done(&pane->order);
		filter_free(pane->filter);
		free(pane->filter_text);
		free(pane->places);
		free(pane->copies);
	}
	tui_close_menu(tui);
	free(tui->remaps);
	free(tui->prompt.before);
	services_free(tui->services);
	mark_free(tui->mark);
	moment_done(&tui->shown);
}
