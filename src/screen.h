/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A grid of cells in memory: what the full screen shows, before a terminal comes into it. */
#ifndef SCREEN_H
#define SCREEN_H

#include "render.h"

#define CELL_TEXT_SIZE 16

struct cell {
	char text[CELL_TEXT_SIZE];	/* one character with what combines with it, UTF-8; empty:
					   the second half of a wide one */
	uint8_t style;			/* enum style */
};

struct screen {
	struct sink sink;		/* writes at the pen, one blank between cells; must stay the
					   first member */
	unsigned int columns, lines;
	struct cell *cells;		/* columns * lines, owned */
	unsigned int pen_column, pen_line;
};

void screen_init(struct screen *screen, unsigned int columns, unsigned int lines);
void screen_done(struct screen *screen);

/* A new size, all blank. */
void screen_resize(struct screen *screen, unsigned int columns, unsigned int lines);

/* Blanks everything and puts the pen at the top left. */
void screen_clear(struct screen *screen);

/* Puts the pen somewhere; fills the rest of the pen's line with a style. */
void screen_move(struct screen *screen, unsigned int column, unsigned int line);
void screen_fill(struct screen *screen, enum style style);

/* Writes clean text at the pen, no blank after it; what is beyond the right edge is cut. */
void screen_text(struct screen *screen, const char *text, enum style style);

/* Shows each character beyond ASCII as '?', for terminals that know no others. */
void screen_make_ascii(struct screen *screen);

/* Line as text without trailing blanks, into new memory: for tests. */
char *screen_line(const struct screen *screen, unsigned int line);

#endif
