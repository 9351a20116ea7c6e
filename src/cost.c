/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What contop itself takes, as the kernel has it of this process. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cost.h"
#include "sample.h"
#include "util.h"

static uint64_t to_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_usec * 1000;
}

uint64_t cost_cpu_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
}

uint64_t cost_memory(void)
{
	uint64_t pages = 0;
	char *text;

	if (read_file(AT_FDCWD, "/proc/self/statm", 256, &text) < 0)
		return UNKNOWN;
	sscanf(text, "%*s %" SCNu64, &pages);
	free(text);
	return pages ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : UNKNOWN;
}
