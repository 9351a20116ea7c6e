// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hints of what is in packets: HTTP requests in clear text, counted here by the
 * method that their first packet begins with; ClientHellos of TLS and messages of
 * DNS, which contop gets a copy of, as names are not for programs that cannot loop.
 * Loaded only when they are asked for, as every packet of TCP and UDP is looked
 * into.  Like all that watch packets, it lets them pass.
 */
#include "scope.bpf.h"
#include "slots.bpf.h"
#include "flow-maps.bpf.h"
#include "socket.bpf.h"
#include "packet.bpf.h"

SLOT_TABLE(hint, struct hint_key, struct hint_record);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} hint_ring SEC(".maps");

/* What a socket has begun to send or to get. */
struct hello {
	__u32 next;			/* where the rest of it begins, in TCP's numbers */
	__u32 left;			/* bytes of the rest that are still wanted */
};

/* A connection begins with one ClientHello: another one is an answer to HelloRetryRequest. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct hello);
} hellos SEC(".maps");

#define REQUEST_LEAST 16		/* bytes: GET / HTTP/1.1 and an end of line */
#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_MOST (DNS_HEADER + 255 + 4)	/* and one question: its name, type and class */
#define DNS_LENGTH 2			/* ahead of each message over TCP */
#define TLS_HEADER 5
#define HELLO_SEGMENTS 16		/* with data: those that come later continue no ClientHello */

__u64 not_counted;		/* requests that found no room */
__u64 lost_packets;		/* that were not copied, likewise */

/* Where the parts of a packet are. */
struct segment {
	__u32 payload;			/* its offset */
	__u32 size;			/* of the payload */
	__u32 sequence;			/* of TCP */
	__u16 source, destination;	/* ports */
	__u8 protocol;
	__u8 family;
	bool egress;
};

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

/* A record of type handshake, of any version of TLS, that begins with a ClientHello. */
static __always_inline bool is_hello(__u64 text)
{
	return IS(text & ~LETTERS(0, 0, 0, 0xff, 0xff, 0, 0, 0) & ~(7ULL << 16),
		  LETTERS(0x16, 3, 0, 0, 0, 1, 0, 0), 6);
}

/* Not behind extension headers, nor other than TCP and UDP. */
static __always_inline bool read_segment(struct __sk_buff *skb, struct segment *segment)
{
	const __u8 *data = (const void *)(long)skb->data;
	const __u8 *end = (const void *)(long)skb->data_end, *header;
	__u32 offset = IPV6_SIZE;

	if (data + IPV4_SIZE + UDP_SIZE > end)
		return false;
	segment->family = data[0] >> 4;
	segment->protocol = data[6];
	if (segment->family == 4) {
		segment->protocol = data[9];
		offset = (data[0] & 15) * 4;
	}
	header = data + offset;
	if (header + UDP_SIZE > end)
		return false;
	segment->source = bpf_ntohs(*(const __u16 *)header);
	segment->destination = bpf_ntohs(*(const __u16 *)(header + 2));
	segment->payload = offset + UDP_SIZE;
	if (segment->protocol == PROTOCOL_TCP) {
		if (header + TCP_SIZE > end)
			return false;
		segment->sequence = bpf_ntohl(*(const __u32 *)(header + 4));
		segment->payload = offset + (header[12] >> 4) * 4;
	} else if (segment->protocol != PROTOCOL_UDP) {
		return false;
	}
	segment->size = skb->len > segment->payload ? skb->len - segment->payload : 0;
	return true;
}

/* Sent or seen before: the same once more. A listener, which data may come to, knows nothing. */
static __always_inline bool is_repeated(struct bpf_sock *sk, const struct segment *segment)
{
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);

	if (!tcp || sk->state == BPF_TCP_LISTEN)
		return false;
	return (__s32)(segment->sequence - (segment->egress ? tcp->snd_nxt : tcp->rcv_nxt)) < 0;
}

/* Whose a packet is; 0: nobody's who is to be counted. */
static __always_inline __u64 cgroup_of(struct __sk_buff *skb, struct bpf_sock *sk)
{
	struct socket_note *note = bpf_sk_storage_get(&notes, sk, NULL, 0);
	bool noted = note && note->cgroup;
	__u64 id, cgroup;

	if (noted) {
		cgroup = note->cgroup;
	} else {
		id = bpf_skb_cgroup_id(skb);
		cgroup = id ? CGROUP_KEY(0, id) : CGROUP_UNKNOWN;
	}
	if (scoped() && is_outside(cgroup, note ? note->owner.pid : 0, noted ? note->owner.uid : -1))
		return 0;
	return cgroup;
}

/* ---- counted here */

static __always_inline int count_request(struct __sk_buff *skb, struct bpf_sock *sk, __u8 method,
					 bool egress)
{
	struct hint_key key = {
		.cgroup = cgroup_of(skb, sk),
		.method = method,
		.direction = egress ? FLOW_OUT : FLOW_IN,
	};
	struct hint_record *record;
	__u32 slot;
	bool made;

	if (!key.cgroup)
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

/* ---- copied */

/* They come by the thousand: contop hears of them once an interval, or when it is time. */
static __always_inline void submit(struct hint_packet *packet)
{
	__u64 used = bpf_ringbuf_query(&hint_ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(packet, used > bpf_ringbuf_query(&hint_ring, BPF_RB_RING_SIZE) / 4 ?
			   BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void read_peer(struct __sk_buff *skb, const struct segment *segment,
				      struct hint_packet *packet)
{
	__builtin_memset(packet->peer_address, 0, sizeof(packet->peer_address));
	if (segment->family == 4)
		bpf_skb_load_bytes(skb, segment->egress ? 16 : 12, packet->peer_address, 4);
	else
		bpf_skb_load_bytes(skb, segment->egress ? 24 : 8, packet->peer_address, 16);
	packet->peer_port = segment->egress ? segment->destination : segment->source;
	packet->family = segment->family;
}

/* Reserved by the constant room, as the verifier wants it: size is not more. */
static __always_inline int copy(struct __sk_buff *skb, const struct segment *segment,
				const struct hint_packet *head, __u64 size, const __u32 room)
{
	struct hint_packet *packet = bpf_ringbuf_reserve(&hint_ring, sizeof(*packet) + room, 0);
	__u64 last;

	if (!packet) {
		ADD(lost_packets, 1);
		return 1;
	}
	packet->cgroup = head->cgroup;
	packet->kind = head->kind;
	packet->continues = head->continues;
	packet->socket = bpf_get_socket_cookie(skb);
	packet->time_ns = bpf_ktime_get_ns();
	packet->direction = segment->egress ? FLOW_OUT : FLOW_IN;
	packet->size = size;
	read_peer(skb, segment, packet);
	/* From 1 to room: the verifier of 5.10 follows this, and no other way to say so. */
	last = size - 1;
	asm volatile("" : "+r"(last));
	if (last >= room ||
	    bpf_skb_load_bytes(skb, segment->payload, packet->payload, last + 1)) {
		ADD(lost_packets, 1);
		bpf_ringbuf_discard(packet, BPF_RB_NO_WAKEUP);
		return 1;
	}
	submit(packet);
	return 1;
}

#define ROOM_SMALL 320			/* all of DNS */
#define ROOM_USUAL 640			/* most ClientHellos without a key of a post-quantum kind */
#define ROOM_LARGE 2048			/* those with one */

static __always_inline int copy_dns(struct __sk_buff *skb, struct bpf_sock *sk,
				    const struct segment *segment)
{
	const struct hint_packet head = { .cgroup = cgroup_of(skb, sk), .kind = HINT_DNS };
	__u32 size = segment->size < DNS_MOST ? segment->size : DNS_MOST;

	return head.cgroup && size >= DNS_HEADER ? copy(skb, segment, &head, size, ROOM_SMALL) : 1;
}

static __always_inline int copy_hello(struct __sk_buff *skb, struct bpf_sock *sk,
				      const struct segment *segment, bool continues, __u32 size)
{
	const struct hint_packet head = {
		.cgroup = cgroup_of(skb, sk), .kind = HINT_TLS, .continues = continues,
	};

	if (!head.cgroup)
		return 1;
	if (size <= ROOM_USUAL)
		return copy(skb, segment, &head, size, ROOM_USUAL);
	if (size <= ROOM_LARGE)
		return copy(skb, segment, &head, size, ROOM_LARGE);
	return copy(skb, segment, &head, size, HINT_PAYLOAD_MOST);
}

static __always_inline __u32 smaller(__u32 a, __u32 b)
{
	return a < b ? a : b;
}

static __always_inline int begin_hello(struct __sk_buff *skb, struct bpf_sock *sk,
				       const struct segment *segment, __u64 text)
{
	__u32 all = TLS_HEADER + ((text >> 24 & 0xff) << 8 | (text >> 32 & 0xff));
	__u32 wanted = smaller(all, HINT_PAYLOAD_MOST), size = smaller(segment->size, wanted);
	struct hello none = {}, *hello;

	/* The first data of a connection may come to the listener: of those, the first is seen. */
	if (sk->state != BPF_TCP_LISTEN) {
		if (bpf_sk_storage_get(&hellos, sk, NULL, 0))
			return 1;
		hello = bpf_sk_storage_get(&hellos, sk, &none, BPF_SK_STORAGE_GET_F_CREATE);
		if (hello) {
			hello->next = segment->sequence + size;
			hello->left = wanted - size;
		}
	}
	return copy_hello(skb, sk, segment, false, size);
}

/* The rest of a ClientHello, which comes in the first segments of a connection, if at all. */
static __always_inline int continue_hello(struct __sk_buff *skb, struct bpf_sock *sk,
					  const struct segment *segment)
{
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);
	struct hello *hello;
	__u32 size;

	if (!tcp || (segment->egress ? tcp->data_segs_out : tcp->data_segs_in) > HELLO_SEGMENTS)
		return 1;
	hello = bpf_sk_storage_get(&hellos, sk, NULL, 0);
	if (!hello || !hello->left || hello->next != segment->sequence)
		return 1;
	size = smaller(segment->size, hello->left);
	hello->next += size;
	hello->left -= size;
	return copy_hello(skb, sk, segment, true, size);
}

/* ---- what is in a packet */

/*
 * The packet may be for another port by now: that of a resolver which this network
 * namespace translates to, as Docker's own.
 */
static __always_inline bool asks_dns(const struct bpf_sock *sk, const struct segment *segment)
{
	return segment->egress && sk->dst_port == bpf_htons(DNS_PORT);
}

static __always_inline int look_into_tcp(struct __sk_buff *skb, struct segment *segment)
{
	bool dns = segment->source == DNS_PORT || segment->destination == DNS_PORT;
	struct bpf_sock *sk = skb->sk;
	__u64 text = 0;
	__u8 method;

	if (!sk || !segment->size ||
	    (segment->size >= REQUEST_LEAST &&
	     bpf_skb_load_bytes(skb, segment->payload, &text, sizeof(text))))
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	method = method_of(text);
	if (method != HTTP_NONE)
		return is_repeated(sk, segment) ? 1 : count_request(skb, sk, method,
								    segment->egress);
	if (is_hello(text))
		return is_repeated(sk, segment) ? 1 : begin_hello(skb, sk, segment, text);
	if (!dns && !asks_dns(sk, segment))
		return continue_hello(skb, sk, segment);
	if (segment->size < DNS_LENGTH || is_repeated(sk, segment))
		return 1;
	segment->payload += DNS_LENGTH;
	segment->size -= DNS_LENGTH;
	return copy_dns(skb, sk, segment);
}

static __always_inline int look_into_udp(struct __sk_buff *skb, const struct segment *segment)
{
	bool dns = segment->source == DNS_PORT || segment->destination == DNS_PORT;
	struct bpf_sock *sk = skb->sk;

	if (!sk || (!dns && !segment->egress))
		return 1;
	sk = bpf_sk_fullsock(sk);
	return sk && (dns || asks_dns(sk, segment)) ? copy_dns(skb, sk, segment) : 1;
}

static __always_inline int look_into(struct __sk_buff *skb, bool egress)
{
	struct segment segment = { .egress = egress };

	if (!read_segment(skb, &segment))
		return 1;
	return segment.protocol == PROTOCOL_TCP ? look_into_tcp(skb, &segment) :
						  look_into_udp(skb, &segment);
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb)
{
	return look_into(skb, true);
}

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb)
{
	return look_into(skb, false);
}
