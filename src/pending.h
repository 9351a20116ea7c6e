/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a runtime told of containers whose cgroups have not come up yet. */
#ifndef PENDING_H
#define PENDING_H

#include "container.h"

#define PENDING_MAX 1024		/* containers; the one not told of for longest goes first */

/* A table of them; NULL is the empty one. */
struct pending;

/* Adds facts to those of this id: what is NULL in facts stays as it was. */
void pending_add(struct pending **table, const char *id, const struct container_facts *facts);

/* The facts of this id, or NULL. Borrowed, until the table changes. */
const struct container_facts *pending_find(const struct pending *table, const char *id);
void pending_remove(struct pending **table, const char *id);
void pending_clear(struct pending **table);

#endif
