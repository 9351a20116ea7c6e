/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a host below a temporary directory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "host-tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "util.h"

static void make_directories(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	free(copy);
}

char *host_tree_path(const struct host_tree *tree, const char *path)
{
	char *full = xasprintf("%s/1/root/%s", tree->procfs, path);

	make_directories(full);
	return full;
}

void host_tree_write(const struct host_tree *tree, const char *path, const char *text)
{
	char *full = host_tree_path(tree, path), *temporary = xasprintf("%s.new", full);
	FILE *file = fopen(temporary, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(temporary, full), 0);
	free(temporary);
	free(full);
}

char *host_tree_fixture(const char *fixture)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/tests/data/%s", srcdir ? srcdir : ".", fixture);
	char *text = NULL;

	if (read_file(AT_FDCWD, path, 1 << 20, &text) < 0)
		fail_msg("no %s", path);
	free(path);
	return text;
}

void host_tree_copy(const struct host_tree *tree, const char *path, const char *fixture)
{
	char *text = host_tree_fixture(fixture);

	host_tree_write(tree, path, text);
	free(text);
}

int host_tree_set_up(void **state)
{
	struct host_tree *tree = xcalloc(1, sizeof(*tree));
	const char *directory = getenv("TMPDIR");
	char *root;

	tree->procfs = xasprintf("%s/contop-host-XXXXXX", directory ? directory : "/tmp");
	if (!mkdtemp(tree->procfs))
		return -1;
	root = host_tree_path(tree, "");
	free(root);
	tree->layout.hierarchies[tree->layout.n_hierarchies++] = (struct hierarchy){
		.number = TREE_PIDS, .controllers = "pids",
	};
	tree->layout.home = TREE_PIDS;
	tree->layout.mode = CGROUP_V1;
	tree->containers = containers_new(&tree->layout);
	*state = tree;
	return host_open(&tree->host, tree->procfs);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

int host_tree_tear_down(void **state)
{
	struct host_tree *tree = *state;

	if (tree->source)
		tree->kind->free(tree->source);
	containers_free(tree->containers);
	host_close(&tree->host);
	nftw(tree->procfs, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(tree->procfs);
	free(tree);
	return 0;
}

void host_tree_follow(struct host_tree *tree, const struct name_source *kind)
{
	const struct name_options options = { .procfs = tree->procfs };

	tree->kind = kind;
	tree->source = kind->open(&options, &tree->host, tree->containers);
	assert_non_null(tree->source);
}

/* Files are read again only after some time that depends on the last reading. */
void host_tree_run(struct host_tree *tree)
{
	struct pollfd fd = { .fd = -1, .events = POLLIN };

	if (tree->kind->fd)
		fd.fd = tree->kind->fd(tree->source);
	tree->kind->ask(tree->source);
	while (poll(&fd, 1, 100) > 0)
		tree->kind->work(tree->source);
}

void host_tree_start(struct host_tree *tree, const char *cgroup)
{
	containers_cgroup_made(tree->containers, CGROUP_KEY(TREE_PIDS, 1000 + tree->cgroups++),
			       cgroup);
}

const struct container *host_tree_find(const struct host_tree *tree, const char *id)
{
	const struct container *container = containers_by_id(tree->containers, id);

	if (!container)
		fail_msg("no container %s", id);
	return container;
}
