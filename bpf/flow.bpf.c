// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network flows: bytes and packets of each 5-tuple of each container, counted
 * where a packet enters or leaves a socket, so once on either side.
 *
 * Whose a socket is, is noted when it is made; an accepted one inherits it from
 * its listener, until it is accepted (owner.bpf.h).  The same note remembers the
 * flow's slot.  All programs only watch: they return 1, "let it pass".
 */
#include "scope.bpf.h"
#include "slots.bpf.h"
#include "packet.bpf.h"

SLOT_TABLE(flow, struct flow_key, struct flow_record);

#include "socket.bpf.h"
#include "accept.bpf.h"

#define TYPE_STREAM 1

static __always_inline bool is_tcp(const struct bpf_sock *sk)
{
	/* Not the kernel's own socket for resets: raw, but of protocol TCP. */
	return sk->type == TYPE_STREAM && sk->protocol == PROTOCOL_TCP;
}

/* Of a TCP socket past its handshake, all packets belong to one flow. */
static __always_inline bool is_past_handshake(__u8 state)
{
	return state != BPF_TCP_LISTEN && state != BPF_TCP_SYN_SENT &&
	       state != BPF_TCP_SYN_RECV && state != BPF_TCP_NEW_SYN_RECV;
}

static __always_inline bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4] &&
	       x[5] == y[5];
}

/* ---- records, when a socket does not remember the one of its packet */

/* Who spoke first, and since when. Older flows do not say. */
static __always_inline void begin_record(struct flow_record *record, const struct flow_key *key,
					 const struct packet *packet, bool egress,
					 const struct socket_note *note)
{
	bool first = key->protocol == PROTOCOL_TCP ? is_first_syn(packet) :
		     note && note->cgroup && !note->older;

	if (first) {
		record->direction = egress ? FLOW_OUT : FLOW_IN;
		record->since_ns = bpf_ktime_get_ns();
	} else if (key->protocol == PROTOCOL_TCP && note) {
		record->since_ns = note->since_ns;
	}
	if (note)
		record->owner = note->owner;
	record->key = *key;
}

/* Whether a record is of a connection that is over, and this packet begins another one. */
static __always_inline bool is_over(const struct flow_record *record, const struct packet *packet,
				    const struct socket_note *note)
{
	if (record->key.protocol != PROTOCOL_TCP)
		return record->closed && note;
	return is_first_syn(packet) &&
	       (record->closed || (record->state && is_past_handshake(record->state)));
}

/* The record of a packet's flow, made if need be, and remembered by its socket. */
static __always_inline struct flow_record *find_record(const struct flow_key *key,
						       const struct packet *packet, bool egress,
						       struct socket_note *note, bool remember)
{
	struct flow_record *record;
	__u32 slot;
	bool made;

	slot = slot_of(&flow_index, &flow_free, key, &made);
	record = slot ? bpf_map_lookup_elem(&flow_records, &slot) : NULL;
	if (record && !made && is_over(record, packet, note)) {
		record->replaced = 1;
		bpf_map_delete_elem(&flow_index, key);
		slot = slot_of(&flow_index, &flow_free, key, &made);
		record = slot ? bpf_map_lookup_elem(&flow_records, &slot) : NULL;
	}
	if (!record)
		return NULL;
	if (made)
		begin_record(record, key, packet, egress, note);
	if (!note || !remember)
		return record;
	if (key->protocol == PROTOCOL_TCP && record->since_ns) {
		note->since_ns = record->since_ns;
		note->older = 0;
	}
	note->generation = record->generation;
	note->slot = slot;
	return record;
}

/* ---- what TCP sockets know of their connections */

/* The answer to the SYN-ACK is the first packet that goes out when the connection stands. */
static __always_inline void take_change(struct flow_record *record, struct socket_note *note,
					__u8 state)
{
	if (note && note->since_ns && state == BPF_TCP_ESTABLISHED &&
	    record->state == BPF_TCP_SYN_SENT)
		record->connect_us = (bpf_ktime_get_ns() - note->since_ns) / 1000 ?: 1;
	record->state = state;
	if (note && record->owner_changed) {
		record->owner_changed = 0;
		note->owner = record->owner;
	}
}

static __always_inline void take_gauges(struct flow_record *record, struct socket_note *note,
					struct bpf_sock *sk, bool egress)
{
	struct bpf_tcp_sock *tcp;
	__u8 state = sk->state;

	if (record->state != state || record->owner_changed)
		take_change(record, note, state);
	tcp = bpf_tcp_sock(sk);
	if (!tcp)
		return;
	/* Counted after the segment has passed here: of the last one only what comes back tells. */
	record->retransmits = tcp->total_retrans;
	if (egress) {
		record->cwnd = tcp->snd_cwnd;
	} else {
		record->rtt_us = tcp->srtt_us >> 3;
	}
}

/*
 * A listener's packets are those of handshakes.  The connection, once it stands,
 * says itself how often its SYN-ACK was sent.
 */
static __always_inline void take_handshake(struct flow_record *record, const struct packet *packet,
					   bool egress)
{
	if (!record->state || record->state == BPF_TCP_SYN_RECV)
		record->state = BPF_TCP_SYN_RECV;
	if (egress && packet->tcp_flags == (FLAG_SYN | FLAG_ACK) && record->tx_packets > 1)
		ADD(record->retransmits, 1);
}

/* ---- packets */

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
		note->outside = is_outside(cgroup, note->owner.pid, note->cgroup ? note->owner.uid : -1);
	}
	return note->outside;
}

/* Each segment of a bundle goes out with headers of its own. */
static __always_inline __u64 wire_bytes(struct __sk_buff *skb, __u32 segments,
					const struct packet *packet)
{
	return skb->len + (__u64)(segments - 1) * packet->headers - packet->unsent;
}

/* The socket of a packet, and what is known by it. */
struct place {
	struct bpf_sock *sk;		/* NULL: the kernel's own, or none */
	struct socket_note *note;	/* NULL: it has none */
	bool tcp, listening;
};

static __always_inline struct place place_of(struct __sk_buff *skb)
{
	struct place place = { .sk = skb->sk };

	if (place.sk)
		place.sk = bpf_sk_fullsock(place.sk);
	if (!place.sk)
		return place;
	place.tcp = is_tcp(place.sk);
	place.listening = place.tcp && place.sk->state == BPF_TCP_LISTEN;
	place.note = bpf_sk_storage_get(&notes, place.sk, NULL,
					place.listening ? 0 : BPF_SK_STORAGE_GET_F_CREATE);
	return place;
}

/* A listener has many flows, and so has the kernel's own socket for resets. */
static __always_inline bool may_remember(const struct place *place, const struct flow_key *key)
{
	return key->protocol == PROTOCOL_TCP ? place->tcp && !place->listening : true;
}

static __always_inline void count_flags(struct flow_record *record, const struct packet *packet)
{
	if (packet->tcp_flags & FLAG_RST)
		ADD(record->resets, 1);
	else if (packet->zero_window)
		ADD(record->zero_windows, 1);
}

/*
 * A packet that its socket does not remember the record of, or may not: a first one, of
 * a handshake, of a UDP socket with many peers, or of an unusual form.
 */
static __always_inline int count_other(struct __sk_buff *skb, bool egress)
{
	struct place place = place_of(skb);
	struct socket_note *note = place.note;
	struct flow_record *record = note ? remembered(note) : NULL;
	__u32 segments = skb->gso_segs ? skb->gso_segs : 1;
	struct packet packet = {};
	struct flow_key key = {};
	__u64 bytes;

	if (!parse(skb, egress, &key, &packet))
		return 0;
	bytes = wire_bytes(skb, segments, &packet);
	key.cgroup = note && note->cgroup ? note->cgroup : socket_cgroup_key(skb);
	if (!record || !same_key(&record->key, &key))
		record = find_record(&key, &packet, egress, note, may_remember(&place, &key));
	if (!record) {
		count_overflow(key.cgroup, egress, bytes, segments);
		return 0;
	}
	COUNT(record, egress, bytes, segments);
	if (!place.tcp)
		return 0;
	count_flags(record, &packet);
	if (place.listening)
		take_handshake(record, &packet, egress);
	else
		take_gauges(record, note, place.sk, egress);
	return 0;
}

/* Not static: the verifier looks at them once. */
__noinline int count_other_out(struct __sk_buff *skb)
{
	return count_other(skb, true);
}

__noinline int count_other_in(struct __sk_buff *skb)
{
	return count_other(skb, false);
}

/* Whether a packet is of the record that its socket remembers. */
static __always_inline bool is_remembered(struct __sk_buff *skb, bool egress, __u8 state,
					  const struct flow_record *record, struct packet *packet)
{
	if (record->key.protocol != PROTOCOL_TCP)
		return read_udp(skb, egress, &record->key, packet);
	return is_past_handshake(state) && read_tcp(skb, packet);
}

static __always_inline int count_packet(struct __sk_buff *skb, bool egress)
{
	struct bpf_sock *sk = skb->sk;
	struct socket_note *note = NULL;
	struct flow_record *record;
	struct packet packet;
	__u32 segments;

	/*
	 * What is not a full socket (of a connection that begins or has ended) has no
	 * storage: nothing else about it needs to be asked of a packet that is remembered.
	 */
	if (sk)
		note = bpf_sk_storage_get(&notes, sk, NULL, 0);
	if (scoped() && packet_is_outside(skb, note))
		return 1;
	record = note ? remembered(note) : NULL;
	if (!sk || !record || !is_remembered(skb, egress, sk->state, record, &packet)) {
		if (egress)
			count_other_out(skb);
		else
			count_other_in(skb);
		return 1;
	}
	segments = skb->gso_segs ? skb->gso_segs : 1;
	COUNT(record, egress, wire_bytes(skb, segments, &packet), segments);
	if (record->key.protocol == PROTOCOL_TCP) {
		count_flags(record, &packet);
		take_gauges(record, note, sk, egress);
	}
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

/* ---- sockets */

SEC("cgroup/sock_create")
int socket_made(struct bpf_sock *sk)
{
	struct socket_note *note;

	note = bpf_sk_storage_get(&notes, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!note)
		return 1;
	note->cgroup = current_cgroup_key();
	owner_of_task((struct task_struct *)bpf_get_current_task(), &note->owner);
	return 1;
}

/* What accept(2) said of a socket reaches its note with the next packet, or here. */
static __always_inline void hear_of_owner(struct socket_note *note, struct flow_record *record)
{
	if (!record || !record->owner_changed)
		return;
	record->owner_changed = 0;
	note->owner = record->owner;
}

static __always_inline void give_to(struct task_struct *task, struct socket_note *note,
				    struct flow_record *record)
{
	owner_of_task(task, &note->owner);
	if (record)
		record->owner = note->owner;
}

/*
 * Whoever closes a socket last was left with it: that is how a child gets one
 * from its parent.  The kernel's own threads close for others.
 */
SEC("cgroup/sock_release")
int socket_closed(struct bpf_sock *sk)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct flow_record *record;
	struct socket_note *note;

	note = bpf_sk_storage_get(&notes, sk, NULL, 0);
	if (!note)
		return 1;
	record = remembered(note);
	hear_of_owner(note, record);
	if (note->cgroup && note->owner.pid != bpf_get_current_pid_tgid() >> 32 &&
	    !(BPF_CORE_READ(task, flags) & PF_KTHREAD))
		give_to(task, note, record);
	if (record)
		record->closed = 1;
	return 1;
}

/* A server that was started for one connection has it as its standard input, as by inetd(8). */
SEC("tp_btf/sched_process_exec")
int server_executed(void *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct sock *sk = socket_of(task, 0);
	struct flow_record *record = NULL;
	struct flow_owner owner = {};
	struct flow_key key = {};

	if (!sk || !find_connection(sk, &key, &record) || !record)
		return 0;
	owner_of_task(task, &owner);
	give_connection(record, &owner);
	return 0;
}

/*
 * Walks the open files of all processes.  Sockets older than contop: whoever has
 * one open is noted as its owner, of several the first one found.  Then, when
 * contop asks again, sockets whose owner has let go of them while others have not
 * are found: one round sees which are loose, another, if there are any, gives
 * these to who holds them.
 */
__u32 adopt_round;				/* goes up with each that looks */
__u32 adopt_loose;				/* sockets it has seen, but not with their owners */
__u32 adopt_giving;				/* this is one that gives */

#define HELD_IN(round) ((round) << 1 | 1)

static __always_inline void note_holder(struct task_struct *task, struct socket_note *note)
{
	struct flow_record *record = remembered(note);
	__u32 held = HELD_IN(adopt_round), loose = held - 1;

	hear_of_owner(note, record);
	if (note->held == held)
		return;
	if (!note->cgroup) {
		note->older = 1;
		give_to(task, note, record);
		note->cgroup = task_cgroup_key(task);
		note->held = held;
	} else if (adopt_giving) {
		if (note->held != loose)
			return;
		give_to(task, note, record);
		note->held = held;
	} else if (note->owner.pid == (__u32)task->tgid) {
		adopt_loose -= note->held == loose;
		note->held = held;
	} else if (note->held != loose) {
		adopt_loose++;
		note->held = loose;
	}
}

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
	if (note)
		note_holder(task, note);
	return 0;
}
