/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there or ends the program, growing arrays, files and the clock. */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_FIRST 4096		/* most files of procfs and cgroupfs fit */

/* malloc(0) may give NULL; a size of 1 keeps NULL for failure. */
void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		abort();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		abort();
	return p;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n ? n : 1, size ? size : 1);
	if (!p)
		abort();
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	size_t size = strnlen(s, n);
	char *copy = xmalloc(size + 1);

	memcpy(copy, s, size);
	copy[size] = '\0';
	return copy;
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		abort();
	return text;
}

void *array_reserve(void *array, size_t *capacity, size_t n, size_t size)
{
	size_t wanted = *capacity ? *capacity : 8;

	if (array && n <= *capacity)
		return array;
	while (wanted < n)
		wanted = wanted > SIZE_MAX / 2 ? n : wanted * 2;
	array = xreallocarray(array, wanted, size);
	*capacity = wanted;
	return array;
}

int replace_string(char **field, const char *s)
{
	char *copy;

	if (*field == s || (*field && s && !strcmp(*field, s)))
		return 0;
	copy = s ? xstrdup(s) : NULL;
	free(*field);
	*field = copy;
	return 1;
}

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* Appends what is left of the file to *text; one byte past max tells that it is larger. */
static long read_rest(int fd, size_t max, char **text)
{
	size_t capacity = 0, used = 0;
	ssize_t n;

	for (;;) {
		size_t room;

		*text = array_reserve(*text, &capacity, used + READ_FIRST, 1);
		room = capacity - used - 1;
		if (room > max - used + 1)
			room = max - used + 1;
		n = read(fd, *text + used, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		used += (size_t)n;
		if (used > max)
			return -EFBIG;
	}
	(*text)[used] = '\0';
	return (long)used;
}

long read_file(int dir_fd, const char *path, size_t max, char **ret_text)
{
	long n;
	int fd;

	fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	n = read_file_at(fd, max, ret_text);
	close(fd);
	return n;
}

long read_file_at(int fd, size_t max, char **ret_text)
{
	char *text = NULL;
	long n;

	if (max > LONG_MAX - READ_FIRST)
		max = LONG_MAX - READ_FIRST;
	n = read_rest(fd, max, &text);
	if (n < 0)
		free(text);
	else
		*ret_text = text;
	return n;
}

uint64_t realtime_minus_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec - monotonic_ns();
}
