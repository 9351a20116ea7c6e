/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring buffer of events that are told one by one: all objects that tell any have the same one. */
#ifndef LOG_RING_BPF_H
#define LOG_RING_BPF_H

#include "kernel.bpf.h"

/* Contop puts the real one in its place. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} log_ring SEC(".maps");

__u64 lost_events;		/* of this object */
__u32 log_wanted;		/* events are to be told */

/* Events come by the ten thousand: contop hears of them once an interval, or when it is time. */
static __always_inline void submit(struct log_record *record)
{
	__u64 used = bpf_ringbuf_query(&log_ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, used > bpf_ringbuf_query(&log_ring, BPF_RB_RING_SIZE) / 4 ?
			   BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline struct log_record *reserve(__u8 kind)
{
	struct log_record *record = bpf_ringbuf_reserve(&log_ring, sizeof(*record), 0);

	if (!record) {
		ADD(lost_events, 1);
		return NULL;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->kind = kind;
	record->time_ns = bpf_ktime_get_ns();
	return record;
}

/* The interface that a socket's packets leave by. */
static __always_inline void set_interface(struct log_record *event, struct sock *sk)
{
	struct net_device *device = BPF_CORE_READ(sk, sk_dst_cache, dev);

	if (device)
		bpf_probe_read_kernel_str(event->interface, sizeof(event->interface), device->name);
}

#endif
