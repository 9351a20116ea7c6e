/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries by dlopen(3). They stay: what they have begun, threads too, cannot be taken back. */
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_load(const char *file, const char *const *names, size_t n, void *table)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return -ENOENT;
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(library, names[i]);

		if (!function)
			return -ENOENT;
		memcpy((char *)table + i * sizeof(function), &function, sizeof(function));
	}
	return 0;
}
