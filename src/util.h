/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there or ends the program, growing arrays, and the clock. */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC_PER_SEC 1000000000ULL

/* Three-way comparison that cannot overflow, for qsort. */
#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* As malloc(3) and friends; they abort when there is no memory. The caller frees. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Makes room for at least n elements of a growing array and returns it, moved
 * or not. *capacity is the number of elements there is room for.
 */
void *array_reserve(void *array, size_t *capacity, size_t n, size_t size);

/* Replaces a string that *field owns by a copy of s; NULL stays NULL. True when it changed. */
int replace_string(char **field, const char *s);

/* CLOCK_MONOTONIC, in nanoseconds. */
uint64_t monotonic_ns(void);

/*
 * Reads a whole file of at most max bytes, below directory dir_fd (AT_FDCWD for
 * a plain path). *ret_text is NUL-terminated and freed by the caller.
 * Returns its length or -errno; -EFBIG when the file is larger.
 */
long read_file(int dir_fd, const char *path, size_t max, char **ret_text);

/* The same for what is open already, from where it stands. */
long read_file_at(int fd, size_t max, char **ret_text);

/* What is to be added to CLOCK_MONOTONIC to have CLOCK_REALTIME, now. */
uint64_t realtime_minus_monotonic(void);

/* In a loop over rows, memory of the one so far ahead is fetched. */
#define AHEAD 8

#endif
