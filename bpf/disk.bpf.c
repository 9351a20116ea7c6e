// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block I/O: what requests moved and how long they took, per container and device.
 *
 * A request is charged when it is issued: to the cgroup its first bio was
 * charged to (writeback: who dirtied the page), else to that of the page's
 * memory, else to the task that issued it.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"

SLOT_TABLE(disk, struct disk_key, struct disk_record);

/* Set by contop: which interval this is, so that maxima start anew with each. */
__u32 epoch;

struct request_note {
	__u64 cgroup;
	__u64 issued_ns;
};

/* Requests under way, by address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct request_note);
} requests SEC(".maps");

#define OPERATION_MASK 0xff
#define OPERATION_READ 0
#define OPERATION_WRITE 1
#define OPERATION_FLUSH 2
#define OPERATION_DISCARD 3
#define OPERATION_SECURE_ERASE 5
#define OPERATION_ZONE_APPEND 7		/* 13 before 5.18: counts as nothing there */
#define OPERATION_WRITE_ZEROES 9

#define DATA_IS_TAIL 1UL
#define MEMCG_DATA_FLAGS 7UL
#define MEMCG_DATA_OBJECTS 1UL		/* a slab: objects of many owners */
#define MEMCG_DATA_KERNEL 2UL

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

#define ROOT_ID 1
#define IS_ROOT(key) (((key) & ((1ULL << CGROUP_ID_BITS) - 1)) <= ROOT_ID)

static __always_inline __u64 owner_of(struct request *request)
{
	struct bio *bio = BPF_CORE_READ(request, bio);
	struct mem_cgroup *memory;
	struct page *page;
	__u64 key;

	if (!bio)
		return 0;
	key = cgroup_key(BPF_CORE_READ(bio, bi_blkg, blkcg, css.cgroup));
	if (!IS_ROOT(key))
		return key;
	page = BPF_CORE_READ(bio, bi_io_vec, bv_page);
	memory = page ? memory_cgroup(head_of(page)) : NULL;
	return memory ? cgroup_key(BPF_CORE_READ(memory, css.cgroup)) : 0;
}

static __always_inline int issue(struct request *request)
{
	__u64 address = (__u64)request;
	struct request_note note = {
		.cgroup = owner_of(request),
		.issued_ns = bpf_ktime_get_ns(),
	};

	if (IS_ROOT(note.cgroup))
		note.cgroup = current_cgroup_key();
	if (scoped() && current_is_outside(note.cgroup))
		return 0;
	bpf_map_update_elem(&requests, &address, &note, BPF_ANY);
	return 0;
}

static __always_inline __u32 device_of(struct request *request)
{
	struct request___5_10 *old = (void *)request;
	struct gendisk *disk;

	if (bpf_core_field_exists(old->rq_disk))
		disk = BPF_CORE_READ(old, rq_disk);
	else
		disk = BPF_CORE_READ(request, q, disk);
	if (!disk)
		return 0;
	return DISK_DEVICE(BPF_CORE_READ(disk, major), BPF_CORE_READ(disk, first_minor));
}

/* enum disk_operation, or -1 for what moves no data (zone management, driver commands). */
static __always_inline int operation_of(struct request *request)
{
	switch (BPF_CORE_READ(request, cmd_flags) & OPERATION_MASK) {
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

/* Bucket of LATENCY_FLOOR: the two bits below the highest one tell quarters of an octave apart. */
static __always_inline __u32 bucket_of(__u64 us)
{
	__u32 high = 0, value, bucket;

	if (us >= 1ULL << 23)
		return LATENCY_BUCKETS - 1;
	value = us;
	if (value < 1 << LATENCY_STEP_BITS)
		return value;
	if (value >= 1 << 16) { high += 16; value >>= 16; }
	if (value >= 1 << 8) { high += 8; value >>= 8; }
	if (value >= 1 << 4) { high += 4; value >>= 4; }
	if (value >= 1 << 2) { high += 2; value >>= 2; }
	if (value >= 1 << 1) high += 1;
	bucket = (high - 1) * 4 + ((us >> (high - LATENCY_STEP_BITS)) & 3);
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static __always_inline void count_latency(struct disk_record *record, __u64 ns)
{
	__u32 bucket = bucket_of(ns / 1000);

	ADD(record->latency_ns, ns);
	ADD(record->timed, 1);
	/* For the verifier: the compiler knows the bound and would drop a plain test. */
	asm volatile("" : "+r"(bucket));
	if (bucket < LATENCY_BUCKETS)
		ADD(record->histogram[bucket], 1);
	/* Two CPUs of one shard may race for the maximum: the larger loses at most once. */
	if (record->latency_epoch != epoch) {
		record->latency_epoch = epoch;
		record->latency_max_ns = ns;
	} else if (record->latency_max_ns < ns) {
		record->latency_max_ns = ns;
	}
}

static __always_inline struct disk_record *find_record(__u64 cgroup, __u32 device)
{
	struct disk_key key = {
		.cgroup = cgroup,
		.device = device,
		.shard = bpf_get_smp_processor_id() % DISK_SHARDS,
	};
	struct disk_record *record;
	bool made;
	__u32 slot = slot_of(&disk_index, &disk_free, &key, &made);

	record = slot ? bpf_map_lookup_elem(&disk_records, &slot) : NULL;
	if (record && made)
		record->key = key;
	return record;
}

static __always_inline void count_overflow(__u64 cgroup, __u32 operation, __u64 bytes, bool done)
{
	struct overflow_record *record = overflow_of(cgroup);

	if (!record)
		return;
	ADD(record->disk_bytes[operation], bytes);
	if (done)
		ADD(record->disk_operations[operation], 1);
}

static __always_inline int complete(struct request *request, int error, unsigned int bytes)
{
	__u64 address = (__u64)request, now = bpf_ktime_get_ns(), cgroup;
	struct request_note *note = bpf_map_lookup_elem(&requests, &address);
	__u32 left = BPF_CORE_READ(request, __data_len);
	int operation = operation_of(request);
	struct disk_record *record;
	/* The last part; a flush has no data, a write turned into one ends twice. */
	bool done = bytes >= left && (bytes > 0 || operation == DISK_FLUSH);

	/* What is not to be counted was not noted. */
	if (operation < 0 || operation >= DISK_OPERATIONS || (scoped() && !note))
		goto out;
	cgroup = note ? note->cgroup : owner_of(request);
	if (!cgroup)
		cgroup = CGROUP_UNKNOWN;
	record = find_record(cgroup, device_of(request));
	if (!record) {
		count_overflow(cgroup, operation, bytes, done);
		goto out;
	}
	ADD(record->bytes[operation], bytes);
	if (error)
		ADD(record->errors, 1);
	if (done)
		ADD(record->operations[operation], 1);
	if (done && note && operation != DISK_FLUSH)
		count_latency(record, now - note->issued_ns);
out:
	if (note && bytes >= left)
		bpf_map_delete_elem(&requests, &address);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(request_issued, struct request *request)
{
	return issue(request);
}

/* Until 5.11 (commit a54895fa057c; some stable kernels have it too) the queue came first. */
SEC("tp_btf/block_rq_issue")
int BPF_PROG(request_issued_with_queue, struct request_queue *queue, struct request *request)
{
	return issue(request);
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(request_completed, struct request *request, int error, unsigned int bytes)
{
	return complete(request, error, bytes);
}
