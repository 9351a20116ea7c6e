/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads that wait for a disk: calls that cannot be served from memory, and faults. */
#include "load.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static int open_in(const char *directory, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, flags | O_CLOEXEC, 0644);
	if (fd < 0)
		fail(path);
	return fd;
}

/*
 * N times: a direct write and a direct read, two writes to the page cache that are
 * synced by fsync and by fdatasync.
 */
void run_file_waits(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[1], UINT32_MAX);
	int direct = open_in(arguments[0], "direct", O_RDWR | O_CREAT | O_DIRECT);
	int synced = open_in(arguments[0], "synced", O_RDWR | O_CREAT);
	char *page = aligned_alloc(PAGE, PAGE);

	if (!page)
		fail("memory");
	memset(page, 'x', PAGE);
	wait_for_go(flags->wait);
	for (uint64_t i = 0; i < n; i++) {
		off_t at = (off_t)(i * PAGE);

		if (pwrite(direct, page, PAGE, at) != PAGE || pread(direct, page, PAGE, at) != PAGE)
			fail("direct I/O");
		if (write(synced, page, PAGE) != PAGE || fsync(synced) ||
		    write(synced, page, PAGE) != PAGE || fdatasync(synced))
			fail("sync");
	}
	report("{\"load\":\"file-waits\",\"reads\":%" PRIu64 ",\"writes\":%" PRIu64 ",\"syncs\":%" PRIu64
	       "}\n", n, n, 2 * n);
}

static uint64_t major_faults(int who)
{
	struct rusage usage;

	if (getrusage(who, &usage))
		fail("getrusage");
	return (uint64_t)usage.ru_majflt;
}

/* Reads a byte of every step-th page from the first one on. */
static void touch(const volatile char *memory, uint64_t pages, uint64_t first, uint64_t step)
{
	for (uint64_t i = first; i < pages; i += step)
		(void)memory[i * PAGE];
}

static void write_pages(int fd, uint64_t pages)
{
	static char page[PAGE];

	for (uint64_t i = 0; i < pages; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)(i * PAGE)) != PAGE)
			fail("write");
	if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		fail("dropping pages");
}

/* Faults on a mapped file that is not in memory: on one half here, on the other in a child. */
void run_faults(char **arguments, const struct flags *flags)
{
	uint64_t pages = number(arguments[1], UINT32_MAX), before;
	int fd = open_in(arguments[0], "mapped", O_RDWR | O_CREAT), status;
	char *memory;
	pid_t child;

	write_pages(fd, pages);
	memory = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED || madvise(memory, pages * PAGE, MADV_RANDOM))
		fail("mmap");
	wait_for_go(flags->wait);
	before = major_faults(RUSAGE_SELF);
	touch(memory, pages, 0, 2);
	before = major_faults(RUSAGE_SELF) - before;
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		touch(memory, pages, 1, 2);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		fail("child");
	report("{\"load\":\"faults\",\"faults\":%" PRIu64 ",\"child\":%d,\"child_faults\":%" PRIu64 "}\n",
	       before, (int)child, major_faults(RUSAGE_CHILDREN));
}
