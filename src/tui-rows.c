/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a pane, below their heading; columns scroll sideways, all but the first. */
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "util.h"

#define NAMED_PORT 10			/* cells of a port's name */
#define EXACT_COUNT 12			/* cells of a count with all digits */

static size_t scroll_to(size_t top, size_t line, size_t n)
{
	if (n > 0 && line >= top + n)
		top = line - n + 1;
	return line < top ? line : top;
}

/* Cells that the columns from one to another take. */
static size_t columns_width(const struct view *view, size_t from, size_t to)
{
	size_t width = 0;

	for (size_t i = from; i < to; i++)
		width += column_width(view->columns[i]) + 1;
	return width;
}

static size_t sort_index(const struct view *view)
{
	size_t i = 0;

	while (i < view->n_columns && view->columns[i] != view->sort)
		i++;
	return i;
}

/*
 * Scrolls sideways by whole columns after the first, but never further than to
 * the last ones: a text there gets all the room that it can.
 */
static void scroll_columns(struct tui_pane *pane, const struct view *view, size_t first_width,
			   unsigned int columns)
{
	size_t n = view->n_columns, sort = sort_index(view);
	size_t room = columns + 1 > first_width ? columns + 1 - first_width : 0;

	if (pane->show_sort && sort > 0 && sort < n) {
		if (pane->scrolled > sort - 1)
			pane->scrolled = sort - 1;
		while (pane->scrolled < sort - 1 &&
		       columns_width(view, 1 + pane->scrolled, sort + 1) > room)
			pane->scrolled++;
	}
	pane->show_sort = false;
	if (pane->scrolled + 2 > n)
		pane->scrolled = n > 2 ? n - 2 : 0;
	while (pane->scrolled > 0 && column_is_number(view->columns[n - 1]) &&
	       columns_width(view, pane->scrolled, n) <= room)
		pane->scrolled--;
}

size_t tui_left_out(const struct tui *tui, enum pane_id id)
{
	const struct view *view = &tui->panes[id].view;

	return view->n_columns > 1 && !strcmp(view->columns[0]->name, "container") &&
	       tui_scope_of(tui, id).of.container;
}

/* A pane's view without the columns that are scrolled or left out. */
struct scrolled_view {
	struct view view;		/* its columns are owned, the rest is borrowed */
	struct column *owned;		/* as wide as what is shown in them */
	struct column *columns;		/* those of them that are not left out */
};

static struct column fitted(const struct tui *tui, const struct tui_pane *pane,
			    const struct column *column)
{
	unsigned int width = pane->widths[column - pane->view.pane->columns];
	struct column fit = *column;

	if (width) {
		fit.width = fit.most = width;
		return fit;
	}
	if (tui->services && column->type == VALUE_NUMBER && strstr(column->name, "_port"))
		fit.width = NAMED_PORT;
	if (tui->units == UNITS_EXACT && column->type == VALUE_COUNT && fit.width < EXACT_COUNT)
		fit.width = EXACT_COUNT;
	return fit;
}

/* All columns of the pane's view, each as wide as it has to be now. */
static void fit_columns(struct scrolled_view *ret, const struct tui *tui,
			const struct tui_pane *pane, size_t left_out, unsigned int columns)
{
	const struct view *from = &pane->view;
	struct view *view = &ret->view;

	*view = *from;
	view->line_width = columns;
	view->n_columns -= left_out;
	view->columns = xcalloc(from->n_columns, sizeof(*view->columns));
	ret->owned = xcalloc(from->n_columns, sizeof(*ret->owned));
	ret->columns = ret->owned + left_out;
	for (size_t i = 0; i < from->n_columns; i++) {
		ret->owned[i] = fitted(tui, pane, from->columns[i]);
		if (i >= left_out)
			view->columns[i - left_out] = &ret->owned[i];
		if (from->sort == from->columns[i])
			view->sort = &ret->owned[i];
	}
}

/*
 * The first column always stays: it says whose row this is. On a screen that is
 * too narrow for all, it takes a third.
 */
static void scrolled_view_init(struct scrolled_view *ret, struct tui *tui,
			       enum pane_id id, unsigned int columns)
{
	struct tui_pane *pane = &tui->panes[id];
	struct view *view = &ret->view;
	struct column *first;

	fit_columns(ret, tui, pane, tui_left_out(tui, id), columns);
	first = &ret->columns[0];
	if (columns_width(view, 0, view->n_columns) > columns + 1 && first->width > columns / 3)
		first->width = columns / 3;
	scroll_columns(pane, view, column_width(first) + 1, columns);
	view->n_columns -= pane->scrolled;
	for (size_t i = 1; i < view->n_columns; i++)
		view->columns[i] = &ret->columns[i + pane->scrolled];
}

static void scrolled_view_done(struct scrolled_view *scrolled)
{
	free(scrolled->view.columns);
	free(scrolled->owned);
}

static void draw_row(const struct view *view, size_t row, const struct render_look *look,
		     enum style style, struct screen *screen)
{
	unsigned int line = screen->pen_line;

	screen_fill(screen, style);
	screen_move(screen, 0, line);
	render_row_as(view, row, look, style, &screen->sink);
}

static void draw_heading(const struct view *view, unsigned int line, struct screen *screen)
{
	screen_move(screen, 0, line);
	screen_fill(screen, STYLE_HEADING);
	screen_move(screen, 0, line);
	render_heading(view, &screen->sink);
}

/* No blank lines while there are rows above. */
static void scroll_rows(struct tui *tui, enum pane_id id, size_t n)
{
	struct tui_pane *pane = &tui->panes[id];

	if (pane->at.cursor >= pane->view.n_rows)
		pane->at.cursor = pane->view.n_rows ? pane->view.n_rows - 1 : 0;
	pane->at.top = scroll_to(pane->at.top, pane->at.cursor, n);
	if (pane->at.top + n > pane->view.n_rows)
		pane->at.top = pane->view.n_rows > n ? pane->view.n_rows - n : 0;
	tui_window(tui, id, pane->at.top, pane->at.top + n);
}

/* Where the keys are, the cursor is; in the other half it only says whose rows are below. */
static enum style cursor_style(const struct tui *tui, enum pane_id id)
{
	if (id == tui_focus_id(tui))
		return STYLE_CURSOR;
	return id == tui->pane ? STYLE_KEY : STYLE_NORMAL;
}

static const char *why_none(const struct tui *tui, const struct tui_pane *pane)
{
	if (pane->view.filter)
		return "no row matches the filter (Del: no filter)";
	if (tui->user.chosen && pane->view.pane->uid)
		return "nothing of this user (Del: all users)";
	if (pane->view.pane->log)
		return "no events yet";
	return pane->view.all_rows ? "nothing here" : "nothing happened (o: all rows)";
}

void tui_draw_rows(struct tui *tui, enum pane_id id, const struct tui_area *area,
		   struct screen *screen)
{
	const struct render_look look = {
		.interval_ns = tui->shown.interval_ns, .units = tui->units,
		.services = tui->services, .resolver = tui->host_names ? tui->resolver : NULL,
		.ascii = tui->ascii,
	};
	struct tui_pane *pane = &tui->panes[id];
	size_t n = area->lines - 1;
	struct scrolled_view scrolled;
	unsigned int line = area->line + 1;

	tui->page = n;
	scroll_rows(tui, id, n);
	scrolled_view_init(&scrolled, tui, id, screen->columns);
	draw_heading(&scrolled.view, area->line, screen);
	for (size_t row = pane->at.top; row < pane->at.top + n && row < pane->view.n_rows; row++) {
		screen_move(screen, 0, line++);
		draw_row(&scrolled.view, row, &look,
			 row == pane->at.cursor ? cursor_style(tui, id) : STYLE_NORMAL, screen);
	}
	if (!pane->view.n_rows)
		draw_middle(screen, line, area->lines - 1, why_none(tui, pane), STYLE_DIM);
	scrolled_view_done(&scrolled);
}

const struct column *tui_column_at(struct tui *tui, enum pane_id id, unsigned int x)
{
	struct tui_pane *pane = &tui->panes[id];
	struct scrolled_view scrolled;
	size_t i;

	if (!tui->measured)
		return NULL;
	scrolled_view_init(&scrolled, tui, id, tui->drawn.columns);
	i = render_column_at(&scrolled.view, x);
	scrolled_view_done(&scrolled);
	i += tui_left_out(tui, id) + (i > 0 ? pane->scrolled : 0);
	return i < pane->view.n_columns ? pane->view.columns[i] : NULL;
}

unsigned int tui_column_width(struct tui *tui, enum pane_id id, const struct column *column)
{
	const struct view *view = &tui->panes[id].view;
	struct scrolled_view all;
	unsigned int width;
	size_t i = 0;

	while (i < view->n_columns && view->columns[i] != column)
		i++;
	if (i == view->n_columns)
		return column_width(column);
	fit_columns(&all, tui, &tui->panes[id], 0, tui->drawn.columns);
	width = render_column_width(&all.view, i);
	scrolled_view_done(&all);
	return width;
}
