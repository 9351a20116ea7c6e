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

/*
 * What is the same in all rows: the line above says of which container and process
 * they are, and the columns have better use for their room.
 */
static bool is_left_out(const struct tui *tui, enum pane_id id, const struct column *column)
{
	struct view_scope scope = tui_scope_of(tui, id).of;

	if (!strcmp(column->name, "container"))
		return scope.container;
	return scope.process && panes[id].pid && id != PANE_PROCESSES &&
	       (!strcmp(column->name, "pid") || !strcmp(column->name, "comm"));
}

/* Cells that a line would have if nothing was left out. */
static unsigned int whole_line(const struct tui *tui, enum pane_id id, unsigned int columns)
{
	for (size_t i = 0; i < panes[id].n_columns; i++) {
		const struct column *column = &panes[id].columns[i];

		if (!column->hidden && is_left_out(tui, id, column))
			columns += column_width(column) + 1;
	}
	return columns;
}

/* Until somebody has chosen columns, they are as many as the screen has room for. */
static void choose_columns(struct tui *tui, enum pane_id id, unsigned int columns)
{
	struct tui_pane *pane = &tui->panes[id];
	unsigned int line = whole_line(tui, id, columns);
	struct view *view = &pane->view;

	if (pane->chosen)
		return;
	view_usual_columns(view, line);
	for (size_t i = 0; pane->command_lines && i < view->n_columns; i++)
		if (!strcmp(view->columns[i]->name, "comm"))
			view->columns[i] = pane_column(view->pane, "command", 7);
}

/* A pane's view without the columns that are scrolled or left out. */
struct scrolled_view {
	struct view view;		/* its columns are owned, the rest is borrowed */
	struct column *owned;		/* as wide as what is shown in them */
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

/* The columns of the pane's view that are shown, each as wide as it has to be now. */
static void fit_columns(struct scrolled_view *ret, const struct tui *tui, enum pane_id id,
			unsigned int columns)
{
	const struct tui_pane *pane = &tui->panes[id];
	const struct view *from = &pane->view;
	struct view *view = &ret->view;

	*view = *from;
	view->line_width = columns;
	view->n_columns = 0;
	view->columns = xcalloc(from->n_columns, sizeof(*view->columns));
	ret->owned = xcalloc(from->n_columns, sizeof(*ret->owned));
	for (size_t i = 0; i < from->n_columns; i++) {
		bool last = i + 1 == from->n_columns && !view->n_columns;

		ret->owned[i] = fitted(tui, pane, from->columns[i]);
		if (last || !is_left_out(tui, id, from->columns[i]))
			view->columns[view->n_columns++] = &ret->owned[i];
		if (from->sort == from->columns[i])
			view->sort = &ret->owned[i];
	}
}

/* Which column of the pane's view is shown there; NULL: none. */
static const struct column *column_behind(const struct scrolled_view *scrolled,
					  const struct tui_pane *pane, size_t i)
{
	if (i >= scrolled->view.n_columns)
		return NULL;
	return pane->view.columns[scrolled->view.columns[i] - scrolled->owned];
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

	fit_columns(ret, tui, id, columns);
	first = &ret->owned[view->columns[0] - ret->owned];
	if (columns_width(view, 0, view->n_columns) > columns + 1 && first->width > columns / 3)
		first->width = columns / 3;
	scroll_columns(pane, view, column_width(first) + 1, columns);
	view->n_columns -= pane->scrolled;
	for (size_t i = 1; i < view->n_columns; i++)
		view->columns[i] = view->columns[i + pane->scrolled];
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
	choose_columns(tui, id, screen->columns);
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
	struct scrolled_view scrolled;
	const struct column *column;

	if (!tui->measured)
		return NULL;
	scrolled_view_init(&scrolled, tui, id, tui->drawn.columns);
	column = column_behind(&scrolled, &tui->panes[id], render_column_at(&scrolled.view, x));
	scrolled_view_done(&scrolled);
	return column;
}

const struct column *tui_column_shown(struct tui *tui, enum pane_id id, size_t i)
{
	struct scrolled_view scrolled;
	const struct column *column;

	scrolled_view_init(&scrolled, tui, id, tui->drawn.columns);
	column = column_behind(&scrolled, &tui->panes[id], i);
	scrolled_view_done(&scrolled);
	return column;
}

unsigned int tui_column_width(struct tui *tui, enum pane_id id, const struct column *column)
{
	struct scrolled_view all;
	unsigned int width = 0;

	fit_columns(&all, tui, id, tui->drawn.columns);
	for (size_t i = 0; i < all.view.n_columns; i++)
		if (column_behind(&all, &tui->panes[id], i) == column)
			width = render_column_width(&all.view, i);
	scrolled_view_done(&all);
	return width ? width : column_width(column);
}
