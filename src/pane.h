/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panes and their columns: the one table that every output reads. */
#ifndef PANE_H
#define PANE_H

#include <stdbool.h>
#include <stddef.h>

enum pane_id {
	PANE_CONTAINERS, PANE_FLOWS, PANE_DISKS, PANE_SYSCALLS, PANE_PROCESSES, PANE_EVENTS,
	PANE_FILES, PANE_LISTENERS, PANE_HINTS,
	PANE_COUNT
};

struct column;

struct pane {
	const char *name;		/* in -P and JSON */
	const char *tab;		/* in the tabs of a line of 80: 6 letters at most */
	const char *title;
	const char *metrics;		/* what their names begin with; NULL: it has none */
	const char *sort;		/* the column it is sorted by at first */
	const struct column *columns;
	size_t n_columns;
	bool by_default;		/* printed when -P does not say */
	bool every_row;			/* lists idle rows too, unless told otherwise */
	bool log;			/* the screen does so, reports have the new ones only */
	size_t pid;			/* where its rows have their process (uint64_t); 0: they
					   are of containers only */
	size_t uid;			/* and where their user, likewise */
};

extern const struct pane panes[PANE_COUNT];

/* The pane or column with this name, or NULL. */
const struct pane *pane_by_name(const char *name, size_t size);
const struct column *pane_column(const struct pane *pane, const char *name, size_t size);

/*
 * Reads "NAME:CELLS,NAME:CELLS": ret_widths is by the pane's columns, 0 for those
 * not named; NULL only checks. -EINVAL, and nothing is changed.
 */
#define COLUMN_WIDTH_MOST 250
int pane_parse_widths(const struct pane *pane, const char *text, unsigned int *ret_widths);

#endif
