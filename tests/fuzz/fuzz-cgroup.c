/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of control groups, one on each line, and then how they are mounted. */
#include <stdlib.h>

#include "cgroup.h"
#include "fuzz.h"

static void identify(const char *path, bool units)
{
	struct cgroup_identity identity;
	char *id;

	if (!cgroup_identify(path, units, &identity))
		return;
	if (identity.path_size > strlen(path) || identity.id < path ||
	    identity.id + identity.id_size > path + identity.path_size)
		abort();
	id = cgroup_identity_id(&identity);
	if (strlen(id) > identity.id_size)
		abort();
	free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *copy = xstrdup(text), *save = NULL;
	struct cgroup_layout layout;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (int units = 0; units < 2; units++)
			identify(line, units);
	for (int version2 = 0; version2 < 2; version2++)
		if (!cgroup_layout_parse(&layout, version2, "/sys/fs/cgroup", text, text))
			cgroup_layout_done(&layout);
	free(copy);
	free(text);
	return 0;
}
