/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in packets: the server that a ClientHello of TLS asks for (RFC 6066), and
 * the question of a message of DNS (RFC 1035).  What is parsed comes from anybody.
 */
#ifndef HINT_PARSE_H
#define HINT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A name as text: in lower case, printable ASCII alone. Other bytes, and characters
 * with a meaning in zone files, are escaped as name servers do it: \032, \(.
 */
#define HINT_NAME_SIZE (4 * 255 + 1)

/*
 * The server's name from the beginning of a connection. 0, with an empty name where
 * there is none; -EAGAIN: it may be in what is to come; -EINVAL: no ClientHello.
 */
int hint_parse_hello(const uint8_t *data, size_t size, char ret_name[HINT_NAME_SIZE]);

struct dns_message {
	uint16_t id;
	bool is_answer;
	uint8_t error;			/* RCODE of an answer; 0: none */
	bool has_name;			/* some answers with an error repeat no question */
	char name[HINT_NAME_SIZE];	/* asked for; the root is "." */
};

/* Of standard queries and their answers. 0 or -EINVAL. */
int hint_parse_dns(const uint8_t *data, size_t size, struct dns_message *ret);

#endif
