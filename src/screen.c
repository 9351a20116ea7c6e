/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A grid of cells in memory.  It keeps columns aligned whatever is written:
 * wide characters take two cells, combining ones none, and a number that does
 * not fit as a whole is left out, as a part of its digits is another number.
 */
#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "text.h"
#include "util.h"

#define CHARACTER_SIZE 4		/* most bytes of one, in UTF-8 */

static struct cell *screen_at(const struct screen *screen, unsigned int x, unsigned int y)
{
	return &screen->cells[(size_t)y * screen->columns + x];
}

static void cell_set(struct cell *cell, const char *text, size_t size, enum style style)
{
	memset(cell, 0, sizeof(*cell));
	memcpy(cell->text, text, size);
	cell->style = style;
}

/* The cell of a column in the pen's line; NULL when that is not on the screen. */
static struct cell *screen_place(const struct screen *screen, unsigned int column)
{
	if (column >= screen->columns || screen->pen_line >= screen->lines)
		return NULL;
	return screen_at(screen, column, screen->pen_line);
}

/* Blanks what a wide character leaves when one of its halves is written over. */
static void screen_break_wide(struct screen *screen, struct cell *cell)
{
	size_t x = (size_t)(cell - screen->cells) % screen->columns;

	if (!cell->text[0] && x > 0)
		cell_set(cell - 1, " ", 1, cell[-1].style);
	if (x + 1 < screen->columns && !cell[1].text[0])
		cell_set(cell + 1, " ", 1, cell[1].style);
}

/* One character of one or two cells at the pen. Returns its cell; NULL: it is not seen whole. */
static struct cell *screen_put(struct screen *screen, const char *text, size_t size,
			       unsigned int width, enum style style)
{
	struct cell *cells[2] = { 0 };
	bool whole = true;

	for (unsigned int i = 0; i < width; i++) {
		cells[i] = screen_place(screen, screen->pen_column + i);
		if (cells[i])
			screen_break_wide(screen, cells[i]);
		else
			whole = false;
	}
	for (unsigned int i = 0; i < width; i++) {
		if (!cells[i])
			continue;
		if (!whole)
			cell_set(cells[i], " ", 1, style);
		else
			cell_set(cells[i], text, i == 0 ? size : 0, style);
	}
	screen->pen_column += width;
	return whole ? cells[0] : NULL;
}

/*
 * Bytes of the character at text, at most CHARACTER_SIZE. Text is clean, so
 * this only has to stay within it.
 */
static size_t character_size(const char *text)
{
	size_t size = 1;

	while (size < CHARACTER_SIZE && ((unsigned char)text[size] & 0xc0) == 0x80)
		size++;
	return size;
}

/* Variation selectors ask for another width than the character's own: terminals disagree on it. */
static bool is_variation_selector(const char *text, size_t size)
{
	return size == 3 && !memcmp(text, "\xef\xb8", 2) && (unsigned char)text[2] <= 0x8f;
}

static void cell_combine(struct cell *cell, const char *text, size_t size)
{
	size_t used = strlen(cell->text);

	if (used + size < sizeof(cell->text) && !is_variation_selector(text, size))
		memcpy(cell->text + used, text, size);
}

static unsigned int character_width(const char *text, size_t size)
{
	char character[CHARACTER_SIZE + 1] = { 0 };

	if (size == 1)
		return 1;
	memcpy(character, text, size);
	return text_width(character);
}

static void screen_text_of(struct screen *screen, const char *text, size_t n, enum style style)
{
	struct cell *last = NULL;

	for (size_t i = 0, size; i < n; i += size) {
		size = character_size(text + i);
		unsigned int width = character_width(text + i, size);

		if (width > 0)
			last = screen_put(screen, text + i, size, width, style);
		else if (last)
			cell_combine(last, text + i, size);
	}
}

void screen_text(struct screen *screen, const char *text, enum style style)
{
	screen_text_of(screen, text, strlen(text), style);
}

static void screen_blanks(struct screen *screen, size_t n, enum style style)
{
	for (; n > 0 && screen->pen_column < screen->columns; n--)
		screen_put(screen, " ", 1, 1, style);
	screen->pen_column += n;
}

static void screen_sink_cell(struct sink *sink, const char *text, unsigned int width,
			     enum align align, enum style style)
{
	struct screen *screen = (struct screen *)sink;
	size_t cells;
	size_t size = text_fit(text, width ? width : SIZE_MAX, &cells);
	size_t padding = width > cells ? width - cells : 0;

	if (align == ALIGN_RIGHT)
		screen_blanks(screen, padding, style);
	if (align == ALIGN_LEFT || screen->pen_column + cells <= screen->columns)
		screen_text_of(screen, text, size, style);
	else
		screen_blanks(screen, cells, style);
	if (align == ALIGN_LEFT)
		screen_blanks(screen, padding, style);
	screen->pen_column++;
}

static void screen_sink_newline(struct sink *sink)
{
	struct screen *screen = (struct screen *)sink;

	screen_move(screen, 0, screen->pen_line + 1);
}

void screen_init(struct screen *screen, unsigned int columns, unsigned int lines)
{
	*screen = (struct screen) {
		.sink = { .cell = screen_sink_cell, .newline = screen_sink_newline },
	};
	screen_resize(screen, columns, lines);
}

void screen_done(struct screen *screen)
{
	free(screen->cells);
	screen->cells = NULL;
	screen->columns = screen->lines = 0;
}

void screen_resize(struct screen *screen, unsigned int columns, unsigned int lines)
{
	screen->cells = xreallocarray(screen->cells, (size_t)columns * lines + 1,
				      sizeof(*screen->cells));
	screen->columns = columns;
	screen->lines = lines;
	screen_clear(screen);
}

void screen_clear(struct screen *screen)
{
	size_t n = (size_t)screen->columns * screen->lines;

	for (size_t i = 0; i < n; i++)
		cell_set(&screen->cells[i], " ", 1, STYLE_NORMAL);
	screen_move(screen, 0, 0);
}

void screen_move(struct screen *screen, unsigned int column, unsigned int line)
{
	screen->pen_column = column;
	screen->pen_line = line;
}

void screen_fill(struct screen *screen, enum style style)
{
	screen_blanks(screen, screen->columns, style);
}

void screen_make_ascii(struct screen *screen)
{
	size_t n = (size_t)screen->columns * screen->lines;

	for (size_t i = 0; i < n; i++) {
		struct cell *cell = &screen->cells[i];

		if (!cell->text[0])
			cell_set(cell, " ", 1, cell->style);
		else if ((unsigned char)cell->text[0] >= 0x80)
			cell_set(cell, "?", 1, cell->style);
		else
			cell->text[1] = '\0';
	}
}

char *screen_line(const struct screen *screen, unsigned int line)
{
	char *text = xmalloc((size_t)screen->columns * CELL_TEXT_SIZE + 1);
	size_t n = 0;

	for (unsigned int x = 0; x < screen->columns; x++) {
		const char *cell = screen_at(screen, x, line)->text;
		size_t size = strnlen(cell, CELL_TEXT_SIZE);

		memcpy(text + n, cell, size);
		n += size;
	}
	while (n > 0 && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}
