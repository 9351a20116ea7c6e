/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comma-separated values, for programs: plain numbers, empty where nothing is known. */
#include "csv.h"

#include <inttypes.h>
#include <string.h>

#include "column.h"
#include "model.h"
#include "util.h"

/* In quotes when it must be. */
static void print_field(const char *text, FILE *out)
{
	putc(',', out);
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

/* The columns, one by one; NULL behind the last. */
static const struct column *nth_column(const struct csv_columns *columns, size_t i)
{
	size_t n = columns->chosen ? columns->n_chosen : columns->pane->n_columns;

	for (size_t j = 0; j < n; j++) {
		const struct column *column = columns->chosen ? columns->chosen[j] :
					      &columns->pane->columns[j];

		/* The time of an event is in the first column of all. */
		if (column->unit != UNIT_CLOCK && i-- == 0)
			return column;
	}
	return NULL;
}

void csv_print_heading(const struct csv_columns *columns, FILE *out)
{
	const struct column *column;

	fputs("time,pane", out);
	for (size_t i = 0; (column = nth_column(columns, i)); i++)
		print_field(column->name, out);
	putc('\n', out);
}

void csv_print_row(const struct csv_columns *columns, const void *row, bool total,
		   struct timespec time, FILE *out)
{
	const struct event_row *event = row;
	const struct column *column;
	char buffer[VALUE_TEXT_SIZE];

	if (columns->pane == &panes[PANE_EVENTS])
		fprintf(out, "%" PRIu64 ".%06" PRIu64, event->time_ns / 1000 / 1000000,
			event->time_ns / 1000 % 1000000);
	else
		fprintf(out, "%lld.%03ld", (long long)time.tv_sec, time.tv_nsec / 1000000);
	fprintf(out, ",%s", columns->pane->name);
	for (size_t i = 0; (column = nth_column(columns, i)); i++) {
		struct value value = column_value(column, row, total);

		print_field(value_plain(&value, buffer), out);
	}
	putc('\n', out);
}
