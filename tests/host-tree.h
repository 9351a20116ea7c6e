/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host of files alone, below a directory of its own, and a table of its containers, for tests. */
#ifndef HOST_TREE_H
#define HOST_TREE_H

#include "container.h"
#include "host.h"
#include "names.h"

/* Cgroups of version 1: the key of one in the hierarchy that tells containers apart. */
#define TREE_PIDS 8

struct host_tree {
	char *procfs;			/* PROCFS/1/root is the host's root directory */
	struct host host;
	struct cgroup_layout layout;
	struct containers *containers;
	uint64_t cgroups;		/* made so far */
	const struct name_source *kind;	/* from host_tree_follow on */
	void *source;
};

/* For cmocka: *state is the tree. */
int host_tree_set_up(void **state);
int host_tree_tear_down(void **state);

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, host_tree_set_up, host_tree_tear_down)

/* The path of a file of the host. The caller frees. */
char *host_tree_path(const struct host_tree *tree, const char *path);

/* Makes a file, or puts another in its place, as runtimes do: whole, by rename. */
void host_tree_write(const struct host_tree *tree, const char *path, const char *text);
void host_tree_copy(const struct host_tree *tree, const char *path, const char *fixture);

/* Text of tests/data/FIXTURE. The caller frees. */
char *host_tree_fixture(const char *fixture);

/* Opens a source of names; lets it work and ask for as long as it has something to do. */
void host_tree_follow(struct host_tree *tree, const struct name_source *kind);
void host_tree_run(struct host_tree *tree);

/* A container comes up at this path; what is known of it, by its id. */
void host_tree_start(struct host_tree *tree, const char *cgroup);
const struct container *host_tree_find(const struct host_tree *tree, const char *id);

#endif
