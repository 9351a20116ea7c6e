/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What contop is asked to look at by -c, -p and -u: containers, processes, a user. */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container.h"

#define SCOPE_PIDS_MOST 1024

struct scope {
	char *globs;			/* "web*,!web-test", owned; NULL: every container */
	uint32_t *pids;			/* owned */
	size_t n_pids;			/* 0: every process */
	bool by_user;
	uint32_t uid;
};

void scope_done(struct scope *scope);

/* Takes -c's list of globs. -EINVAL when one of them is empty. */
int scope_set_containers(struct scope *scope, const char *globs);

/* Takes -p's list of process ids. -EINVAL for what is none, -E2BIG for too many. */
int scope_set_pids(struct scope *scope, const char *list);

/* Takes -u's user, a name or a number. -ENOENT when there is no such user. */
int scope_set_user(struct scope *scope, const char *user);

/*
 * Whether a container is wanted: one of the globs matches its name, its id or
 * the id's first 12 digits, and none that begins with '!'. With such ones only,
 * all others are wanted. The host is called "host".
 */
bool scope_has_container(const struct scope *scope, const struct container *container);

/*
 * Those processes of -p that are there, with all their descendants as procfs has them
 * now, into new memory that the caller frees. Returns how many.
 */
size_t scope_find_processes(const struct scope *scope, const char *procfs, uint32_t **ret_pids);

#endif
