/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a recording's rows: numbers, texts, words and addresses. */
#include "replay-word.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/contop.h"
#include "sample.h"
#include "text.h"
#include "util.h"
#include "word.h"

#define ERROR_MAX 256			/* more than any architecture has */

const char *replay_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text && *text ? text : NULL;
}

uint64_t replay_number(const json_t *row, const char *key)
{
	const json_t *number = json_object_get(row, key);
	json_int_t value = json_integer_value(number);

	return json_is_integer(number) && value >= 0 ? (uint64_t)value : UNKNOWN;
}

void replay_numbers(const json_t *row, void *out, const struct replay_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t number = replay_number(row, members[i].key);

		memcpy((char *)out + members[i].offset, &number, sizeof(number));
	}
}

/* Numbers that are small or not there. */
unsigned int replay_small(const json_t *row, const char *key, unsigned int most)
{
	uint64_t number = replay_number(row, key);

	return number <= most ? (unsigned int)number : 0;
}

void replay_name(const json_t *row, const char *key, char *name, size_t size)
{
	const char *text = replay_text(row, key);

	text_clean(name, size, text ? text : "", text ? strlen(text) : 0);
}

/* ---- words */

struct word {
	const char *name;
	uint8_t number;
};

static const struct word protocols[] = {
	{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP }, { "icmp6", IPPROTO_ICMPV6 },
};

static const struct word states[] = {
	{ "established", TCP_ESTABLISHED }, { "syn-sent", TCP_SYN_SENT },
	{ "syn-recv", TCP_SYN_RECV }, { "fin-wait-1", TCP_FIN_WAIT1 },
	{ "fin-wait-2", TCP_FIN_WAIT2 }, { "time-wait", TCP_TIME_WAIT }, { "closed", TCP_CLOSE },
	{ "close-wait", TCP_CLOSE_WAIT }, { "last-ack", TCP_LAST_ACK },
	{ "listening", TCP_LISTEN }, { "closing", TCP_CLOSING },
};

static const struct word directions[] = { { "in", FLOW_IN }, { "out", FLOW_OUT } };

static unsigned long get_small(const json_t *row, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(row, key));

	return number >= 0 && number <= UINT8_MAX ? (unsigned long)number : 0;
}

/* The number of a word, which may also be written as that number; 0: not known. */
static uint8_t get_word(const json_t *row, const char *key, const struct word *words, size_t n)
{
	const char *name = replay_text(row, key);

	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(name, words[i].name))
			return words[i].number;
	return (uint8_t)(name ? strtoul(name, NULL, 10) : get_small(row, key));
}

uint8_t replay_protocol(const json_t *row)
{
	return get_word(row, "protocol", protocols, ARRAY_SIZE(protocols));
}

uint8_t replay_state(const json_t *row)
{
	return get_word(row, "state", states, ARRAY_SIZE(states));
}

uint8_t replay_direction(const json_t *row)
{
	return get_word(row, "direction", directions, ARRAY_SIZE(directions));
}

uint8_t replay_address(const json_t *row, const char *key, uint8_t address[16])
{
	const char *text = replay_text(row, key);

	if (text && inet_pton(AF_INET, text, address) == 1)
		return 4;
	return text && inet_pton(AF_INET6, text, address) == 1 ? 6 : 0;
}

unsigned int replay_error(const json_t *row, const char *key)
{
	const char *name = replay_text(row, key);

	for (unsigned int i = 1; name && i < ERROR_MAX; i++) {
		const char *known = error_name(i);

		if (known && !strcmp(known, name))
			return i;
	}
	return 0;
}
