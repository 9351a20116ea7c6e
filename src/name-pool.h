/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that many rows have: of tasks, users, services.  Each is there once, clean,
 * as long as some row has it: hosts may make new ones without end.
 */
#ifndef NAME_POOL_H
#define NAME_POOL_H

#include <stddef.h>

struct pooled_name;
struct name_pool {
	struct pooled_name *names;	/* owned */
};

/*
 * Has *member be the clean text of a name, which ends with a NUL or after size bytes,
 * in the place of the one that it is now (NULL: none). An empty name, or NULL, leaves it
 * as it is. Whoever has the member drops it in the end.
 */
void name_pool_set(struct name_pool *pool, const char **member, const char *name, size_t size);
void name_pool_drop(struct name_pool *pool, const char **member);

#endif
