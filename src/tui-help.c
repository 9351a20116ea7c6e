/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the key table says: the help, and the footer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "util.h"

#define HELP_LABEL 20			/* cells of the keys' names */

/* Keys that are named are ahead of those that only lists have. */
static size_t named_keys(void)
{
	size_t n = 0;

	while (n < n_tui_keys && tui_keys[n].label)
		n++;
	return n;
}

static size_t help_lines(const struct pane *pane)
{
	return named_keys() + 2 + pane->n_columns;
}

static void draw_help_line(const struct pane *pane, size_t i, struct screen *screen)
{
	const char *label, *help;
	char heading[64];
	size_t n = named_keys();

	if (i == n)
		return;
	if (i == n + 1) {
		snprintf(heading, sizeof(heading), "Columns of %s", pane->name);
		screen_text(screen, heading, STYLE_KEY);
		return;
	}
	if (i < n) {
		label = tui_keys[i].label;
		help = tui_keys[i].help;
	} else {
		label = pane->columns[i - n - 2].name;
		help = pane->columns[i - n - 2].help;
	}
	screen->sink.cell(&screen->sink, label, HELP_LABEL, ALIGN_LEFT, STYLE_KEY);
	screen_text(screen, help ? help : "", STYLE_NORMAL);
}

void tui_draw_help(struct tui *tui, const struct tui_area *area, struct screen *screen)
{
	const struct pane *pane = tui_focus(tui)->view.pane;
	size_t n = area->lines, all = help_lines(pane);

	tui->page = n;
	if (tui->help_top + n > all)
		tui->help_top = all > n ? all - n : 0;
	for (size_t i = 0; i < n && tui->help_top + i < all; i++) {
		screen_move(screen, 0, area->line + (unsigned int)i);
		draw_help_line(pane, tui->help_top + i, screen);
	}
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

void tui_draw_footer(const struct tui *tui, struct screen *screen, unsigned int line)
{
	screen_move(screen, 0, line);
	if (*tui->message) {
		screen_text(screen, tui->message, STYLE_WARNING);
		return;
	}
	if (tui->mode == IN_HELP) {
		screen_text(screen, "Up Down PgUp PgDn: scroll  other keys: back", STYLE_NORMAL);
		return;
	}
	for (size_t i = 0; i < n_tui_keys; i++) {
		const char *text = tui_keys[i].footer;

		if (text && tui_keys[i].modes & tui->mode &&
		    screen->pen_column + 2 + strlen(text) <= screen->columns)
			draw_footer_key(text, screen);
	}
}
