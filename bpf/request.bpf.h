/* SPDX-License-Identifier: GPL-2.0-only */
/* What is read off block requests and bios: their device, their operation, and whose they are. */
#ifndef REQUEST_BPF_H
#define REQUEST_BPF_H

#include "kernel.bpf.h"

#define OPERATION_MASK 0xff
#define OPERATION_READ 0
#define OPERATION_WRITE 1
#define OPERATION_FLUSH 2
#define OPERATION_DISCARD 3
#define OPERATION_SECURE_ERASE 5
#define OPERATION_ZONE_APPEND 7		/* 13 before 5.18: counts as nothing there */
#define OPERATION_WRITE_ZEROES 9

#define DATA_IS_TAIL 1UL
#define MAPPING_IS_ANONYMOUS 1UL
#define MEMCG_DATA_FLAGS 7UL
#define MEMCG_DATA_OBJECTS 1UL		/* a slab: objects of many owners */
#define MEMCG_DATA_KERNEL 2UL
#define MODE_TYPE 0170000
#define MODE_REGULAR 0100000
#define MODE_BLOCK 0060000

#define ROOT_ID 1
#define IS_ROOT(key) (((key) & ((1ULL << CGROUP_ID_BITS) - 1)) <= ROOT_ID)

/* enum disk_operation, or -1 for what moves no data (zone management, driver commands). */
static __always_inline int operation_of(unsigned int flags)
{
	switch (flags & OPERATION_MASK) {
	case OPERATION_READ:
		return DISK_READ;
	case OPERATION_WRITE:
	case OPERATION_ZONE_APPEND:
	case OPERATION_WRITE_ZEROES:
		return DISK_WRITE;
	case OPERATION_FLUSH:
		return DISK_FLUSH;
	case OPERATION_DISCARD:
	case OPERATION_SECURE_ERASE:
		return DISK_DISCARD;
	}
	return -1;
}

static __always_inline int request_operation(struct request *request)
{
	return operation_of(BPF_CORE_READ(request, cmd_flags));
}

/* A write of nothing is a flush that has not become a request of its own. */
static __always_inline int bio_operation(struct bio *bio)
{
	int operation = operation_of(BPF_CORE_READ(bio, bi_opf));

	return operation == DISK_WRITE && !BPF_CORE_READ(bio, bi_iter.bi_size) ? DISK_FLUSH : operation;
}

static __always_inline __u32 disk_number(struct gendisk *disk)
{
	if (!disk)
		return 0;
	return DISK_DEVICE(BPF_CORE_READ(disk, major), BPF_CORE_READ(disk, first_minor));
}

static __always_inline __u32 whole_disk(struct request *request)
{
	struct request___5_10 *old = (void *)request;
	struct gendisk *disk;

	if (bpf_core_field_exists(old->rq_disk))
		disk = BPF_CORE_READ(old, rq_disk);
	else
		disk = BPF_CORE_READ(request, q, disk);
	return disk_number(disk);
}

/* The partition that was asked for, else the disk: a flush is of the whole. */
static __always_inline __u32 device_of(struct request *request)
{
	struct request___5_10 *old = (void *)request;
	struct bio *bio = BPF_CORE_READ(request, bio);
	__u32 device = 0;

	if (!bpf_core_field_exists(bio->bi_bdev))
		device = BPF_CORE_READ(old, part, __dev.devt);
	else if (bio)
		device = BPF_CORE_READ(bio, bi_bdev, bd_dev);
	return device ? device : whole_disk(request);
}

/* By plain reads: every bio comes by here, and is the argument of a tracepoint. */
static __always_inline struct gendisk *disk_of_bio(struct bio *bio)
{
	if (!bpf_core_field_exists(bio->bi_bdev))
		return ((struct bio___5_10 *)bio)->bi_disk;
	return bio->bi_bdev->bd_disk;
}

/* Before 5.12 a bio has left its partition by the time it is told of. */
static __always_inline __u32 device_of_bio(struct bio *bio, struct gendisk *disk)
{
	if (!bpf_core_field_exists(bio->bi_bdev))
		return disk_number(disk);
	return BPF_CORE_READ(bio, bi_bdev, bd_dev);
}

/*
 * What stands for all paths to an NVMe name space passes bios on as they are, to become
 * requests of a path, which has no name of its own.
 */
static __always_inline bool is_multipath(struct gendisk *disk)
{
	char name[4] = {};

	bpf_probe_read_kernel(name, sizeof(name), disk->disk_name);
	return name[0] == 'n' && name[1] == 'v' && name[2] == 'm' && name[3] == 'e';
}

/* ---- pages */

static __always_inline struct page *head_of(struct page *page)
{
	struct page___head *with_head = (void *)page;
	struct page___info *with_info = (void *)page;
	unsigned long info = 0, head;

	if (bpf_core_field_exists(with_head->compound_head))
		info = BPF_CORE_READ(with_head, compound_head);
	else if (bpf_core_field_exists(with_info->compound_info))
		info = BPF_CORE_READ(with_info, compound_info);
	if (!(info & DATA_IS_TAIL))
		return page;
	head = info & ~DATA_IS_TAIL;
	if ((unsigned long)page - head > 1UL << 30)
		head = (unsigned long)page & info;	/* 7.1: a mask */
	return (struct page *)head;
}

/* The first page that is still to be moved; NULL: there is none. */
static __always_inline struct page *first_page(struct bio *bio)
{
	struct bio_vec *vector = BPF_CORE_READ(bio, bi_io_vec);
	unsigned int index = BPF_CORE_READ(bio, bi_iter.bi_idx);
	struct page *page;

	if (!vector)
		return NULL;
	vector = (void *)vector + index * bpf_core_type_size(struct bio_vec);
	page = BPF_CORE_READ(vector, bv_page);
	return page ? head_of(page) : NULL;
}

static __always_inline struct mem_cgroup *memory_cgroup(struct page *page)
{
	struct page___5_10 *old = (void *)page;
	struct obj_cgroup___root *charged_by_object = NULL;
	unsigned long data;
	struct obj_cgroup *object;

	if (bpf_core_field_exists(old->mem_cgroup))
		return BPF_CORE_READ(old, mem_cgroup);
	data = BPF_CORE_READ(page, memcg_data);
	if (data & MEMCG_DATA_OBJECTS)
		return NULL;
	if (!(data & MEMCG_DATA_KERNEL) && !bpf_core_field_exists(charged_by_object->is_root))
		return (struct mem_cgroup *)(data & ~MEMCG_DATA_FLAGS);
	object = (struct obj_cgroup *)(data & ~MEMCG_DATA_FLAGS);
	return BPF_CORE_READ(object, memcg);
}

static __always_inline bool is_written_back(struct page *page)
{
	struct page___flags *wrapped = (void *)page;
	unsigned long flags;

	if (bpf_core_field_exists(wrapped->flags.f))
		flags = BPF_CORE_READ(wrapped, flags.f);
	else
		flags = BPF_CORE_READ(page, flags);
	return flags & 1UL << bpf_core_enum_value(enum pageflags, PG_writeback);
}

/* The inode of the file that a page is of; NULL: of none, or of a process's memory. */
static __always_inline struct inode *page_inode(struct page *page, bool *anonymous)
{
	struct address_space *mapping = BPF_CORE_READ(page, mapping);

	*anonymous = (unsigned long)mapping & MAPPING_IS_ANONYMOUS;
	return *anonymous ? NULL : BPF_CORE_READ(mapping, host);
}

/*
 * Whether a file system is mounted from the block device of an inode.  Before 6.6 its
 * holder tells no more than that somebody has opened it for himself.
 */
static __always_inline bool is_mounted(struct inode *inode)
{
	struct block_device *device = (void *)inode -
				      bpf_core_field_offset(struct bdev_inode, vfs_inode) +
				      bpf_core_field_offset(struct bdev_inode, bdev);
	struct block_device___super *old = (void *)device;
	struct super_block *holder = BPF_CORE_READ(device, bd_holder);

	if (!holder || bpf_core_field_exists(old->bd_super))
		return holder;
	/* Another kind of holder does not have the device's address there. */
	return BPF_CORE_READ(holder, s_bdev) == device;
}

/*
 * Whether a page that a kernel thread writes is nobody's in particular: a file
 * system's own blocks, which are pages of its block device, are charged to who read
 * them in or changed them first, and so may be memory of the kernel.
 */
static __always_inline bool is_everyones(struct page *page, struct mem_cgroup *memory)
{
	bool anonymous;
	struct inode *inode = page_inode(page, &anonymous);
	__u32 type = inode ? BPF_CORE_READ(inode, i_mode) & MODE_TYPE : 0;

	if (type == MODE_BLOCK)
		return is_mounted(inode);
	return memory && type != MODE_REGULAR && !anonymous;
}

/* Whether what the root memory cgroup has is the host's: where memory is told apart. */
static __always_inline bool is_hosts(struct mem_cgroup *root)
{
	struct cgroup *cgroup = BPF_CORE_READ(root, css.cgroup);
	__u16 controllers = BPF_CORE_READ(cgroup, subtree_control);

	return BPF_CORE_READ(cgroup, root, hierarchy_id) ||
	       controllers & 1 << bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
}

/* ---- owners */

struct disk_owner {
	__u64 cgroup;
	bool current;			/* the current task asked for it */
	bool writeback;			/* it writes what the page cache had kept */
};

/* What the kernel has charged a bio to. */
struct charge {
	__u64 cgroup;			/* of itself (writeback: who dirtied the page), else of its
					   page's memory */
	int controller;			/* whose hierarchy that is in */
	struct page *page;		/* NULL: it moves no data */
	struct mem_cgroup *memory;	/* of the page; NULL: not known, or not needed */
};

static __always_inline struct charge charge_of(struct bio *bio, int operation)
{
	bool moves = operation == DISK_READ || operation == DISK_WRITE;
	struct charge charge = {
		.cgroup = cgroup_key(BPF_CORE_READ(bio, bi_blkg, blkcg, css.cgroup)),
		.controller = bpf_core_enum_value(enum cgroup_subsys_id, io_cgrp_id),
		.page = moves ? first_page(bio) : NULL,
	};
	struct mem_cgroup *memory;

	if (!IS_ROOT(charge.cgroup) || !charge.page)
		return charge;
	memory = memory_cgroup(charge.page);
	charge.cgroup = cgroup_key(BPF_CORE_READ(memory, css.cgroup));
	charge.memory = memory;
	charge.controller = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	return charge;
}

/*
 * Whose a bio, or the request with it, is: of whom it is charged to, else of the
 * current task, but for the kernel's own ones, which work for others.
 */
static __always_inline struct disk_owner owner_of(struct bio *bio, int operation)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool kernels = BPF_CORE_READ(task, flags) & PF_KTHREAD;
	struct charge charge = charge_of(bio, operation);
	struct disk_owner owner = {
		.cgroup = charge.cgroup,
		.writeback = operation == DISK_WRITE &&
			     (kernels || (charge.page && is_written_back(charge.page))),
	};

	if (kernels && charge.page && is_everyones(charge.page, charge.memory)) {
		owner.cgroup = CGROUP_SHARED;
	} else if (!IS_ROOT(charge.cgroup)) {
		owner.current = !kernels &&
				charge.cgroup == task_controller_key(task, charge.controller);
	} else if (!kernels || (charge.memory && is_hosts(charge.memory))) {
		owner.cgroup = current_cgroup_key();
		owner.current = !kernels;
	} else {
		owner.cgroup = CGROUP_SHARED;
	}
	return owner;
}

/* The same for a request that was not seen to begin: who is current tells nothing then. */
static __always_inline __u64 late_owner(struct request *request, int operation)
{
	__u64 cgroup = charge_of(BPF_CORE_READ(request, bio), operation).cgroup;

	return IS_ROOT(cgroup) ? CGROUP_SHARED : cgroup;
}

#endif
