/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of tasks: which one a descriptor is, whether it holds data, its path. */
#ifndef PATH_BPF_H
#define PATH_BPF_H

#include "kernel.bpf.h"

/*
 * How the kernel's memory is read; a program has one way.  Plain loads are the
 * fastest, but they want pointers of a type that the verifier knows.
 */
enum reading {
	BY_COPY,			/* nothing has */
	BY_COPY_OF_FILES,		/* the task has */
	BY_LOAD,			/* all have, by bpf_rdonly_cast */
};

#define LOAD(typed, pointer, member) \
	((typed) ? (pointer)->member : BPF_CORE_READ(pointer, member))

/*
 * A task to load pointers from.  For each load of one from a pointer that it trusts,
 * the verifier goes through the names of all of the kernel's types (from 6.2 on).
 */
static __always_inline struct task_struct *untrusted(struct task_struct *task, enum reading how)
{
	if (how != BY_LOAD)
		return task;
	return bpf_rdonly_cast(task, settings.task_type);
}

static __always_inline struct file *file_of(struct task_struct *task, __u32 fd, enum reading how)
{
	bool typed = how != BY_COPY;
	struct files_struct *files = LOAD(typed, untrusted(task, how), files);
	struct fdtable *fdt = LOAD(typed, files, fdt);
	struct file **fds = LOAD(typed, fdt, fd) + fd, *file = NULL;
	struct kiocb *holder;

	if (fd >= LOAD(typed, fdt, max_fds))
		return NULL;
	if (how != BY_LOAD) {
		bpf_probe_read_kernel(&file, sizeof(file), fds);
		return file;
	}
	holder = bpf_rdonly_cast((void *)fds - bpf_core_field_offset(struct kiocb, ki_filp),
				 settings.kiocb_type);
	return holder->ki_filp;
}

/* File systems whose regular files hold no data: reading them asks the kernel. */
__noinline int is_pseudo(__u64 magic)
{
	switch (magic) {
	case 0x9fa0:			/* proc */
	case 0x62656572:		/* sysfs */
	case 0x27e0eb:			/* cgroup */
	case 0x63677270:		/* cgroup2 */
	case 0x64626720:		/* debugfs */
	case 0x74726163:		/* tracefs */
	case 0x73636673:		/* securityfs */
	case 0xf97cff8c:		/* selinuxfs */
	case 0x43415d53:		/* smackfs */
	case 0x62656570:		/* configfs */
	case 0x6165676c:		/* pstore */
	case 0xcafe4a11:		/* bpf */
	case 0xde5e81e4:		/* efivarfs */
	case 0x42494e4d:		/* binfmt_misc */
	case 0x65735543:		/* fusectl */
	case 0x67596969:		/* rpc_pipefs */
	case 0x19800202:		/* mqueue */
	case 0x6e736673:		/* nsfs */
	case 0x7655821:			/* resctrl */
		return 1;
	}
	return 0;
}

#define FILE_TYPE 0170000
#define FILE_REGULAR 0100000
#define FILE_BLOCK 0060000

/*
 * ---- paths
 *
 * Functions that are not static are looked at once by the verifier, for any
 * arguments, and not again for each way that leads to them: so are those below
 * that are seldom called.  5.10 wants these arguments to be numbers.
 */

#define FILE_NAME_SIZE 256		/* NAME_MAX and a NUL */
#define FILE_PARTS_MAX 40		/* of a path, and mounts on its way */

/* A path as it is put together on a CPU, from its end to its beginning. */
struct file_walk {
	__u64 dentry, mount;		/* addresses of where it is */
	__u32 size;			/* of what has been written */
	__u32 flags;			/* FILE_PATH_* */
	/* A part may be read at any place of it: more than the record has room for. */
	char text[FILE_PATH_SIZE + FILE_NAME_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_walk);
} file_walks SEC(".maps");

static __always_inline bool write_name(struct file_walk *walk, struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u32 at = walk->size;
	long size;

	/* For the verifier: the compiler may know the bound. */
	asm volatile("" : "+r"(at));
	if (at >= FILE_PATH_SIZE)
		return false;
	size = bpf_probe_read_kernel_str(walk->text + at, FILE_NAME_SIZE, name);
	if (size <= 0 || at + size > FILE_PATH_SIZE) {
		walk->flags |= FILE_PATH_CUT;
		return false;
	}
	walk->size = at + size;
	return true;
}

/* One step of this CPU's walk to the root; 0: that is where it is. */
__noinline int step_up(void)
{
	__u32 zero = 0;
	struct file_walk *walk = bpf_map_lookup_elem(&file_walks, &zero);
	struct mount *mount, *outer;
	struct dentry *dentry, *parent;

	if (!walk)
		return 0;
	mount = (struct mount *)walk->mount;
	dentry = (struct dentry *)walk->dentry;
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		outer = BPF_CORE_READ(mount, mnt_parent);
		if (outer == mount)
			return 0;
		walk->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = (__u64)outer;
		return 1;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent != dentry) {
		walk->dentry = (__u64)parent;
		return write_name(walk, dentry);
	}
	if (!walk->size)
		write_name(walk, dentry);
	walk->flags |= FILE_PATH_LOOSE;
	return 0;
}

/* The path as the file's opener sees it, mounts included: into this CPU's walk. NULL: none. */
static __always_inline struct file_walk *walk_up(__u64 address)
{
	struct file *file = (struct file *)address;
	struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
	__u32 zero = 0, part = 0;
	struct file_walk *walk = bpf_map_lookup_elem(&file_walks, &zero);

	if (!walk)
		return NULL;
	walk->dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	walk->mount = (__u64)mount - bpf_core_field_offset(struct mount, mnt);
	walk->size = walk->flags = 0;
	while (part < FILE_PARTS_MAX && step_up())
		part++;
	if (part == FILE_PARTS_MAX)
		walk->flags |= FILE_PATH_CUT;
	return walk;
}

#endif
