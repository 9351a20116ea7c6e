/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of flow.bpf.c in other objects: there, contop puts the real ones in their place. */
#ifndef FLOW_MAPS_BPF_H
#define FLOW_MAPS_BPF_H

#include "kernel.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct flow_record);
} flow_records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, struct flow_key);
	__type(value, __u32);
} flow_index SEC(".maps");

#endif
