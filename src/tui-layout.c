/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the full screen is laid out: two lines of totals, the panes, a heading,
 * rows, what is known of their accuracy, and the keys.  A small screen goes
 * without some of it; numbers are shown whole or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define LEAST_COLUMNS 20
#define LEAST_LINES 5
#define HELP_LABEL 16			/* cells of the keys' names */

/* Which lines of the screen are whose, from height; 0 for a line that there is no room for. */
struct layout {
	unsigned int totals, tabs, body, body_lines, accuracy, footer;
};

static struct layout layout_of(unsigned int lines)
{
	struct layout layout = { 0 };
	unsigned int top = 1, bottom = lines;

	if (lines >= 6)
		layout.footer = --bottom;
	if (lines >= 7)
		layout.accuracy = --bottom;
	if (lines >= 8)
		layout.totals = top++;
	layout.tabs = top++;
	layout.body = top;
	layout.body_lines = bottom - top;
	return layout;
}

/* ---- pieces of lines */

/* Writes text if all of it fits ahead of the column limit. */
static bool draw_whole(struct screen *screen, unsigned int limit, const char *text,
		       enum style style)
{
	if (screen->pen_column + text_width(text) > limit)
		return false;
	screen_text(screen, text, style);
	return true;
}

/* Writes text at the right end of the pen's line, if it fits. Returns the column it begins at. */
static unsigned int draw_right(struct screen *screen, const char *text, enum style style)
{
	size_t width = text_width(text);
	unsigned int pen = screen->pen_column;

	if (!width || pen + width > screen->columns)
		return screen->columns;
	screen_move(screen, screen->columns - (unsigned int)width, screen->pen_line);
	screen_text(screen, text, style);
	screen_move(screen, pen, screen->pen_line);
	return screen->columns - (unsigned int)width;
}

/* Writes text in the middle of some lines, broken between words. */
static void draw_middle(struct screen *screen, unsigned int line, unsigned int lines,
			const char *text, enum style style)
{
	size_t width = screen->columns, cells;
	size_t needed = text_width(text) / width + 1;	/* about: it need not be exact */

	if (needed < lines)
		line += (lines - (unsigned int)needed) / 2;
	for (const char *rest = text; *rest && lines > 0; lines--, line++) {
		size_t size = text_fit(rest, width, &cells), end = size;
		char *part;

		while (rest[size] && end > 0 && rest[end] != ' ')
			end--;
		if (end > 0)
			size = end;
		part = xstrndup(rest, size);
		screen_move(screen, (unsigned int)(width - text_width(part)) / 2, line);
		screen_text(screen, part, style);
		free(part);
		rest += size;
		rest += strspn(rest, " ");
	}
}

/* ---- the lines on top */

static size_t count_running(const struct containers *containers)
{
	size_t n, running = 0;
	struct container *const *all = containers_all(containers, &n);

	for (size_t i = 0; i < n; i++)
		running += all[i]->serial != 0 && !all[i]->exited;
	return running;
}

static void draw_title_facts(const struct tui *tui, const struct model *model,
			     struct screen *screen, unsigned int limit)
{
	struct timespec time = model_time(model);
	size_t running = count_running(tui->source->containers);
	char text[64] = "";
	struct tm tm;

	if (localtime_r(&time.tv_sec, &tm) && strftime(text, sizeof(text), "  %H:%M:%S", &tm))
		draw_whole(screen, limit, text, STYLE_NORMAL);
	snprintf(text, sizeof(text), "  %zu container%s", running, running == 1 ? "" : "s");
	draw_whole(screen, limit, text, STYLE_NORMAL);
	snprintf(text, sizeof(text), "  interval %.1f s",
		 (double)model_interval_ns(model) / NSEC_PER_SEC);
	draw_whole(screen, limit, text, STYLE_DIM);
}

/* Who this is, when, and in which state: the state is kept whatever else must go. */
static void draw_title(const struct tui *tui, const struct model *model, struct screen *screen)
{
	const char *state = tui->paused ? " paused " : tui->total ? "since start" : "per second";
	char host[128] = " - ", *name = host + 3;
	unsigned int limit;
	size_t cells;

	screen_move(screen, 0, 0);
	screen_text(screen, "contop", STYLE_KEY);
	limit = draw_right(screen, state, tui->paused ? STYLE_WARNING : STYLE_DIM);
	text_clean(name, sizeof(host) - 3, tui->source->host, strlen(tui->source->host));
	name[text_fit(name, limit > 20 ? limit / 2 - 5 : 5, &cells)] = '\0';
	draw_whole(screen, limit, host, STYLE_NORMAL);
	if (tui->measured)
		draw_title_facts(tui, model, screen, limit);
}

static void draw_totals(const struct tui *tui, const struct model *model, struct screen *screen,
			unsigned int line)
{
	const struct container_row *sum = model_total(model);
	const struct {
		const char *name;
		const struct count *count;
		enum unit unit;
	} totals[] = {
		{ "rx", &sum->rx_bytes, UNIT_BYTES }, { "tx", &sum->tx_bytes, UNIT_BYTES },
		{ "read", &sum->read_bytes, UNIT_BYTES },
		{ "write", &sum->write_bytes, UNIT_BYTES },
		{ "syscalls", &sum->syscalls, UNIT_EVENTS },
		{ "errors", &sum->errors, UNIT_EVENTS },
	};
	uint64_t interval_ns = tui->total ? 0 : model_interval_ns(model);

	screen_move(screen, 0, line);
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		uint64_t number = tui->total ? totals[i].count->total : totals[i].count->interval;
		struct value value = { .type = number == UNKNOWN ? VALUE_UNKNOWN : VALUE_COUNT,
				       .number = number };
		char buffer[VALUE_TEXT_SIZE], text[VALUE_TEXT_SIZE + 2];

		snprintf(text, sizeof(text), " %6s",
			 value_human(&value, totals[i].unit, interval_ns, buffer));
		if (screen->pen_column + (i ? 2 : 0) + strlen(totals[i].name) + strlen(text) >
		    screen->columns)
			break;
		screen_text(screen, i ? "  " : "", STYLE_NORMAL);
		screen_text(screen, totals[i].name, STYLE_DIM);
		screen_text(screen, text, STYLE_NORMAL);
	}
}

/* Cells that the tabs take: with all names, or that of the current one only. */
static size_t tabs_width(enum pane_id current, bool all_names, size_t gap)
{
	size_t width = 0;

	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		width += 1 + (i ? gap : 0) +
			 (all_names || i == current ? 1 + strlen(panes[i].name) : 0);
	return width;
}

static void draw_tabs(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_pane *pane = &tui->panes[tui->pane];
	bool all_names = tabs_width(tui->pane, true, 2) <= screen->columns;
	const char *gap = tabs_width(tui->pane, all_names, 2) <= screen->columns ? "  " : " ";
	char text[64];

	screen_move(screen, 0, line);
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		enum style style = i == tui->pane ? STYLE_TITLE :
				   tui->source->status[i].available ? STYLE_NORMAL : STYLE_DIM;

		screen_text(screen, i ? gap : "", STYLE_NORMAL);
		if (all_names || i == tui->pane)
			snprintf(text, sizeof(text), "%d %s", i + 1, panes[i].name);
		else
			snprintf(text, sizeof(text), "%d", i + 1);
		screen_text(screen, text, style);
	}
	snprintf(text, sizeof(text), "  row %zu/%zu", pane->cursor + 1, pane->view.n_rows);
	if (pane->view.n_rows > 0 && !tui->help)
		draw_right(screen, text, STYLE_DIM);
}

/* ---- the rows */

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
static void scroll_columns(struct tui_pane *pane, size_t first_width, unsigned int columns)
{
	const struct view *view = &pane->view;
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

/* A pane's view without the columns that are scrolled out. */
struct scrolled_view {
	struct view view;		/* its columns are owned, the rest is borrowed */
	struct column first;		/* the first column, made to leave room for others */
};

/*
 * The first column always stays: it says whose row this is. On a screen that is
 * too narrow for all, it takes a third.
 */
static void scrolled_view_init(struct scrolled_view *ret, struct tui_pane *pane,
			       unsigned int columns)
{
	struct view *view = &ret->view;

	*view = pane->view;
	view->line_width = columns;
	ret->first = *view->columns[0];
	if (columns_width(view, 0, view->n_columns) > columns + 1 && ret->first.width > columns / 3)
		ret->first.width = columns / 3;
	scroll_columns(pane, column_width(&ret->first) + 1, columns);
	view->n_columns -= pane->scrolled;
	view->columns = xcalloc(view->n_columns, sizeof(*view->columns));
	view->columns[0] = &ret->first;
	for (size_t i = 1; i < view->n_columns; i++)
		view->columns[i] = pane->view.columns[i + pane->scrolled];
	if (view->sort == pane->view.columns[0])
		view->sort = &ret->first;
}

static void draw_row(const struct view *view, size_t row, uint64_t interval_ns, enum style style,
		     struct screen *screen)
{
	unsigned int line = screen->pen_line;

	screen_fill(screen, style);
	screen_move(screen, 0, line);
	render_row(view, row, interval_ns, style, &screen->sink);
}

static void draw_rows(struct tui *tui, const struct model *model, const struct layout *layout,
		      struct screen *screen)
{
	struct tui_pane *pane = &tui->panes[tui->pane];
	struct scrolled_view scrolled;
	const struct view *view = &scrolled.view;
	size_t n = layout->body_lines - 1;

	scrolled_view_init(&scrolled, pane, screen->columns);
	tui->page = n;
	pane->top = scroll_to(pane->top, pane->cursor, n);
	if (pane->top + n > view->n_rows)	/* no blank lines while there are rows above */
		pane->top = view->n_rows > n ? view->n_rows - n : 0;
	screen_move(screen, 0, layout->body);
	screen_fill(screen, STYLE_HEADING);
	screen_move(screen, 0, layout->body);
	render_heading(view, &screen->sink);
	for (size_t row = pane->top; row < pane->top + n && row < view->n_rows; row++)
		draw_row(view, row, model_interval_ns(model),
			 row == pane->cursor ? STYLE_CURSOR : STYLE_NORMAL, screen);
	if (!view->n_rows)
		draw_middle(screen, layout->body + 1, layout->body_lines - 1,
			    view->all_rows ? "nothing here" : "nothing happened (o: all rows)",
			    STYLE_DIM);
	free(scrolled.view.columns);
}

/* ---- help */

static size_t help_lines(const struct pane *pane)
{
	return n_tui_keys + 2 + pane->n_columns;
}

static void draw_help_line(const struct pane *pane, size_t i, struct screen *screen)
{
	const char *label, *help;
	char heading[64];

	if (i == n_tui_keys)
		return;
	if (i == n_tui_keys + 1) {
		snprintf(heading, sizeof(heading), "Columns of %s", pane->name);
		screen_text(screen, heading, STYLE_KEY);
		return;
	}
	if (i < n_tui_keys) {
		label = tui_keys[i].label;
		help = tui_keys[i].help;
	} else {
		label = pane->columns[i - n_tui_keys - 2].name;
		help = pane->columns[i - n_tui_keys - 2].help;
	}
	screen->sink.cell(&screen->sink, label, HELP_LABEL, ALIGN_LEFT, STYLE_KEY);
	screen_text(screen, help ? help : "", STYLE_NORMAL);
}

static void draw_help(struct tui *tui, const struct layout *layout, struct screen *screen)
{
	const struct pane *pane = tui->panes[tui->pane].view.pane;
	size_t n = layout->body_lines, all = help_lines(pane);

	tui->page = n;
	if (tui->help_top + n > all)
		tui->help_top = all > n ? all - n : 0;
	for (size_t i = 0; i < n && tui->help_top + i < all; i++) {
		screen_move(screen, 0, layout->body + (unsigned int)i);
		draw_help_line(pane, tui->help_top + i, screen);
	}
}

/* ---- the lines below */

/* "KEY What": the key stands out. */
static void draw_footer_key(const char *text, struct screen *screen)
{
	size_t size = strcspn(text, " ");
	char *key = xstrndup(text, size);

	if (screen->pen_column > 0)
		screen_text(screen, "  ", STYLE_NORMAL);
	screen_text(screen, key, STYLE_KEY);
	screen_text(screen, text + size, STYLE_NORMAL);
	free(key);
}

static void draw_footer(const struct tui *tui, struct screen *screen, unsigned int line)
{
	screen_move(screen, 0, line);
	if (tui->help) {
		screen_text(screen, "Up Down PgUp PgDn: scroll  other keys: back", STYLE_NORMAL);
		return;
	}
	for (size_t i = 0; i < n_tui_keys; i++) {
		const char *text = tui_keys[i].footer;

		if (text && screen->pen_column + 2 + strlen(text) <= screen->columns)
			draw_footer_key(text, screen);
	}
}

/* ---- all of it */

static void draw_body(struct tui *tui, const struct model *model, const struct layout *layout,
		      struct screen *screen)
{
	const struct pane_status *status = &tui->source->status[tui->pane];

	if (tui->help)
		draw_help(tui, layout, screen);
	else if (!status->available)
		draw_middle(screen, layout->body, layout->body_lines,
			    *status->reason ? status->reason : "not available", STYLE_NORMAL);
	else if (!tui->measured)
		draw_middle(screen, layout->body, layout->body_lines,
			    "measuring the first interval", STYLE_DIM);
	else
		draw_rows(tui, model, layout, screen);
}

void tui_draw(struct tui *tui, const struct model *model, struct screen *screen)
{
	struct layout layout = layout_of(screen->lines);

	screen_clear(screen);
	if (screen->columns < LEAST_COLUMNS || screen->lines < LEAST_LINES) {
		screen_text(screen, "Too small", STYLE_NORMAL);
		return;
	}
	if (tui->stale)
		tui_update(tui, model);
	draw_title(tui, model, screen);
	if (layout.totals && tui->measured)
		draw_totals(tui, model, screen, layout.totals);
	draw_tabs(tui, screen, layout.tabs);
	draw_body(tui, model, &layout, screen);
	if (layout.accuracy && tui->measured && tui->source->status[tui->pane].available) {
		screen_move(screen, 0, layout.accuracy);
		render_accuracy(model_accuracy(model, tui->total), &tui->source->status[tui->pane],
				&screen->sink);
	}
	if (layout.footer)
		draw_footer(tui, screen, layout.footer);
	if (tui->options->ascii)
		screen_make_ascii(screen);
}
