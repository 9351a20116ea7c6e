/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as the programs in the kernel write them (struct file_record). */
#ifndef FILE_PATH_H
#define FILE_PATH_H

#include <stddef.h>

/*
 * The path that is made of parts, from the last one up, each with its NUL; flags
 * are FILE_PATH_*. One that lost its beginning starts with "...". New memory,
 * which the caller frees; not clean yet.
 */
char *file_path_text(const char *parts, size_t size, unsigned int flags);

#endif
