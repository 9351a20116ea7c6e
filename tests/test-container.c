/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers come, are named, exit and go, by scans of directories and by events. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "container.h"
#include "key-set.h"
#include "util.h"

#define A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define ABSENT "0000000000000000000000000000000000000000000000000000000000000000"

/* Hierarchies of a host of the hybrid kind; pids is home. */
enum { UNIFIED, BLKIO = 3, FREEZER = 4, PIDS = 5 };

/* Directories of a temporary one stand for the mounts. */
struct tree {
	struct cgroup_layout layout;
	struct containers *containers;
	char top[64];
};

static void add_hierarchy(struct tree *tree, unsigned int number, const char *controller)
{
	struct hierarchy *hierarchy = &tree->layout.hierarchies[tree->layout.n_hierarchies++];

	hierarchy->number = number;
	snprintf(hierarchy->controllers, sizeof(hierarchy->controllers), "%s", controller);
	hierarchy->mount = xasprintf("%s/%u", tree->top, number);
	assert_int_equal(mkdir(hierarchy->mount, 0755), 0);
}

static int set_up(void **state)
{
	struct tree *tree = xcalloc(1, sizeof(*tree));

	strcpy(tree->top, "/tmp/test-container-XXXXXX");
	assert_non_null(mkdtemp(tree->top));
	add_hierarchy(tree, UNIFIED, "");
	add_hierarchy(tree, BLKIO, "blkio");
	add_hierarchy(tree, FREEZER, "freezer");
	add_hierarchy(tree, PIDS, "pids");
	tree->layout.mode = CGROUP_HYBRID;
	tree->layout.home = PIDS;
	tree->containers = containers_new(&tree->layout);
	*state = tree;
	return 0;
}

static int tear_down(void **state)
{
	struct tree *tree = *state;
	char *command = xasprintf("rm -rf '%s'", tree->top);
	int r = system(command);

	containers_free(tree->containers);
	cgroup_layout_done(&tree->layout);
	free(command);
	free(tree);
	return r;
}

/* Makes a directory, and those above it, and returns its key. */
static uint64_t make(struct tree *tree, unsigned int number, const char *path)
{
	char *directory = xasprintf("%s/%u%s", tree->top, number, path), *slash;
	struct stat st;

	for (slash = directory + strlen(tree->top) + 1; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(directory, 0755);
		*slash = '/';
	}
	mkdir(directory, 0755);
	assert_int_equal(stat(directory, &st), 0);
	free(directory);
	return CGROUP_KEY(number, st.st_ino);
}

static void unmake(struct tree *tree, unsigned int number, const char *path)
{
	char *directory = xasprintf("%s/%u%s", tree->top, number, path);

	assert_int_equal(rmdir(directory), 0);
	free(directory);
}

static size_t count(struct tree *tree)
{
	size_t n;

	containers_all(tree->containers, &n);
	return n;
}

static void check_name(struct tree *tree, uint64_t key, const char *name)
{
	assert_string_equal(containers_find(tree->containers, key)->name, name);
}

static void test_host(void **state)
{
	struct tree *tree = *state;
	const struct container *host = containers_find(tree->containers, CGROUP_KEY(PIDS, 1));
	size_t n;

	assert_string_equal(host->name, "host");
	assert_string_equal(host->runtime, "host");
	assert_string_equal(host->cgroup, "/");
	assert_string_equal(host->state, "running");
	assert_null(host->id);
	assert_int_equal(host->serial, 0);
	assert_ptr_equal(containers_all(tree->containers, &n)[0], host);
	assert_int_equal(n, 1);
	assert_ptr_equal(containers_find(tree->containers, 0), host);
}

static void test_scan(void **state)
{
	struct tree *tree = *state;
	uint64_t home = make(tree, PIDS, "/docker/" A), below = make(tree, PIDS, "/docker/" A "/x/y");
	uint64_t blkio = make(tree, BLKIO, "/docker/" A), unified = make(tree, UNIFIED, "/docker/" A);
	uint64_t freezer = make(tree, FREEZER, "/docker/" A), lxc = make(tree, PIDS, "/lxc/web");
	uint64_t host = make(tree, PIDS, "/system.slice/ssh.service");
	const struct container *container;

	assert_int_equal(containers_scan(tree->containers), 0);
	assert_int_equal(count(tree), 3);
	container = containers_find(tree->containers, home);
	assert_string_equal(container->name, "0123456789ab");
	assert_string_equal(container->id, A);
	assert_string_equal(container->runtime, "docker");
	assert_string_equal(container->cgroup, "/docker/" A);
	assert_string_equal(container->state, "running");
	assert_int_equal(container->live_cgroups, 3);
	assert_false(container->named);
	assert_ptr_equal(containers_find(tree->containers, below), container);
	assert_ptr_equal(containers_find(tree->containers, blkio), container);
	assert_ptr_equal(containers_find(tree->containers, unified), container);
	check_name(tree, freezer, "host");	/* nobody counts by that hierarchy */
	check_name(tree, host, "host");
	check_name(tree, lxc, "web");
	assert_true(containers_find(tree->containers, lxc)->named);
	assert_string_equal(containers_find(tree->containers, lxc)->id, "web");
}

/* What is left of a container elsewhere does not make it one that runs. */
static void test_scan_leftover(void **state)
{
	struct tree *tree = *state;
	uint64_t key = make(tree, BLKIO, "/docker/" A);

	assert_int_equal(containers_scan(tree->containers), 0);
	assert_int_equal(count(tree), 1);
	check_name(tree, key, "host");
}

static void test_exit_by_scan(void **state)
{
	struct tree *tree = *state;
	uint64_t home = make(tree, PIDS, "/docker/" A), below = make(tree, PIDS, "/docker/" A "/x");
	uint64_t blkio = make(tree, BLKIO, "/docker/" A), start = monotonic_ns();
	struct container *container;

	containers_scan(tree->containers);
	container = containers_find(tree->containers, home);
	unmake(tree, PIDS, "/docker/" A "/x");
	containers_scan(tree->containers);
	assert_false(container->exited);
	assert_int_equal(container->live_cgroups, 1);
	unmake(tree, PIDS, "/docker/" A);
	containers_scan(tree->containers);
	assert_true(container->exited);
	assert_string_equal(container->state, "exited");
	assert_in_range(container->exited_ns, start, monotonic_ns());
	assert_int_equal(container->processes, 0);
	assert_int_equal(container->live_cgroups, 0);
	/* Its keys are its keys until it is reaped. */
	assert_ptr_equal(containers_find(tree->containers, home), container);
	assert_ptr_equal(containers_find(tree->containers, below), container);
	assert_ptr_equal(containers_find(tree->containers, blkio), container);
	containers_reap(tree->containers, container->exited_ns);
	assert_int_equal(count(tree), 2);
	containers_reap(tree->containers, container->exited_ns + 1);
	assert_int_equal(count(tree), 1);
	check_name(tree, home, "host");
	check_name(tree, below, "host");
	check_name(tree, blkio, "host");
	/* The directory that is left does not bring it back. */
	containers_scan(tree->containers);
	assert_int_equal(count(tree), 1);
}

/* The event of its own directory was lost. */
static void test_exit_unseen(void **state)
{
	struct tree *tree = *state;
	struct container *container;

	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 1000), "/lxc/web/x");
	container = containers_find(tree->containers, CGROUP_KEY(PIDS, 1000));
	assert_string_equal(container->cgroup, "/lxc/web");
	assert_false(container->exited);
	containers_scan(tree->containers);
	assert_true(container->exited);
}

/* A scan that sees nothing at all tells nothing. */
static void test_scan_fails(void **state)
{
	struct tree *tree = *state;
	uint64_t key = make(tree, PIDS, "/docker/" A);
	char *mount = xasprintf("%s/%d", tree->top, PIDS), *away = xasprintf("%s/away", tree->top);

	containers_scan(tree->containers);
	assert_int_equal(rename(mount, away), 0);
	assert_true(containers_scan(tree->containers) < 0);
	assert_false(containers_find(tree->containers, key)->exited);
	assert_int_equal(rename(away, mount), 0);
	free(mount);
	free(away);
}

static void test_events(void **state)
{
	struct containers *containers = ((struct tree *)*state)->containers;
	uint64_t home = CGROUP_KEY(PIDS, 1000), below = CGROUP_KEY(PIDS, 1001);
	uint64_t blkio = CGROUP_KEY(BLKIO, 1000), again = CGROUP_KEY(PIDS, 2000);
	struct container *container;

	containers_cgroup_made(containers, home, "/docker/" A);
	containers_cgroup_made(containers, blkio, "/docker/" A);
	containers_cgroup_made(containers, below, "/docker/" A "/x");
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 1002), "/system.slice");
	assert_int_equal(count(*state), 2);
	container = containers_find(containers, home);
	assert_string_equal(container->id, A);
	assert_ptr_equal(containers_find(containers, blkio), container);
	assert_ptr_equal(containers_find(containers, below), container);
	containers_cgroup_removed(containers, blkio);
	containers_cgroup_removed(containers, below);
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 77));
	assert_false(container->exited);
	containers_cgroup_removed(containers, home);
	assert_true(container->exited);
	assert_ptr_equal(containers_find(containers, below), container);
	assert_ptr_equal(containers_find(containers, blkio), container);
	/* It is started again, and what is late of its first life does not end the second. */
	containers_cgroup_made(containers, again, "/docker/" A);
	assert_ptr_equal(containers_find(containers, again), container);
	assert_false(container->exited);
	assert_string_equal(container->state, "running");
	assert_int_equal(container->live_cgroups, 1);
	containers_cgroup_removed(containers, home);
	assert_false(container->exited);
	containers_reap(containers, UINT64_MAX);
	assert_int_equal(count(*state), 2);
}

static void test_key_used_again(void **state)
{
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	uint64_t key = CGROUP_KEY(PIDS, 1000);
	struct container *first, *second;

	containers_cgroup_made(containers, key, "/docker/" A);
	first = containers_find(containers, key);
	containers_cgroup_made(containers, key, "/docker/" B);
	second = containers_find(containers, key);
	assert_string_equal(second->id, B);
	assert_true(first->exited);
	assert_int_equal(first->live_cgroups, 0);
	assert_int_equal(second->live_cgroups, 1);
	containers_cgroup_made(containers, key, "/system.slice");
	check_name(tree, key, "host");
	assert_true(second->exited);
	containers_cgroup_made(containers, key, "/lxc/web");
	check_name(tree, key, "web");
}

/* Ids of different hierarchies are not the same. */
static void test_hierarchies_apart(void **state)
{
	struct tree *tree = *state;

	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 9), "/lxc/one");
	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 10), "/lxc/two");
	containers_cgroup_made(tree->containers, CGROUP_KEY(BLKIO, 9), "/lxc/two");
	check_name(tree, CGROUP_KEY(PIDS, 9), "one");
	check_name(tree, CGROUP_KEY(BLKIO, 9), "two");
	check_name(tree, CGROUP_KEY(UNIFIED, 9), "host");
}

/* A container that makes a cgroup with its neighbour's id is not its neighbour. */
static void test_same_id(void **state)
{
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	static const struct container_facts facts = { .name = "victim" }, later = { .name = "later" };
	struct container *thief, *victim;

	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 8), "/docker/" B);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 9), "/docker/" B "/docker/" A);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 10), "/docker/" A);
	thief = containers_find(containers, CGROUP_KEY(PIDS, 9));
	victim = containers_find(containers, CGROUP_KEY(PIDS, 10));
	assert_ptr_not_equal(thief, victim);
	containers_describe(containers, A, &facts);
	assert_string_equal(victim->name, "victim");
	assert_string_equal(thief->name, "0123456789ab");
	/* Nor is it when it comes later. */
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 11), "/lxc/n");
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 12), "/lxc/n/docker/" A);
	containers_describe(containers, A, &later);
	assert_string_equal(victim->name, "later");
	check_name(tree, CGROUP_KEY(PIDS, 12), "0123456789ab");
	/* In other hierarchies what is within a container stays within it. */
	containers_cgroup_made(containers, CGROUP_KEY(BLKIO, 9), "/lxc/x/docker/" A);
	check_name(tree, CGROUP_KEY(BLKIO, 9), "host");
	containers_cgroup_made(containers, CGROUP_KEY(BLKIO, 9), "/docker/" B "/docker-" A ".scope");
	check_name(tree, CGROUP_KEY(BLKIO, 9), "fedcba987654");
}

/* Nor is what a user makes, whatever its path. */
static void test_same_id_of_user(void **state)
{
	static const char thief_path[] = "/user.slice/" A;
	static const char path[] = "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" A ".scope";
	static const struct container_facts facts = { .name = "victim" }, later = { .name = "later" };
	struct tree *tree = *state;
	struct containers *containers = tree->containers;

	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 8), thief_path);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 9), path);
	containers_describe(containers, A, &facts);
	check_name(tree, CGROUP_KEY(PIDS, 9), "victim");
	check_name(tree, CGROUP_KEY(PIDS, 8), "0123456789ab");
	/* The victim stops, the thief takes over: not beyond the victim's next start. */
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 9));
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 8));
	containers_reap(containers, UINT64_MAX - 1);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 9), path);
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 9));
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 8), thief_path);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 10), path);
	containers_describe(containers, A, &later);
	check_name(tree, CGROUP_KEY(PIDS, 10), "later");
	check_name(tree, CGROUP_KEY(PIDS, 8), "0123456789ab");
}

/* The inner one is its own container and says what it is in, by its name of now. */
static void test_outer(void **state)
{
	static const struct container_facts facts = { .name = "box" }, again = { .name = "crate" };
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	uint64_t outer = make(tree, PIDS, "/docker/" A);
	uint64_t inner = make(tree, PIDS, "/docker/" A "/lxc/web/x");

	assert_int_equal(containers_scan(containers), 0);
	check_name(tree, inner, "web");
	assert_null(containers_find(containers, outer)->outer);
	assert_string_equal(containers_find(containers, inner)->outer, "0123456789ab");
	containers_describe(containers, A, &facts);
	assert_string_equal(containers_find(containers, inner)->outer, "box");
	containers_describe(containers, A, &again);
	assert_string_equal(containers_find(containers, inner)->outer, "crate");
	/* two levels, and the ones in between not heard of yet */
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 7), "/docker/" B "/lxc/a/docker/" A);
	assert_string_equal(containers_find(containers, CGROUP_KEY(PIDS, 7))->outer, "a");
	/* The outer one may be forgotten first. */
	containers_cgroup_removed(containers, outer);
	containers_reap(containers, UINT64_MAX - 1);
	assert_string_equal(containers_find(containers, inner)->outer, "crate");
	check_name(tree, outer, "host");
}

static void test_units(void **state)
{
	static const char service[] = "/system.slice/ssh.service";
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	uint64_t unit = make(tree, PIDS, service), below = make(tree, PIDS, "/system.slice/ssh.service/x");
	uint64_t inner = make(tree, PIDS, "/system.slice/lxc@web.service/lxc.payload.web");
	struct container *container;

	assert_int_equal(containers_scan(containers), 0);
	check_name(tree, unit, "host");
	check_name(tree, inner, "web");
	assert_null(containers_find(containers, inner)->outer);
	containers_set_units(containers, true);
	containers_refresh(containers);
	container = containers_find(containers, unit);
	assert_string_equal(container->name, "ssh.service");
	assert_string_equal(container->runtime, "systemd");
	assert_string_equal(container->id, service);
	assert_ptr_equal(containers_find(containers, below), container);
	assert_string_equal(containers_find(containers, inner)->outer, "lxc@web.service");
	assert_false(container->hidden);
	containers_set_units(containers, false);
	containers_refresh(containers);
	check_name(tree, unit, "host");
	check_name(tree, below, "host");
	check_name(tree, inner, "web");
	assert_null(containers_find(containers, inner)->outer);
	assert_true(container->hidden);
	assert_true(container->exited);
	/* and back before it is forgotten */
	containers_set_units(containers, true);
	containers_refresh(containers);
	assert_ptr_equal(containers_find(containers, unit), container);
	assert_false(container->hidden);
	assert_false(container->exited);
}

static void test_describe(void **state)
{
	struct containers *containers = ((struct tree *)*state)->containers;
	const struct container_facts facts = {
		.name = "web\x1b[2J", .image = "nginx", .pod = "p\n", .namespace = "default",
	}, image = { .image = "httpd" }, empty = { .name = "" };
	struct container *container;

	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 9), "/docker/" A);
	container = containers_find(containers, CGROUP_KEY(PIDS, 9));
	containers_describe(containers, A, &empty);
	assert_string_equal(container->name, "0123456789ab");
	assert_false(container->named);
	assert_null(container->image);
	containers_describe(containers, A, &facts);
	assert_true(container->named);
	assert_string_equal(container->name, "web?[2J");
	assert_string_equal(container->image, "nginx");
	assert_string_equal(container->pod, "p?");
	assert_string_equal(container->namespace, "default");
	containers_describe(containers, A, &image);
	assert_string_equal(container->name, "web?[2J");
	assert_string_equal(container->image, "httpd");
}

/* Docker may tell of a container before its cgroup is there: the newest 1024 are kept. */
static void test_describe_early(void **state)
{
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	char id[65], path[80], name[16];
	unsigned int i;

	for (i = 0; i < 1026; i++) {
		const struct container_facts facts = { .name = name };

		snprintf(id, sizeof(id), "%064x", i);
		snprintf(name, sizeof(name), "c%u", i);
		containers_describe(containers, id, &facts);
		/* The first is told of again all the time. */
		snprintf(id, sizeof(id), "%064x", 0);
		containers_describe(containers, id, &(struct container_facts){ .image = "i" });
	}
	assert_int_equal(count(tree), 1);
	for (i = 0; i < 1026; i++) {
		snprintf(path, sizeof(path), "/docker/%064x", i);
		containers_cgroup_made(containers, CGROUP_KEY(PIDS, 100 + i), path);
	}
	assert_string_equal(containers_find(containers, CGROUP_KEY(PIDS, 100))->image, "i");
	check_name(tree, CGROUP_KEY(PIDS, 100), "c0");
	check_name(tree, CGROUP_KEY(PIDS, 101), "000000000000");
	check_name(tree, CGROUP_KEY(PIDS, 102), "000000000000");
	check_name(tree, CGROUP_KEY(PIDS, 103), "c3");
	check_name(tree, CGROUP_KEY(PIDS, 1125), "c1025");
}

static void test_names_are_clean(void **state)
{
	struct tree *tree = *state;
	const struct container *container;

	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 9), "/lxc/a\x1b]0;b\xff");
	container = containers_find(tree->containers, CGROUP_KEY(PIDS, 9));
	assert_string_equal(container->name, "a?]0;b\xef\xbf\xbd");
	assert_string_equal(container->id, container->name);
	assert_string_equal(container->cgroup, "/lxc/a?]0;b\xef\xbf\xbd");
	/* Two that look the same are still two. */
	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 10), "/lxc/a\x1a]0;b\xff");
	assert_int_equal(count(tree), 3);
	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 11),
			       "/machine.slice/machine-x\\x1b\\x2dy.scope");
	check_name(tree, CGROUP_KEY(PIDS, 11), "x?-y");
}

static void test_next_unknown(void **state)
{
	struct containers *containers = ((struct tree *)*state)->containers;
	static const struct container_facts name = { .name = "web" }, start = { .started = 1 };

	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 8), "/lxc/web");
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 9), "/docker/" A);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 10), "/docker/" B);
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 11), "/libpod_parent/libpod-" ABSENT);
	containers_describe(containers, B, &name);
	containers_describe(containers, B, &start);
	/* Either is not enough. */
	containers_describe(containers, A, &name);
	containers_describe(containers, ABSENT, &start);
	assert_null(containers_next_unknown(containers, "nspawn"));
	assert_string_equal(containers_next_unknown(containers, "lxc")->id, "web");
	assert_string_equal(containers_next_unknown(containers, "docker")->id, A);
	assert_null(containers_next_unknown(containers, "docker"));
	assert_string_equal(containers_next_unknown(containers, "podman")->id, ABSENT);
	/* One that starts again is asked for again. */
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 9));
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 12), "/docker/" A);
	assert_string_equal(containers_next_unknown(containers, "docker")->id, A);
}

static void test_by_id(void **state)
{
	struct containers *containers = ((struct tree *)*state)->containers;

	assert_null(containers_by_id(containers, B));
	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 10), "/docker/" B);
	assert_string_equal(containers_by_id(containers, B)->id, B);
	assert_string_equal(containers_by_id(containers, B)->short_id, "fedcba987654");
}

/* Refreshes until a key is a container's, as scans keep a distance to each other. */
static bool found_soon(struct tree *tree, uint64_t key)
{
	int i;

	for (i = 0; i < 300; i++) {
		containers_refresh(tree->containers);
		if (containers_find(tree->containers, key)->id)
			return true;
		usleep(10000);
	}
	return false;
}

/* A key nobody knows leads to a scan, once; the host's keys do not. */
static void test_refresh(void **state)
{
	struct tree *tree = *state;
	uint64_t host = make(tree, PIDS, "/system.slice"), gone = CGROUP_KEY(PIDS, 1ULL << 40);
	uint64_t key, start = monotonic_ns();
	int i;

	containers_refresh(tree->containers);
	key = make(tree, PIDS, "/docker/" A);
	usleep(100000);
	for (i = 0; i < 20; i++) {
		check_name(tree, host, "host");
		containers_refresh(tree->containers);
	}
	assert_int_equal(count(tree), 1);
	check_name(tree, key, "host");
	assert_true(found_soon(tree, key));
	/* One that went without a trace is looked for, once. */
	check_name(tree, gone, "host");
	key = make(tree, PIDS, "/lxc/web");
	assert_true(found_soon(tree, key));
	make(tree, PIDS, "/lxc/new");
	usleep(100000);
	for (i = 0; i < 20; i++) {
		check_name(tree, gone, "host");
		containers_refresh(tree->containers);
	}
	assert_int_equal(count(tree), 3);
	assert_true(monotonic_ns() - start < 5 * NSEC_PER_SEC);	/* else none of this is sure */
}

/* The events of other hierarchies may come first: the scan sorts it out. */
static void test_refresh_order(void **state)
{
	struct tree *tree = *state;
	uint64_t key = make(tree, BLKIO, "/docker/" A);

	containers_scan(tree->containers);
	containers_cgroup_made(tree->containers, key, "/docker/" A);
	check_name(tree, key, "host");
	make(tree, PIDS, "/docker/" A);
	assert_true(found_soon(tree, key));
}

/* A path as long as an event's buffer may end within a name. */
static void test_cut_path(void **state)
{
	struct tree *tree = *state;
	char path[CGROUP_PATH_SIZE];

	memset(path, 'x', sizeof(path));
	memcpy(path, "/lxc/", 5);
	path[sizeof(path) - 1] = '\0';
	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 9), path);
	assert_int_equal(count(tree), 1);
	path[sizeof(path) - 2] = '\0';
	containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 9), path);
	assert_int_equal(count(tree), 2);
}

static void test_processes(void **state)
{
	struct tree *tree = *state;
	uint64_t key = make(tree, PIDS, "/docker/" A "/x");
	char *file = xasprintf("%s/%d/docker/%s/x/cgroup.procs", tree->top, PIDS, A);
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	fputs("1\n22\n333\n", stream);
	fclose(stream);
	free(file);
	assert_true(found_soon(tree, key));
	assert_int_equal(containers_find(tree->containers, key)->processes, 3);
	assert_true(containers_find(tree->containers, 0)->processes == UINT64_MAX);
}

struct census {
	uint64_t keys[8];
	int result;
};

static int take_census(void *arg, struct containers *containers)
{
	const struct census *census = arg;

	for (size_t i = 0; census->keys[i]; i++)
		containers_count_process(containers, census->keys[i]);
	return census->result;
}

/* Refreshes until so many were counted, as counts keep a distance to each other. */
static bool counted_soon(struct containers *containers, uint64_t key, uint64_t processes)
{
	for (int i = 0; i < 300; i++) {
		containers_refresh(containers);
		if (containers_find(containers, key)->processes == processes)
			return true;
		usleep(10000);
	}
	return false;
}

/* Without files that list them; these are there for a census that fails. */
static void test_census(void **state)
{
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	uint64_t outer = make(tree, PIDS, "/docker/" A), below = make(tree, PIDS, "/docker/" A "/x");
	uint64_t inner = make(tree, PIDS, "/docker/" A "/docker/" B);
	struct census census = { .keys = { outer, below, inner, 999, outer, inner } };

	assert_true(counted_soon(containers, outer, 0));
	containers_count_by(containers, take_census, &census);
	assert_true(counted_soon(containers, outer, 5));
	assert_int_equal(containers_find(containers, inner)->processes, 2);
	assert_int_equal(containers_find(containers, 999)->processes, 1);
	census.result = -EPERM;
	assert_true(counted_soon(containers, outer, 0));
	assert_true(containers_find(containers, 999)->processes == UINT64_MAX);
	assert_int_equal(containers_find(containers, inner)->processes, 0);
}

/* As many containers and cgroups as someone cares to make: bounded, and still theirs. */
static void test_flood(void **state)
{
	struct tree *tree = *state;
	struct containers *containers = tree->containers;
	char path[256];
	uint64_t i;

	containers_cgroup_made(containers, CGROUP_KEY(PIDS, 1), "/lxc/flood");
	for (i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "/lxc/flood/docker/%064llx", (unsigned long long)i);
		containers_cgroup_made(containers, CGROUP_KEY(PIDS, 1000 + i), path);
	}
	assert_int_equal(count(tree), 1 << 14);
	check_name(tree, CGROUP_KEY(PIDS, 1000), "000000000000");
	check_name(tree, CGROUP_KEY(PIDS, 1000 + 19999), "flood");
	for (i = 0; i < (1 << 14) + 1; i++) {
		containers_cgroup_made(containers, CGROUP_KEY(PIDS, 100000 + i), "/lxc/flood/x");
		containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 100000 + i));
	}
	/* Of those that went the newest 2^14 are known. */
	check_name(tree, CGROUP_KEY(PIDS, 100000), "host");
	check_name(tree, CGROUP_KEY(PIDS, 100001), "flood");
	for (i = 0; i < 300000; i++)
		containers_cgroup_made(containers, CGROUP_KEY(PIDS, 1000000 + i), "/system.slice");
	for (i = 0; i < 300000; i++)
		containers_cgroup_made(containers, CGROUP_KEY(PIDS, 2000000 + i), "/lxc/flood/x");
	check_name(tree, CGROUP_KEY(PIDS, 1), "flood");
	check_name(tree, CGROUP_KEY(PIDS, 2000000), "flood");
	check_name(tree, CGROUP_KEY(PIDS, 2000000 + 299999), "host");
	containers_cgroup_removed(containers, CGROUP_KEY(PIDS, 1));
	assert_true(containers_find(containers, CGROUP_KEY(PIDS, 1))->exited);
	containers_reap(containers, UINT64_MAX);
	check_name(tree, CGROUP_KEY(PIDS, 2000000), "host");
}

/* Those exited go, the others stay where they are and in order. */
static void test_reap(void **state)
{
	struct tree *tree = *state;
	struct container *const *all, *last;
	char path[32];
	uint64_t i;
	size_t n;

	for (i = 1; i <= 6; i++) {
		snprintf(path, sizeof(path), "/lxc/c%d", (int)i);
		containers_cgroup_made(tree->containers, CGROUP_KEY(PIDS, 100 + i), path);
	}
	last = containers_find(tree->containers, CGROUP_KEY(PIDS, 106));
	for (i = 1; i <= 5; i += 2)
		containers_cgroup_removed(tree->containers, CGROUP_KEY(PIDS, 100 + i));
	containers_reap(tree->containers, UINT64_MAX);
	all = containers_all(tree->containers, &n);
	assert_int_equal(n, 4);
	for (i = 0; i < n; i++)
		assert_int_equal(all[i]->serial, 2 * i);
	assert_ptr_equal(all[3], last);
	assert_ptr_equal(containers_find(tree->containers, CGROUP_KEY(PIDS, 106)), last);
}

/* A recording has no cgroups at all. */
static void test_recording(void **state)
{
	struct containers *containers = containers_new(NULL);
	struct container *container = containers_add(containers, A, "docker"), *host;
	static const struct container_facts facts = { .name = "web" };
	size_t n;

	(void)state;
	host = containers_add(containers, NULL, NULL);
	assert_string_equal(host->name, "host");
	assert_ptr_equal(containers_add(containers, A, "docker"), container);
	assert_string_equal(container->name, "0123456789ab");
	assert_string_equal(container->runtime, "docker");
	assert_null(container->cgroup);
	assert_string_equal(containers_add(containers, "a\x1b", NULL)->name, "a?");
	assert_ptr_equal(containers_add(containers, "a\x1b", NULL),
			 containers_add(containers, "a?", NULL));
	containers_describe(containers, A, &facts);
	assert_string_equal(container->name, "web");
	assert_int_equal(containers_scan(containers), 0);
	containers_refresh(containers);
	assert_ptr_equal(containers_find(containers, 5), host);
	assert_false(container->exited);
	containers_all(containers, &n);
	assert_int_equal(n, 3);
	containers_free(containers);
	containers_free(NULL);
}

static void test_key_set(void **state)
{
	struct key_set set = { .n = 0 };
	uint64_t key;

	(void)state;
	assert_false(key_set_has(&set, 1));
	for (key = 1; key <= KEY_SET_MAX; key++)
		assert_true(key_set_add(&set, key << 20));
	assert_false(key_set_add(&set, 1));
	assert_true(key_set_add(&set, 1 << 20));
	for (key = 1; key <= KEY_SET_MAX; key++)
		assert_true(key_set_has(&set, key << 20));
	assert_false(key_set_has(&set, 1));
	assert_int_equal(set.n, KEY_SET_MAX);
	key_set_clear(&set);
	assert_false(key_set_has(&set, 1 << 20));
	assert_true(key_set_add(&set, 1));
	key_set_clear(&set);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_host),
		TREE_TEST(test_scan),
		TREE_TEST(test_scan_leftover),
		TREE_TEST(test_exit_by_scan),
		TREE_TEST(test_exit_unseen),
		TREE_TEST(test_scan_fails),
		TREE_TEST(test_events),
		TREE_TEST(test_key_used_again),
		TREE_TEST(test_hierarchies_apart),
		TREE_TEST(test_same_id),
		TREE_TEST(test_same_id_of_user),
		TREE_TEST(test_outer),
		TREE_TEST(test_units),
		TREE_TEST(test_describe),
		TREE_TEST(test_describe_early),
		TREE_TEST(test_names_are_clean),
		TREE_TEST(test_next_unknown),
		TREE_TEST(test_by_id),
		TREE_TEST(test_refresh),
		TREE_TEST(test_refresh_order),
		TREE_TEST(test_cut_path),
		TREE_TEST(test_processes),
		TREE_TEST(test_census),
		TREE_TEST(test_flood),
		TREE_TEST(test_reap),
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_key_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
