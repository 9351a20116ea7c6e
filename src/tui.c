/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen: its state and what keys do to it.  An action only changes
 * the state and returns what is to be redone.
 */
#include <stdint.h>

#include "term.h"
#include "tui.h"
#include "util.h"

#define CONTROL(c) ((c) & 0x1f)
#define FUNCTION(n) (TERM_KEY_F1 + (n) - 1)

/* ---- moving about */

/* Moves by lines. Put in the first line, the cursor stays there: what is busiest stays in sight. */
static unsigned int tui_move(struct tui *tui, ptrdiff_t by)
{
	struct tui_pane *pane = &tui->panes[tui->pane];
	size_t *line = tui->help ? &tui->help_top : &pane->cursor;
	size_t last = pane->view.n_rows ? pane->view.n_rows - 1 : 0;

	if (by < 0 && *line < -(size_t)by)
		*line = 0;
	else
		*line += (size_t)by;
	if (tui->help)
		return TUI_REDRAW;	/* drawing knows how long the help is */
	if (*line > last)
		*line = last;
	pane->followed = *line ? pane->view.rows[*line] : NULL;
	return TUI_REDRAW;
}

static unsigned int action_line(struct tui *tui, int key)
{
	return tui_move(tui, key == TERM_KEY_UP || key == 'k' ? -1 : 1);
}

static unsigned int action_page(struct tui *tui, int key)
{
	ptrdiff_t page = (ptrdiff_t)tui->page;

	return tui_move(tui, key == TERM_KEY_PAGE_UP ? -page : page);
}

static unsigned int action_end(struct tui *tui, int key)
{
	ptrdiff_t far = INT32_MAX;

	return tui_move(tui, key == TERM_KEY_HOME || key == 'g' ? -far : far);
}

static unsigned int action_scroll(struct tui *tui, int key)
{
	struct tui_pane *pane = &tui->panes[tui->pane];

	if (key == TERM_KEY_RIGHT)
		pane->scrolled++;	/* drawing knows how far it goes */
	else if (pane->scrolled > 0)
		pane->scrolled--;
	return TUI_REDRAW;
}

static unsigned int action_pane(struct tui *tui, int key)
{
	if (key == '\t')
		tui->pane = (tui->pane + 1) % PANE_COUNT;
	else if (key == TERM_KEY_BACK_TAB)
		tui->pane = (tui->pane + PANE_COUNT - 1) % PANE_COUNT;
	else
		tui->pane = (enum pane_id)(key - '1');
	return TUI_UPDATE | TUI_REDRAW;
}

/* ---- what is shown, and how */

static unsigned int action_sort(struct tui *tui, int key)
{
	struct tui_pane *pane = &tui->panes[tui->pane];
	struct view *view = &pane->view;
	size_t i = 0;

	while (i < view->n_columns && view->columns[i] != view->sort)
		i++;
	if (i == view->n_columns)	/* sorted by a column that is not shown */
		i = key == '<' ? i - 1 : 0;
	else
		i += key == '<' ? (size_t)-1 : 1;
	if (i >= view->n_columns)
		return TUI_NOTHING;
	view_set_sort(view, view->columns[i], false);
	pane->show_sort = true;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int action_reverse(struct tui *tui, int key __attribute__((unused)))
{
	struct view *view = &tui->panes[tui->pane].view;

	view->ascending = !view->ascending;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int action_total(struct tui *tui, int key __attribute__((unused)))
{
	tui->total = !tui->total;
	for (size_t i = 0; i < PANE_COUNT; i++)
		tui->panes[i].view.total = tui->total;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int action_all_rows(struct tui *tui, int key __attribute__((unused)))
{
	bool all_rows = !tui->panes[tui->pane].view.all_rows;

	for (size_t i = 0; i < PANE_COUNT; i++)
		tui->panes[i].view.all_rows = all_rows;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int action_pause(struct tui *tui, int key __attribute__((unused)))
{
	tui->paused = !tui->paused;
	return TUI_UPDATE | TUI_REDRAW;
}

static unsigned int action_repaint(struct tui *tui __attribute__((unused)),
				   int key __attribute__((unused)))
{
	return TUI_REPAINT | TUI_REDRAW;
}

static unsigned int action_help(struct tui *tui, int key __attribute__((unused)))
{
	tui->help = true;
	tui->help_top = 0;
	return TUI_REDRAW;
}

static unsigned int action_quit(struct tui *tui __attribute__((unused)),
				int key __attribute__((unused)))
{
	return TUI_QUIT;
}

/* ---- keys */

const struct tui_key tui_keys[] = {
	{ { '?', 'h', FUNCTION(1) }, "? h F1", "? Help", "this help", false, action_help },
	{ { 'q', FUNCTION(10), CONTROL('C') }, "q F10 ^C", "q Quit", "leave contop", false,
	  action_quit },
	{ { '\t', TERM_KEY_BACK_TAB }, "Tab Shift-Tab", "Tab Pane", "next, previous pane", false,
	  action_pane },
	{ { '1', '2', '3', '4', '5' }, "1 2 3 4 5", NULL, "this pane", false, action_pane },
	{ { '<', '>' }, "< >", "<> Sort", "sort by the column on the left, on the right", false,
	  action_sort },
	{ { 'r', 'R', 'I' }, "r R I", "r Reverse", "sort the other way", false, action_reverse },
	{ { 'a' }, "a", "a Total", "counts since the start, or per second", false, action_total },
	{ { 'o' }, "o", "o All", "all rows, or only those that did something", false,
	  action_all_rows },
	{ { ' ', 'p', 'Z' }, "Space p Z", "Space Pause", "hold the screen as it is, or go on",
	  false, action_pause },
	{ { TERM_KEY_UP, TERM_KEY_DOWN, 'k', 'j' }, "Up Down k j", NULL,
	  "previous, next row; the cursor stays on it", true, action_line },
	{ { TERM_KEY_PAGE_UP, TERM_KEY_PAGE_DOWN }, "PgUp PgDn", NULL, "previous, next page", true,
	  action_page },
	{ { TERM_KEY_HOME, TERM_KEY_END, 'g', 'G' }, "Home End g G", NULL, "first, last row", true,
	  action_end },
	{ { TERM_KEY_LEFT, TERM_KEY_RIGHT }, "Left Right", NULL,
	  "scroll by a column; the first one stays", false, action_scroll },
	{ { CONTROL('L') }, "^L", NULL, "draw the screen anew", true, action_repaint },
};
const size_t n_tui_keys = ARRAY_SIZE(tui_keys);

static const struct tui_key *key_find(int code)
{
	for (size_t i = 0; i < n_tui_keys; i++)
		for (const int *c = tui_keys[i].codes; *c; c++)
			if (*c == code)
				return &tui_keys[i];
	return NULL;
}

unsigned int tui_key(struct tui *tui, int code)
{
	const struct tui_key *key = key_find(code);

	if (tui->help && !(key && key->moves)) {
		tui->help = false;
		return TUI_REDRAW;
	}
	return key ? key->action(tui, code) : TUI_NOTHING;
}

/* ---- following the model */

static void tui_pane_follow(struct tui_pane *pane)
{
	const struct view *view = &pane->view;

	if (!pane->followed)
		return;
	for (size_t i = 0; i < view->n_rows; i++) {
		if (view->rows[i] == pane->followed) {
			pane->cursor = i;
			return;
		}
	}
	/* It has gone: what is in its place is next. */
	if (pane->cursor >= view->n_rows)
		pane->cursor = view->n_rows ? view->n_rows - 1 : 0;
	pane->followed = pane->cursor ? view->rows[pane->cursor] : NULL;
}

void tui_update(struct tui *tui, const struct model *model)
{
	struct tui_pane *pane = &tui->panes[tui->pane];

	tui->stale = false;
	if (!tui->measured)
		return;
	view_update(&pane->view, model);
	tui_pane_follow(pane);
}

bool tui_measure(struct tui *tui, const struct model *model)
{
	tui->measured = true;
	if (tui->paused) {
		tui->stale = true;	/* rows may be gone: drawing looks first */
		return false;
	}
	tui_update(tui, model);
	return true;
}

void tui_init(struct tui *tui, const struct options *options, const struct source *source)
{
	enum pane_id chosen[PANE_COUNT];

	*tui = (struct tui) { .options = options, .source = source, .total = options->accumulate };
	for (size_t i = 0; i < PANE_COUNT; i++) {
		view_init(&tui->panes[i].view, &panes[i]);
		options_apply(options, &tui->panes[i].view);
	}
	if (options_panes(options, chosen) > 0)
		tui->pane = chosen[0];
}

void tui_done(struct tui *tui)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		view_done(&tui->panes[i].view);
}
