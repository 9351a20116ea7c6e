// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hints of what is in packets: HTTP requests in clear text, known by the method that
 * their first packet begins with.  Loaded only when they are asked for, as every
 * packet of TCP is looked into.  Like all that watch packets, it lets them pass.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"
#include "flow-maps.bpf.h"
#include "socket.bpf.h"

SLOT_TABLE(hint, struct hint_key, struct hint_record);

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define IPV6_HEADER 40
#define REQUEST_LEAST 16		/* bytes: GET / HTTP/1.1 and an end of line */

__u64 not_counted;		/* requests that found no room */

/* A method and what follows it, as the first eight bytes in the order of this machine. */
#define IS(text, word, size) (((text) & (~0ULL >> (64 - 8 * (size)))) == (word))
#define LETTERS(a, b, c, d, e, f, g, h) ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | \
	(__u64)(d) << 24 | (__u64)(e) << 32 | (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

static __always_inline __u8 method_of(__u64 text)
{
	if (IS(text, LETTERS('G', 'E', 'T', ' ', 0, 0, 0, 0), 4))
		return HTTP_GET;
	if (IS(text, LETTERS('P', 'O', 'S', 'T', ' ', 0, 0, 0), 5))
		return HTTP_POST;
	if (IS(text, LETTERS('P', 'U', 'T', ' ', 0, 0, 0, 0), 4))
		return HTTP_PUT;
	if (IS(text, LETTERS('H', 'E', 'A', 'D', ' ', 0, 0, 0), 5))
		return HTTP_HEAD;
	if (IS(text, LETTERS('D', 'E', 'L', 'E', 'T', 'E', ' ', 0), 7))
		return HTTP_DELETE;
	if (IS(text, LETTERS('P', 'A', 'T', 'C', 'H', ' ', 0, 0), 6))
		return HTTP_PATCH;
	if (IS(text, LETTERS('O', 'P', 'T', 'I', 'O', 'N', 'S', ' '), 8))
		return HTTP_OPTIONS;
	if (IS(text, LETTERS('C', 'O', 'N', 'N', 'E', 'C', 'T', ' '), 8))
		return HTTP_CONNECT;
	if (IS(text, LETTERS('T', 'R', 'A', 'C', 'E', ' ', 0, 0), 6))
		return HTTP_TRACE;
	return HTTP_NONE;
}

/* Where the TCP header begins; 0: not TCP, or behind extension headers. */
static __always_inline __u32 tcp_offset(struct __sk_buff *skb)
{
	__u8 first, protocol;

	if (skb->protocol == bpf_htons(ETHERTYPE_IPV4)) {
		if (bpf_skb_load_bytes(skb, 0, &first, 1) ||
		    bpf_skb_load_bytes(skb, 9, &protocol, 1))
			return 0;
		return protocol == PROTOCOL_TCP ? (first & 15) * 4 : 0;
	}
	if (skb->protocol != bpf_htons(ETHERTYPE_IPV6) ||
	    bpf_skb_load_bytes(skb, 6, &protocol, 1))
		return 0;
	return protocol == PROTOCOL_TCP ? IPV6_HEADER : 0;
}

/* Sent or seen before: the same request once more. */
static __always_inline bool is_repeated(struct bpf_sock *sk, __u32 sequence, bool egress)
{
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);

	if (!tcp)
		return false;
	return (__s32)(sequence - (egress ? tcp->snd_nxt : tcp->rcv_nxt)) < 0;
}

static __always_inline int count_request(struct __sk_buff *skb, struct bpf_sock *sk, __u8 method,
					 bool egress)
{
	struct socket_note *note = bpf_sk_storage_get(&notes, sk, NULL, 0);
	struct hint_key key = { .method = method, .direction = egress ? FLOW_OUT : FLOW_IN };
	struct hint_record *record;
	__u64 id;
	__u32 slot;
	bool made;

	if (note && note->cgroup) {
		key.cgroup = note->cgroup;
	} else {
		id = bpf_skb_cgroup_id(skb);
		key.cgroup = id ? CGROUP_KEY(0, id) : CGROUP_UNKNOWN;
	}
	if (scoped() && is_outside(key.cgroup, note ? note->owner.pid : 0,
				   note && note->cgroup ? note->owner.uid : -1))
		return 1;
	slot = slot_of(&hint_index, &hint_free, &key, &made);
	record = slot ? bpf_map_lookup_elem(&hint_records, &slot) : NULL;
	if (!record) {
		ADD(not_counted, 1);
		return 1;
	}
	if (made)
		record->key = key;
	ADD(record->count, 1);
	return 1;
}

static __always_inline int look_into(struct __sk_buff *skb, bool egress)
{
	__u32 offset = tcp_offset(skb), payload, sequence;
	struct bpf_sock *sk = skb->sk;
	__u8 header[14], method;
	__u64 text;

	if (!offset || !sk || skb->len < offset + 20 + REQUEST_LEAST ||
	    bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
		return 1;
	payload = offset + (header[12] >> 4) * 4;
	if (skb->len < payload + REQUEST_LEAST || bpf_skb_load_bytes(skb, payload, &text, 8))
		return 1;
	method = method_of(text);
	if (method == HTTP_NONE)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	sequence = (__u32)header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
	return is_repeated(sk, sequence, egress) ? 1 : count_request(skb, sk, method, egress);
}

SEC("cgroup_skb/egress")
int request_out(struct __sk_buff *skb)
{
	return look_into(skb, true);
}

SEC("cgroup_skb/ingress")
int request_in(struct __sk_buff *skb)
{
	return look_into(skb, false);
}
