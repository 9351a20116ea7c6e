/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who a task is, and which flow a socket is of.  Whoever includes this has
 * declared flow_records and flow_index.
 */
#ifndef OWNER_BPF_H
#define OWNER_BPF_H

#include "kernel.bpf.h"

#define FAMILY_IPV4 2
#define FAMILY_IPV6 10
#define PROTOCOL_TCP 6

static __always_inline void owner_of_task(struct task_struct *task, struct flow_owner *owner)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	owner->pid = BPF_CORE_READ(task, tgid);
	owner->uid = BPF_CORE_READ(task, cred, uid.val);
	owner->gid = BPF_CORE_READ(task, cred, gid.val);
	owner->ppid = BPF_CORE_READ(parent, tgid);
	bpf_probe_read_kernel_str(owner->comm, sizeof(owner->comm), task->comm);
	bpf_probe_read_kernel_str(owner->parent, sizeof(owner->parent), parent->comm);
}

/* ---- 5-tuples of sockets */

static __always_inline bool is_mapped(const __u8 address[16])
{
	const __u32 *words = (const __u32 *)address;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

static __always_inline void unmap(__u8 address[16])
{
	__u32 *words = (__u32 *)address;

	words[0] = words[3];
	words[2] = words[3] = 0;
}

/*
 * The flow of a TCP socket as packets have it: IPv4 by a socket for IPv6 is
 * IPv4. False: neither. The key begins as zeros; its cgroup is the caller's.
 */
static __always_inline bool read_key(struct sock *sk, struct flow_key *key)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct inet_sock *inet = (void *)sk;

	key->protocol = PROTOCOL_TCP;
	/* Not skc_num: that is 0 again when a connection ends. */
	key->local_port = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
	key->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (family == FAMILY_IPV4) {
		key->family = 4;
		BPF_CORE_READ_INTO((__u32 *)key->local_address, inet, inet_saddr);
		BPF_CORE_READ_INTO((__u32 *)key->remote_address, sk, __sk_common.skc_daddr);
		return true;
	}
	if (family != FAMILY_IPV6)
		return false;
	key->family = 6;
	BPF_CORE_READ_INTO((struct in6_addr *)key->local_address, sk, __sk_common.skc_v6_rcv_saddr);
	BPF_CORE_READ_INTO((struct in6_addr *)key->remote_address, sk, __sk_common.skc_v6_daddr);
	if (is_mapped(key->remote_address)) {
		key->family = 4;
		unmap(key->local_address);
		unmap(key->remote_address);
	}
	return true;
}

/* The version 2 cgroup of a socket. */
static __always_inline __u64 socket_cgroup(struct sock *sk)
{
	struct cgroup *cgroup;
	__u64 key;

	if (bpf_core_field_exists(struct sock_cgroup_data, cgroup)) {
		cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);
	} else {
		struct sock___val *old = (void *)sk;

		key = BPF_CORE_READ(old, sk_cgrp_data.val);
		cgroup = key & 1 ? NULL : (struct cgroup *)key;
	}
	key = cgroup_key(cgroup);
	return key ? key : CGROUP_UNKNOWN;
}

static __always_inline struct flow_record *counted(const struct flow_key *key)
{
	__u32 *slot = bpf_map_lookup_elem(&flow_index, key);

	return slot ? bpf_map_lookup_elem(&flow_records, slot) : NULL;
}

#endif
