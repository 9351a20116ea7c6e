/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report of contop --check. */
#include "check.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "privilege.h"

int check_print(const struct source *source, FILE *out)
{
	struct utsname kernel;
	char *rights = privilege_describe();
	size_t working = 0;

	if (!uname(&kernel))
		fprintf(out, "kernel      %s %s\n", kernel.release, kernel.machine);
	if (source->layout)
		fprintf(out, "cgroups     %s\n", source->layout);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		const struct pane_status *status = &source->status[i];

		working += status->available;
		if (status->available)
			fprintf(out, "%-11s ok, by %s%s%s\n", panes[i].name, status->hook,
				status->reason[0] ? "; " : "", status->reason);
		else
			fprintf(out, "%-11s no: %s\n", panes[i].name, status->reason);
	}
	fprintf(out, "%-11s %s\n", "rights left", rights);
	free(rights);
	return working == PANE_COUNT ? 0 : working ? 1 : 2;
}
