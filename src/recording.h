/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording as a file: events and reports of -o json, one on each line. */
#ifndef RECORDING_H
#define RECORDING_H

#include <jansson.h>
#include <zlib.h>

struct recording {
	gzFile file;			/* reads what is not compressed, too */
	char *name;			/* of the file, clean; owned */
	char *line;
	size_t line_capacity;
	unsigned long line_number;
	json_t *events;			/* array: those ahead of the report read last; owned */
	char *error;			/* why next failed, in one line; NULL: see its result. Owned */
};

/* Opens a file ("-": standard input). 0 or -errno; recording_close is due either way. */
int recording_open(struct recording *recording, const char *path);
void recording_close(struct recording *recording);

/*
 * The next report, for the caller to json_decref; the events ahead of it are in
 * events, and blank lines nowhere. 0, -ENODATA at the end, or what was wrong.
 */
int recording_next(struct recording *recording, json_t **ret_report);

/* The next report is the first again. -errno: it cannot be read twice. */
int recording_rewind(struct recording *recording);

#endif
