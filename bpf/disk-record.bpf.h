/* SPDX-License-Identifier: GPL-2.0-only */
/* Where an operation of a disk is counted, once it is known whose it is. */
#ifndef DISK_RECORD_BPF_H
#define DISK_RECORD_BPF_H

#include "slots.bpf.h"

SLOT_TABLE(disk, struct disk_key, struct disk_record);

/* Set by contop: which interval this is, so that maxima start anew with each. */
__u32 epoch;

/* What is known of a request, or of a bio that stays one. */
struct request_note {
	__u64 cgroup;
	__u64 queued_ns;		/* 0: not known */
	__u64 issued_ns;		/* 0: not yet, or to be issued again */
	__u32 device;
	__u32 bytes;			/* left to do */
	__u32 pid;			/* 0: not known */
	__u32 uid;
	char comm[TASK_NAME_SIZE];
	__u8 operation;			/* enum disk_operation */
	__u8 writeback;
	__u8 again;			/* goes back to the queue */
	__u8 outside;			/* not to be counted */
	__u32 size;			/* when it was issued */
};

/* Bucket of LATENCY_FLOOR: the two bits below the highest one tell quarters of an octave apart. */
static __always_inline __u32 bucket_of(__u64 us)
{
	__u32 high, value, bucket;

	if (us >= 1ULL << 23)
		return LATENCY_BUCKETS - 1;
	value = us;
	if (value < 1 << LATENCY_STEP_BITS)
		return value;
	high = highest_bit(value);
	bucket = (high - 1) * 4 + ((us >> (high - LATENCY_STEP_BITS)) & 3);
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static __always_inline void set_maxima_back(struct disk_record *record)
{
	/* Two CPUs of one shard may race for the maxima: the larger loses at most once. */
	if (record->epoch == epoch)
		return;
	record->epoch = epoch;
	record->latency_max_ns = 0;
	record->queue_max_ns = 0;
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
	if (record->latency_max_ns < ns)
		record->latency_max_ns = ns;
}

static __always_inline void count_queue(struct disk_record *record, __u64 ns)
{
	ADD(record->queue_ns, ns);
	ADD(record->queued, 1);
	if (record->queue_max_ns < ns)
		record->queue_max_ns = ns;
}

static __always_inline struct disk_record *find_record(const struct request_note *note, __u32 pid)
{
	struct disk_key key = {
		.cgroup = note->cgroup,
		.device = note->device,
		.shard = bpf_get_smp_processor_id() % DISK_SHARDS,
		.pid = pid,
	};
	struct disk_record *record;
	bool made;
	__u32 slot = slot_of(&disk_index, &disk_free, &key, &made);

	record = slot ? bpf_map_lookup_elem(&disk_records, &slot) : NULL;
	if (record && made) {
		record->uid = note->uid;
		__builtin_memcpy(record->comm, note->comm, sizeof(record->comm));
		record->key = key;
	}
	return record;
}

/* An index, for verifiers before 6.2: these forget a bound when a register is saved. */
static __always_inline __u32 bounded(__u32 operation)
{
	_Static_assert((DISK_OPERATIONS & (DISK_OPERATIONS - 1)) == 0, "a mask bounds it");
	asm volatile("" : "+r"(operation));
	return operation & (DISK_OPERATIONS - 1);
}

static __always_inline void count_overflow(const struct request_note *note, __u32 bytes, bool done)
{
	struct overflow_record *record = overflow_of(note->cgroup);
	__u32 operation = note->operation;

	if (!record || operation >= DISK_OPERATIONS)
		return;
	ADD(record->disk_bytes[bounded(operation)], bytes);
	if (done)
		ADD(record->disk_operations[bounded(operation)], 1);
}

static __always_inline struct disk_record *record_of(const struct request_note *note)
{
	struct disk_record *record = find_record(note, note->pid);

	/* Processes may be too many to tell apart. */
	return !record && note->pid ? find_record(note, 0) : record;
}

/* Returns the record for more, or NULL. */
static __always_inline struct disk_record *count(const struct request_note *note, __u32 bytes,
						 bool done)
{
	__u32 operation = note->operation;
	struct disk_record *record;

	if (operation >= DISK_OPERATIONS)
		return NULL;
	record = record_of(note);
	if (!record) {
		count_overflow(note, bytes, done);
		return NULL;
	}
	ADD(record->bytes[bounded(operation)], bytes);
	if (note->writeback)
		ADD(record->writeback_bytes, bytes);
	if (done)
		ADD(record->operations[bounded(operation)], 1);
	return record;
}

#endif
