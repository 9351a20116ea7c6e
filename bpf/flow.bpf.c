// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network flows: bytes and packets of each 5-tuple of each container, counted
 * where a packet enters or leaves a socket, so once on either side.
 *
 * Whose a socket is, is noted when it is made; an accepted one inherits it from
 * its listener.  The same note remembers the flow's slot.  All programs only
 * watch: they return 1, "let it pass".
 */
#include "scope.bpf.h"
#include "slots.bpf.h"

SLOT_TABLE(flow, struct flow_key, struct flow_record);

#include "socket.bpf.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define PROTOCOL_UDP 17
#define IPV6_HOP_BY_HOP 0
#define IPV6_ROUTING 43
#define IPV6_FRAGMENT 44
#define IPV6_DESTINATION 60
#define IPV6_EXTENSIONS_MAX 6
#define TYPE_STREAM 1
#define FLAG_SYN 0x02
#define FLAG_ACK 0x10

struct packet {
	struct flow_key key;
	__u32 headers;			/* bytes of IP and transport headers: each segment has them */
	__u32 unsent;			/* bytes of the bundle that no segment has */
	__u8 tcp_flags;
};

/* Ports, and the size of the transport header that starts at offset. */
static __always_inline void parse_transport(struct __sk_buff *skb, __u32 offset, bool egress,
					    struct packet *packet)
{
	__u8 header[14];
	__u16 source, destination;
	long failed;

	packet->headers = offset;
	if (packet->key.protocol == PROTOCOL_TCP)
		failed = bpf_skb_load_bytes(skb, offset, header, 14);
	else if (packet->key.protocol == PROTOCOL_UDP)
		failed = bpf_skb_load_bytes(skb, offset, header, 8);
	else
		return;
	if (failed)
		return;
	source = header[0] << 8 | header[1];
	destination = header[2] << 8 | header[3];
	packet->key.local_port = egress ? source : destination;
	packet->key.remote_port = egress ? destination : source;
	if (packet->key.protocol == PROTOCOL_UDP) {
		packet->headers += 8;
	} else {
		packet->headers += (header[12] >> 4) * 4;
		packet->tcp_flags = header[13];
	}
}

static __always_inline bool parse_ipv4(struct __sk_buff *skb, bool egress, struct packet *packet)
{
	__u8 header[20];

	if (bpf_skb_load_bytes(skb, 0, header, sizeof(header)))
		return false;
	packet->key.family = 4;
	packet->key.protocol = header[9];
	__builtin_memcpy(egress ? packet->key.local_address : packet->key.remote_address,
			 header + 12, 4);
	__builtin_memcpy(egress ? packet->key.remote_address : packet->key.local_address,
			 header + 16, 4);
	parse_transport(skb, (header[0] & 15) * 4, egress, packet);
	return true;
}

static __always_inline bool parse_ipv6(struct __sk_buff *skb, bool egress, struct packet *packet)
{
	__u8 header[40], extension[2], next;
	__u32 offset = sizeof(header);

	if (bpf_skb_load_bytes(skb, 0, header, sizeof(header)))
		return false;
	packet->key.family = 6;
	__builtin_memcpy(egress ? packet->key.local_address : packet->key.remote_address,
			 header + 8, 16);
	__builtin_memcpy(egress ? packet->key.remote_address : packet->key.local_address,
			 header + 24, 16);
	next = header[6];
#pragma unroll
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (next != IPV6_HOP_BY_HOP && next != IPV6_ROUTING && next != IPV6_FRAGMENT &&
		    next != IPV6_DESTINATION)
			break;
		if (bpf_skb_load_bytes(skb, offset, extension, sizeof(extension)))
			break;
		offset += next == IPV6_FRAGMENT ? 8 : (extension[1] + 1) * 8;
		next = extension[0];
	}
	packet->key.protocol = next;
	parse_transport(skb, offset, egress, packet);
	/*
	 * A bundle of more than 64 KiB (BIG TCP) has an option that says how long it
	 * is, and no length else; its segments do not have it.
	 */
	if (header[6] == IPV6_HOP_BY_HOP && !header[4] && !header[5]) {
		packet->unsent = 8;
		packet->headers -= 8;
	}
	return true;
}

/* In both directions skb->data is at the IP header. False: not IP. */
static __always_inline bool parse(struct __sk_buff *skb, bool egress, struct packet *packet)
{
	if (skb->protocol == bpf_htons(ETHERTYPE_IPV4))
		return parse_ipv4(skb, egress, packet);
	if (skb->protocol == bpf_htons(ETHERTYPE_IPV6))
		return parse_ipv6(skb, egress, packet);
	return false;
}

static __always_inline bool is_tcp(const struct bpf_sock *sk)
{
	/* Not the kernel's own socket for resets: raw, but of protocol TCP. */
	return sk->type == TYPE_STREAM && sk->protocol == PROTOCOL_TCP;
}

/* A TCP socket past its handshake: all its packets belong to one flow. */
static __always_inline bool has_one_flow(const struct bpf_sock *sk)
{
	return is_tcp(sk) && sk->state != BPF_TCP_LISTEN && sk->state != BPF_TCP_SYN_SENT &&
	       sk->state != BPF_TCP_SYN_RECV && sk->state != BPF_TCP_NEW_SYN_RECV;
}

static __always_inline bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4] &&
	       x[5] == y[5];
}

static __always_inline __u8 first_direction(const struct packet *packet, bool egress, bool old)
{
	if (packet->key.protocol == PROTOCOL_TCP) {
		if ((packet->tcp_flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
			return egress ? FLOW_OUT : FLOW_IN;
		return FLOW_UNKNOWN;
	}
	if (old)
		return FLOW_UNKNOWN;
	return egress ? FLOW_OUT : FLOW_IN;
}

/* The record of a packet's flow, made if need be, and remembered by its socket. */
static __always_inline struct flow_record *find_record(const struct packet *packet, bool egress,
						       struct socket_note *note, bool remember)
{
	struct flow_record *record;
	__u32 slot;
	bool made;

	slot = slot_of(&flow_index, &flow_free, &packet->key, &made);
	if (!slot)
		return NULL;
	record = bpf_map_lookup_elem(&flow_records, &slot);
	if (!record)
		return NULL;
	if (made) {
		record->direction = first_direction(packet, egress,
						    !note || !note->cgroup || note->older);
		if (note) {
			record->pid = note->pid;
			record->uid = note->uid;
			__builtin_memcpy(record->comm, note->comm, sizeof(record->comm));
		}
		record->key = packet->key;
	}
	if (note && remember) {
		if (made && egress && (packet->tcp_flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
			note->since_ns = bpf_ktime_get_ns();
		note->generation = record->generation;
		note->slot = slot;
	}
	return record;
}

/* The answer to the SYN-ACK is the first packet that goes out when the connection stands. */
static __always_inline void set_state(struct flow_record *record, const struct socket_note *note,
				      __u8 state)
{
	if (note && note->since_ns && state == BPF_TCP_ESTABLISHED &&
	    record->state == BPF_TCP_SYN_SENT)
		record->connect_us = (bpf_ktime_get_ns() - note->since_ns) / 1000 ?: 1;
	record->state = state;
}

static __always_inline void update_state(struct flow_record *record, const struct socket_note *note,
					 struct bpf_sock *sk, bool egress)
{
	struct bpf_tcp_sock *tcp;
	__u8 state = sk->state;

	if (state == BPF_TCP_LISTEN)
		state = BPF_TCP_SYN_RECV;
	if (record->state != state)
		set_state(record, note, state);
	tcp = bpf_tcp_sock(sk);
	if (!tcp)
		return;
	if (egress)
		record->retransmits = tcp->total_retrans;
	else
		record->rtt_us = tcp->srtt_us >> 3;
}

/* Flow and overflow records have these counters by the same names. */
#define COUNT(record, egress, bytes, segments) do {	\
	if (egress) {					\
		ADD((record)->tx_bytes, bytes);		\
		ADD((record)->tx_packets, segments);	\
	} else {					\
		ADD((record)->rx_bytes, bytes);		\
		ADD((record)->rx_packets, segments);	\
	}						\
} while (0)

static __always_inline void count_overflow(__u64 cgroup, bool egress, __u64 bytes, __u32 segments)
{
	struct overflow_record *record = overflow_of(cgroup);

	if (record)
		COUNT(record, egress, bytes, segments);
}

/* The version 2 cgroup of a socket that was made before contop could note its home. */
static __always_inline __u64 socket_cgroup_key(struct __sk_buff *skb)
{
	__u64 id = bpf_skb_cgroup_id(skb);

	return id ? CGROUP_KEY(0, id) : CGROUP_UNKNOWN;
}

static __always_inline bool packet_is_outside(struct __sk_buff *skb, struct socket_note *note)
{
	__u64 cgroup = note && note->cgroup ? note->cgroup : socket_cgroup_key(skb);

	if (!note)
		return is_outside(cgroup, 0, -1);
	if (note->scope_epoch != scope_epoch) {
		note->scope_epoch = scope_epoch;
		note->outside = is_outside(cgroup, note->pid, note->cgroup ? note->uid : -1);
	}
	return note->outside;
}

static __always_inline int count_packet(struct __sk_buff *skb, bool egress)
{
	struct packet packet = {};
	struct socket_note *note = NULL;
	struct flow_record *record = NULL;
	struct bpf_sock *sk = skb->sk;
	__u32 segments = skb->gso_segs ? skb->gso_segs : 1;
	__u64 bytes = skb->len;
	bool one_flow = false, listening = false;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	if (sk) {
		one_flow = has_one_flow(sk);
		listening = is_tcp(sk) && sk->state == BPF_TCP_LISTEN;
		note = bpf_sk_storage_get(&notes, sk, NULL,
					  listening ? 0 : BPF_SK_STORAGE_GET_F_CREATE);
	}
	if (scoped() && packet_is_outside(skb, note))
		return 1;
	if (note)
		record = remembered(note);
	if (!record || !one_flow || segments > 1) {
		if (!parse(skb, egress, &packet))
			return 1;
		/* Each segment of a bundle goes out with headers of its own. */
		bytes += (__u64)(segments - 1) * packet.headers - packet.unsent;
		packet.key.cgroup = note && note->cgroup ? note->cgroup : socket_cgroup_key(skb);
		if (!record || !same_key(&record->key, &packet.key))
			record = find_record(&packet, egress, note, !listening);
		if (!record) {
			count_overflow(packet.key.cgroup, egress, bytes, segments);
			return 1;
		}
	}
	COUNT(record, egress, bytes, segments);
	if (sk && is_tcp(sk))
		update_state(record, note, sk, egress);
	return 1;
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb)
{
	return count_packet(skb, true);
}

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb)
{
	return count_packet(skb, false);
}

SEC("cgroup/sock_create")
int socket_made(struct bpf_sock *sk)
{
	struct socket_note *note;

	note = bpf_sk_storage_get(&notes, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!note)
		return 1;
	note->cgroup = current_cgroup_key();
	note->pid = bpf_get_current_pid_tgid() >> 32;
	note->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(note->comm, sizeof(note->comm));
	return 1;
}

SEC("cgroup/sock_release")
int socket_closed(struct bpf_sock *sk)
{
	struct socket_note *note;
	struct flow_record *record;

	note = bpf_sk_storage_get(&notes, sk, NULL, 0);
	record = note ? remembered(note) : NULL;
	if (record)
		record->closed = 1;
	return 1;
}

/*
 * Sockets older than contop: run once, it notes the owner of every socket that
 * some process has open. Of several owners the first one found stays.
 */
SEC("iter/task_file")
int adopt_socket(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket_note *note;
	struct socket *socket;
	__u16 family;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket || !socket->sk)
		return 0;
	family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);
	if (family != FAMILY_IPV4 && family != FAMILY_IPV6)
		return 0;
	note = bpf_sk_storage_get(&notes, socket->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!note || note->cgroup)
		return 0;
	note->older = 1;
	note->pid = task->tgid;
	note->uid = BPF_CORE_READ(task, cred, uid.val);
	bpf_probe_read_kernel_str(note->comm, sizeof(note->comm), task->comm);
	note->cgroup = task_cgroup_key(task);
	return 0;
}
