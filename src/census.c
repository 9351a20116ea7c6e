/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the iterator over all tasks (bpf/census.bpf.c). */
#include "census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "census.skel.h"
#include "util.h"

#define KEYS_AT_ONCE 4096

struct census {
	struct census_bpf *skeleton;
};

static const struct hook hooks[] = {
	{
		.name = "iter/task",
	},
};

static int take_census(void *arg, struct containers *containers)
{
	const struct census *census = arg;
	int fd = bpf_iter_create(bpf_link__fd(census->skeleton->links.show_process));
	uint64_t keys[KEYS_AT_ONCE];
	ssize_t got;
	int error;

	if (fd < 0)
		return -errno;
	/* The kernel gives whole keys: what it has at a time is a multiple of their size. */
	while ((got = read(fd, keys, sizeof(keys))) > 0)
		for (size_t i = 0; i < (size_t)got / sizeof(*keys); i++)
			containers_count_process(containers, keys[i]);
	error = got < 0 ? -errno : 0;
	close(fd);
	return error;
}

/* The iterator shows the tasks of the reader's own namespace: only the host's has all. */
static bool sees_all_processes(const char *procfs)
{
	const ino_t first = 0xeffffffc;	/* PROC_PID_INIT_INO */
	char *path = xasprintf("%s/self/ns/pid", procfs);
	struct stat status;
	bool all = !stat(path, &status) && status.st_ino == first;

	free(path);
	return all;
}

static int load(struct census *census, const struct counter_setup *setup)
{
	census->skeleton = census_bpf__open_opts(&setup->types.open);
	if (!census->skeleton)
		return -errno;
	census->skeleton->rodata->settings = setup->settings;
	return census_bpf__load(census->skeleton) ?: census_bpf__attach(census->skeleton);
}

struct attempt {
	struct census *census;
	const struct counter_setup *setup;
};

static int try_hook(void *arg, const struct hook *hook __attribute__((unused)))
{
	const struct attempt *attempt = arg;

	return sees_all_processes(attempt->setup->procfs) ? load(attempt->census, attempt->setup) :
							    -ENOTSUP;
}

int census_open(const struct counter_setup *setup, struct containers *containers,
		struct census **ret)
{
	struct census *census = xcalloc(1, sizeof(*census));
	struct attempt attempt = { census, setup };
	struct pane_status unused;
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, &unused);

	if (error) {
		census_free(census);
		return error;
	}
	containers_count_by(containers, take_census, census);
	*ret = census;
	return 0;
}

void census_free(struct census *census)
{
	if (!census)
		return;
	census_bpf__destroy(census->skeleton);
	free(census);
}
