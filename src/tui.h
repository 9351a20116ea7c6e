/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen without a terminal: what keys do to its state, and how the
 * state and the model look in a grid.  tui-front.c puts it on a terminal.
 */
#ifndef TUI_H
#define TUI_H

#include "model.h"
#include "options.h"
#include "screen.h"
#include "source.h"
#include "view.h"

/* What a pane keeps while another one is shown. */
struct tui_pane {
	struct view view;
	const void *followed;		/* the row the cursor stays on; NULL: it stays where it is.
					   May be gone: only compared */
	size_t cursor, top;		/* rows: of the cursor, and the first one shown */
	size_t scrolled;		/* columns scrolled out, after the first one */
	bool show_sort;			/* scroll so that the sort column is seen */
};

struct tui {
	const struct options *options;	/* borrowed, as is source */
	const struct source *source;
	struct tui_pane panes[PANE_COUNT];
	enum pane_id pane;		/* the one shown */
	bool measured;			/* there was a first sample */
	bool paused;
	bool stale;			/* the model has moved on since the views were made */
	bool total;			/* counts since the start */
	bool help;
	size_t help_top;		/* line */
	size_t page;			/* lines of rows or help that the last drawing had */
};

/* What is to be redone after a key: the loop does it in one place. */
enum tui_todo { TUI_NOTHING = 0, TUI_REDRAW = 1, TUI_UPDATE = 2, TUI_REPAINT = 4, TUI_QUIT = 8 };

/* A line of the key table: dispatch, help and footer read it. */
struct tui_key {
	int codes[6];			/* Unicode or TERM_KEY_*, ended by 0 */
	const char *label;		/* how the help names them */
	const char *footer;		/* "KEY What" in the footer; NULL: not there */
	const char *help;
	bool moves;			/* moves the help, too; other keys leave it */
	unsigned int (*action)(struct tui *tui, int key);	/* returns a set of enum tui_todo */
};
extern const struct tui_key tui_keys[];
extern const size_t n_tui_keys;

/* Sets up the panes as the options say. Both are borrowed. */
void tui_init(struct tui *tui, const struct options *options, const struct source *source);
void tui_done(struct tui *tui);

/* The model has a new sample. False when nothing changes on the screen: paused. */
bool tui_measure(struct tui *tui, const struct model *model);

/* Applies a key. Returns a set of enum tui_todo. */
unsigned int tui_key(struct tui *tui, int key);

/* Picks and sorts the rows anew (TUI_UPDATE); the cursor stays on its row. */
void tui_update(struct tui *tui, const struct model *model);

/* Draws everything; scrolls so far that the cursor is seen. */
void tui_draw(struct tui *tui, const struct model *model, struct screen *screen);

#endif
