/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of addresses.  Who asks never waits: threads ask the system's resolver, and
 * names are there some time later.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "value.h"

#define RESOLVER_NAMES 4096		/* kept at most; then all are asked for anew */
#define RESOLVER_WAITING 256		/* that wait at most; others are asked for later */
#define RESOLVER_NAME_SIZE 128

struct resolver;

/* What a thread calls: writes a name and returns true. May take its time. */
typedef bool resolver_lookup(const struct address *address, char name[RESOLVER_NAME_SIZE]);

/* By getnameinfo(3), when lookup is NULL. NULL: no threads. */
struct resolver *resolver_new(resolver_lookup *lookup);

/* NULL is fine. A thread that waits for an answer goes on alone, and ends after it. */
void resolver_free(struct resolver *resolver);

/* The name, clean, until resolver_take is called; NULL: none, or none yet. */
const char *resolver_name(struct resolver *resolver, const struct address *address);

/* Readable when there are answers; takes them in. */
int resolver_fd(const struct resolver *resolver);
void resolver_take(struct resolver *resolver);

#endif
