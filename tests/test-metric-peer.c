/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics by peer: flows of some intervals in, samples of the page out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metric-peer.h"
#include "util.h"

static int set_up(void **state)
{
	*state = xcalloc(1, sizeof(struct metric_peers));
	return 0;
}

static int tear_down(void **state)
{
	metric_peers_done(*state);
	free(*state);
	return 0;
}

static struct flow_row flow_of(uint8_t address, uint64_t rx, uint64_t tx)
{
	return (struct flow_row){ .key.remote = { 4, { 10, 0, 0, address } },
				  .rx_bytes.interval = rx, .tx_bytes.interval = tx };
}

/* A flow with 10.0.0.ADDRESS. */
static void add(struct metric_peers *peers, uint8_t address, uint64_t rx, uint64_t tx)
{
	const struct flow_row row = flow_of(address, rx, tx);

	metric_peers_add(peers, &row);
}

/* The same with a container of this host. */
static void add_named(struct metric_peers *peers, const char *name, uint64_t rx)
{
	char *copy = xstrdup(name);
	struct container container = { .name = copy };
	struct flow_row row = flow_of(1, rx, 0);

	row.peer = &container;
	metric_peers_add(peers, &row);
	free(copy);
}

/* Samples of one direction as "PEER VALUE;" each, in new memory. */
static char *write(const struct metric_peers *peers, bool received)
{
	static const struct metric_family family = { "x_total", "X", METRIC_COUNTER };
	struct metric_text *text = metric_text_new();
	char *page, *out = xstrdup(""), *rest, *line;
	size_t size;

	metric_text_family(text, &family);
	metric_peers_write(peers, "id=\"1\"", received, text);
	rest = page = metric_text_page(text, FORMAT_PROMETHEUS, &size);
	while ((line = strsep(&rest, "\n"))) {
		char peer[64], *longer;
		unsigned long long value;

		if (sscanf(line, "x_total{id=\"1\",peer=\"%63[^\"]\"} %llu", peer, &value) != 2)
			continue;
		longer = xasprintf("%s%s %llu;", out, peer, value);
		free(out);
		out = longer;
	}
	free(page);
	metric_text_free(text);
	return out;
}

static void check(const struct metric_peers *peers, bool received, const char *want)
{
	char *got = write(peers, received);

	assert_string_equal(got, want);
	free(got);
}

static void the_largest_have_series(void **state)
{
	struct metric_peers *peers = *state;

	add(peers, 1, 10, 1);
	add(peers, 2, 5, 500);
	add(peers, 3, 20, 2);
	add(peers, 1, 30, 3);
	metric_peers_settle(peers, 2);
	check(peers, true, "10.0.0.2 5;10.0.0.1 40;other 20;");
	check(peers, false, "10.0.0.2 500;10.0.0.1 4;other 2;");
}

static void local_ends_are_called_by_name(void **state)
{
	struct metric_peers *peers = *state;

	add_named(peers, "db", 7);
	add(peers, 1, 3, 0);
	metric_peers_settle(peers, 5);
	check(peers, true, "db 7;10.0.0.1 3;other 0;");
}

/* A series that once was there stays, one that comes later starts with what it moves then. */
static void nothing_goes_back(void **state)
{
	struct metric_peers *peers = *state;

	add(peers, 1, 100, 0);
	add(peers, 2, 60, 0);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.1 100;other 60;");
	add(peers, 2, 50, 0);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.2 50;10.0.0.1 100;other 60;");
	add(peers, 1, 1, 0);
	metric_peers_settle(peers, 1);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.2 50;10.0.0.1 101;other 60;");
}

/* Each one is the largest for a while. */
static void series_have_an_end(void **state)
{
	struct metric_peers *peers = *state;

	for (uint8_t i = 1; i <= PEER_SERIES + 2; i++) {
		add(peers, i, 100 * i, 0);
		metric_peers_settle(peers, 1);
	}
	check(peers, true, "10.0.0.4 400;10.0.0.3 300;10.0.0.2 200;10.0.0.1 100;other 1100;");
}

/* The 17th peer is forgotten: it begins anew, is not the largest then, and loses no byte. */
static void the_smallest_are_forgotten(void **state)
{
	struct metric_peers *peers = *state;

	for (uint8_t i = 1; i <= PEERS_KEPT; i++)
		add(peers, i, 100, 0);
	add(peers, 99, 99, 0);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.1 100;other 1599;");
	add(peers, 99, 100, 0);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.1 100;other 1699;");
	add(peers, 16, 1, 0);
	metric_peers_settle(peers, 1);
	check(peers, true, "10.0.0.16 1;10.0.0.1 100;other 1699;");
}

/* Two samples with the same labels would make Prometheus refuse the page. */
static void other_is_there_once(void **state)
{
	struct metric_peers *peers = *state;
	struct flow_row row = flow_of(1, 5, 0);

	add_named(peers, "other", 7);
	row.key.remote.family = 0;
	metric_peers_add(peers, &row);
	metric_peers_settle(peers, 5);
	check(peers, true, "other 12;");
}

static void what_nobody_counts_is_not_there(void **state)
{
	struct metric_peers *peers = *state;

	add(peers, 1, UNKNOWN, UNKNOWN);
	metric_peers_settle(peers, 5);
	check(peers, true, "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_largest_have_series),
		TEST(local_ends_are_called_by_name),
		TEST(nothing_goes_back),
		TEST(series_have_an_end),
		TEST(the_smallest_are_forgotten),
		TEST(other_is_there_once),
		TEST(what_nobody_counts_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
