/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of slots: NAME_records, an array that contop maps into its memory;
 * NAME_index, from key to slot; NAME_free, the slots nobody has, lowest on top
 * so that the used ones stay together.  Contop sets their sizes before loading
 * and runs NAME_give to fill NAME_free; it alone takes slots back (slots.c), many
 * at once by NAME_take_back.
 */
#ifndef SLOTS_BPF_H
#define SLOTS_BPF_H

#include "kernel.bpf.h"

/* Makes the slots below end free, but not those below first, and GIVEN_AT_ONCE at most. */
#define GIVEN_AT_ONCE 64
static __always_inline int give_some(void *free, __u32 first, __u32 end)
{
	for (__u32 i = 1; i <= GIVEN_AT_ONCE; i++) {
		__u32 slot = end - i;

		if (slot < first || slot >= end)
			break;
		bpf_map_push_elem(free, &slot, 0);
	}
	return 0;
}

/* Makes slots free again: two in each argument, 0 where there is none. */
static __always_inline int take_back(void *free, const __u64 *slots)
{
#pragma unroll
	for (int i = 0; i < SLOTS_RETURNED / 2; i++) {
		__u32 low = slots[i], high = slots[i] >> 32;

		if (high)
			bpf_map_push_elem(free, &high, 0);
		if (low)
			bpf_map_push_elem(free, &low, 0);
	}
	return 0;
}

#define SLOT_TABLE(name, key_type, record_type)						\
struct {										\
	__uint(type, BPF_MAP_TYPE_ARRAY);						\
	__uint(map_flags, BPF_F_MMAPABLE);						\
	__uint(max_entries, 2);								\
	__type(key, __u32);								\
	__type(value, record_type);							\
} name##_records SEC(".maps");								\
struct {										\
	__uint(type, BPF_MAP_TYPE_HASH);						\
	__uint(max_entries, 2);								\
	__type(key, key_type);								\
	__type(value, __u32);								\
} name##_index SEC(".maps");								\
struct {										\
	__uint(type, BPF_MAP_TYPE_STACK);						\
	__uint(max_entries, 2);								\
	__uint(key_size, 0);								\
	__type(value, __u32);								\
} name##_free SEC(".maps");								\
/* Not static: the verifier looks at it once, not once for each round of the loop below. */	\
__attribute__((noinline)) int name##_give_some(__u32 first, __u32 end)			\
{											\
	return give_some(&name##_free, first, end);					\
}											\
SEC("raw_tp")										\
int name##_give(struct bpf_raw_tracepoint_args *context)				\
{											\
	__u32 first = context->args[0], end = context->args[1];				\
	for (__u32 given = 0; given < SLOTS_GIVEN && given < end; given += GIVEN_AT_ONCE)	\
		name##_give_some(first, end - given);					\
	return 0;									\
}											\
SEC("raw_tp")										\
int name##_take_back(struct bpf_raw_tracepoint_args *context)				\
{											\
	return take_back(&name##_free, context->args);					\
}											\
struct name##_slots	/* takes the semicolon */

/*
 * The slot of a key, a fresh one if need be: then *made is set, and the caller
 * writes the key into its record, which is all zero but for that. 0: none left.
 * Others may find and use the slot before its key is written: contop waits for it.
 */
static __always_inline __u32 slot_of(void *index, void *free, const void *key, bool *made)
{
	__u32 *found, slot;

	*made = false;
	found = bpf_map_lookup_elem(index, key);
	if (found)
		return *found;
	if (bpf_map_pop_elem(free, &slot))
		return 0;
	if (!bpf_map_update_elem(index, key, &slot, BPF_NOEXIST)) {
		*made = true;
		return slot;
	}
	/* Another CPU came first, or the index is full. */
	bpf_map_push_elem(free, &slot, 0);
	found = bpf_map_lookup_elem(index, key);
	return found ? *found : 0;
}

SLOT_TABLE(overflow, __u64, struct overflow_record);

__u64 overflowed;		/* how often something was counted in an overflow record */

/* The record that counts for a cgroup whatever has no slot of its own. */
static __always_inline struct overflow_record *overflow_of(__u64 cgroup)
{
	struct overflow_record *record;
	__u32 slot;
	bool made;

	ADD(overflowed, 1);
	slot = slot_of(&overflow_index, &overflow_free, &cgroup, &made);
	record = bpf_map_lookup_elem(&overflow_records, &slot);
	if (record && made)
		record->cgroup = cgroup;
	return record;
}

#endif
