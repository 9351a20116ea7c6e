/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File I/O: bytes and calls of each thread on regular files and block devices,
 * counted when its system calls return.
 */
#ifndef FILE_BPF_H
#define FILE_BPF_H

#include "slots.bpf.h"

SLOT_TABLE(file, struct file_key, struct file_record);

__u32 epoch = 1;		/* contop counts it up at every reading: maxima begin anew */

/* Set by contop: each file has a record of its own. */
__u32 files_listed;

/*
 * The slots from this one on are for what threads do to files that have no
 * record: once one of them was taken, no more files get records until contop
 * says that there is room again.
 */
__u32 files_crowded_from = ~0u;
__u32 files_crowded;

__u64 files_overflowed;		/* how often a call was counted for its container only */

/* ---- calls */

/* read, pread64, readv, preadv, preadv2; the same that write; sendfile; splice, copy_file_range */
#ifdef __TARGET_ARCH_x86
#define NATIVE_READ case 0: case 17: case 19: case 295: case 327
#define NATIVE_WRITE case 1: case 18: case 20: case 296: case 328
#define NATIVE_SEND case 40
#define NATIVE_COPY case 275: case 326
#define COMPAT_READ case 3: case 180: case 145: case 333: case 378
#define COMPAT_WRITE case 4: case 181: case 146: case 334: case 379
#define COMPAT_SEND case 187: case 239
#define COMPAT_COPY case 313: case 377
#define ARGUMENT_0(regs, compat) ((compat) ? (regs)->bx : (regs)->di)
#define ARGUMENT_1(regs, compat) ((compat) ? (regs)->cx : (regs)->si)
#define ARGUMENT_2(regs, compat) ((regs)->dx)
#else
#define NATIVE_READ case 63: case 67: case 65: case 69: case 286
#define NATIVE_WRITE case 64: case 68: case 66: case 70: case 287
#define NATIVE_SEND case 71
#define NATIVE_COPY case 76: case 285
#define COMPAT_READ case 3: case 180: case 145: case 361: case 392
#define COMPAT_WRITE case 4: case 181: case 146: case 362: case 393
#define COMPAT_SEND case 187: case 239
#define COMPAT_COPY case 340: case 391
#define ARGUMENT_0(regs, compat) ((regs)->orig_x0)
#define ARGUMENT_1(regs, compat) ((regs)->regs[1])
#define ARGUMENT_2(regs, compat) ((regs)->regs[2])
#endif

/* What a call does with descriptors: FILE_SEND from its second to its first, FILE_COPY from its first to its third. */
enum file_call { FILE_NONE, FILE_READ, FILE_WRITE, FILE_SEND, FILE_COPY };

static __always_inline enum file_call file_call(__u32 nr)
{
	if (nr & SYSCALL_COMPAT)
		switch (nr & ~SYSCALL_COMPAT) {
		COMPAT_READ: return FILE_READ;
		COMPAT_WRITE: return FILE_WRITE;
		COMPAT_SEND: return FILE_SEND;
		COMPAT_COPY: return FILE_COPY;
		default: return FILE_NONE;
		}
	switch (nr) {
	NATIVE_READ: return FILE_READ;
	NATIVE_WRITE: return FILE_WRITE;
	NATIVE_SEND: return FILE_SEND;
	NATIVE_COPY: return FILE_COPY;
	default: return FILE_NONE;
	}
}

/* ---- files */

#define FILE_CACHE_SIZE 8

/* What is remembered of a thread's files. */
struct file_cache {
	__u64 magic;			/* of the last file system found to hold files */
	__u32 slots[FILE_CACHE_SIZE];	/* by the low bits of the descriptor */
};

/* The thread whose call it is. */
struct file_user {
	struct task_struct *task;
	__u64 cgroup;
	__u64 start_ns;
	__u64 pid_tid;
};

/*
 * How the kernel's memory is read; a program has one way.  Plain loads are the
 * fastest, but they want pointers of a type that the verifier knows.
 */
enum reading {
	NO_DESCRIPTOR,			/* nothing is to be read: it was no call */
	BY_COPY,			/* nothing has */
	BY_COPY_OF_FILES,		/* the task has */
	BY_LOAD,			/* all have, by bpf_rdonly_cast */
};

#define LOAD(typed, pointer, member) \
	((typed) ? (pointer)->member : BPF_CORE_READ(pointer, member))

static __always_inline struct file *file_of(struct task_struct *task, __u32 fd, enum reading how)
{
	bool typed = how != BY_COPY;
	struct files_struct *files = LOAD(typed, task, files);
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
				 bpf_core_type_id_kernel(struct kiocb));
	return holder->ki_filp;
}

/* File systems whose regular files hold no data: reading them asks the kernel. */
static __always_inline bool is_pseudo(__u64 magic)
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
		return true;
	}
	return false;
}

#define FILE_TYPE 0170000
#define FILE_REGULAR 0100000
#define FILE_BLOCK 0060000

/* Whether I/O on an inode is file I/O. */
static __always_inline bool holds_data(struct inode *inode, bool typed, struct file_cache *cache)
{
	__u32 type = LOAD(typed, inode, i_mode) & FILE_TYPE;
	struct super_block *superblock;
	__u64 magic;

	if (type != FILE_REGULAR && type != FILE_BLOCK)
		return false;
	superblock = LOAD(typed, inode, i_sb);
	magic = LOAD(typed, superblock, s_magic);
	if (magic == cache->magic)
		return true;
	if (is_pseudo(magic))
		return false;
	cache->magic = magic;
	return true;
}

#ifdef __TARGET_ARCH_x86
#define OPENED_DIRECT 040000		/* O_DIRECT */
#else
#define OPENED_DIRECT 0200000
#endif

/* Which file it is. */
static __always_inline void identify(struct file_key *key, struct file *file, struct inode *inode,
				     bool typed)
{
	struct dentry *dentry = LOAD(typed, file, f_path.dentry);
	struct super_block *superblock = LOAD(typed, inode, i_sb);

	key->inode = LOAD(typed, inode, i_ino);
	key->generation = LOAD(typed, inode, i_generation);
	key->device = LOAD(typed, superblock, s_dev);
	key->name = LOAD(typed, dentry, d_name.hash_len);
	if (LOAD(typed, file, f_flags) & OPENED_DIRECT)
		key->flags = FILE_DIRECT;
}

/* All files that have no record of their own. */
static __always_inline void identify_rest(struct file_key *key)
{
	key->inode = key->name = 0;
	key->device = key->generation = key->flags = 0;
}

/* ---- paths */

#define FILE_NAME_SIZE 256		/* NAME_MAX and a NUL */
#define FILE_PARTS_MAX 40		/* of a path, and mounts on its way */

/* A part may be read at any place of the path: more than the record has room for. */
struct file_path {
	char text[FILE_PATH_SIZE + FILE_NAME_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_path);
} file_paths SEC(".maps");

struct file_walk {
	struct dentry *dentry;
	struct mount *mount;
	__u32 size;			/* of what has been written */
	__u32 flags;			/* FILE_PATH_* */
};

static __always_inline bool write_name(struct file_walk *walk, struct dentry *dentry,
				       struct file_path *path)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u32 at = walk->size;
	long size;

	/* For the verifier: the compiler may know the bound. */
	asm volatile("" : "+r"(at));
	if (at >= FILE_PATH_SIZE)
		return false;
	size = bpf_probe_read_kernel_str(path->text + at, FILE_NAME_SIZE, name);
	if (size <= 0 || at + size > FILE_PATH_SIZE) {
		walk->flags |= FILE_PATH_CUT;
		return false;
	}
	walk->size = at + size;
	return true;
}

/* One step to the root; false: that is where it is. */
static __always_inline bool step_up(struct file_walk *walk, struct file_path *path)
{
	struct mount *mount = walk->mount, *outer;
	struct dentry *dentry = walk->dentry, *parent;

	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		outer = BPF_CORE_READ(mount, mnt_parent);
		if (outer == mount)
			return false;
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = outer;
		return true;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent != dentry) {
		if (!write_name(walk, dentry, path))
			return false;
		walk->dentry = parent;
		return true;
	}
	if (!walk->size)
		write_name(walk, dentry, path);
	walk->flags |= FILE_PATH_LOOSE;
	return false;
}

/* The path as the file's opener sees it, mounts included. */
static __always_inline void write_path(struct file_record *record, struct file *file)
{
	struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
	struct file_walk walk = {
		.dentry = BPF_CORE_READ(file, f_path.dentry),
		.mount = (void *)mount - bpf_core_field_offset(struct mount, mnt),
	};
	__u32 zero = 0, part = 0;
	struct file_path *path = bpf_map_lookup_elem(&file_paths, &zero);

	if (!path)
		return;
	while (part < FILE_PARTS_MAX && step_up(&walk, path))
		part++;
	if (part == FILE_PARTS_MAX)
		walk.flags |= FILE_PATH_CUT;
	bpf_probe_read_kernel(record->path, sizeof(record->path), path->text);
	record->path_size = walk.size;
	record->path_flags = walk.flags;
}

/* ---- records */

static __always_inline __u32 find_file_slot(const struct file_key *key, __u64 pid_tid,
					    struct file *file)
{
	struct file_record *record;
	bool made;
	__u32 slot = slot_of(&file_index, &file_free, key, &made);

	if (!made)
		return slot;
	record = bpf_map_lookup_elem(&file_records, &slot);
	if (!record)
		return 0;
	record->pid = pid_tid >> 32;
	record->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	if (key->inode)
		write_path(record, file);
	if (slot >= files_crowded_from)
		files_crowded = 1;
	record->key = *key;
	return slot;
}

static __always_inline bool is_of(const struct file_record *record, const struct file_key *key)
{
	return record && record->key.tid == key->tid && record->key.inode == key->inode &&
	       record->key.name == key->name && record->key.generation == key->generation &&
	       record->key.device == key->device && record->key.flags == key->flags;
}

/* The record that counts for a key; the one at *slot is the cache's guess. NULL: none left. */
static __always_inline struct file_record *file_record(__u32 *slot, struct file_key *key,
						       __u64 pid_tid, struct file *file)
{
	__u32 n = *slot;
	struct file_record *record = bpf_map_lookup_elem(&file_records, &n);

	if (is_of(record, key))
		return record;
	if (key->inode && files_crowded && !bpf_map_lookup_elem(&file_index, key))
		identify_rest(key);
	n = find_file_slot(key, pid_tid, file);
	*slot = n;
	return n ? bpf_map_lookup_elem(&file_records, &n) : NULL;
}

static __always_inline void count_file_overflow(__u64 cgroup, bool writes, __u64 bytes)
{
	struct overflow_record *record = overflow_of(cgroup);

	ADD(files_overflowed, 1);
	if (!record)
		return;
	ADD(*(writes ? &record->file_write_bytes : &record->file_read_bytes), bytes);
	ADD(*(writes ? &record->file_writes : &record->file_reads), 1);
}

/* ns 0: not timed. */
static __always_inline void count_in_record(struct file_record *record, bool writes, __u64 bytes,
					    __u64 ns)
{
	if (ns) {
		record->latency_ns += ns;
		record->timed++;
		if (record->latency_epoch != epoch || record->latency_max_ns < ns)
			record->latency_max_ns = ns;
		record->latency_epoch = epoch;
	}
	if (writes) {
		record->writes++;
		record->write_bytes += bytes;
	} else {
		record->reads++;
		record->read_bytes += bytes;
	}
}

/* The hint is what its slot is remembered by. */
static __always_inline void count_file(const struct file_user *user, struct file_cache *cache,
				       struct file *file, __u32 hint, bool writes, __u64 bytes,
				       __u64 ns, enum reading how)
{
	struct inode *inode = file ? LOAD(how == BY_LOAD, file, f_inode) : NULL;
	struct file_key key = {
		.cgroup = user->cgroup, .start_ns = user->start_ns, .tid = user->pid_tid,
	};
	struct file_record *record;

	if (!inode || !holds_data(inode, how == BY_LOAD, cache))
		return;
	if (files_listed)
		identify(&key, file, inode, how == BY_LOAD);
	record = file_record(&cache->slots[hint % FILE_CACHE_SIZE], &key, user->pid_tid, file);
	if (record)
		count_in_record(record, writes, bytes, ns);
	else
		count_file_overflow(user->cgroup, writes, bytes);
}

static __always_inline void count_file_call(const struct file_user *user, struct file_cache *cache,
					    struct pt_regs *regs, __u32 nr, long result, __u64 ns,
					    enum reading how)
{
	enum file_call call = file_call(nr);
	bool compat = nr & SYSCALL_COMPAT;
	__u32 first = ARGUMENT_0(regs, compat), from, to;

	from = call == FILE_SEND ? ARGUMENT_1(regs, compat) : first;
	to = call == FILE_COPY ? ARGUMENT_2(regs, compat) : first;
	if (call != FILE_WRITE)
		count_file(user, cache, file_of(user->task, from, how), from, false, result, ns,
			   how);
	if (call != FILE_READ)
		count_file(user, cache, file_of(user->task, to, how), to, true, result, ns, how);
}

/* The same for an operation of io_uring: those that read and write. */
static __always_inline void count_file_request(const struct file_user *user,
					       struct file_cache *cache, struct io_kiocb *request,
					       __u32 opcode, long result)
{
	bool writes = false;

	switch (opcode) {
	case 2: case 5: case 23:	/* IORING_OP_WRITEV, WRITE_FIXED, WRITE */
		writes = true;
		break;
	case 1: case 4: case 22:	/* IORING_OP_READV, READ_FIXED, READ */
		break;
	default:
		return;
	}
	count_file(user, cache, BPF_CORE_READ(request, file), FILE_CACHE_SIZE - 1, writes, result,
		   0, BY_COPY);
}

#endif
