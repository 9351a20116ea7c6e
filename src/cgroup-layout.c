/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the host's cgroup hierarchies are mounted, read from /proc/PID/cgroup
 * and /proc/PID/mountinfo (proc(5)).
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "util.h"

#define PROC_TEXT_MAX (16 << 20)	/* a host with many mounts has some megabytes of them */

/* Where a task's container can be told from, best first; see cgroup_layout.home. */
static const char *const home_controllers[] = {
	"pids", "memory", "cpu", "devices", "freezer", "name=systemd",
};

static bool has_token(const char *list, const char *token, size_t size)
{
	for (;;) {
		size_t n = strcspn(list, ",");

		if (n == size && !memcmp(list, token, n))
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

const struct hierarchy *cgroup_hierarchy(const struct cgroup_layout *layout, unsigned int number)
{
	size_t i;

	for (i = 0; i < layout->n_hierarchies; i++)
		if (layout->hierarchies[i].number == number)
			return &layout->hierarchies[i];
	return NULL;
}

const struct hierarchy *cgroup_controller(const struct cgroup_layout *layout,
					  const char *controller)
{
	size_t i, size = strlen(controller);

	for (i = 0; size && i < layout->n_hierarchies; i++)
		if (has_token(layout->hierarchies[i].controllers, controller, size))
			return &layout->hierarchies[i];
	return NULL;
}

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	static const char *const names[] = {
		[CGROUP_V1] = "v1",
		[CGROUP_HYBRID] = "hybrid",
		[CGROUP_V2] = "v2",
	};

	return names[mode];
}

static void add_hierarchy(struct cgroup_layout *layout, unsigned int number,
			  const char *controllers)
{
	struct hierarchy *hierarchy = &layout->hierarchies[layout->n_hierarchies];

	/* The last place is for version 2. */
	if (layout->n_hierarchies >= HIERARCHIES_MAX - !!number ||
	    cgroup_hierarchy(layout, number))
		return;
	memset(hierarchy, 0, sizeof(*hierarchy));
	hierarchy->number = number;
	snprintf(hierarchy->controllers, sizeof(hierarchy->controllers), "%s", controllers);
	layout->n_hierarchies++;
}

/* One line of /proc/PID/cgroup: NUMBER:CONTROLLERS:PATH. */
static void parse_cgroup_line(struct cgroup_layout *layout, char *line)
{
	char *number = strsep(&line, ":"), *controllers = strsep(&line, ":"), *end;
	unsigned long n;

	if (!controllers || !line || number[0] < '0' || number[0] > '9')
		return;
	n = strtoul(number, &end, 10);
	/* Number 0 is that of version 2 alone, which names no controllers. */
	if (*end || n > UINT_MAX || !n != !controllers[0])
		return;
	add_hierarchy(layout, (unsigned int)n, controllers);
}

/* Blanks and the like are written as \040 in mountinfo. */
static void unescape_octal(char *text)
{
	char *out = text;

	while (*text) {
		unsigned int value;

		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3 && text[1] <= '3') {
			value = (unsigned int)(text[1] - '0') << 6 |
				(unsigned int)(text[2] - '0') << 3 | (unsigned int)(text[3] - '0');
			*out++ = (char)value;
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* True when path is directory or below it. */
static bool is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	while (n && directory[n - 1] == '/')
		n--;
	return !strncmp(path, directory, n) && (!path[n] || path[n] == '/');
}

/* The hierarchy that a mount with these options shows. Version 1 lists its controllers there. */
static struct hierarchy *mounted_hierarchy(struct cgroup_layout *layout, const char *type,
					   const char *options)
{
	size_t i;

	for (i = 0; i < layout->n_hierarchies; i++) {
		struct hierarchy *hierarchy = &layout->hierarchies[i];

		if (!strcmp(type, hierarchy->number ? "cgroup" : "cgroup2") &&
		    (!hierarchy->number ||
		     has_token(options, hierarchy->controllers,
			       strcspn(hierarchy->controllers, ","))))
			return hierarchy;
	}
	return NULL;
}

/*
 * The same hierarchy may be mounted twice: what shows all of it is better than
 * what shows a part. A root above ours ("/..", seen from within a cgroup
 * namespace) is taken for the top.
 */
static void set_mount(struct hierarchy *hierarchy, const char *mount, const char *root)
{
	bool whole = !strcmp(root, "/") || !strncmp(root, "/..", 3);

	if (hierarchy->mount && (!whole || !hierarchy->root))
		return;
	replace_string(&hierarchy->mount, mount);
	replace_string(&hierarchy->root, whole ? NULL : root);
}

/*
 * One line of /proc/PID/mountinfo: ID PARENT MAJOR:MINOR ROOT MOUNT OPTIONS
 * [TAG...] - TYPE SOURCE OPTIONS.
 */
static void parse_mount_line(struct cgroup_layout *layout, const char *cgroupfs_dir, char *line)
{
	enum { ROOT = 3, MOUNT = 4, FIELDS = 6 };
	char *field[FIELDS], *type, *options;
	struct hierarchy *hierarchy;
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return;
	}
	do
		type = strsep(&line, " ");
	while (type && strcmp(type, "-"));
	type = strsep(&line, " ");
	strsep(&line, " ");
	options = line;
	if (!type || !options || (strcmp(type, "cgroup") && strcmp(type, "cgroup2")))
		return;
	unescape_octal(field[ROOT]);
	unescape_octal(field[MOUNT]);
	if (!is_below(field[MOUNT], cgroupfs_dir))
		return;
	if (!strcmp(type, "cgroup2"))
		add_hierarchy(layout, 0, "");
	hierarchy = mounted_hierarchy(layout, type, options);
	if (hierarchy)
		set_mount(hierarchy, field[MOUNT], field[ROOT]);
}

/* What is at cgroupfs_dir is known, whatever the table of mounts shows. */
static void set_unified(struct cgroup_layout *layout, const char *cgroupfs_dir)
{
	struct hierarchy *unified;

	add_hierarchy(layout, 0, "");
	unified = mounted_hierarchy(layout, "cgroup2", "");
	if (unified && !unified->mount)
		set_mount(unified, cgroupfs_dir, "/");
}

/* Sets home and mode. */
static int choose_home(struct cgroup_layout *layout, bool version2)
{
	const struct hierarchy *unified = cgroup_hierarchy(layout, 0), *home = NULL;
	bool mounted = unified && unified->mount;
	size_t i;

	for (i = 0; !version2 && i < ARRAY_SIZE(home_controllers); i++) {
		home = cgroup_controller(layout, home_controllers[i]);
		if (home && home->mount)
			break;
		home = NULL;
	}
	if (!home && mounted)
		home = unified;
	if (!home)
		return -ENODEV;
	layout->home = home->number;
	layout->mode = version2 ? CGROUP_V2 : mounted ? CGROUP_HYBRID : CGROUP_V1;
	return 0;
}

int cgroup_layout_parse(struct cgroup_layout *ret, bool version2, const char *cgroupfs_dir,
			const char *cgroup_text, const char *mountinfo_text)
{
	char *cgroups = xstrdup(cgroup_text), *mounts = xstrdup(mountinfo_text), *rest, *line;
	struct cgroup_layout layout = { .n_hierarchies = 0 };
	int r;

	for (rest = cgroups; (line = strsep(&rest, "\n"));)
		parse_cgroup_line(&layout, line);
	for (rest = mounts; (line = strsep(&rest, "\n"));)
		parse_mount_line(&layout, cgroupfs_dir, line);
	free(cgroups);
	free(mounts);
	if (version2)
		set_unified(&layout, cgroupfs_dir);
	r = choose_home(&layout, version2);
	if (r < 0) {
		cgroup_layout_done(&layout);
		return r;
	}
	*ret = layout;
	return 0;
}

static long read_proc(const char *procfs_dir, const char *process, const char *file,
		      char **ret_text)
{
	char *path = xasprintf("%s/%s/%s", procfs_dir, process, file);
	long n = read_file(AT_FDCWD, path, PROC_TEXT_MAX, ret_text);

	free(path);
	return n;
}

int cgroup_layout_init(struct cgroup_layout *ret, const char *procfs_dir, const char *cgroupfs_dir)
{
	static const char *const processes[] = { "self", "1" };
	char *directory, *cgroups = NULL;
	struct statfs fs;
	size_t i;
	long r;

	directory = realpath(cgroupfs_dir, NULL);	/* as mountinfo has it */
	if (!directory)
		return -errno;
	if (statfs(directory, &fs) < 0) {
		r = -errno;
		free(directory);
		return (int)r;
	}
	r = read_proc(procfs_dir, "1", "cgroup", &cgroups);
	if (r < 0)
		r = read_proc(procfs_dir, "self", "cgroup", &cgroups);
	for (i = 0; cgroups && i < ARRAY_SIZE(processes); i++) {
		char *mounts;

		r = read_proc(procfs_dir, processes[i], "mountinfo", &mounts);
		if (r < 0)
			continue;
		r = cgroup_layout_parse(ret, fs.f_type == CGROUP2_SUPER_MAGIC, directory, cgroups,
					mounts);
		free(mounts);
		if (!r)
			break;
	}
	free(cgroups);
	free(directory);
	return (int)r;
}

void cgroup_layout_done(struct cgroup_layout *layout)
{
	size_t i;

	for (i = 0; i < layout->n_hierarchies; i++) {
		free(layout->hierarchies[i].mount);
		free(layout->hierarchies[i].root);
	}
	layout->n_hierarchies = 0;
}
