/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is noted of sockets, and how a note leads to its flow's record.  Whoever
 * includes this has declared flow_records and flow_index.
 */
#ifndef SOCKET_BPF_H
#define SOCKET_BPF_H

#include "owner.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct socket_note);
} notes SEC(".maps");

/* The record that a note remembers; NULL: none, or its slot was taken back since. */
static __always_inline struct flow_record *remembered(const struct socket_note *note)
{
	__u32 slot = note->slot;
	struct flow_record *record;

	if (!slot)
		return NULL;
	record = bpf_map_lookup_elem(&flow_records, &slot);
	return record && record->generation == note->generation ? record : NULL;
}

#endif
