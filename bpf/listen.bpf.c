// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listening sockets: an iterator that lists those of all processes, whatever their
 * network namespace, and a count of the connections that each address takes.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"

SLOT_TABLE(accept, struct listen_key, struct accept_record);

#define SOCKFS_MAGIC 0x534f434b
#define FAMILY_IPV4 2
#define FAMILY_IPV6 10
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_MPTCP 262

__u32 wanted;			/* somebody looks at it */
__u64 not_counted;		/* connections taken that found no room */

/* The end of a socket that is here. False: neither IPv4 nor IPv6. */
static __always_inline bool read_local_end(struct sock *sk, struct listen_key *key)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u32 *words = (__u32 *)key->address;

	key->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	key->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	key->family = family == FAMILY_IPV6 ? 6 : 4;
	if (family == FAMILY_IPV4)
		words[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	else if (family == FAMILY_IPV6)
		BPF_CORE_READ_INTO((struct in6_addr *)key->address, sk,
				   __sk_common.skc_v6_rcv_saddr);
	else
		return false;
	if (key->family == 6 && !words[0] && !words[1] && words[2] == bpf_htonl(0xffff)) {
		key->family = 4;
		words[0] = words[3];
		words[2] = words[3] = 0;
	}
	return true;
}

/* ---- who listens */

static __always_inline struct sock *socket_of(struct file *file)
{
	struct socket *socket;

	if (file->f_inode->i_sb->s_magic != SOCKFS_MAGIC)
		return NULL;
	socket = file->private_data;
	return BPF_CORE_READ(socket, sk);
}

/* Of UDP: bound to a port, and with nobody in particular at the other end. */
static __always_inline bool is_listening(struct sock *sk, __u16 protocol)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (protocol != PROTOCOL_UDP)
		return state == BPF_TCP_LISTEN;
	return state == BPF_TCP_CLOSE && BPF_CORE_READ(sk, __sk_common.skc_num);
}

static __always_inline __u32 drops_of(struct sock *sk)
{
	struct numa_drop_counters *counters = NULL;

	if (bpf_core_field_exists(sk->sk_drop_counters))
		counters = BPF_CORE_READ(sk, sk_drop_counters);
	if (counters)
		return (__u32)BPF_CORE_READ(counters, drops0.counter) +
		       (__u32)BPF_CORE_READ(counters, drops1.counter);
	return BPF_CORE_READ(sk, sk_drops.counter);
}

static __always_inline void read_queue(struct sock *sk, __u16 protocol,
				       struct listener_record *record)
{
	struct mptcp_sock *multipath = (void *)sk;

	if (protocol == PROTOCOL_UDP)
		return;
	if (protocol == PROTOCOL_MPTCP && bpf_core_field_exists(multipath->first)) {
		sk = BPF_CORE_READ(multipath, first);
		record->drops = drops_of(sk);
	}
	record->backlog = BPF_CORE_READ(sk, sk_ack_backlog);
	record->backlog_max = BPF_CORE_READ(sk, sk_max_ack_backlog);
}

SEC("iter/task_file")
int show_listener(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct listener_record record = {};
	__u16 protocol;
	struct sock *sk;

	if (!task || !file)
		return 0;
	sk = socket_of(file);
	if (!sk)
		return 0;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	if (!read_local_end(sk, &record.key) || !is_listening(sk, protocol))
		return 0;
	record.key.protocol = protocol == PROTOCOL_MPTCP ? PROTOCOL_TCP : protocol;
	record.cgroup = task_cgroup_key(task);
	record.pid = task->tgid;
	if (scoped() && is_outside(record.cgroup, record.pid,
				   BPF_CORE_READ(task, cred, uid.val)))
		return 0;
	record.inode = file->f_inode->i_ino;
	record.drops = drops_of(sk);
	read_queue(sk, protocol, &record);
	if (record.key.family == 6)
		record.takes_ipv4 = !BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);
	bpf_probe_read_kernel_str(record.comm, sizeof(record.comm), task->comm);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}

/* ---- what comes to them */

static __always_inline int count_accept(struct sock *sk, int from, int to)
{
	struct accept_record *record;
	struct listen_key key = {};
	__u32 slot;
	bool made;

	if (!wanted || from != BPF_TCP_SYN_RECV || to != BPF_TCP_ESTABLISHED ||
	    BPF_CORE_READ(sk, sk_protocol) != PROTOCOL_TCP || !read_local_end(sk, &key))
		return 0;
	key.protocol = PROTOCOL_TCP;
	slot = slot_of(&accept_index, &accept_free, &key, &made);
	record = slot ? bpf_map_lookup_elem(&accept_records, &slot) : NULL;
	if (!record) {
		ADD(not_counted, 1);
		return 0;
	}
	if (made)
		record->key = key;
	ADD(record->count, 1);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(connection_taken, struct sock *sk, int from, int to)
{
	return count_accept(sk, from, to);
}

struct state_context {
	__u64 common;
	struct sock *sk;
	int from, to;
};

SEC("tp/sock/inet_sock_set_state")
int connection_taken_perf(struct state_context *context)
{
	return count_accept(context->sk, context->from, context->to);
}
