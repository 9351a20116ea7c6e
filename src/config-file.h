/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as a file: lines that are read by inih, and a file written as a whole. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

#define CONFIG_FILE_MAX (64U << 10)	/* bytes */

/* "NAME = VALUE", or what is wrong with a line. Borrowed; valid during the call. */
struct config_line {
	unsigned int number;		/* from 1 */
	const char *section;		/* empty: before the first one */
	const char *name, *value;
	const char *wrong;		/* static, in one line; NULL: nothing */
};

/*
 * Calls take for each setting of a file's text, in order, and for each line that
 * is neither that nor a section, a comment (# or ; at its beginning) or blank.
 */
void config_file_parse(const char *text, size_t size,
		       void (*take)(void *context, const struct config_line *line), void *context);

/*
 * Writes a file anew: a temporary one beside it takes its place, with its mode
 * and owner, or those of the directory. A symbolic link stays one. -errno.
 */
int config_file_write(const char *path, const char *text, size_t size);

#endif
