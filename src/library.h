/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libraries that are loaded when they are first needed: with what they need in turn
 * they take more memory than all of contop, and most of the time there is nothing for
 * them to do.  Their functions are those that their headers declare.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stddef.h>

/* A list of functions FUNCTIONS(X), as X(PREFIX, NAME), makes a table and its names. */
#define LIBRARY_MEMBER(prefix, name) __typeof__(prefix##name) *name;
#define LIBRARY_NAME(prefix, name) #prefix #name,

/*
 * Loads a library by the name of its file and puts its functions into the table, which
 * has nothing else. -ENOENT: it is not there, or has not all of them.
 */
int library_load(const char *file, const char *const *names, size_t n, void *table);

#endif
