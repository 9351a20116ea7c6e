/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns views into lines of cells; where these go is the sink's matter. */
#ifndef RENDER_H
#define RENDER_H

#include "resolver.h"
#include "service.h"
#include "source.h"
#include "view.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum style { STYLE_NORMAL, STYLE_HEADING, STYLE_SORTED, STYLE_CURSOR, STYLE_DIM, STYLE_WARNING,
	     STYLE_KEY, STYLE_TITLE, STYLE_GRAPH, STYLE_COUNT };

/* Colours. All but the first know what they stand on. */
enum scheme { SCHEME_DEFAULT, SCHEME_DARK, SCHEME_LIGHT, SCHEME_MONO, SCHEME_COUNT };
extern const char *const scheme_names[SCHEME_COUNT];

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

/* How numbers are written: powers of 1024 for bytes, of 1000 for all, or all digits. */
enum render_units { UNITS_BINARY, UNITS_DECIMAL, UNITS_EXACT, UNITS_COUNT };

/* How the values of a row are written. */
struct render_look {
	uint64_t interval_ns;		/* counts are written as rates; 0: as they are */
	enum render_units units;
	const struct services *services;	/* ports have names; NULL: numbers */
	struct resolver *resolver;	/* addresses have names; NULL: numbers */
	bool ascii;			/* lines of trees are */
};

/* A value as it is shown: text that ends with the row, or buffer. */
const char *render_value(const struct view *view, const struct column *column, const void *row,
			 const struct render_look *look, char buffer[VALUE_TEXT_SIZE]);

/* render_row, with another look than batch output has. */
void render_row_as(const struct view *view, size_t row, const struct render_look *look,
		   enum style style, struct sink *sink);

/* Cells that a column (by its index) has in a line. */
unsigned int render_column_width(const struct view *view, size_t index);

/* The index of the column that stands at a cell of a line; n_columns when none does. */
size_t render_column_at(const struct view *view, unsigned int cell);

/*
 * The accuracy of what a pane shows, in one line: what was lost and the hook that
 * counts, which is left out when that takes more than so many cells (0: no limit);
 * or why there is nothing. STYLE_WARNING unless all is well.
 */
void render_accuracy(const struct accuracy *accuracy, const struct pane_status *status,
		     unsigned int most, struct sink *sink);

#endif
