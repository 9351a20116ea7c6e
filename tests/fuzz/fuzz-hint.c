/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents of packets: names as they are parsed, and a table that gets such packets. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "hint-parse.h"
#include "hint-table.h"

static void check_name(const char *name)
{
	if (strlen(name) >= HINT_NAME_SIZE)
		abort();
	for (; *name; name++)
		if (*name <= ' ' || *name >= 0x7f)
			abort();
}

static void parse(const uint8_t *data, size_t size)
{
	struct dns_message message;
	char name[HINT_NAME_SIZE];

	if (!hint_parse_hello(data, size, name))
		check_name(name);
	if (!hint_parse_dns(data, size, &message))
		check_name(message.name);
}

/* One packet after the other, each with a length ahead. */
static void feed(const uint8_t *data, size_t size)
{
	struct containers *containers = containers_new(NULL);
	struct hint_table *table = hint_table_new();
	struct sample sample = { 0 };
	const struct container *host = containers_all(containers, &(size_t){ 0 })[0];

	while (size > 2) {
		size_t n = (size_t)(data[0] << 8 | data[1]);
		struct hint_packet *packet;

		n = n < size - 2 ? n : size - 2;
		packet = malloc(n + 1);
		memcpy(packet, data + 2, n);
		hint_table_take(table, host, packet, n);
		free(packet);
		data += 2 + n;
		size -= 2 + n;
	}
	hint_table_read(table, containers, UINT64_MAX / 2, &sample);
	hint_table_read(table, containers, UINT64_MAX / 2, &sample);
	sample_done(&sample);
	hint_table_free(table);
	containers_free(containers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own, so that what is beyond it is found. */
	uint8_t *copy = malloc(size + 1);

	if (size)
		memcpy(copy, data, size);
	parse(copy, size);
	feed(copy, size);
	free(copy);
	return 0;
}
