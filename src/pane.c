/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds panes and columns in the table of them (pane-table.c). */
#include "pane.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "util.h"

static bool same_name(const char *name, const char *text, size_t size)
{
	return strlen(name) == size && !memcmp(name, text, size);
}

const struct pane *pane_by_name(const char *name, size_t size)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		if (same_name(panes[i].name, name, size))
			return &panes[i];
	return NULL;
}

const struct column *pane_column(const struct pane *pane, const char *name, size_t size)
{
	for (size_t i = 0; i < pane->n_columns; i++)
		if (same_name(pane->columns[i].name, name, size))
			return &pane->columns[i];
	return NULL;
}

/* "NAME:CELLS" up to its end. */
static const struct column *parse_width(const struct pane *pane, const char *text, size_t size,
					unsigned int *ret_width)
{
	const char *colon = memchr(text, ':', size), *end = text + size;

	*ret_width = 0;
	if (!colon || colon + 1 == end || colon + 4 < end)
		return NULL;
	for (const char *p = colon + 1; p < end; p++) {
		if (*p < '0' || *p > '9')
			return NULL;
		*ret_width = 10 * *ret_width + (unsigned int)(*p - '0');
	}
	if (*ret_width < 1 || *ret_width > COLUMN_WIDTH_MOST)
		return NULL;
	return pane_column(pane, text, (size_t)(colon - text));
}

int pane_parse_widths(const struct pane *pane, const char *text, unsigned int *ret_widths)
{
	unsigned int *widths = xcalloc(pane->n_columns, sizeof(*widths));
	const struct column *column = NULL;

	for (size_t size; *text; text += size + (text[size] == ',')) {
		unsigned int width;

		size = strcspn(text, ",");
		column = parse_width(pane, text, size, &width);
		if (!column)
			break;
		widths[column - pane->columns] = width;
	}
	if (column && ret_widths)
		memcpy(ret_widths, widths, pane->n_columns * sizeof(*widths));
	free(widths);
	return column ? 0 : -EINVAL;
}
