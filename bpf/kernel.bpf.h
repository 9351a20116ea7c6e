/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types that contop reads, relocated by CO-RE to what the
 * running kernel has; every difference between kernels is dealt with here.
 * A type named X___Y is X as some kernels have it.
 */
#ifndef KERNEL_BPF_H
#define KERNEL_BPF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "contop.h"

#define KERNEL __attribute__((preserve_access_index))

/* Atomic add that asks for nothing back: -mcpu=v2 has no other, nor has 5.10. */
#define ADD(counter, n) ((void)__sync_fetch_and_add(&(counter), (n)))

/* The number of the highest bit; of 0, 0. There is no instruction for it. */
static __always_inline __u32 highest_bit(__u32 value)
{
	__u32 high = 0;

	if (value >= 1 << 16) { high += 16; value >>= 16; }
	if (value >= 1 << 8) { high += 8; value >>= 8; }
	if (value >= 1 << 4) { high += 4; value >>= 4; }
	if (value >= 1 << 2) { high += 2; value >>= 2; }
	if (value >= 1 << 1) high += 1;
	return high;
}

/* ---- cgroups */

struct kernfs_node {
	__u64 id;
} KERNEL;

struct cgroup_root {
	int hierarchy_id;
} KERNEL;

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
	__u16 subtree_control;		/* controllers of its children; 32 bits from 7.0 on */
} KERNEL;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} KERNEL;

struct css_set {
	struct cgroup_subsys_state *subsys[1];	/* as many as the kernel has controllers */
	struct cgroup *dfl_cgrp;
} KERNEL;

/* Their numbers depend on the kernel's configuration. */
enum cgroup_subsys_id { io_cgrp_id, memory_cgrp_id };

/* ---- tasks */

struct thread_info {
	unsigned long flags;
#ifdef __TARGET_ARCH_x86
	__u32 status;
#endif
} KERNEL;

struct cred {
	struct {
		__u32 val;
	} uid, gid;
} KERNEL;

struct file;
struct files_struct;

#define PF_KTHREAD 0x00200000

struct signal_struct {
	struct {
		int counter;
	} live;				/* threads that have not ended */
} KERNEL;

struct task_struct {
	struct thread_info thread_info;
	int pid;			/* what user space calls the thread id */
	int tgid;			/* what user space calls the process id */
	unsigned int flags;		/* PF_* */
	struct cred *cred;
	char comm[TASK_NAME_SIZE];
	struct task_struct *real_parent;
	struct files_struct *files;
	struct signal_struct *signal;
	int exit_code;
	__u64 start_boottime;		/* nanoseconds; /proc/PID/stat has it in ticks */
	struct css_set *cgroups;
} KERNEL;

#ifdef __TARGET_ARCH_x86
struct pt_regs {
	unsigned long bx, cx, dx, si, di, orig_ax;
} KERNEL;
#define SYSCALL_NUMBER(regs) ((regs)->orig_ax)
#define TASK_COMPAT(task) ((task)->thread_info.status & 2)		/* TS_COMPAT */
#else
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;			/* the first argument: its register has the result by then */
	int syscallno;
} KERNEL;
#define SYSCALL_NUMBER(regs) ((regs)->syscallno)
#define TASK_COMPAT(task) ((task)->thread_info.flags & (1 << 22))	/* TIF_32BIT */
#endif

/* ---- io_uring */

struct io_kiocb {
	struct file *file;
	__u8 opcode;
} KERNEL;

struct io_uring_cqe {
	__s32 res;
} KERNEL;

/* ---- files */

struct block_device;

struct super_block {
	__u32 s_dev;
	struct block_device *s_bdev;
	unsigned long s_magic;
} KERNEL;

struct inode {
	__u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	__u32 i_generation;
} KERNEL;

struct qstr {
	__u64 hash_len;
	const unsigned char *name;
} KERNEL;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
} KERNEL;

struct vfsmount {
	struct dentry *mnt_root;
} KERNEL;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} KERNEL;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} KERNEL;

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	void *private_data;		/* of a socket: its struct socket */
} KERNEL;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} KERNEL;

struct files_struct {
	struct fdtable *fdt;
} KERNEL;

/* A type that begins with a pointer to a file: where an element of fdtable.fd is read as one. */
struct kiocb {
	struct file *ki_filp;
} KERNEL;

/* From 6.2 on: makes an address one that may be read through without a helper. */
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym __weak;

/* ---- open files, as iterators give them */

struct in6_addr {
	__u8 bytes[16];
};

struct ns_common {
	unsigned int inum;
} KERNEL;

struct net {
	struct ns_common ns;
} KERNEL;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport;
	__u16 skc_num;
	unsigned char skc_ipv6only : 1;
	struct {
		struct net *net;
	} skc_net;
	__u16 skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} KERNEL;

struct sock_cgroup_data {
	struct cgroup *cgroup;		/* from 5.15 on; before: val */
} KERNEL;

struct numa_drop_counters {
	struct {
		int counter;
	} drops0, drops1;
} KERNEL;

struct net_device {
	char name[INTERFACE_NAME_SIZE];
} KERNEL;

struct dst_entry {
	struct net_device *dev;
} KERNEL;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	int sk_err;
	__u32 sk_ack_backlog, sk_max_ack_backlog;
	struct {
		int counter;
	} sk_drops;
	struct numa_drop_counters *sk_drop_counters;	/* from 6.18 on, of UDP; instead of the other */
	struct dst_entry *sk_dst_cache;
	struct sock_cgroup_data sk_cgrp_data;
} KERNEL;

struct mptcp_sock {
	struct sock *first;		/* the TCP socket that it listens by */
} KERNEL;

struct sock_cgroup_data___val {
	__u64 val;			/* bit 0: no cgroup, but data of net_cls and net_prio */
} KERNEL;

struct sock___val {
	struct sock_cgroup_data___val sk_cgrp_data;
} KERNEL;

struct inet_sock {
	__u32 inet_saddr;
	__u16 inet_sport;
} KERNEL;

struct socket {
	struct sock *sk;
} KERNEL;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} KERNEL;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} KERNEL;

/* ---- block layer */

struct block_device_operations {
	void (*submit_bio)(void);	/* NULL: the device takes requests */
} KERNEL;

struct gendisk {
	int major;
	int first_minor;
	char disk_name[32];
	const struct block_device_operations *fops;
} KERNEL;

struct block_device {
	__u32 bd_dev;			/* of the partition, else of the whole disk */
	struct gendisk *bd_disk;
	void *bd_holder;		/* from 6.6 on the super block of what is mounted */
} KERNEL;

struct block_device___super {
	struct super_block *bd_super;	/* until 6.6 */
} KERNEL;

struct bdev_inode {
	struct block_device bdev;
	struct inode vfs_inode;
} KERNEL;

struct request_queue {
	struct gendisk *disk;		/* from 5.16 on (commit d152c682f03c); before: request.rq_disk */
} KERNEL;

struct blkcg {
	struct cgroup_subsys_state css;
} KERNEL;

struct blkcg_gq {
	struct blkcg *blkcg;
} KERNEL;

struct mem_cgroup {
	struct cgroup_subsys_state css;
} KERNEL;

struct obj_cgroup {
	struct mem_cgroup *memcg;
} KERNEL;

struct address_space {
	struct inode *host;
} KERNEL;

struct page {
	unsigned long flags;
	struct address_space *mapping;	/* bit 0: of no file, but of a process */
	unsigned long memcg_data;	/* from 5.11 on; before: mem_cgroup */
} KERNEL;

/* From 6.18 on (commit 53fbef56e07d) flags are wrapped. */
struct page___flags {
	struct {
		unsigned long f;
	} flags;
} KERNEL;

enum pageflags { PG_writeback };	/* the number is the kernel's */

struct bio_vec {
	struct page *bv_page;
} KERNEL;

struct bvec_iter {
	unsigned int bi_size;
	unsigned int bi_idx;
} KERNEL;

struct bio {
	struct bio *bi_next;		/* in its request */
	struct block_device *bi_bdev;	/* from 5.12 on; before: request.part, bi_disk */
	unsigned int bi_opf;
	__u8 bi_status;
	struct blkcg_gq *bi_blkg;
	struct bio_vec *bi_io_vec;
	struct bvec_iter bi_iter;
	void *bi_private;		/* of the front of a bio that was split: the rest of it */
} KERNEL;

struct bio___5_10 {
	struct gendisk *bi_disk;
} KERNEL;

enum mq_rq_state { MQ_RQ_IDLE };

struct request {
	struct request_queue *q;
	struct bio *bio;
	unsigned int cmd_flags;
	unsigned int __data_len;
	enum mq_rq_state state;
} KERNEL;

struct device {
	__u32 devt;
} KERNEL;

struct hd_struct {
	struct device __dev;
} KERNEL;

struct request___5_10 {
	struct gendisk *rq_disk;
	struct hd_struct *part;
} KERNEL;

struct page___5_10 {
	struct mem_cgroup *mem_cgroup;
} KERNEL;

struct page___head {
	unsigned long compound_head;
} KERNEL;

/* 7.1 names it anew: a mask instead of a pointer where the head is not near. */
struct page___info {
	unsigned long compound_info;
} KERNEL;

/* 7.1: the page cache, too, is charged to an obj_cgroup. */
struct obj_cgroup___root {
	bool is_root;
} KERNEL;

/* ---- what is read off them */

static __always_inline __u64 cgroup_key(struct cgroup *cgroup)
{
	if (!cgroup)
		return 0;
	return CGROUP_KEY(BPF_CORE_READ(cgroup, root, hierarchy_id) & 0xff,
			  BPF_CORE_READ(cgroup, kn, id));
}

const volatile struct settings settings;

/* The cgroup of a task in the hierarchy of a controller, which is given by its number. */
static __always_inline __u64 task_controller_key(struct task_struct *task, int controller)
{
	struct cgroup_subsys_state *css = NULL;
	struct css_set *set = BPF_CORE_READ(task, cgroups);

	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
			      sizeof(css) * controller);
	return cgroup_key(BPF_CORE_READ(css, cgroup));
}

/* The home cgroup of a task that is given by address alone. */
static __always_inline __u64 task_cgroup_key(struct task_struct *task)
{
	if (settings.home_controller < 0)
		return cgroup_key(BPF_CORE_READ(task, cgroups, dfl_cgrp));
	return task_controller_key(task, settings.home_controller);
}

static __always_inline __u64 current_cgroup_key(void)
{
	if (settings.home_controller < 0)
		return CGROUP_KEY(0, bpf_get_current_cgroup_id());
	return task_cgroup_key((struct task_struct *)bpf_get_current_task());
}

char LICENSE[] SEC("license") = "GPL";

#endif
