/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which container a cgroup is of, by the table of what runtimes call the cgroups
 * of their containers, and the walk through the directories of a hierarchy.
 */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define DEPTH_MAX 64
#define PRESSURE_MOST 1024		/* bytes of io.pressure */
#define COUNT_MAX 4096			/* directories looked at for the processes of one */

enum id_kind {
	ID_HEX,				/* lower-case hex digits */
	ID_BUILD,			/* lower-case letters and digits: BuildKit's */
	ID_NAME,			/* anything: a name that people gave */
	ID_UNIT				/* the same, with the suffix: a unit of systemd, no container */
};

/* Characters of an id; of a name the least. */
static const size_t id_sizes[] = {
	[ID_HEX] = 64, [ID_BUILD] = 25, [ID_NAME] = 1, [ID_UNIT] = 1,
};

/*
 * How runtimes name the directory of a container: PARENT/PREFIX ID SUFFIX.
 * The first row that matches a directory holds, so catch-alls come last.
 */
static const struct runtime {
	const char *name;		/* NULL: such a directory is no container */
	const char *parent;		/* directory above, NULL: any; "pod*": starts with pod;
					   "/...": at the top */
	const char *prefix;		/* ":..." may follow the slice of a systemd unit */
	const char *suffix;
	enum id_kind kind;
} runtimes[] = {
	{ "docker",	NULL,		"docker-",		".scope",	ID_HEX },
	{ "docker",	NULL,		":docker:",		"",		ID_HEX },
	{ "docker",	"docker",	"",			"",		ID_HEX },
	{ "podman",	NULL,		"libpod-",		".scope",	ID_HEX },
	{ "podman",	NULL,		"libpod-",		"",		ID_HEX },
	{ "podman",	NULL,		"libpod-payload-",	"",		ID_HEX }, /* --cgroups=split */
	{ NULL,		"libpod_parent", "",			"",		ID_HEX }, /* a pod */
	{ "containerd",	NULL,		"cri-containerd-",	".scope",	ID_HEX },
	{ "containerd",	NULL,		":cri-containerd:",	"",		ID_HEX },
	{ "containerd",	"pod*",		"",			"",		ID_HEX }, /* kubepods/... */
	{ "containerd",	"k8s.io",	"",			"",		ID_HEX },
	{ "crio",	NULL,		"crio-",		".scope",	ID_HEX },
	{ "crio",	NULL,		":crio:",		"",		ID_HEX },
	{ "crio",	NULL,		"crio-",		"",		ID_HEX },
	{ "nerdctl",	NULL,		"nerdctl-",		".scope",	ID_HEX },
	{ "nerdctl",	NULL,		":nerdctl:",		"",		ID_HEX },
	{ "nerdctl",	"default",	"",			"",		ID_HEX },
	{ "containerd",	"/default",	"",			"",		ID_NAME }, /* ctr */
	{ NULL,		NULL,		"lxc.monitor",		"",		ID_NAME },
	{ "lxc",	NULL,		"lxc.payload.",		"",		ID_NAME },
	{ "lxc",	"lxc.payload",	"",			"",		ID_NAME },
	{ "lxc",	"lxc",		"",			"",		ID_NAME },
	{ "libvirt",	"machine.slice", "machine-qemu\\x2d",	".scope",	ID_NAME },
	{ "libvirt",	"machine.slice", "machine-lxc\\x2d",	".scope",	ID_NAME },
	{ "nspawn",	"machine.slice", "machine-",		".scope",	ID_NAME },
	{ "nspawn",	NULL,		"systemd-nspawn@",	".service",	ID_NAME },
	{ "buildkit",	"buildkit",	"",			"",		ID_BUILD },
	{ "buildkit",	NULL,		"docker-",		".scope",	ID_BUILD },
	{ "buildkit",	NULL,		":docker:",		"",		ID_BUILD },
	{ "docker",	NULL,		"",			"",		ID_HEX }, /* --cgroup-parent */
	{ "systemd",	NULL,		"",			".service",	ID_UNIT },
	{ "systemd",	NULL,		"",			".scope",	ID_UNIT },
};

static bool is_id(enum id_kind kind, const char *id, size_t size)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	size_t i, base = kind == ID_HEX ? 16 : 36;

	if (kind >= ID_NAME)
		return true;
	if (size != id_sizes[kind])
		return false;
	for (i = 0; i < size; i++)
		if (!memchr(digits, id[i], base))
			return false;
	return true;
}

static bool parent_matches(const char *path, const char *wanted, const char *parent, size_t size)
{
	size_t n;

	if (!wanted)
		return true;
	if (wanted[0] == '/' && parent != path + 1)
		return false;
	wanted += wanted[0] == '/';
	n = strlen(wanted);
	if (wanted[n - 1] == '*')
		return size >= n - 1 && !memcmp(parent, wanted, n - 1);
	return size == n && !memcmp(parent, wanted, n);
}

/* Finds the id in the name of a directory. Most names fail the first test. */
static bool find_id(const struct runtime *runtime, const char *name, size_t size,
		    size_t *ret_start, size_t *ret_size)
{
	bool after_slice = runtime->prefix[0] == ':';
	size_t least = id_sizes[runtime->kind], prefix, suffix, start;

	if (size < least || (runtime->prefix[0] && !after_slice && runtime->prefix[0] != name[0]))
		return false;
	prefix = strlen(runtime->prefix);
	suffix = strlen(runtime->suffix);
	if (size < prefix + least + suffix)
		return false;
	start = after_slice ? size - suffix - least : prefix;
	if (memcmp(name + start - prefix, runtime->prefix, prefix) ||
	    memcmp(name + size - suffix, runtime->suffix, suffix) ||
	    !is_id(runtime->kind, name + start, size - suffix - start))
		return false;
	*ret_start = start;
	*ret_size = size - start - (runtime->kind == ID_UNIT ? 0 : suffix);
	return true;
}

static const struct runtime *match_directory(const char *path, const char *parent,
					     size_t parent_size, const char *name, size_t size,
					     size_t *ret_start, size_t *ret_size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (parent_matches(path, runtimes[i].parent, parent, parent_size) &&
		    find_id(&runtimes[i], name, size, ret_start, ret_size))
			return &runtimes[i];
	return NULL;
}

/* Units of systemd in a container are the container's. */
static bool is_wanted(const struct runtime *runtime, bool units, bool contained)
{
	return runtime->name && (runtime->kind != ID_UNIT || (units && !contained));
}

bool cgroup_identify(const char *path, bool units, struct cgroup_identity *ret)
{
	const char *parent = path, *name = path;
	size_t parent_size = 0, size;
	bool found = false;

	for (;; parent = name, parent_size = size, name += size) {
		const struct runtime *runtime;
		size_t start = 0, id_size = 0;

		name += strspn(name, "/");
		size = strcspn(name, "/");
		if (!size)
			return found;
		runtime = match_directory(path, parent, parent_size, name, size, &start, &id_size);
		if (!runtime || !is_wanted(runtime, units, found && !ret->unit))
			continue;
		*ret = (struct cgroup_identity){
			.runtime = runtime->name,
			.id = name + start,
			.id_size = id_size,
			.named = runtime->kind >= ID_NAME,
			.unit = runtime->kind == ID_UNIT,
			.path_size = (size_t)(name + size - path),
		};
		found = true;
	}
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? (int)(digit - digits) : -1;
}

/* systemd writes \xNN in names of units for what it does not allow there. */
static void unescape_unit(char *name)
{
	char *out = name;

	while (*name) {
		int high = -1, low = -1;

		if (name[0] == '\\' && name[1] == 'x')
			high = hex_digit(name[2]);
		if (high >= 0)
			low = hex_digit(name[3]);
		if (low >= 0 && (high || low)) {
			*out++ = (char)(high << 4 | low);
			name += 4;
		} else {
			*out++ = *name++;
		}
	}
	*out = '\0';
}

char *cgroup_identity_id(const struct cgroup_identity *identity)
{
	char *id = xstrndup(identity->id, identity->id_size);

	if (identity->named && !identity->unit)
		unescape_unit(id);
	return id;
}

struct walk {
	void (*visit)(void *context, uint64_t id, const char *path);
	void *context;
	bool count;			/* processes, too */
	uint64_t processes;
	size_t visited, visits_max;
	dev_t device;			/* of the hierarchy: other mounts are not entered */
	char *path;			/* of the directory that is visited, within the hierarchy */
	size_t capacity;
	int error;			/* why something was not seen */
};

/* Directories vanish all the time; anything else leaves the walk incomplete. */
static void walk_failed(struct walk *walk, int error)
{
	if (error != ENOENT && error != ENODEV)
		walk->error = -error;
}

/* Adds the lines of DIRECTORY/cgroup.procs. Threaded cgroups refuse to be read: their top has them. */
static void count_processes(struct walk *walk, int parent_fd, const char *directory)
{
	char buffer[16384], path[NAME_MAX + sizeof("/cgroup.procs")];
	ssize_t n, i;
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	fd = openat(parent_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		walk_failed(walk, errno);
		return;
	}
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		for (i = 0; i < n; i++)
			walk->processes += buffer[i] == '\n';
	close(fd);
}

static void walk_below(struct walk *walk, int fd, size_t path_size, unsigned int depth);

static void walk_child(struct walk *walk, int parent_fd, const char *name, size_t path_size,
		       unsigned int depth)
{
	size_t size = strlen(name);
	struct stat st;
	int fd;

	if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		walk_failed(walk, errno);
		return;
	}
	if (!S_ISDIR(st.st_mode) || st.st_dev != walk->device)
		return;
	if (walk->visited++ >= walk->visits_max) {
		walk->error = -E2BIG;
		return;
	}
	walk->path = array_reserve(walk->path, &walk->capacity, path_size + size + 2, 1);
	walk->path[path_size] = '/';
	memcpy(walk->path + path_size + 1, name, size + 1);
	if (walk->visit)
		walk->visit(walk->context, st.st_ino, walk->path);
	if (walk->count)
		count_processes(walk, parent_fd, name);
	/* A directory with two links has no directories in it: most are such leaves. */
	if (st.st_nlink == 2 || depth == DEPTH_MAX)
		return;
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		walk_failed(walk, errno);
	else
		walk_below(walk, fd, path_size + 1 + size, depth + 1);
}

/* Walks what is in a directory, the path of which has path_size bytes, and closes it. */
static void walk_below(struct walk *walk, int fd, size_t path_size, unsigned int depth)
{
	const struct dirent *entry;
	DIR *directory = fdopendir(fd);

	if (!directory) {
		walk_failed(walk, errno);
		close(fd);
		return;
	}
	while (errno = 0, (entry = readdir(directory))) {
		if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
		    !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		walk_child(walk, dirfd(directory), entry->d_name, path_size, depth);
	}
	if (errno)
		walk_failed(walk, errno);
	closedir(directory);
}

/* Walks from a directory on, which itself has this path in its hierarchy. */
static int walk_from(struct walk *walk, const char *directory, const char *path)
{
	size_t size = strlen(path);
	struct stat st;
	int fd;

	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		walk->error = -errno;
		close(fd);
		return walk->error;
	}
	walk->device = st.st_dev;
	walk->path = array_reserve(NULL, &walk->capacity, size + 1, 1);
	memcpy(walk->path, path, size + 1);
	if (walk->visit)
		walk->visit(walk->context, st.st_ino, size ? path : "/");
	if (walk->count)
		count_processes(walk, fd, ".");
	walk_below(walk, fd, size, 1);
	free(walk->path);
	return walk->error;
}

int cgroup_walk(const struct hierarchy *hierarchy,
		void (*visit)(void *context, uint64_t id, const char *path), void *context)
{
	struct walk walk = { .visit = visit, .context = context, .visits_max = SIZE_MAX };

	return walk_from(&walk, hierarchy->mount, hierarchy->root ? hierarchy->root : "");
}

uint64_t cgroup_count_processes(const struct hierarchy *hierarchy, const char *path)
{
	struct walk walk = { .count = true, .visits_max = COUNT_MAX };
	size_t root = hierarchy->root ? strlen(hierarchy->root) : 0;
	char *directory;
	int r;

	if (strlen(path) < root)
		return UINT64_MAX;
	directory = xasprintf("%s%s", hierarchy->mount, path + root);
	r = walk_from(&walk, directory, path);
	free(directory);
	return r < 0 ? UINT64_MAX : walk.processes;
}

uint64_t cgroup_io_stall_us(const struct hierarchy *hierarchy, const char *path)
{
	size_t root = hierarchy->root ? strlen(hierarchy->root) : 0;
	char *file, *text = NULL, *total;
	uint64_t stall = UINT64_MAX;
	int fd;

	if (strlen(path) < root)
		return UINT64_MAX;
	file = xasprintf("%s%s/io.pressure", hierarchy->mount, path + root);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	free(file);
	if (fd < 0)
		return UINT64_MAX;
	if (read_file_at(fd, PRESSURE_MOST, &text) > 0) {
		total = strncmp(text, "some ", 5) ? NULL : strstr(text, "total=");
		if (!total || sscanf(total, "total=%" SCNu64, &stall) != 1)
			stall = UINT64_MAX;
	}
	free(text);
	close(fd);
	return stall;
}
