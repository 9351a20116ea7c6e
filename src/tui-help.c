/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the key table says: the help, and the footer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui.h"
#include "tui-action.h"
#include "util.h"

#define HELP_LABEL 20			/* cells of the keys' names */

static bool is_offered(const struct tui *tui, const struct tui_key *key)
{
	return key->label && !(tui->options->read_only && key->action == action_deeds);
}

/* The key in a line of the help; NULL: what comes after them. *ret_n is how many there are. */
static const struct tui_key *key_in_line(const struct tui *tui, size_t line, size_t *ret_n)
{
	const struct tui_key *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < n_tui_keys; i++)
		if (is_offered(tui, &tui_keys[i]) && (*ret_n)++ == line)
			found = &tui_keys[i];
	return found;
}

static void draw_entry(const char *label, const char *help, struct screen *screen)
{
	screen->sink.cell(&screen->sink, label, HELP_LABEL, ALIGN_LEFT, STYLE_KEY);
	screen_text(screen, help ? help : "", STYLE_NORMAL);
}

/* Keys, a blank line, a heading, columns. */
static void draw_help_line(const struct tui *tui, const struct pane *pane, size_t line,
			   struct screen *screen)
{
	size_t n;
	const struct tui_key *key = key_in_line(tui, line, &n);
	char heading[64];

	if (key) {
		draw_entry(key->label, key->help, screen);
	} else if (line == n + 1) {
		snprintf(heading, sizeof(heading), "Columns of %s", pane->name);
		screen_text(screen, heading, STYLE_KEY);
	} else if (line > n + 1) {
		draw_entry(pane->columns[line - n - 2].name, pane->columns[line - n - 2].help,
			   screen);
	}
}

void tui_draw_help(struct tui *tui, const struct tui_area *area, struct screen *screen)
{
	const struct pane *pane = tui_focus(tui)->view.pane;
	size_t n = area->lines, all;

	key_in_line(tui, 0, &all);
	all += 2 + pane->n_columns;
	tui->page = n;
	if (tui->help_top + n > all)
		tui->help_top = all > n ? all - n : 0;
	for (size_t i = 0; i < n && tui->help_top + i < all; i++) {
		screen_move(screen, 0, area->line + (unsigned int)i);
		draw_help_line(tui, pane, tui->help_top + i, screen);
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
