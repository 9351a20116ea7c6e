/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows as comma-separated values (RFC 4180), the time and the pane ahead of the columns. */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "pane.h"

/* Which columns a line has: the chosen ones, else all of the pane. Borrowed. */
struct csv_columns {
	const struct pane *pane;
	const struct column **chosen;	/* NULL: all */
	size_t n_chosen;
};

void csv_print_heading(const struct csv_columns *columns, FILE *out);

/* A row of the pane with its counts of the interval or since the start; events have a time of their own. */
void csv_print_row(const struct csv_columns *columns, const void *row, bool total,
		   struct timespec time, FILE *out);

#endif
