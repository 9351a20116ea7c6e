/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in packets, counted for each container, and what finds no room. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hint-table.h"
#include "model.h"
#include "util.h"

struct fixture {
	struct containers *containers;
	struct container *web, *db;	/* borrowed */
	struct hint_table *table;
	struct model *model;
	struct sample sample;
	uint64_t now;
};

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { false };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->db = containers_add(f->containers, "db", "docker");
	f->table = hint_table_new();
	f->model = model_new(counted);
	f->now = 1000 * NSEC_PER_SEC;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hint_table_free(f->table);
	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

/* Ends the interval. */
static void read_table(struct fixture *f)
{
	sample_clear(&f->sample);
	f->now += NSEC_PER_SEC;
	hint_table_read(f->table, f->containers, f->now, &f->sample);
}

/* The one of a container with this text. */
static const struct hint_sample *find(const struct fixture *f, const struct container *container,
				      enum hint_kind kind, uint8_t direction, const char *what)
{
	for (size_t i = 0; i < f->sample.n_hints; i++) {
		const struct hint_sample *hint = &f->sample.hints[i];

		if (hint->container == container && hint->kind == kind && !hint->ended &&
		    hint->direction == direction && !strcmp(hint->what, what))
			return hint;
	}
	fail_msg("no %s", what);
	return NULL;
}

/* What is 0 or NULL is as usual. */
struct dns_case {
	uint64_t socket;
	uint8_t direction;
	uint16_t id;
	bool is_answer;
	uint8_t error;
	const char *label;		/* all of the name */
	uint64_t after_ns;
	uint16_t peer_port;
	uint8_t peer;			/* first byte of the address */
};

static void take_dns(struct fixture *f, const struct container *container,
		     const struct dns_case *dns)
{
	const char *label = dns->label ? dns->label : "name";
	size_t size = strlen(label), all = 12 + 1 + size + 5;
	struct hint_packet *packet = xcalloc(1, sizeof(*packet) + all);
	uint8_t *data = packet->payload;

	packet->socket = dns->socket ? dns->socket : 1;
	packet->time_ns = f->now + dns->after_ns;
	packet->kind = HINT_DNS;
	packet->direction = dns->direction;
	packet->family = 4;
	packet->peer_address[0] = dns->peer ? dns->peer : 10;
	packet->peer_port = dns->peer_port ? dns->peer_port : 53;
	packet->size = (uint16_t)all;
	data[0] = (uint8_t)(dns->id >> 8);
	data[1] = (uint8_t)dns->id;
	data[2] = dns->is_answer ? 0x81 : 0x01;
	data[3] = dns->error;
	data[5] = 1;
	data[12] = (uint8_t)size;
	memcpy(data + 13, label, size);
	hint_table_take(f->table, container, packet, sizeof(*packet) + all);
	free(packet);
}

#define ASKED(...) take_dns(f, f->web, &(struct dns_case){ .direction = FLOW_OUT, __VA_ARGS__ })
#define ANSWERED(...) take_dns(f, f->web, &(struct dns_case){ .direction = FLOW_IN, \
	.is_answer = true, __VA_ARGS__ })

static void answered(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;

	ASKED(.id = 1);
	ASKED(.id = 2);
	ANSWERED(.id = 2, .after_ns = 3000000);
	ANSWERED(.id = 1, .after_ns = 1000000, .error = 3);
	read_table(f);
	hint = find(f, f->web, HINT_DNS, FLOW_OUT, "name");
	assert_int_equal(hint->count, 2);
	assert_int_equal(hint->errors, 1);
	assert_int_equal(hint->error, 3);
	assert_int_equal(hint->unanswered, 0);
	assert_int_equal(hint->latency.timed, 2);
	assert_int_equal(hint->latency.ns, 4000000);
	assert_int_equal(hint->latency.max_ns, 3000000);
	read_table(f);
	assert_int_equal(f->sample.n_hints, 0);
}

/* Another name, another socket, or nothing that was asked. */
static void false_answers(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;

	ASKED(.id = 1);
	ANSWERED(.id = 1, .label = "false");
	ANSWERED(.id = 1, .socket = 2);
	ANSWERED(.id = 2);
	read_table(f);
	assert_int_equal(f->sample.n_hints, 1);
	assert_int_equal(f->sample.hints[0].latency.timed, 0);
	/* The same once more is no other query to wait for. */
	ASKED(.id = 1);
	for (int i = 0; i < 10; i++)
		read_table(f);
	hint = find(f, f->web, HINT_DNS, FLOW_OUT, "name");
	assert_int_equal(hint->unanswered, 1);
	assert_int_equal(hint->count, 0);
	assert_int_equal(f->sample.accuracy.lost_hints, 0);
}

/*
 * Where they are asked, many ask by the same number, and who answers may have another
 * socket than was asked.
 */
static void asked_by_many(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;

	for (uint16_t port = 1000; port < 1010; port++)
		take_dns(f, f->db, &(struct dns_case){ .socket = 9, .direction = FLOW_IN, .id = 7,
						       .label = "name", .peer_port = port });
	for (uint16_t port = 1009; port >= 1000; port--)
		take_dns(f, f->db, &(struct dns_case){ .socket = 8, .direction = FLOW_OUT, .id = 7,
						       .is_answer = true, .label = "name",
						       .after_ns = 5000, .peer_port = port });
	read_table(f);
	assert_int_equal(f->sample.n_hints, 1);
	hint = find(f, f->db, HINT_DNS, FLOW_IN, "name");
	assert_int_equal(hint->count, 10);
	assert_int_equal(hint->latency.timed, 10);
}

/* Of a resolver of its own namespace: the query went to another port. */
static void translated(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;

	ASKED(.id = 1, .peer = 127, .peer_port = 40123);
	ANSWERED(.id = 1, .peer = 127, .after_ns = 2000000);
	ANSWERED(.id = 2, .peer = 127, .label = "other", .error = 3);
	read_table(f);
	assert_int_equal(f->sample.n_hints, 2);
	hint = find(f, f->web, HINT_DNS, FLOW_OUT, "name");
	assert_int_equal(hint->latency.max_ns, 2000000);
	hint = find(f, f->web, HINT_DNS, FLOW_OUT, "other");
	assert_int_equal(hint->count, 1);
	assert_int_equal(hint->errors, 1);
	assert_int_equal(hint->latency.timed, 0);
}

static void names_without_number(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;
	char label[16];

	for (int i = 0; i < 3 * NAMES_MOST; i++) {
		snprintf(label, sizeof(label), "n%d", i);
		ASKED(.id = (uint16_t)i, .label = label);
		ANSWERED(.id = (uint16_t)i, .label = label, .after_ns = 1000);
	}
	take_dns(f, f->db, &(struct dns_case){ .socket = 3, .direction = FLOW_OUT, .label = "name" });
	read_table(f);
	assert_int_equal(f->sample.n_hints, NAMES_MOST + 2);
	hint = find(f, f->web, HINT_DNS, FLOW_OUT, NAMES_OTHER);
	assert_int_equal(hint->count, 2 * NAMES_MOST);
	assert_int_equal(hint->latency.timed, 2 * NAMES_MOST);
	assert_int_equal(f->sample.accuracy.hint_map_full, 2 * NAMES_MOST);
	assert_int_equal(find(f, f->db, HINT_DNS, FLOW_OUT, "name")->count, 1);
}

static void update(struct fixture *f)
{
	read_table(f);
	f->sample.monotonic_ns = f->now;
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, 10 * NSEC_PER_SEC);
}

/* What a row has counted is not lost with it. */
static void places_change_hands(void **state)
{
	struct fixture *f = *state;
	uint64_t total = 0;
	size_t n;
	void *const *rows;
	char label[16];

	for (int i = 0; i < 3 * NAMES_MOST; i++) {
		snprintf(label, sizeof(label), "n%d", i);
		ASKED(.id = (uint16_t)i, .label = label);
		ANSWERED(.id = (uint16_t)i, .label = label, .after_ns = 1000);
		if (i == NAMES_MOST - 1)
			for (int j = 0; j < 100; j++)
				update(f);
	}
	update(f);
	update(f);
	rows = model_rows(f->model, PANE_HINTS, &n);
	assert_int_equal(n, NAMES_MOST + 1);
	for (size_t i = 0; i < n; i++)
		total += ((const struct hint_row *)rows[i])->count.total;
	assert_int_equal(total, 3 * NAMES_MOST);
}

static void queries_without_number(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < QUERIES_MOST + 10; i++)
		ASKED(.id = (uint16_t)i);
	read_table(f);
	assert_int_equal(f->sample.accuracy.lost_hints, 10);
	assert_int_equal(find(f, f->web, HINT_DNS, FLOW_OUT, "name")->count, QUERIES_MOST + 10);
}

/* ---- TLS */

static const char hello[] = "\x16\x03\x01\0\x43\1\0\0\x3f\3\3" "0123456789abcdef0123456789abcdef\0"
	"\0\2\x13\1\1\0\0\x14\0\0\0\x10\0\x0e\0\0\x0b" "example.org";

static void take_hello(struct fixture *f, uint64_t socket, size_t from, size_t to, bool continues)
{
	struct hint_packet *packet = xcalloc(1, sizeof(*packet) + (to - from));

	packet->socket = socket;
	packet->time_ns = f->now;
	packet->kind = HINT_TLS;
	packet->direction = FLOW_OUT;
	packet->continues = continues;
	packet->size = (uint16_t)(to - from);
	memcpy(packet->payload, hello + from, to - from);
	hint_table_take(f->table, f->web, packet, sizeof(*packet) + (to - from));
	free(packet);
}

static void hellos(void **state)
{
	struct fixture *f = *state;
	const struct hint_sample *hint;

	take_hello(f, 1, 0, sizeof(hello) - 1, false);
	for (size_t i = 1; i < sizeof(hello) - 1; i++) {
		take_hello(f, 2, 0, i, false);
		take_hello(f, 2, i, sizeof(hello) - 1, true);
	}
	/* A rest of nothing. */
	take_hello(f, 3, 20, sizeof(hello) - 1, true);
	read_table(f);
	assert_int_equal(f->sample.n_hints, 1);
	hint = find(f, f->web, HINT_TLS, FLOW_OUT, "example.org");
	assert_int_equal(hint->count, sizeof(hello) - 1);
	assert_true(hint->errors == UNKNOWN && hint->unanswered == UNKNOWN);
	assert_int_equal(f->sample.accuracy.lost_hints, 0);
}

static void hellos_without_end(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < HELLOS_MOST + 5; i++)
		take_hello(f, i, 0, 50, false);
	read_table(f);
	assert_int_equal(f->sample.accuracy.lost_hints, 5);
	for (int i = 0; i < 11; i++) {
		read_table(f);
		if (i == 9)
			assert_int_equal(f->sample.accuracy.lost_hints, HELLOS_MOST);
	}
	assert_int_equal(f->sample.n_hints, 0);
}

static void containers_that_go(void **state)
{
	struct fixture *f = *state;

	ASKED(.id = 1);
	take_hello(f, 1, 0, 50, false);
	containers_free(f->containers);
	f->containers = containers_new(NULL);
	read_table(f);
	assert_int_equal(f->sample.n_hints, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(answered),
		TEST(false_answers),
		TEST(asked_by_many),
		TEST(translated),
		TEST(names_without_number),
		TEST(places_change_hands),
		TEST(queries_without_number),
		TEST(hellos),
		TEST(hellos_without_end),
		TEST(containers_that_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
