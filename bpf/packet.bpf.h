/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet says of itself.  In both directions skb->data is at the IP
 * header.  The quick readers look at the headers where they are and know only
 * what nearly all packets are like; parse() knows the rest.
 */
#ifndef PACKET_BPF_H
#define PACKET_BPF_H

#include "kernel.bpf.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define IPV6_HOP_BY_HOP 0
#define IPV6_ROUTING 43
#define IPV6_FRAGMENT 44
#define IPV6_AUTHENTICATION 51
#define IPV6_DESTINATION 60
#define IPV6_MOBILITY 135
#define IPV6_EXTENSIONS_MAX 6
#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define TCP_SIZE 20
#define UDP_SIZE 8
#define FLAG_SYN 0x02
#define FLAG_RST 0x04
#define FLAG_ACK 0x10

struct packet {
	__u32 headers;			/* bytes of IP and transport headers: each segment has them */
	__u32 unsent;			/* bytes of the bundle that no segment has */
	__u8 tcp_flags;
	__u8 zero_window;
};

static __always_inline bool is_first_syn(const struct packet *packet)
{
	return (packet->tcp_flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

static __always_inline void read_tcp_header(const __u8 *header, __u32 offset,
					    struct packet *packet)
{
	packet->headers = offset + (header[12] >> 4) * 4;
	packet->tcp_flags = header[13];
	packet->zero_window = !*(const __u16 *)(header + 14);
}

/* ---- quickly */

/* A packet that is known to be TCP. False: parse() has to see it. */
static __always_inline bool read_tcp(struct __sk_buff *skb, struct packet *packet)
{
	const __u8 *data = (const void *)(long)skb->data;
	const __u8 *end = (const void *)(long)skb->data_end, *tcp;
	__u32 offset = IPV6_SIZE;

	if (data + IPV4_SIZE + TCP_SIZE > end)
		return false;
	if (data[0] >> 4 == 4)
		offset = (data[0] & 15) * 4;
	else if (data[6] != PROTOCOL_TCP)
		return false;
	tcp = data + offset;
	if (tcp + TCP_SIZE > end)
		return false;
	packet->unsent = 0;
	read_tcp_header(tcp, offset, packet);
	return true;
}

static __always_inline bool has_ports(const __u8 *udp, const struct flow_key *key, bool egress)
{
	__u16 source = bpf_ntohs(*(const __u16 *)udp);
	__u16 destination = bpf_ntohs(*(const __u16 *)(udp + 2));

	return source == (egress ? key->local_port : key->remote_port) &&
	       destination == (egress ? key->remote_port : key->local_port);
}

static __always_inline bool same_address(const void *a, const void *b, bool v6)
{
	const __u32 *x = a, *y = b;

	return x[0] == y[0] && (!v6 || (x[1] == y[1] && x[2] == y[2] && x[3] == y[3]));
}

/* Whether a packet is UDP and of this 5-tuple. False: parse() has to see it. */
static __always_inline bool read_udp(struct __sk_buff *skb, bool egress,
				     const struct flow_key *key, struct packet *packet)
{
	const __u8 *data = (const void *)(long)skb->data;
	const __u8 *end = (const void *)(long)skb->data_end;
	const __u8 *local = key->local_address, *remote = key->remote_address;

	if (key->protocol != PROTOCOL_UDP || data + IPV4_SIZE + UDP_SIZE > end)
		return false;
	packet->unsent = 0;
	packet->tcp_flags = packet->zero_window = 0;
	if (data[0] == 0x45) {
		packet->headers = IPV4_SIZE + UDP_SIZE;
		return key->family == 4 && data[9] == PROTOCOL_UDP &&
		       has_ports(data + IPV4_SIZE, key, egress) &&
		       same_address(data + 12, egress ? local : remote, false) &&
		       same_address(data + 16, egress ? remote : local, false);
	}
	if (data[0] >> 4 != 6 || data + IPV6_SIZE + UDP_SIZE > end)
		return false;
	packet->headers = IPV6_SIZE + UDP_SIZE;
	return key->family == 6 && data[6] == PROTOCOL_UDP &&
	       has_ports(data + IPV6_SIZE, key, egress) &&
	       same_address(data + 8, egress ? local : remote, true) &&
	       same_address(data + 24, egress ? remote : local, true);
}

/* ---- thoroughly */

/* Ports, and the size of the transport header that starts at offset. */
static __always_inline void parse_transport(struct __sk_buff *skb, __u32 offset, bool egress,
					    struct flow_key *key, struct packet *packet)
{
	__u8 header[16] __attribute__((aligned(8)));
	__u16 source, destination;
	long failed;

	packet->headers = offset;
	if (key->protocol == PROTOCOL_TCP)
		failed = bpf_skb_load_bytes(skb, offset, header, 16);
	else if (key->protocol == PROTOCOL_UDP)
		failed = bpf_skb_load_bytes(skb, offset, header, UDP_SIZE);
	else
		return;
	if (failed)
		return;
	source = header[0] << 8 | header[1];
	destination = header[2] << 8 | header[3];
	key->local_port = egress ? source : destination;
	key->remote_port = egress ? destination : source;
	if (key->protocol == PROTOCOL_UDP)
		packet->headers += UDP_SIZE;
	else
		read_tcp_header(header, offset, packet);
}

static __always_inline bool parse_ipv4(struct __sk_buff *skb, bool egress, struct flow_key *key,
				       struct packet *packet)
{
	__u8 header[IPV4_SIZE] __attribute__((aligned(8)));

	if (bpf_skb_load_bytes(skb, 0, header, sizeof(header)))
		return false;
	key->family = 4;
	key->protocol = header[9];
	__builtin_memcpy(egress ? key->local_address : key->remote_address, header + 12, 4);
	__builtin_memcpy(egress ? key->remote_address : key->local_address, header + 16, 4);
	parse_transport(skb, (header[0] & 15) * 4, egress, key, packet);
	return true;
}

static __always_inline bool is_extension(__u8 next)
{
	return next == IPV6_HOP_BY_HOP || next == IPV6_ROUTING || next == IPV6_FRAGMENT ||
	       next == IPV6_DESTINATION || next == IPV6_AUTHENTICATION || next == IPV6_MOBILITY;
}

/* The last one counts in words of four bytes, and from another zero. */
static __always_inline __u32 extension_size(__u8 next, __u8 length)
{
	if (next == IPV6_FRAGMENT)
		return 8;
	return next == IPV6_AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
}

/*
 * Behind the extension headers of IPv6, of which the first is next: where the
 * transport header begins, times 256, and its protocol.  Not static: the verifier
 * looks at the loop once.
 */
__noinline int skip_extensions(struct __sk_buff *skb, __u32 next)
{
	__u32 offset = IPV6_SIZE;
	__u8 extension[2];

	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (!is_extension(next) ||
		    bpf_skb_load_bytes(skb, offset, extension, sizeof(extension)))
			break;
		offset += extension_size(next, extension[1]);
		next = extension[0];
	}
	return offset << 8 | (next & 0xff);
}

static __always_inline bool parse_ipv6(struct __sk_buff *skb, bool egress, struct flow_key *key,
				       struct packet *packet)
{
	__u8 header[IPV6_SIZE] __attribute__((aligned(8)));
	__u32 found;

	if (bpf_skb_load_bytes(skb, 0, header, sizeof(header)))
		return false;
	key->family = 6;
	__builtin_memcpy(egress ? key->local_address : key->remote_address, header + 8, 16);
	__builtin_memcpy(egress ? key->remote_address : key->local_address, header + 24, 16);
	found = skip_extensions(skb, header[6]);
	key->protocol = found;
	parse_transport(skb, found >> 8, egress, key, packet);
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

/* The 5-tuple of any packet, as one end sees it. False: not IP. Both begin as zeros. */
static __always_inline bool parse(struct __sk_buff *skb, bool egress, struct flow_key *key,
				  struct packet *packet)
{
	if (skb->protocol == bpf_htons(ETHERTYPE_IPV4))
		return parse_ipv4(skb, egress, key, packet);
	if (skb->protocol == bpf_htons(ETHERTYPE_IPV6))
		return parse_ipv6(skb, egress, key, packet);
	return false;
}

#endif
