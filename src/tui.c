/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen: its state, and how that follows the model.  What is shown is
 * a moment: the model's own rows, copies while paused, or rows counted from a mark.
 */
#include <errno.h>
#include <stdio.h>
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
	scope->of.container = true;
	scope->of.serial = row->key.serial;
	snprintf(scope->name, sizeof(scope->name), "%s", row->container->name);
}

/* The lower half shows what belongs to the row that the cursor is on in the upper one. */
struct tui_scope tui_scope_of(const struct tui *tui, enum pane_id pane)
{
	struct tui_scope scope = tui->scope;
	const struct tui_pane *upper = &tui->panes[tui->pane];

	if (tui->split && pane == tui->lower && upper->at.cursor < upper->view.n_rows)
		scope_to_container(&scope, upper->view.rows[upper->at.cursor]);
	scope.of.user = tui->user.chosen;
	scope.of.uid = tui->user.uid;
	return scope;
}

struct model_focus tui_wanted_focus(const struct tui *tui)
{
	const struct view_scope *scope = &tui->scope.of;

	if (!scope->process)
		return (struct model_focus){ 0 };
	return (struct model_focus){ .serial = scope->serial, .pid = scope->pid };
}

unsigned int tui_wishes(const struct tui *tui)
{
	unsigned int wishes = 0;

	for (size_t i = 0; i < PANE_COUNT; i++)
		wishes |= view_wishes(&tui->panes[i].view);
	return wishes;
}

/* ---- rows picked, and put in order as far as they are looked at */

void tui_freeze(struct tui *tui, enum pane_id id, bool freeze)
{
	struct view *view = &tui->panes[id].view;

	/* Numbers are kept as they are; else the order itself is. */
	if (freeze && !column_is_number(view->sort))
		tui_window(tui, id, 0, view->order.n);
	view_freeze(view, freeze);
}

static void pick_rows(struct tui *tui, enum pane_id id)
{
	const struct view_from from = {
		.rows = tui->shown.panes[id],
		.interval_ns = tui->shown.interval_ns,
		.mark = tui->counts == COUNTS_MARK ? tui->mark : NULL,
		.scope = tui_scope_of(tui, id).of,
		.after = tui->panes[id].cleared,
	};

	view_pick(&tui->panes[id].view, &from);
}

/* Rows that are in order are shown as counts have it; others only take up room. */
static void take_rows(struct tui *tui, enum pane_id id, size_t from, size_t to)
{
	struct tui_pane *pane = &tui->panes[id];
	struct view *view = &pane->view;
	const struct order *order = &view->order;

	view_take(view, from, to);
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
	size_t cursor = tui->panes[id].at.cursor;

	pick_rows(tui, id);
	take_window(tui, id, cursor, cursor);
}

/* Texts may have changed since they were picked (a name became known), so rows are picked anew. */
void tui_window(struct tui *tui, enum pane_id id, size_t from, size_t to)
{
	struct tui_pane *pane = &tui->panes[id];

	if (!tui->measured || (from >= pane->view.order.from &&
			       (to <= pane->view.order.to || pane->view.order.to == pane->view.order.n)))
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
	pane->at.cursor = place;
	pane->at.follows = row && (place > 0 || pane->at.pinned);
	if (pane->at.follows)
		pane->at.followed = row_id(id, row);
}

/* Looks for the row that the cursor stays on. What is in the place of one that has gone is next. */
static void follow(struct tui_pane *pane, enum pane_id id)
{
	for (size_t i = 0; pane->at.follows && i < pane->view.order.n; i++) {
		if (row_id(id, pane->view.order.entries[i].row) == pane->at.followed) {
			pane->at.cursor = order_rank(&pane->view.order, i);
			return;
		}
	}
	if (pane->at.cursor >= pane->view.order.n)
		pane->at.cursor = pane->view.order.n ? pane->view.order.n - 1 : 0;
}

/* Events and files cost something each: they are told once somebody looks at them. */
static void want_pane(struct tui *tui, enum pane_id id)
{
	tui->source->wanted[id] = true;
	if (panes[id].log && tui->source->want_events)
		tui->source->want_events(tui->source);
	if (id == PANE_FILES && tui->source->want_files)
		tui->source->want_files(tui->source);
}

static void update_pane(struct tui *tui, enum pane_id id)
{
	struct tui_pane *pane = &tui->panes[id];
	size_t first;

	pick_rows(tui, id);
	follow(pane, id);
	first = pane->at.top < pane->at.cursor ? pane->at.top : pane->at.cursor;
	if (pane->at.cursor - first > AROUND)
		first = pane->at.cursor - AROUND;
	take_rows(tui, id, first, pane->at.cursor + AROUND);
	if (pane->at.follows)
		tui_set_cursor(tui, id, pane->at.cursor);
}

void tui_update(struct tui *tui)
{
	bool total = tui->counts != COUNTS_RATE;

	memset(tui->source->wanted, 0, sizeof(tui->source->wanted));
	want_pane(tui, tui->pane);
	if (tui->split)
		want_pane(tui, tui->lower);
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
	if (tui->paused && tui->measured && !tui->jumped)
		return false;		/* what is shown is a copy: nothing of the model is in it */
	tui->measured = true;
	tui->jumped = false;
	tui->focus = tui_wanted_focus(tui);
	moment_done(&tui->shown);
	moment_of_model(&tui->shown, model, tui->source->containers);
	tui_update(tui);
	tui_hold(tui);
	return true;
}

void tui_hold(struct tui *tui)
{
	if (!tui->paused || !tui->measured || tui->shown.arena)
		return;
	moment_hold(&tui->shown);
	tui_update(tui);
}

void tui_forget(struct tui *tui)
{
	if (!tui->paused)
		moment_done(&tui->shown);
	mark_free(tui->mark);
	tui->mark = NULL;
	if (tui->counts == COUNTS_MARK)
		tui->counts = COUNTS_RATE;
	for (size_t i = 0; i < METER_COUNT; i++)
		tui->meters[i].n = 0;
	for (size_t i = 0; i < PANE_COUNT; i++)
		view_freeze(&tui->panes[i].view, false);
	tui->elapsed_ns = 0;
}

void tui_say(struct tui *tui, const char *text)
{
	text_clean(tui->message, sizeof(tui->message), text, strlen(text));
}

/* ---- names of addresses and ports */

enum tui_names tui_names(const struct tui *tui)
{
	return tui->host_names ? NAMES_ALL : tui->services ? NAMES_PORTS : NAMES_NONE;
}

/* What was found out about addresses is kept for when it is wanted again. */
void tui_set_names(struct tui *tui, enum tui_names names)
{
	tui->host_names = names == NAMES_ALL;
	if (tui->host_names && !tui->resolver)
		tui->resolver = resolver_new(NULL);
	if (names == NAMES_NONE) {
		services_free(tui->services);
		tui->services = NULL;
	} else if (!tui->services) {
		tui->services = services_new();
	}
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

void tui_init(struct tui *tui, const struct options *options, struct source *source)
{
	enum pane_id chosen[PANE_COUNT];

	*tui = (struct tui) {
		.options = options, .source = source, .mode = IN_ROWS, .lower = PANE_FLOWS,
		.ascii = options->ascii, .delay_ns = options->delay_ns,
		.counts = options->accumulate ? COUNTS_TOTAL : COUNTS_RATE,
		.cost = { .cpu = -1, .kernel = -1, .memory = UNKNOWN },
	};
	for (size_t i = 0; i < PANE_COUNT; i++) {
		view_init(&tui->panes[i].view, &panes[i]);
		tui->panes[i].widths = xcalloc(panes[i].n_columns, sizeof(*tui->panes[i].widths));
		options_apply(options, &tui->panes[i].view);
		tui->panes[i].chosen = !view_has_usual_columns(&tui->panes[i].view);
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
		filter_free(pane->filter);
		free(pane->filter_text);
		free(pane->copies);
		free(pane->widths);
	}
	tui_close_menu(tui);
	free(tui->remaps);
	free(tui->prompt.before);
	services_free(tui->services);
	resolver_free(tui->resolver);
	mark_free(tui->mark);
	moment_done(&tui->shown);
}
