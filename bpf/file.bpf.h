/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File I/O: bytes and calls of each thread on regular files and block devices,
 * counted when its system calls return.
 */
#ifndef FILE_BPF_H
#define FILE_BPF_H

#include "call.bpf.h"
#include "path.bpf.h"
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

/* ---- files */

/*
 * Set by contop when its programs cost too much: from then on all threads of a
 * cgroup that run on one CPU share their records, as if they were one, of process 0.
 */
__u32 merged;
#define MERGED_TID(cpu) (0x80000000u | (cpu))	/* no thread has such an id */

#define FILES_CACHED 64

/* What this CPU remembers of files: guesses, as any thread of the CPU may have made them. */
struct file_cache {
	__u64 magic;			/* of the last file system found to hold files */
	volatile __u64 address;		/* a typed pointer becomes a number on its way through here */
	__u32 slots[FILES_CACHED];	/* by thread and descriptor */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_cache);
} file_caches SEC(".maps");

/* The thread whose call it is, or all those that a CPU runs. */
struct caller {
	struct task_struct *task;	/* the thread, in either case */
	__u64 cgroup;
	__u64 start_ns;
	__u64 pid_tid;
};

static __always_inline void merge(struct caller *caller)
{
	caller->pid_tid = MERGED_TID(bpf_get_smp_processor_id());
	caller->start_ns = 0;
}

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

/* The path of a file, into the record of a slot. */
__noinline int write_path(__u32 slot, __u64 address)
{
	struct file_record *record = bpf_map_lookup_elem(&file_records, &slot);
	struct file_walk *walk = walk_up(address);

	if (!walk || !record)
		return 0;
	bpf_probe_read_kernel(record->path, sizeof(record->path), walk->text);
	record->path_size = walk->size;
	record->path_flags = walk->flags;
	return 0;
}

/* ---- records */

/*
 * The slot that counts for what a thread does to a file, made if need be.
 * 0: none left.
 */
__noinline __u32 find_file_slot(__u64 cgroup, __u64 start_ns, __u64 pid_tid, __u64 address)
{
	struct file *file = (void *)address;
	struct file_key key = { .cgroup = cgroup, .start_ns = start_ns, .tid = pid_tid };
	struct file_record *record;
	bool made;
	__u32 slot;

	if (files_listed) {
		identify(&key, file, BPF_CORE_READ(file, f_inode), false);
		if (files_crowded && !bpf_map_lookup_elem(&file_index, &key))
			identify_rest(&key);
	}
	slot = slot_of(&file_index, &file_free, &key, &made);
	if (!made)
		return slot;
	record = bpf_map_lookup_elem(&file_records, &slot);
	if (!record)
		return 0;
	record->pid = pid_tid >> 32;
	record->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	if (key.inode)
		write_path(slot, address);
	if (slot >= files_crowded_from)
		files_crowded = 1;
	record->key = key;
	return slot;
}

static __always_inline bool is_of(const struct file_record *record, const struct file_key *key)
{
	return record->key.tid == key->tid && record->key.start_ns == key->start_ns &&
	       record->key.inode == key->inode && record->key.name == key->name &&
	       record->key.generation == key->generation && record->key.cgroup == key->cgroup &&
	       record->key.device == key->device && record->key.flags == key->flags;
}

__noinline int count_file_overflow(__u64 cgroup, __u32 writes, __u64 bytes)
{
	struct overflow_record *record = overflow_of(cgroup);

	ADD(files_overflowed, 1);
	if (!record)
		return 0;
	if (writes) {
		ADD(record->file_write_bytes, bytes);
		ADD(record->file_writes, 1);
	} else {
		ADD(record->file_read_bytes, bytes);
		ADD(record->file_reads, 1);
	}
	return 0;
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

/* hint: the same for the same file, more often than not. */
static __always_inline void count_file(const struct caller *caller, struct file *file, __u32 hint,
				       bool writes, __u64 bytes, __u64 ns, enum reading how)
{
	struct inode *inode = file ? LOAD(how == BY_LOAD, file, f_inode) : NULL;
	__u32 zero = 0, slot, *guess;
	struct file_cache *cache = bpf_map_lookup_elem(&file_caches, &zero);
	struct file_key key = {
		.cgroup = caller->cgroup, .start_ns = caller->start_ns, .tid = caller->pid_tid,
	};
	struct file_record *record;

	if (!inode || !cache || !holds_data(inode, how == BY_LOAD, cache))
		return;
	if (files_listed)
		identify(&key, file, inode, how == BY_LOAD);
	guess = &cache->slots[(key.tid + hint) % FILES_CACHED];
	slot = *guess;
	record = bpf_map_lookup_elem(&file_records, &slot);
	if (!record || !is_of(record, &key)) {
		cache->address = (__u64)file;
		slot = find_file_slot(key.cgroup, key.start_ns, caller->pid_tid, cache->address);
		*guess = slot;
		record = slot ? bpf_map_lookup_elem(&file_records, &slot) : NULL;
	}
	if (record)
		count_in_record(record, writes, bytes, ns);
	else
		count_file_overflow(key.cgroup, writes, bytes);
}

/* The same for the current thread, on the ways that are seldom taken. */
__noinline int count_file_of_current(__u64 address, __u32 writes, __u64 bytes, __u64 ns)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct caller caller = {
		.task = task, .cgroup = current_cgroup_key(), .pid_tid = bpf_get_current_pid_tgid(),
		.start_ns = BPF_CORE_READ(task, start_boottime),
	};

	if (merged)
		merge(&caller);
	count_file(&caller, (struct file *)address, FILES_CACHED / 2, writes, bytes, ns, BY_COPY);
	return 0;
}

static __always_inline void count_file_call(const struct caller *caller, struct pt_regs *regs,
					    __u32 nr, enum call_kind kind, __u64 bytes, __u64 ns,
					    enum reading how)
{
	bool compat = nr & SYSCALL_COMPAT, writes = kind == CALL_WRITES;
	__u32 fd = kind == CALL_SENDS ? ARGUMENT_1(regs, compat) : ARGUMENT_0(regs, compat), to;

	count_file(caller, file_of(caller->task, fd, how), fd, writes, bytes, ns, how);
	if (kind != CALL_SENDS && kind != CALL_COPIES)
		return;
	to = kind == CALL_SENDS ? ARGUMENT_0(regs, compat) : ARGUMENT_2(regs, compat);
	count_file_of_current((__u64)file_of(caller->task, to, BY_COPY), true, bytes, ns);
}

/* The same for an operation of io_uring: those that read and write. */
static __always_inline void count_file_request(struct io_kiocb *request, __u32 opcode, __u64 bytes)
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
	count_file_of_current((__u64)BPF_CORE_READ(request, file), writes, bytes, 0);
}

#endif
