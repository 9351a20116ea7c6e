/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows that their source has a table of: what the model is told once, and what every time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "util.h"

#define PLACES 64

/* What the source would tell of its flows. */
struct table {
	uint16_t port[PLACES];		/* tells flows apart */
	const char *comm[PLACES];
	unsigned int asked;
};

struct world {
	struct containers *containers;
	struct container *web, *db;	/* borrowed */
	struct model *model;
	struct sample sample;
	struct table table;
};

static void complete(const void *context, const struct flow_growth *growth,
		     struct flow_sample *flow)
{
	struct table *table = (struct table *)(uintptr_t)context;

	table->asked++;
	flow->key = (struct flow_key){
		.family = 4, .protocol = IPPROTO_UDP, .local_port = table->port[growth->place],
	};
	flow->pid = 100 + growth->place;
	snprintf(flow->comm, sizeof(flow->comm), "%s", table->comm[growth->place]);
}

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true, true };
	struct world *world = xcalloc(1, sizeof(*world));

	world->containers = containers_new(NULL);
	containers_add(world->containers, NULL, NULL);
	world->web = containers_add(world->containers, "web", "docker");
	world->db = containers_add(world->containers, "db", "docker");
	world->model = model_new(counted);
	for (uint16_t i = 0; i < PLACES; i++) {
		world->table.port[i] = (uint16_t)(1000 + i);
		world->table.comm[i] = "first";
	}
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	model_free(world->model);
	sample_done(&world->sample);
	containers_free(world->containers);
	free(world);
	return 0;
}

static struct flow_growth *grow(struct world *world, struct container *container, uint32_t place,
				uint64_t bytes, bool told)
{
	struct flow_growth *growth = sample_add_growth(&world->sample);

	*growth = (struct flow_growth){
		.container = container, .place = place, .rx_bytes = bytes, .rx_packets = 1,
		.rtt_us = UNKNOWN32, .connect_us = UNKNOWN32, .cwnd = UNKNOWN32, .age_s = UNKNOWN32,
		.pid = 100 + place, .told = told,
	};
	return growth;
}

static void update(struct world *world)
{
	world->sample.complete_flow = complete;
	world->sample.flow_table = &world->table;
	world->sample.interval_ns = NSEC_PER_SEC;
	world->table.asked = 0;
	model_update(world->model, &world->sample, world->containers, 0);
	sample_clear(&world->sample);
}

/* The flow of a container with this port; NULL: none. */
static const struct flow_row *find_flow(struct world *world, const struct container *container,
				      uint16_t port)
{
	size_t n;
	void *const *rows = model_rows(world->model, PANE_FLOWS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct flow_row *row = rows[i];

		if (row->row.container == container && row->key.local_port == port)
			return row;
	}
	return NULL;
}

static const struct flow_row *flow_of(struct world *world, const struct container *container,
				      uint16_t port)
{
	const struct flow_row *row = find_flow(world, container, port);

	if (!row) {
		fail();
		abort();
	}
	return row;
}

static void assert_bytes(struct world *world, const struct container *container, uint16_t port,
			 uint64_t interval, uint64_t total)
{
	const struct flow_row *row = flow_of(world, container, port);

	assert_int_equal(row->rx_bytes.interval, interval);
	assert_int_equal(row->rx_bytes.total, total);
	assert_int_equal(row->row.active, interval > 0);
}

static uint64_t bytes_of_process(struct world *world, uint64_t pid)
{
	size_t n;
	void *const *rows = model_rows(world->model, PANE_PROCESSES, &n);

	for (size_t i = 0; i < n; i++) {
		const struct process_row *row = rows[i];

		if (row->pid == pid)
			return row->rx_bytes.total;
	}
	return UNKNOWN;
}

static void the_rest_is_asked_for_once(void **state)
{
	struct world *world = *state;

	grow(world, world->web, 1, 10, false);
	update(world);
	assert_int_equal(world->table.asked, 1);
	world->table.comm[1] = "second";
	grow(world, world->web, 1, 5, true)->rtt_us = 77;
	update(world);
	assert_int_equal(world->table.asked, 0);
	assert_bytes(world, world->web, 1001, 5, 15);
	assert_int_equal(flow_of(world, world->web, 1001)->rtt_us, 77);
	assert_string_equal(flow_of(world, world->web, 1001)->comm, "first");
	assert_int_equal(bytes_of_process(world, 101), 15);
	grow(world, world->web, 1, 1, false);
	update(world);
	assert_int_equal(world->table.asked, 1);
	assert_bytes(world, world->web, 1001, 1, 16);
	assert_string_equal(flow_of(world, world->web, 1001)->comm, "second");
	assert_int_equal(model_total(world->model)->rx_bytes.total, 16);
}

/* What nobody asked for has no row: told or not, it is asked for when somebody does. */
static void hidden_flows_leave_their_places(void **state)
{
	struct world *world = *state;

	grow(world, world->web, 1, 10, false);
	update(world);
	world->web->hidden = true;
	grow(world, world->web, 1, 1000, true)->ended = true;
	update(world);
	/* another flow has the place by now */
	world->table.port[1] = 2001;
	grow(world, world->web, 1, 1000, false);
	update(world);
	world->web->hidden = false;
	grow(world, world->web, 1, 7, true);
	update(world);
	assert_int_equal(world->table.asked, 1);
	assert_bytes(world, world->web, 2001, 7, 7);
	assert_bytes(world, world->web, 1001, 0, 10);
}

static void flows_of_another_container_are_others(void **state)
{
	struct world *world = *state;

	grow(world, world->web, 1, 10, false);
	update(world);
	grow(world, world->db, 1, 5, true);
	update(world);
	assert_bytes(world, world->web, 1001, 0, 10);
	assert_bytes(world, world->db, 1001, 5, 5);
}

/* Whatever moves first, counts of the interval are those of the interval. */
static void flows_that_rest_have_nothing_in_the_interval(void **state)
{
	static const uint32_t orders[][8] = {
		{ 1, 2, 3, 4, 5, 6, 7 }, { 7, 5, 3, 1 }, { 2, 4, 6 }, { 6 }, { 0 }, { 4, 1 },
		{ 1, 7, 2, 6, 3, 5, 4 }, { 3 }, { 3, 2, 1 },
	};
	struct world *world = *state;
	uint64_t totals[8] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		uint64_t moved[8] = { 0 };

		for (size_t j = 0; orders[i][j]; j++) {
			uint32_t place = orders[i][j];

			moved[place] = 100 * i + j + 1;
			totals[place] += moved[place];
			grow(world, world->web, place, moved[place], i > 0);
		}
		update(world);
		for (uint16_t place = 1; place < 8; place++)
			assert_bytes(world, world->web, (uint16_t)(1000 + place), moved[place],
				     totals[place]);
	}
}

static void ended_flows_go_and_others_stay(void **state)
{
	struct world *world = *state;

	for (uint32_t place = 1; place < 8; place++)
		grow(world, world->web, place, 1, false);
	update(world);
	grow(world, world->web, 5, 1, true);
	grow(world, world->web, 2, 1, true)->ended = true;
	grow(world, world->web, 6, 1, true)->ended = true;
	grow(world, world->web, 3, 1, true);
	update(world);
	assert_true(flow_of(world, world->web, 1002)->row.ended);
	/* the same comes again, in another place */
	world->table.port[7] = 1002;
	grow(world, world->web, 7, 9, false);
	update(world);
	assert_int_equal(world->table.asked, 1);
	assert_bytes(world, world->web, 1002, 9, 9);
	assert_null(find_flow(world, world->web, 1006));
	for (uint16_t port = 1003; port <= 1005; port++)
		assert_bytes(world, world->web, port, 0, port == 1004 ? 1 : 2);
}

/* What a flow's row should have. */
struct expected {
	bool there, ends;
	uint64_t interval, total;
};

static uint32_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

static void move_some(struct world *world, struct expected expected[PLACES], uint64_t *random)
{
	for (uint32_t n = next_random(random) % PLACES; n > 0; n--) {
		uint32_t place = 1 + next_random(random) % (PLACES - 1);
		uint64_t bytes = 1 + next_random(random) % 1000;
		struct expected *flow = &expected[place];

		if (flow->ends)
			continue;
		flow->ends = next_random(random) % 16 == 0;
		grow(world, world->web, place, bytes, flow->there)->ended = flow->ends;
		flow->there = true;
		flow->interval += bytes;
		flow->total += bytes;
	}
}

/* Many intervals, in which flows begin, move, rest and end in any order. */
static void rows_are_what_was_told(void **state)
{
	struct world *world = *state;
	struct expected expected[PLACES] = { { 0 } };
	uint64_t random = 0x9e3779b97f4a7c15, total = 0;

	for (int i = 0; i < 2000; i++) {
		size_t n = 0, rows;

		for (size_t place = 0; place < PLACES; place++) {
			expected[place].interval = 0;
			if (expected[place].ends)
				expected[place] = (struct expected){ 0 };
		}
		move_some(world, expected, &random);
		update(world);
		for (uint16_t place = 1; place < PLACES; place++) {
			if (!expected[place].there)
				continue;
			assert_bytes(world, world->web, (uint16_t)(1000 + place),
				     expected[place].interval, expected[place].total);
			total += expected[place].interval;
			n++;
		}
		model_rows(world->model, PANE_FLOWS, &rows);
		assert_int_equal(rows, n);
		assert_int_equal(model_total(world->model)->rx_bytes.total, total);
	}
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_rest_is_asked_for_once),
		TEST(hidden_flows_leave_their_places),
		TEST(flows_of_another_container_are_others),
		TEST(flows_that_rest_have_nothing_in_the_interval),
		TEST(ended_flows_go_and_others_stay),
		TEST(rows_are_what_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
