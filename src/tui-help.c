/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the key table says: the help, and the footer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "tui-action.h"
#include "util.h"

#define KEY_LABEL 15			/* cells of the keys' names, as are the next two */
#define COLUMN_TITLE 10
#define COLUMN_NAME 20

/* Signs in rows that no heading explains. */
static const struct { const char *label, *help; } signs[] = {
	{ "-", "not known, or there is none" },
	{ "+", "where a text was cut" },
	{ "host", "what runs in no container" },
	{ "shared", "disk I/O that cannot be told to be of one container" },
	{ "dim", "rows of what has ended" },
	{ "mouse", "click: a row, a title to sort by, a pane; twice: open; wheel: move" },
};

/* Lines go by; those that the area has are drawn, all are counted. */
struct help {
	struct screen *screen;		/* NULL: only count */
	const struct tui_area *area;
	size_t top, n;
	unsigned int columns;
};

/* Moves to the next line. False: it is not seen. */
static bool next_line(struct help *help)
{
	size_t line = help->n++;

	if (!help->screen || line < help->top || line - help->top >= help->area->lines)
		return false;
	screen_move(help->screen, 0, help->area->line + (unsigned int)(line - help->top));
	return true;
}

static void put_heading(struct help *help, const char *text)
{
	if (help->n)
		help->n++;
	if (next_line(help))
		screen_text(help->screen, text, STYLE_HEADING);
}

/* What does not fit in a line goes on in the next one, below its beginning. */
static void put_text(struct help *help, const char *text, unsigned int left, bool seen)
{
	unsigned int room = help->columns > left + 10 ? help->columns - left : 10;

	while (text) {
		size_t size = draw_break(text, room);
		char *part = xstrndup(text, size);

		if (seen)
			screen_text(help->screen, part, STYLE_NORMAL);
		free(part);
		text += size;
		text += strspn(text, " ");
		if (!*text)
			return;
		seen = next_line(help);
		if (seen)
			screen_move(help->screen, left, help->screen->pen_line);
	}
}

static void put_entry(struct help *help, const char *label, unsigned int width, const char *text)
{
	bool seen = next_line(help);

	if (seen)
		help->screen->sink.cell(&help->screen->sink, label, width, ALIGN_LEFT, STYLE_KEY);
	put_text(help, text, width + 1, seen);
}

/* The title as it is on the screen, and the name that filters know. */
static void put_column(struct help *help, const struct column *column)
{
	unsigned int left = COLUMN_TITLE + COLUMN_NAME;
	bool seen = next_line(help);

	if (seen) {
		struct sink *sink = &help->screen->sink;

		sink->cell(sink, column->title, COLUMN_TITLE - 1, ALIGN_LEFT, STYLE_KEY);
		sink->cell(sink, column->name, COLUMN_NAME - 1, ALIGN_LEFT, STYLE_NORMAL);
	}
	if (help->columns < 2 * left) {		/* below them there is more room for the text */
		left = 2;
		seen = next_line(help);
		if (seen)
			screen_move(help->screen, left, help->screen->pen_line);
	}
	put_text(help, column->help, left, seen);
}

static void put_help(const struct tui *tui, const struct pane *pane, struct help *help)
{
	char heading[64];

	for (size_t i = 0; i < n_tui_keys; i++) {
		const struct tui_key *key = &tui_keys[i];

		if (key->help && !key->label)
			put_heading(help, key->help);
		else if (key->label && !(tui->options->read_only && key->action == action_deeds))
			put_entry(help, key->label, KEY_LABEL, key->help);
	}
	put_heading(help, "Signs");
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		put_entry(help, signs[i].label, KEY_LABEL, signs[i].help);
	snprintf(heading, sizeof(heading), "Columns of %s, and their names in filters", pane->name);
	put_heading(help, heading);
	for (size_t i = 0; i < pane->n_columns; i++)
		put_column(help, &pane->columns[i]);
}

void tui_draw_help(struct tui *tui, const struct tui_area *area, struct screen *screen)
{
	const struct pane *pane = tui_focus(tui)->view.pane;
	struct help help = { .area = area, .columns = screen->columns };
	size_t n = area->lines;

	put_help(tui, pane, &help);
	if (tui->help_top + n > help.n)
		tui->help_top = help.n > n ? help.n - n : 0;
	tui->page = n;
	tui->help_lines = help.n;
	help = (struct help){ .screen = screen, .area = area, .top = tui->help_top,
			      .columns = screen->columns };
	put_help(tui, pane, &help);
}

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

static void draw_help_footer(const struct tui *tui, struct screen *screen)
{
	size_t end = tui->help_top + tui->page;
	char text[80];

	if (!draw_whole(screen, screen->columns - 14, "Up Down PgUp PgDn: scroll  other keys: back",
			STYLE_NORMAL))
		draw_whole(screen, screen->columns, "other keys: back", STYLE_NORMAL);
	snprintf(text, sizeof(text), "  %zu-%zu of %zu", tui->help_top + 1,
		 end < tui->help_lines ? end : tui->help_lines, tui->help_lines);
	draw_right(screen, text, STYLE_DIM);
}

void tui_draw_footer(const struct tui *tui, struct screen *screen, unsigned int line)
{
	screen_move(screen, 0, line);
	if (tui->mode == IN_HELP) {
		draw_help_footer(tui, screen);
		return;
	}
	for (size_t i = 0; i < n_tui_keys; i++) {
		const char *text = tui_keys[i].footer;

		if (text && tui_keys[i].modes & tui->mode &&
		    screen->pen_column + 2 + strlen(text) <= screen->columns)
			draw_footer_key(text, screen);
	}
}
