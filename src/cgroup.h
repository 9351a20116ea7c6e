/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control groups by name: where the host's hierarchies are mounted, and which
 * container a path belongs to.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTAINER_ID_SHORT 12		/* digits of an id that people see */
#define HIERARCHIES_MAX 32

/* One mounted hierarchy. */
struct hierarchy {
	unsigned int number;		/* as in /proc/PID/cgroup; 0 is version 2 */
	char controllers[128];		/* "cpu,cpuacct"; "name=systemd"; empty for version 2 */
	char *mount;			/* directory, owned; NULL when not mounted where we look */
	char *root;			/* path within the hierarchy of what is mounted there,
					   owned; NULL is the top */
};

enum cgroup_mode { CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

struct cgroup_layout {
	enum cgroup_mode mode;
	struct hierarchy hierarchies[HIERARCHIES_MAX];
	size_t n_hierarchies;
	unsigned int home;		/* number of the hierarchy that tells containers apart:
					   0 on version 2, else the one of the pids controller */
};

/*
 * Finds out how the host's cgroups are laid out: statfs of cgroupfs_dir tells
 * version 2, procfs_dir/1/cgroup (then /self/cgroup) the numbers,
 * procfs_dir/self/mountinfo (then /1/mountinfo) the mounts at or below
 * cgroupfs_dir: self comes first as its paths are those that contop can open.
 * Where pids is not mounted, home is the first that is of memory, cpu, devices,
 * freezer, name=systemd and version 2.
 * Returns 0 or -errno, -ENODEV when no such hierarchy is mounted there;
 * cgroup_layout_done frees what *ret owns.
 */
int cgroup_layout_init(struct cgroup_layout *ret, const char *procfs_dir, const char *cgroupfs_dir);
void cgroup_layout_done(struct cgroup_layout *layout);

/*
 * cgroup_layout_init without the files: their texts, and whether cgroupfs_dir
 * is itself of version 2. Lines that make no sense are passed over.
 */
int cgroup_layout_parse(struct cgroup_layout *ret, bool version2, const char *cgroupfs_dir,
			const char *cgroup_text, const char *mountinfo_text);

/*
 * The hierarchy with this number or this controller of version 1 ("blkio",
 * "name=systemd"), or NULL. Borrowed from the layout.
 */
const struct hierarchy *cgroup_hierarchy(const struct cgroup_layout *layout, unsigned int number);
const struct hierarchy *cgroup_controller(const struct cgroup_layout *layout, const char *controller);

/* "v1", "hybrid" or "v2". */
const char *cgroup_mode_name(enum cgroup_mode mode);

/* What a cgroup path says of a container. Strings point into the path or are static. */
struct cgroup_identity {
	const char *runtime;		/* "docker", "podman", ... */
	const char *id;			/* id_size characters: the runtime's full id, or its name */
	size_t id_size;
	bool named;			/* the id is the container's name (LXC, nspawn) */
	bool unit;			/* of systemd: no container */
	size_t path_size;		/* length of the path up to and with the container's own
					   directory: deeper ones are the container's too */
};

/*
 * Tells which container a cgroup path belongs to, by the table of layouts in
 * cgroup.c (longest match, trailing sub-cgroups allowed, the innermost of
 * nested containers). With units, systemd's services and scopes outside of
 * containers are some, too. Returns false for a path that is no container's: the host's.
 */
bool cgroup_identify(const char *path, bool units, struct cgroup_identity *ret);

/* The id by itself, systemd's escapes (\xNN) in a container's name undone. The caller frees. */
char *cgroup_identity_id(const struct cgroup_identity *identity);

/*
 * Calls visit with the kernel's id and the path of each directory of a mounted
 * hierarchy, parents first. Directories may come and go meanwhile; those 64
 * levels down are not entered. Returns -errno when some may have been missed.
 */
int cgroup_walk(const struct hierarchy *hierarchy,
		void (*visit)(void *context, uint64_t id, const char *path), void *context);

/*
 * How long some tasks of a cgroup of version 2 have stood still for I/O, in
 * microseconds; UINT64_MAX when that cannot be told. Format: Documentation/accounting/psi.rst.
 */
uint64_t cgroup_io_stall_us(const struct hierarchy *hierarchy, const char *path);

/* Processes in a cgroup and those below it; UINT64_MAX when that cannot be told. */
uint64_t cgroup_count_processes(const struct hierarchy *hierarchy, const char *path);

#endif
