/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of files from their parts. */
#include "file-path.h"

#include <string.h>

#include "../bpf/contop.h"
#include "util.h"

char *file_path_text(const char *parts, size_t size, unsigned int flags)
{
	static const char cut[] = "...";
	char *path = xcalloc(1, sizeof(cut) + 1 + size), *end = path;

	if (flags & FILE_PATH_CUT)
		end = stpcpy(end, cut);
	while (size > 0) {
		size_t from = size - 1;		/* where the last part's NUL is to be */

		while (from > 0 && parts[from - 1])
			from--;
		if (end > path || !(flags & FILE_PATH_LOOSE))
			*end++ = '/';
		memcpy(end, parts + from, size - from - 1);
		end += size - from - 1;
		size = from;
	}
	if (end == path)
		*end = '/';
	return path;
}
