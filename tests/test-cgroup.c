/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which container a cgroup path is of, how hierarchies are found, and the walk through one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "util.h"

#define A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define BUILD "kmv6b5j2d6q1yyz1h5g0r9n4h"
#define UID "pod6f2d8c1e-0b7a-4f6e-9d3c-1a2b3c4d5e6f"
#define UNIT_UID "pod6f2d8c1e_0b7a_4f6e_9d3c_1a2b3c4d5e6f"
#define USER "/user.slice/user-1000.slice/user@1000.service"

/* The path, who runs it, the id, and what is below the container's own directory. */
static const struct identity_case {
	const char *path, *runtime, *id, *below;
} identity_cases[] = {
	{ "/docker/" A, "docker", A, "" },
	{ "/docker/" A "/init/deep", "docker", A, "/init/deep" },
	{ "/system.slice/docker-" A ".scope", "docker", A, "" },
	{ "/system.slice/docker-" A ".scope/", "docker", A, "/" },
	{ USER "/user.slice/docker-" A ".scope", "docker", A, "" },
	{ "/system.slice:docker:" A, "docker", A, "" },
	{ "/ecs/a-task/" A, "docker", A, "" },
	{ "/machine.slice/libpod-" A ".scope", "podman", A, "" },
	{ "/machine.slice/libpod-" A ".scope/container", "podman", A, "/container" },
	{ "/machine.slice/machine-libpod_pod_" B ".slice/libpod-" A ".scope", "podman", A, "" },
	{ "/libpod_parent/libpod-" A, "podman", A, "" },
	{ "/libpod_parent/" B "/libpod-" A, "podman", A, "" },
	{ USER "/user.slice/libpod-" A ".scope/container", "podman", A, "/container" },
	{ USER "/app.slice/web.service/libpod-payload-" A, "podman", A, "" },
	{ "/kubepods.slice/kubepods-" UNIT_UID ".slice/cri-containerd-" A ".scope", "containerd",
	  A, "" },
	{ "/system.slice/kubepods-besteffort-" UNIT_UID ".slice:cri-containerd:" A, "containerd",
	  A, "" },
	{ "/kubepods/besteffort/" UID "/" A, "containerd", A, "" },
	{ "/kubepods/" UID "/" A, "containerd", A, "" },
	{ "/k8s.io/" A, "containerd", A, "" },
	{ "/kubepods.slice/kubepods-" UNIT_UID ".slice/crio-" A ".scope", "crio", A, "" },
	{ "/kubepods.slice/kubepods-" UNIT_UID ".slice/crio-" A ".scope/container", "crio", A,
	  "/container" },
	{ "/kubepods/burstable/" UID "/crio-" A, "crio", A, "" },
	{ "/system.slice/nerdctl-" A ".scope", "nerdctl", A, "" },
	{ "/default/" A, "nerdctl", A, "" },
	{ "/lxc.payload.web", "lxc", "web", "" },
	{ "/lxc.payload.web/system.slice/ssh.service", "lxc", "web", "/system.slice/ssh.service" },
	{ "/lxc/101", "lxc", "101", "" },
	{ "/lxc/101/ns", "lxc", "101", "/ns" },
	{ "/lxc.payload/web", "lxc", "web", "" },
	{ "/machine.slice/machine-web.scope", "nspawn", "web", "" },
	{ "/machine.slice/machine-my\\x2dweb.scope/payload", "nspawn", "my-web", "/payload" },
	{ "/machine.slice/systemd-nspawn@web.service/payload", "nspawn", "web", "/payload" },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt", "libvirt", "1-vm", "/libvirt" },
	{ "/buildkit/" BUILD, "buildkit", BUILD, "" },
	{ "/docker/buildkit/" BUILD, "buildkit", BUILD, "" },
	{ "/system.slice/docker-" BUILD ".scope", "buildkit", BUILD, "" },
	{ "/system.slice:docker:" BUILD, "buildkit", BUILD, "" },
	/* containers within containers: the innermost */
	{ "/docker/" B "/docker/" A "/x", "docker", A, "/x" },
	{ "/docker/" B "/kubelet/kubepods/" UID "/" A, "containerd", A, "" },
	{ "/lxc.payload.outer/lxc.payload.inner/init.scope", "lxc", "inner", "/init.scope" },
	{ "/lxc.payload.outer/system.slice/docker-" A ".scope", "docker", A, "" },
	{ "/docker/" A "/lxc.monitor.x", "docker", A, "/lxc.monitor.x" },
	{ "/docker/" A "/docker/" "0123456789ab", "docker", A, "/docker/0123456789ab" },
	/* no containers */
	{ "", NULL, NULL, NULL },
	{ "/", NULL, NULL, NULL },
	{ "//", NULL, NULL, NULL },
	{ "/docker", NULL, NULL, NULL },
	{ "/init.scope", NULL, NULL, NULL },
	{ "/system.slice/ssh.service", NULL, NULL, NULL },
	{ "/system.slice/docker.service", NULL, NULL, NULL },
	{ "/docker/0123456789ab", NULL, NULL, NULL },
	{ "/docker/" A "0", NULL, NULL, NULL },
	{ "/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", NULL, NULL,
	  NULL },
	{ "/system.slice/docker-.scope", NULL, NULL, NULL },
	{ "/system.slice/docker-" A, NULL, NULL, NULL },
	{ "/system.slice/docker-" A ".slice", NULL, NULL, NULL },
	{ "/machine.slice/libpod-conmon-" A ".scope", NULL, NULL, NULL },
	{ "/system.slice/crio-conmon-" A ".scope", NULL, NULL, NULL },
	{ "/libpod_parent/conmon", NULL, NULL, NULL },
	{ "/libpod_parent/" B, NULL, NULL, NULL },
	{ "/lxc.monitor.web", NULL, NULL, NULL },
	{ "/lxc.monitor/web", NULL, NULL, NULL },
	{ "/lxc/lxc.monitor.web", NULL, NULL, NULL },
	{ "/lxc.pivot", NULL, NULL, NULL },
	{ "/lxc.payload.", NULL, NULL, NULL },
	{ "/system.slice/machine-web.scope", NULL, NULL, NULL },
	{ "/machine.slice/machine-.scope", NULL, NULL, NULL },
	{ "/machine.slice/systemd-machined.service", NULL, NULL, NULL },
	{ "/kubepods.slice/kubepods-" UNIT_UID ".slice", NULL, NULL, NULL },
	{ "/buildkit/x", NULL, NULL, NULL },
};

static void test_identify(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(identity_cases); i++) {
		const struct identity_case *c = &identity_cases[i];
		struct cgroup_identity identity;
		char *id;

		if (cgroup_identify(c->path, false, &identity) != !!c->runtime)
			fail_msg("%s: wrongly %s", c->path, c->runtime ? "no container" : "one");
		if (!c->runtime)
			continue;
		id = cgroup_identity_id(&identity);
		if (strcmp(identity.runtime, c->runtime) || strcmp(id, c->id) ||
		    strcmp(c->path + identity.path_size, c->below))
			fail_msg("%s: %s, %s, then %s", c->path, identity.runtime, id,
				 c->path + identity.path_size);
		assert_int_equal(identity.named, strlen(c->id) != 64 && strcmp(c->id, BUILD));
		free(id);
	}
}

/* With --units: what is no container's may be a unit's; containers stay what they are. */
static const struct identity_case unit_cases[] = {
	{ "/system.slice/ssh.service", "systemd", "ssh.service", "" },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "systemd", "getty@tty1.service",
	  "" },
	{ "/system.slice/systemd-udevd.service/udev", "systemd", "systemd-udevd.service", "/udev" },
	{ "/system.slice/crio-conmon-" A ".scope", "systemd", "crio-conmon-" A ".scope", "" },
	{ "/system.slice/my\\x2dunit.service", "systemd", "my\\x2dunit.service", "" },
	{ "/init.scope", "systemd", "init.scope", "" },
	{ "/user.slice/user-1000.slice/session-3.scope", "systemd", "session-3.scope", "" },
	{ USER, "systemd", "user@1000.service", "" },
	{ USER "/init.scope", "systemd", "init.scope", "" },
	{ USER "/app.slice/web.service/sub", "systemd", "web.service", "/sub" },
	{ "/a.service/b.scope", "systemd", "b.scope", "" },
	/* containers in units, units in containers */
	{ "/system.slice/docker-" A ".scope", "docker", A, "" },
	{ "/machine.slice/machine-web.scope", "nspawn", "web", "" },
	{ USER "/app.slice/web.service/libpod-payload-" A, "podman", A, "" },
	{ "/lxc.payload.web/system.slice/ssh.service", "lxc", "web", "/system.slice/ssh.service" },
	{ "/lxc.payload.web/a.scope/docker/" A "/b.service", "docker", A, "/b.service" },
	/* neither */
	{ "/system.slice", NULL, NULL, NULL },
	{ "/system.slice/.service", NULL, NULL, NULL },
	{ "/system.slice/dev-hugepages.mount", NULL, NULL, NULL },
	{ "/user.slice/user-1000.slice", NULL, NULL, NULL },
	{ "/ssh.service.d", NULL, NULL, NULL },
};

static void test_units(void **state)
{
	struct cgroup_identity identity;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unit_cases); i++) {
		const struct identity_case *c = &unit_cases[i];
		char *id;

		if (cgroup_identify(c->path, true, &identity) != !!c->runtime)
			fail_msg("%s: wrongly %s", c->path, c->runtime ? "the host's" : "a unit");
		if (!c->runtime)
			continue;
		id = cgroup_identity_id(&identity);
		if (strcmp(identity.runtime, c->runtime) || strcmp(id, c->id) ||
		    strcmp(c->path + identity.path_size, c->below))
			fail_msg("%s: %s, %s, then %s", c->path, identity.runtime, id,
				 c->path + identity.path_size);
		assert_int_equal(identity.unit, !strcmp(c->runtime, "systemd"));
		if (identity.unit && cgroup_identify(c->path, false, &identity))
			fail_msg("%s: a unit without being asked for", c->path);
		free(id);
	}
}

static void test_unescape(void **state)
{
	static const struct {
		const char *raw, *id;
	} cases[] = {
		{ "a\\x2db", "a-b" }, { "\\xc3\\xa9", "\xc3\xa9" }, { "\\x2", "\\x2" },
		{ "\\x", "\\x" }, { "\\", "\\" }, { "\\xzz", "\\xzz" }, { "a\\x00b", "a\\x00b" },
		{ "\\x5cx2d", "\\x2d" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_identity identity = {
			.id = cases[i].raw, .id_size = strlen(cases[i].raw), .named = true,
		};
		char *id = cgroup_identity_id(&identity);

		assert_string_equal(id, cases[i].id);
		free(id);
	}
}

static char *fixture(const char *name, const char *file)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/tests/data/cgroup/%s/%s", srcdir ? srcdir : ".", name, file);
	char *text = NULL;

	if (read_file(AT_FDCWD, path, 1 << 20, &text) < 0)
		fail_msg("cannot read %s", path);
	free(path);
	return text;
}

static int parse(struct cgroup_layout *layout, const char *name, bool version2, const char *dir)
{
	char *cgroups = fixture(name, "cgroup"), *mounts = fixture(name, "mountinfo");
	int r = cgroup_layout_parse(layout, version2, dir, cgroups, mounts);

	free(cgroups);
	free(mounts);
	return r;
}

static void check_mount(const struct hierarchy *hierarchy, unsigned int number, const char *mount)
{
	assert_non_null(hierarchy);
	assert_int_equal(hierarchy->number, number);
	if (mount)
		assert_string_equal(hierarchy->mount, mount);
	else
		assert_null(hierarchy->mount);
}

static void test_layout_v2(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(parse(&layout, "v2", true, "/sys/fs/cgroup"), 0);
	assert_string_equal(cgroup_mode_name(layout.mode), "v2");
	assert_int_equal(layout.home, 0);
	assert_int_equal(layout.n_hierarchies, 1);
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/sys/fs/cgroup");
	assert_null(cgroup_hierarchy(&layout, 0)->root);
	assert_null(cgroup_controller(&layout, "pids"));
	assert_null(cgroup_controller(&layout, ""));
	cgroup_layout_done(&layout);
}

static void test_layout_hybrid(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(parse(&layout, "hybrid", false, "/sys/fs/cgroup/"), 0);
	assert_string_equal(cgroup_mode_name(layout.mode), "hybrid");
	assert_int_equal(layout.home, 12);
	assert_int_equal(layout.n_hierarchies, 14);
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/sys/fs/cgroup/unified");
	check_mount(cgroup_controller(&layout, "pids"), 12, "/sys/fs/cgroup/pids");
	check_mount(cgroup_controller(&layout, "blkio"), 10, "/sys/fs/cgroup/blkio");
	check_mount(cgroup_controller(&layout, "cpuacct"), 11, "/sys/fs/cgroup/cpu,cpuacct");
	check_mount(cgroup_controller(&layout, "name=systemd"), 1, "/sys/fs/cgroup/systemd");
	check_mount(cgroup_controller(&layout, "freezer"), 7, NULL);
	assert_null(cgroup_controller(&layout, "cpuac"));
	assert_null(cgroup_hierarchy(&layout, 14));
	cgroup_layout_done(&layout);
}

/* Pids is mounted elsewhere, so the memory hierarchy is home. */
static void test_layout_v1(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(parse(&layout, "v1", false, "/sys/fs/cgroup"), 0);
	assert_string_equal(cgroup_mode_name(layout.mode), "v1");
	assert_int_equal(layout.home, 4);
	assert_null(cgroup_hierarchy(&layout, 0));
	check_mount(cgroup_controller(&layout, "pids"), 3, NULL);
	check_mount(cgroup_controller(&layout, "name=systemd"), 1, "/sys/fs/cgroup/systemd");
	cgroup_layout_done(&layout);
}

/* One hierarchy for all, odd names, and lines that make no sense. */
static void test_layout_joined(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(parse(&layout, "v1-joined", false, "/srv/my cgroups\\all"), 0);
	assert_int_equal(layout.home, 7);
	assert_int_equal(layout.n_hierarchies, 1);
	check_mount(cgroup_controller(&layout, "misc"), 7, "/srv/my cgroups\\all");
	cgroup_layout_done(&layout);
}

/* The whole hierarchy wins over a part of it, and a name that goes on is not "below". */
static void test_layout_inside(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(parse(&layout, "inside", true, "/host/sys/fs/cgroup"), 0);
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/host/sys/fs/cgroup");
	assert_null(cgroup_hierarchy(&layout, 0)->root);
	cgroup_layout_done(&layout);
	assert_int_equal(parse(&layout, "inside", true, "/sys/fs/cgroup"), 0);
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/sys/fs/cgroup");
	assert_string_equal(cgroup_hierarchy(&layout, 0)->root, "/docker/0123");
	cgroup_layout_done(&layout);
}

static void test_layout_unmounted(void **state)
{
	struct cgroup_layout layout = { .home = 42 };

	(void)state;
	assert_int_equal(parse(&layout, "hybrid", false, "/elsewhere"), -ENODEV);
	assert_int_equal(layout.home, 42);
	assert_int_equal(cgroup_layout_parse(&layout, false, "/sys/fs/cgroup", "", ""), -ENODEV);
	/* What statfs says holds without any table of mounts. */
	assert_int_equal(cgroup_layout_parse(&layout, true, "/cg", "", ""), 0);
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/cg");
	cgroup_layout_done(&layout);
}

static void test_layout_too_many(void **state)
{
	struct cgroup_layout layout;
	char text[4096];
	size_t size = 0;
	int i;

	(void)state;
	for (i = 100; i > 0; i--)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%d:c%d:/\n", i, i);
	assert_int_equal(cgroup_layout_parse(&layout, true, "/cg", text, ""), 0);
	assert_int_equal(layout.n_hierarchies, HIERARCHIES_MAX);
	assert_non_null(cgroup_controller(&layout, "c100"));
	assert_null(cgroup_controller(&layout, "c1"));
	check_mount(cgroup_hierarchy(&layout, 0), 0, "/cg");
	cgroup_layout_done(&layout);
}

static void test_init_absent(void **state)
{
	struct cgroup_layout layout;

	(void)state;
	assert_int_equal(cgroup_layout_init(&layout, "/proc", "/nowhere"), -ENOENT);
	assert_int_equal(cgroup_layout_init(&layout, "/nowhere", "/"), -ENOENT);
}

static void remove_files(const char *directory)
{
	char *command = xasprintf("rm -rf '%s'", directory);

	assert_int_equal(system(command), 0);
	free(command);
}

static void put(const char *top, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", top, name);
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
	free(path);
}

/* A procfs without process 1, as some see it, has at least one's own. */
static void test_init(void **state)
{
	static const char *const processes[] = { "1", "self" };
	char *mounts = xasprintf("30 25 0:27 / %s/pids rw - cgroup none rw,pids\n",
				 (char *)*state);
	struct cgroup_layout layout;

	for (size_t i = 0; i < ARRAY_SIZE(processes); i++) {
		char *process = xasprintf("%s/%s", (char *)*state, processes[i]);

		assert_int_equal(mkdir(process, 0755), 0);
		put(process, "cgroup", "4:pids:/\n");
		assert_int_not_equal(cgroup_layout_init(&layout, *state, *state), 0);
		put(process, "mountinfo", mounts);
		assert_int_equal(cgroup_layout_init(&layout, *state, *state), 0);
		assert_int_equal(layout.home, 4);
		assert_null(cgroup_hierarchy(&layout, 5));
		cgroup_layout_done(&layout);
		remove_files(process);
		free(process);
	}
	free(mounts);
}

/* A directory that stands for the mount of a hierarchy. */
static int make_tree(void **state)
{
	char template[] = "/tmp/test-cgroup-XXXXXX";

	assert_non_null(mkdtemp(template));
	*state = xstrdup(template);
	return 0;
}

static int remove_tree(void **state)
{
	remove_files(*state);
	free(*state);
	return 0;
}

static void make(const char *top, const char *name, const char *procs)
{
	char *path = xasprintf("%s%s", top, name), *file = xasprintf("%s/cgroup.procs", path);
	FILE *stream;

	if (*name)
		assert_int_equal(mkdir(path, 0755), 0);
	if (procs) {
		stream = fopen(file, "w");
		assert_non_null(stream);
		fputs(procs, stream);
		fclose(stream);
	}
	free(file);
	free(path);
}

struct visits {
	const char *top;
	const char *skip;		/* prefix of paths in the hierarchy that the tree lacks */
	char paths[1024];
	size_t n, longest;
};

static void visit(void *context, uint64_t id, const char *path)
{
	struct visits *visits = context;
	char *file = xasprintf("%s/%s", visits->top, path + strlen(visits->skip));
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_ino, id);
	free(file);
	visits->n++;
	if (strlen(path) > visits->longest)
		visits->longest = strlen(path);
	if (strlen(visits->paths) + strlen(path) + 2 < sizeof(visits->paths))
		strcat(strcat(visits->paths, path), " ");
}

static void test_walk(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	struct visits visits = { .top = *state, .skip = "" };
	char *link = xasprintf("%s/link", (char *)*state), *path;

	make(*state, "/a", NULL);
	make(*state, "/a/b", "1\n");
	make(*state, "/a/b/c", NULL);
	assert_int_equal(symlink(*state, link), 0);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), 0);
	assert_string_equal(visits.paths, "/ /a /a/b /a/b/c ");
	/* The mount shows a part of its hierarchy. */
	path = xasprintf("%s/a", (char *)*state);
	hierarchy = (struct hierarchy){ .mount = path, .root = link };
	visits = (struct visits){ .top = path, .skip = link };
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), 0);
	assert_int_equal(visits.n, 3);
	assert_int_equal(strncmp(visits.paths, link, strlen(link)), 0);
	hierarchy.mount = link;
	unlink(link);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), -ENOENT);
	free(path);
	free(link);
}

static void test_walk_deep(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	struct visits visits = { .top = *state, .skip = "" };
	char path[512] = "";
	int i;

	for (i = 0; i < 100; i++)
		make(*state, strcat(path, "/d"), NULL);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), 0);
	assert_int_equal(visits.n, 65);
	assert_int_equal(visits.longest, 128);
}

static void vanish(void *context, uint64_t id, const char *path)
{
	char *file = xasprintf("%s%s", (const char *)context, path);

	(void)id;
	if (strlen(path) == 2)
		rmdir(file);
	free(file);
}

/* All but the one that is visited: the walk has read their names already. */
static void vanish_others(void *context, uint64_t id, const char *path)
{
	(void)id;
	for (char name[] = "/a"; name[1] <= 'z' && path[1]; name[1]++) {
		char *file = xasprintf("%s%s", (const char *)context, name);

		if (strcmp(path, name))
			rmdir(file);
		free(file);
	}
}

/* Directories that go while the walk is on are no error. */
static void test_walk_vanishing(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	struct visits visits = { .top = *state, .skip = "" };
	char name[] = "/a";

	for (; name[1] <= 'z'; name[1]++)
		make(*state, name, NULL);
	assert_int_equal(cgroup_walk(&hierarchy, vanish, *state), 0);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), 0);
	assert_int_equal(visits.n, 1);
	for (name[1] = 'a'; name[1] <= 'z'; name[1]++)
		make(*state, name, NULL);
	assert_int_equal(cgroup_walk(&hierarchy, vanish_others, *state), 0);
}

static void test_count_processes(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	char top[] = "/part";

	make(*state, "", "1\n2\n");
	make(*state, "/a", "3\n4\n5\n");
	make(*state, "/a/b", "6\n");
	make(*state, "/a/b/none", NULL);
	make(*state, "/c", "");
	assert_int_equal(cgroup_count_processes(&hierarchy, "/a"), 4);
	assert_int_equal(cgroup_count_processes(&hierarchy, "/c"), 0);
	assert_int_equal(cgroup_count_processes(&hierarchy, ""), 6);
	assert_true(cgroup_count_processes(&hierarchy, "/gone") == UINT64_MAX);
	hierarchy.root = top;
	assert_int_equal(cgroup_count_processes(&hierarchy, "/part/a"), 4);
	assert_true(cgroup_count_processes(&hierarchy, "/a") == UINT64_MAX);
}

static void test_io_stall(void **state)
{
	static const struct { const char *text; uint64_t stall; } cases[] = {
		{ "some avg10=0.12 avg60=0.00 avg300=0.00 total=123456\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n", 123456 },
		{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0 },
		{ "full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n", UINT64_MAX },
		{ "some avg10=0.00\n", UINT64_MAX },
		{ "", UINT64_MAX },
	};
	struct hierarchy hierarchy = { .mount = *state };
	char top[] = "/part", *path = xasprintf("%s/a/io.pressure", (char *)*state);

	make(*state, "/a", NULL);
	assert_true(cgroup_io_stall_us(&hierarchy, "/a") == UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILE *file = fopen(path, "we");

		assert_non_null(file);
		fputs(cases[i].text, file);
		fclose(file);
		assert_true(cgroup_io_stall_us(&hierarchy, "/a") == cases[i].stall);
	}
	hierarchy.root = top;
	assert_true(cgroup_io_stall_us(&hierarchy, "/a") == UINT64_MAX);
	free(path);
}

/* Too many to look at all of them in an interval: no wrong number. */
static void test_count_too_many(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	char name[16];

	for (int i = 0; i < 4097; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		make(*state, name, NULL);
	}
	assert_true(cgroup_count_processes(&hierarchy, "") == UINT64_MAX);
}

/* Without descriptors for what is below, what was not seen is no end of containers. */
static void test_walk_without_descriptors(void **state)
{
	struct hierarchy hierarchy = { .mount = *state };
	struct visits visits = { .top = *state, .skip = "" };
	int next = open("/dev/null", O_RDONLY);
	struct rlimit limit, few;

	make(*state, "/a", NULL);
	make(*state, "/a/b", NULL);
	make(*state, "/a/b/c", NULL);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){ .rlim_cur = (rlim_t)next + 1, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), -EMFILE);
	assert_int_equal(visits.n, 2);
	assert_true(cgroup_count_processes(&hierarchy, "") == UINT64_MAX);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(cgroup_walk(&hierarchy, visit, &visits), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identify),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_layout_v2),
		cmocka_unit_test(test_layout_hybrid),
		cmocka_unit_test(test_layout_v1),
		cmocka_unit_test(test_layout_joined),
		cmocka_unit_test(test_layout_inside),
		cmocka_unit_test(test_layout_unmounted),
		cmocka_unit_test(test_layout_too_many),
		cmocka_unit_test(test_init_absent),
		cmocka_unit_test_setup_teardown(test_init, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_count_too_many, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_walk_without_descriptors, make_tree,
						remove_tree),
		cmocka_unit_test_setup_teardown(test_walk, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_walk_deep, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_walk_vanishing, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_count_processes, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_io_stall, make_tree, remove_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
