/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns views into lines of cells; where these go is the sink's matter. */
#ifndef RENDER_H
#define RENDER_H

#include "source.h"
#include "view.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum style { STYLE_NORMAL, STYLE_HEADING, STYLE_SORTED, STYLE_CURSOR, STYLE_DIM, STYLE_WARNING,
	     STYLE_KEY, STYLE_TITLE, STYLE_COUNT };

/* Takes cells from left to right, line by line; sets them apart by a blank or more. */
struct sink {
	/* text is clean; width 0: as wide as the text, or what is left of the line */
	void (*cell)(struct sink *sink, const char *text, unsigned int width, enum align align,
		     enum style style);
	void (*newline)(struct sink *sink);
};

/* The titles of a view's columns, the sort column marked; one line. */
void render_heading(const struct view *view, struct sink *sink);

/* One row of a view; one line. style is that of the whole row (STYLE_NORMAL, STYLE_CURSOR). */
void render_row(const struct view *view, size_t row, uint64_t interval_ns, enum style style,
		struct sink *sink);

/*
 * The accuracy of what a pane shows, in one line: the hook that counts and what
 * was lost, or why there is nothing. STYLE_WARNING unless all is well.
 */
void render_accuracy(const struct accuracy *accuracy, const struct pane_status *status,
		     struct sink *sink);

#endif
