/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the full screen is laid out: totals, panes, one body or two halves, what is
 * known of their accuracy, and keys.  A small screen goes without some of it;
 * numbers are shown whole or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define LEAST_COLUMNS 20
#define LEAST_LINES 5
#define LEAST_HALF ((TUI_SPLIT_LEAST - 1) / 2)
#define PREVIEW 4			/* lines: a heading and three rows */

/* Which lines of the screen are whose; 0 for a line that there is no room for. */
struct layout {
	unsigned int header;		/* lines */
	unsigned int tabs, path, accuracy, footer;
	struct tui_area body;
};

/* Where a path and the panes do not both have room, the path says more. */
static struct layout layout_of(const struct tui *tui, unsigned int columns, unsigned int lines)
{
	struct layout layout = { .header = tui_header_lines(columns, lines) };
	unsigned int top = layout.header, bottom = lines;
	bool path = tui_has_path(tui);

	if (lines >= 6)
		layout.footer = --bottom;
	if (tui->mode == IN_HELP) {	/* all of the screen: it has much to say */
		layout.header = 1;
		layout.body = (struct tui_area){ 1, bottom - 1 };
		return layout;
	}
	if (lines >= 7)
		layout.accuracy = --bottom;
	if (!path || lines >= 10)
		layout.tabs = top++;
	if (path)
		layout.path = top++;
	layout.body = (struct tui_area){ top, bottom - top };
	return layout;
}

/* ---- pieces of lines */

/* Writes text if all of it fits ahead of the column limit. */
bool draw_whole(struct screen *screen, unsigned int limit, const char *text,
		       enum style style)
{
	if (screen->pen_column + text_width(text) > limit)
		return false;
	screen_text(screen, text, style);
	return true;
}

/* Writes what fits of text in the pen's line, and a mark when that is not all. */
void draw_cut(struct screen *screen, const char *text, enum style style)
{
	size_t room = screen->columns - screen->pen_column, cells;
	char *part;

	if (text_width(text) <= room) {
		screen_text(screen, text, style);
		return;
	}
	part = xasprintf("%.*s+", (int)text_fit(text, room ? room - 1 : 0, &cells), text);
	screen_text(screen, part, style);
	free(part);
}

/* Writes text at the right end of the pen's line, if it fits. Returns the column it begins at. */
unsigned int draw_right(struct screen *screen, const char *text, enum style style)
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

/* Bytes of text that go into a line, broken between words where that can be. */
size_t draw_break(const char *text, size_t width)
{
	size_t cells, size = text_fit(text, width, &cells), end = size;

	while (text[size] && end > 0 && text[end] != ' ')
		end--;
	return end ? end : size;
}

/* Writes text in some lines, broken between words; the last one is cut. */
static void draw_lines(struct screen *screen, unsigned int line, unsigned int lines,
		       const char *text, enum style style)
{
	for (; *text && lines > 0; lines--, line++) {
		size_t size = draw_break(text, screen->columns);
		char *part = xstrndup(text, lines > 1 ? size : strlen(text));

		screen_move(screen, 0, line);
		screen_fill(screen, STYLE_NORMAL);
		screen_move(screen, 0, line);
		draw_cut(screen, part, style);
		free(part);
		text += size;
		text += strspn(text, " ");
	}
}

/* Writes text in the middle of some lines, broken between words. */
void draw_middle(struct screen *screen, unsigned int line, unsigned int lines,
			const char *text, enum style style)
{
	size_t width = screen->columns;
	size_t needed = text_width(text) / width + 1;	/* about: it need not be exact */

	if (needed < lines)
		line += (lines - (unsigned int)needed) / 2;
	for (const char *rest = text; *rest && lines > 0; lines--, line++) {
		size_t size = draw_break(rest, width);
		char *part = xstrndup(rest, size);

		screen_move(screen, (unsigned int)(width - text_width(part)) / 2, line);
		screen_text(screen, part, style);
		free(part);
		rest += size;
		rest += strspn(rest, " ");
	}
}

/* ---- the body */

/* System calls of a process have rows from when it was opened on. */
static bool is_to_come(const struct tui *tui, enum pane_id id)
{
	struct model_focus focus = tui_wanted_focus(tui);

	return id == PANE_SYSCALLS && focus.pid &&
	       (focus.pid != tui->focus.pid || focus.serial != tui->focus.serial);
}

static void draw_pane(struct tui *tui, enum pane_id id, const struct tui_area *area,
		      struct screen *screen)
{
	const struct pane_status *status = &tui->source->status[id];

	/* What works is not known before counting has begun. */
	if (!status->available && !tui->source->begin)
		draw_middle(screen, area->line, area->lines,
			    *status->reason ? status->reason : "not available", STYLE_NORMAL);
	else if (!tui->measured || is_to_come(tui, id))
		draw_middle(screen, area->line, area->lines, tui->paused && tui->measured ?
			    "not counted before it was opened (Space: go on)" :
			    "measuring the first interval", STYLE_DIM);
	else
		tui_draw_rows(tui, id, area, screen);
}

/* The line between the halves: what is below, and of whom. */
static void draw_between(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct tui_pane *pane = &tui->panes[tui->lower];
	struct tui_scope scope = tui_scope_of(tui, tui->lower);
	enum style style = tui->in_lower ? STYLE_TITLE : STYLE_KEY;
	char text[128];

	screen_move(screen, 0, line);
	screen_fill(screen, tui->in_lower ? STYLE_TITLE : STYLE_DIM);
	screen_move(screen, 0, line);
	snprintf(text, sizeof(text), "%d %s of %s", tui->lower + 1, panes[tui->lower].name,
		 scope.of.container ? scope.name : "-");
	screen_text(screen, text, style);
	if (pane->filter_text) {
		snprintf(text, sizeof(text), "  filter: %.100s", pane->filter_text);
		draw_whole(screen, screen->columns, text, style);
	}
	snprintf(text, sizeof(text), "  row %zu/%zu", pane->at.cursor + 1, pane->view.n_rows);
	if (pane->view.n_rows > 0)
		draw_right(screen, text, tui->in_lower ? STYLE_TITLE : STYLE_DIM);
}

static void draw_halves(struct tui *tui, const struct tui_area *body, struct screen *screen)
{
	unsigned int upper = (body->lines - 1) / 2;
	struct tui_area *halves = tui->drawn.halves;
	size_t page;

	if (upper < LEAST_HALF) {	/* no room for two: that with the keys */
		tui->drawn.halves[tui->in_lower] = *body;
		draw_pane(tui, tui_focus_id(tui), body, screen);
		return;
	}
	halves[0] = (struct tui_area){ body->line, upper };
	halves[1] = (struct tui_area){ body->line + upper + 1, body->lines - upper - 1 };
	draw_pane(tui, tui->pane, &halves[0], screen);
	page = tui->page;
	draw_between(tui, screen, halves[1].line - 1);
	draw_pane(tui, tui->lower, &halves[1], screen);
	if (!tui->in_lower)
		tui->page = page;
}

/* Above the list of columns, what comes of it. */
static void draw_columns(struct tui *tui, const struct tui_area *body, struct screen *screen)
{
	struct tui_area rows = { body->line, PREVIEW }, list = *body;

	if (body->lines >= 4 * PREVIEW && tui->source->status[tui_focus_id(tui)].available) {
		draw_pane(tui, tui_focus_id(tui), &rows, screen);
		list = (struct tui_area){ body->line + PREVIEW, body->lines - PREVIEW };
	}
	tui_draw_menu(tui, &list, screen);
}

static void draw_body(struct tui *tui, const struct tui_area *body, struct screen *screen)
{
	if (tui->mode == IN_HELP) {
		tui_draw_help(tui, body, screen);
	} else if (tui->mode == IN_COLUMNS) {
		draw_columns(tui, body, screen);
	} else if (tui->menu.items) {
		tui_draw_menu(tui, body, screen);
	} else if (tui->split) {
		draw_halves(tui, body, screen);
	} else {
		tui->drawn.halves[0] = *body;
		draw_pane(tui, tui->pane, body, screen);
	}
}

static void draw_accuracy(const struct tui *tui, struct screen *screen, unsigned int line)
{
	const struct pane_status *status = &tui->source->status[tui_focus_id(tui)];

	if (!tui->measured || !status->available)
		return;
	screen_move(screen, 0, line);
	render_accuracy(tui->shown.accuracy[tui->counts != COUNTS_RATE], status, screen->columns,
			&screen->sink);
}

/* In the place of the footer, and of the line above it when it is long. */
static bool draw_message(const struct tui *tui, const struct layout *layout, struct screen *screen)
{
	bool is_long = layout->accuracy && text_width(tui->message) > screen->columns;

	if (*tui->message)
		draw_lines(screen, is_long ? layout->accuracy : layout->footer, is_long ? 2 : 1,
			   tui->message, STYLE_WARNING);
	return *tui->message;
}

void tui_draw(struct tui *tui, struct screen *screen)
{
	struct layout layout = layout_of(tui, screen->columns, screen->lines);

	screen_clear(screen);
	tui->drawn = (struct tui_drawn){ .columns = screen->columns, .tabs_line = layout.tabs };
	if (screen->columns < LEAST_COLUMNS || screen->lines < LEAST_LINES) {
		screen_text(screen, "Too small", STYLE_NORMAL);
		return;
	}
	draw_body(tui, &layout.body, screen);
	tui_draw_header(tui, screen, layout.header);
	if (layout.tabs)
		tui_draw_tabs(tui, screen, layout.tabs);
	if (layout.path)
		tui_draw_path(tui, screen, layout.path);
	if (tui->mode == IN_PROMPT || tui->mode == IN_QUESTION) {
		unsigned int line = layout.accuracy ? layout.accuracy : screen->lines - 1;

		for (unsigned int i = line; i < screen->lines; i++) {
			screen_move(screen, 0, i);
			screen_fill(screen, STYLE_NORMAL);
		}
		(tui->mode == IN_PROMPT ? tui_draw_prompt : tui_draw_question)(tui, screen, line);
	} else {
		if (layout.accuracy)
			draw_accuracy(tui, screen, layout.accuracy);
		if (layout.footer && !draw_message(tui, &layout, screen))
			tui_draw_footer(tui, screen, layout.footer);
	}
	if (tui->ascii)
		screen_make_ascii(screen);
}
