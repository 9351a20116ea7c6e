/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network loads: one TCP connection, or so many datagrams, with the packets and
 * bytes that the IP layer of each end must have seen.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPLY "done\n"
#define STATE_CLOSE 7			/* TCP_CLOSE, which <linux/tcp.h> does not have */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* ---- addresses */

static void address_parse(union address *ret, const char *text, const char *port)
{
	in_port_t number_of_port = htons((uint16_t)number(port, UINT16_MAX));

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = number_of_port;
	} else if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = number_of_port;
	} else {
		errno = EINVAL;
		fail(text);
	}
}

static socklen_t address_size(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

static unsigned int ip_header_size(const union address *address)
{
	return address->any.sa_family == AF_INET ? 20 : 40;
}

/* The members of the JSON that name both ends. */
static const char *ends_text(int fd, const union address *remote, char *buffer, size_t size)
{
	char text[2][INET6_ADDRSTRLEN];
	union address end[2] = { { .any = { .sa_family = 0 } }, *remote };
	socklen_t length = sizeof(end[0]);
	int i;

	if (getsockname(fd, &end[0].any, &length) < 0)
		fail("getsockname");
	for (i = 0; i < 2; i++) {
		const void *address = &end[i].v4.sin_addr;

		if (end[i].any.sa_family == AF_INET6)
			address = &end[i].v6.sin6_addr;
		inet_ntop(end[i].any.sa_family, address, text[i], sizeof(text[i]));
	}
	/* The port is at the same place in both kinds. */
	snprintf(buffer, size, "\"family\":%d,\"local_address\":\"%s\",\"local_port\":%u,"
		 "\"remote_address\":\"%s\",\"remote_port\":%u",
		 remote->any.sa_family == AF_INET ? 4 : 6, text[0], ntohs(end[0].v4.sin_port),
		 text[1], ntohs(end[1].v4.sin_port));
	return buffer;
}

static int bound_socket(const union address *address, int type)
{
	int one = 1, fd = socket(address->any.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		fail("socket");
	if (bind(fd, &address->any, address_size(address)) < 0)
		fail("bind");
	return fd;
}

/* ---- TCP */

/*
 * Waits until the connection is over on this side: then the last segment has
 * gone out or come in on this very socket, and its counters are final.  Both
 * ends only shut down, as a closed socket answers through another one.
 */
static void tcp_final_info(int fd, struct tcp_info *info)
{
	do {
		socklen_t length = sizeof(*info);

		memset(info, 0, sizeof(*info));
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) < 0)
			fail("TCP_INFO");
		if (info->tcpi_state != STATE_CLOSE)
			pause_ms(1);
	} while (info->tcpi_state != STATE_CLOSE);
}

/*
 * What this side sent, as the IP layer saw it; what it received is what the
 * other side sent.  A connection's own counters hold every segment but the
 * SYN-ACK of the accepting side, which a request sends, not a socket.  Options
 * of SYN and SYN-ACK are longer: maximum segment size, window scale.  Answers to
 * reordered segments carry SACK blocks of unknown number, so SACK is best off
 * (net.ipv4.tcp_sack=0).
 */
static void tcp_report(const char *name, int fd, const union address *remote, bool accepted)
{
	struct tcp_info info;
	char ends[256];
	unsigned int header, syn, packets;
	bool timestamps, sack;

	tcp_final_info(fd, &info);
	timestamps = info.tcpi_options & TCPI_OPT_TIMESTAMPS;
	sack = info.tcpi_options & TCPI_OPT_SACK;
	header = ip_header_size(remote) + 20 + (timestamps ? 12 : 0);
	syn = header + 4 + (info.tcpi_options & TCPI_OPT_WSCALE ? 4 : 0) + (sack && !timestamps ? 4 : 0);
	packets = info.tcpi_segs_out + accepted;
	report("{\"load\":\"%s\",\"pid\":%d,%s,\"tx_packets\":%u,\"tx_bytes\":%" PRIu64 ",\"rx_packets\":%u,"
	       "\"retransmits\":%u,\"rtt_us\":%u,\"mss\":%u,\"ack_size\":%u,\"syn_size\":%u}\n",
	       name, getpid(), ends_text(fd, remote, ends, sizeof(ends)), packets,
	       (uint64_t)info.tcpi_bytes_sent + (uint64_t)packets * header + syn - header,
	       info.tcpi_segs_in, info.tcpi_total_retrans, info.tcpi_rtt, info.tcpi_snd_mss, header, syn);
	if (sack && (info.tcpi_total_retrans || info.tcpi_dsack_dups || info.tcpi_rcv_ooopack)) {
		fprintf(stderr, "load: segments were reordered: sizes are not exact\n");
		exit(1);
	}
}

static void write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0)
			fail("write");
		at += n;
		size -= n;
	}
}

static uint64_t read_to_end(int fd)
{
	static char buffer[BLOCK_SIZE];
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		total += n;
	if (n < 0)
		fail("read");
	return total;
}

static int tcp_listen(const union address *address)
{
	int fd = bound_socket(address, SOCK_STREAM);

	if (listen(fd, 1) < 0)
		fail("listen");
	say_ready();
	return fd;
}

static int tcp_accept(int listener, int flags)
{
	int fd = accept4(listener, NULL, NULL, flags);

	if (fd < 0)
		fail("accept");
	return fd;
}

static void tcp_answer(int fd)
{
	union address remote;
	socklen_t length = sizeof(remote);

	if (getpeername(fd, &remote.any, &length) < 0)
		fail("getpeername");
	read_to_end(fd);
	write_all(fd, REPLY, strlen(REPLY));
	if (shutdown(fd, SHUT_WR) < 0)
		fail("shutdown");
	tcp_report("tcp-server", fd, &remote, true);
}

static void tcp_serve(int listener)
{
	tcp_answer(tcp_accept(listener, SOCK_CLOEXEC));
}

static void tcp_client(const union address *remote, uint64_t bytes, const struct flags *flags)
{
	static const char block[BLOCK_SIZE];
	int fd = socket(remote->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &remote->any, address_size(remote)) < 0)
		fail("connect");
	wait_for_go(flags->wait_connected);
	while (bytes) {
		size_t n = bytes < sizeof(block) ? bytes : sizeof(block);

		write_all(fd, block, n);
		bytes -= n;
	}
	if (shutdown(fd, SHUT_WR) < 0)
		fail("shutdown");
	if (read_to_end(fd) != strlen(REPLY)) {
		errno = EPROTO;
		fail("reply");
	}
	tcp_report("tcp-client", fd, remote, false);
}

void run_tcp_server(char **arguments, const struct flags *flags)
{
	union address address;

	(void)flags;
	address_parse(&address, arguments[0], arguments[1]);
	tcp_serve(tcp_listen(&address));
}

void run_tcp_client(char **arguments, const struct flags *flags)
{
	union address remote;

	address_parse(&remote, arguments[0], arguments[1]);
	wait_for_go(flags->wait);
	tcp_client(&remote, number(arguments[2], INT64_MAX), flags);
}

/* ---- servers of several processes */

static pid_t make_child(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

/* Children made beforehand share the listener: each accepts and serves one connection. */
void run_tcp_workers(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[2], 64);
	union address address;
	int listener, status;

	(void)flags;
	address_parse(&address, arguments[0], arguments[1]);
	listener = tcp_listen(&address);
	for (uint64_t i = 0; i < n; i++)
		if (!make_child()) {
			tcp_serve(listener);
			exit(0);
		}
	while (n--)
		if (wait(&status) < 0 || status)
			exit(1);
}

/* A child for each connection, which the parent accepts and closes; it becomes another program. */
static void tcp_hand_over(char **arguments, bool exec)
{
	union address address;
	int listener, fd, status;

	address_parse(&address, arguments[0], arguments[1]);
	listener = tcp_listen(&address);
	fd = tcp_accept(listener, 0);
	if (!make_child()) {
		if (!exec) {
			/* Long enough to be seen to have it. */
			pause_ms(1500);
			tcp_answer(fd);
			exit(0);
		}
		if (dup2(fd, STDIN_FILENO) < 0)
			fail("dup2");
		close(fd);
		execl("/proc/self/exe", "load", "tcp-stdin", NULL);
		fail("exec");
	}
	close(fd);
	if (wait(&status) < 0 || status)
		exit(1);
}

void run_tcp_forker(char **arguments, const struct flags *flags)
{
	(void)flags;
	tcp_hand_over(arguments, false);
}

void run_tcp_inetd(char **arguments, const struct flags *flags)
{
	(void)flags;
	tcp_hand_over(arguments, true);
}

/* What the last one becomes. */
void run_tcp_stdin(char **arguments, const struct flags *flags)
{
	(void)arguments;
	(void)flags;
	tcp_answer(STDIN_FILENO);
}

/* A child accepts from its parent's listener by io_uring. */
void run_tcp_ring(char **arguments, const struct flags *flags)
{
	union address address;
	int listener, status;

	(void)flags;
	address_parse(&address, arguments[0], arguments[1]);
	listener = tcp_listen(&address);
	if (!make_child()) {
		tcp_answer(uring_accept(listener, !strcmp(arguments[2], "again")));
		exit(0);
	}
	if (wait(&status) < 0 || status)
		exit(1);
}

/*
 * A connection that is over before anybody accepts it, and is then accepted or left:
 * both ends by one process.
 */
void run_tcp_waiting(char **arguments, const struct flags *flags)
{
	struct linger at_once = { 1, 0 };
	union address remote;
	char ends[256];
	int listener, fd;

	(void)flags;
	address_parse(&remote, arguments[0], arguments[1]);
	listener = tcp_listen(&remote);
	fd = socket(remote.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &remote.any, address_size(&remote)) < 0)
		fail("connect");
	report("{\"load\":\"tcp-waiting\",\"pid\":%d,%s}\n", getpid(),
	       ends_text(fd, &remote, ends, sizeof(ends)));
	/* The end is a reset, so that none waits in TIME_WAIT. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	pause_ms(10);
	if (!strcmp(arguments[2], "accept"))
		tcp_accept(listener, SOCK_CLOEXEC);
	close(listener);
}

/* The other end of a pair has its own process. */
static void join(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		exit(1);
}

void run_tcp_pair(char **arguments, const struct flags *flags)
{
	union address address;
	int listener;
	pid_t child;

	address_parse(&address, arguments[0], arguments[1]);
	listener = tcp_listen(&address);
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		tcp_serve(listener);
		exit(0);
	}
	wait_for_go(flags->wait);
	tcp_client(&address, number(arguments[2], INT64_MAX), flags);
	join(child);
}

/* ---- UDP */

static void udp_report(const char *name, int fd, const union address *remote,
		       uint64_t sent, uint64_t received, size_t size)
{
	char ends[256];
	uint64_t packet = ip_header_size(remote) + 8 + size;

	report("{\"load\":\"%s\",%s,\"tx_packets\":%" PRIu64 ",\"tx_bytes\":%" PRIu64
	       ",\"rx_packets\":%" PRIu64 ",\"rx_bytes\":%" PRIu64 "}\n",
	       name, ends_text(fd, remote, ends, sizeof(ends)), sent, sent * packet, received,
	       received * packet);
}

static int udp_bind(const union address *address)
{
	int fd = bound_socket(address, SOCK_DGRAM), size = 1 << 20;

	/* Room for all there is to come, should nobody read for a while: none comes twice. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	say_ready();
	return fd;
}

static void udp_expect(ssize_t got, size_t size)
{
	if (got >= 0 && (size_t)got != size)
		errno = EPROTO;
	if (got < 0 || (size_t)got != size)
		fail("datagram");
}

static void udp_serve(int fd, uint64_t packets, size_t size, bool echo)
{
	static char buffer[BLOCK_SIZE];
	union address remote;
	uint64_t i;

	for (i = 0; i < packets; i++) {
		socklen_t length = sizeof(remote);

		udp_expect(recvfrom(fd, buffer, sizeof(buffer), 0, &remote.any, &length), size);
		if (echo)
			udp_expect(sendto(fd, buffer, size, 0, &remote.any, length), size);
	}
	udp_report("udp-server", fd, &remote, echo ? packets : 0, packets, size);
}

/* Without an echo to wait for, a rest now and then keeps the receiver's buffer from overflowing. */
static void udp_client(const union address *remote, uint64_t packets, size_t size, bool echo)
{
	static char buffer[BLOCK_SIZE];
	int fd = socket(remote->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t i;

	if (fd < 0 || connect(fd, &remote->any, address_size(remote)) < 0)
		fail("connect");
	for (i = 0; i < packets; i++) {
		udp_expect(send(fd, buffer, size, 0), size);
		if (echo)
			udp_expect(recv(fd, buffer, sizeof(buffer), 0), size);
		else if (i % 16 == 15)
			pause_ms(2);
	}
	udp_report("udp-client", fd, remote, packets, echo ? packets : 0, size);
}

void run_udp_server(char **arguments, const struct flags *flags)
{
	union address address;

	address_parse(&address, arguments[0], arguments[1]);
	udp_serve(udp_bind(&address), number(arguments[2], UINT32_MAX),
		  number(arguments[3], BLOCK_SIZE), flags->echo);
}

void run_udp_client(char **arguments, const struct flags *flags)
{
	union address remote;

	address_parse(&remote, arguments[0], arguments[1]);
	wait_for_go(flags->wait);
	udp_client(&remote, number(arguments[2], UINT32_MAX), number(arguments[3], BLOCK_SIZE),
		   flags->echo);
}

void run_udp_pair(char **arguments, const struct flags *flags)
{
	uint64_t packets = number(arguments[2], UINT32_MAX), size = number(arguments[3], BLOCK_SIZE);
	union address address;
	int fd;
	pid_t child;

	address_parse(&address, arguments[0], arguments[1]);
	fd = udp_bind(&address);
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		udp_serve(fd, packets, size, flags->echo);
		exit(0);
	}
	wait_for_go(flags->wait);
	udp_client(&address, packets, size, flags->echo);
	join(child);
}
