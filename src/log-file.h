/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that reports are added to.  Once it is old or large enough it is put
 * aside, under a name with the time it began (NAME-20261121-030000.json), and
 * the oldest of those may go.
 */
#ifndef LOG_FILE_H
#define LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When a file is put aside, and how many of those are kept; 0: never, all. */
struct rotation {
	uint64_t age_ns, size;
	unsigned int keep;
};

struct log_file {
	char *path;			/* owned */
	const struct rotation *rotation;	/* borrowed */
	bool gzip;			/* each addition is a member of its own, whole in itself */
	int fd;				/* -1: not open */
	uint64_t size;
	uint64_t began_ns;		/* CLOCK_REALTIME; 0: there is nothing in it */
};

/*
 * Opens a file to be added to, made if need be; one that is there must be empty
 * or begin as one of ours does: with a JSON object, or (gzip) compressed, else
 * -EEXIST. -errno; log_file_close is due either way.
 */
int log_file_open(struct log_file *file, const char *path, const struct rotation *rotation,
		  bool gzip);

/*
 * Adds whole lines, at a time of CLOCK_REALTIME. -errno: nothing of them is in
 * the file, which is as it was.
 */
int log_file_append(struct log_file *file, const char *text, size_t size, uint64_t now_ns);
void log_file_close(struct log_file *file);

/*
 * Adds to the file of a path as above, but keeps none open. heading, which may be
 * NULL, comes first in a new one. What is there already is taken as ours.
 */
int log_file_add(const char *path, const struct rotation *rotation, const char *heading,
		 const char *text, size_t size, uint64_t now_ns);

#endif
