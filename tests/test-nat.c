/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translated addresses: what connection tracking says, and which rows are each other's peers then. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "nat.h"
#include "util.h"

/* A connection of a client to a published port, as each side sees it. */
#define CLIENT "172.17.0.3", 40000
#define PUBLISHED "192.0.2.1", 8080
#define SERVER "172.17.0.2", 80
#define GATEWAY "172.17.0.1", 50000

static struct flow_key key_of(const char *local, uint16_t local_port, const char *remote,
			      uint16_t remote_port)
{
	struct flow_key key = {
		.protocol = IPPROTO_TCP, .family = strchr(local, ':') ? 6 : 4,
		.local_port = local_port, .remote_port = remote_port,
	};
	int family = key.family == 6 ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, local, key.local_address), 1);
	assert_int_equal(inet_pton(family, remote, key.remote_address), 1);
	return key;
}

static struct flow_end end_of(const char *address, uint16_t port)
{
	struct flow_end end = { .port = port };

	assert_int_equal(inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address,
				   end.address), 1);
	return end;
}

static void set_end(struct nf_conntrack *answer, bool six, enum nf_conntrack_attr address,
		    enum nf_conntrack_attr port_attribute, const char *text, uint16_t port)
{
	uint8_t bytes[16];

	assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, text, bytes), 1);
	nfct_set_attr(answer, address, bytes);
	nfct_set_attr_u16(answer, port_attribute, htons(port));
}

/* As the kernel answers: from whom to whom, and who answers whom. */
static struct nf_conntrack *answer_of(const char *from, uint16_t from_port, const char *to,
				      uint16_t to_port, const char *answers, uint16_t answers_port,
				      const char *whom, uint16_t whom_port)
{
	struct nf_conntrack *answer = nfct_new();
	bool six = strchr(from, ':');

	assert_non_null(answer);
	set_end(answer, six, six ? ATTR_ORIG_IPV6_SRC : ATTR_ORIG_IPV4_SRC, ATTR_ORIG_PORT_SRC,
		from, from_port);
	set_end(answer, six, six ? ATTR_ORIG_IPV6_DST : ATTR_ORIG_IPV4_DST, ATTR_ORIG_PORT_DST,
		to, to_port);
	set_end(answer, six, six ? ATTR_REPL_IPV6_SRC : ATTR_REPL_IPV4_SRC, ATTR_REPL_PORT_SRC,
		answers, answers_port);
	set_end(answer, six, six ? ATTR_REPL_IPV6_DST : ATTR_REPL_IPV4_DST, ATTR_REPL_PORT_DST,
		whom, whom_port);
	return answer;
}

static void check_answer(struct nf_conntrack *answer, struct flow_key key, int result,
			 const struct flow_end *end)
{
	struct flow_end real = { .port = 1 };

	assert_int_equal(nat_read(answer, &key, &real), result);
	if (end)
		assert_memory_equal(&real, end, sizeof(real));
	nfct_destroy(answer);
}

static void answers_tell_the_real_end(void **state)
{
	const struct flow_end server = end_of(SERVER), client = end_of(CLIENT);
	const struct flow_end server6 = end_of("fd00::2", 80);

	(void)state;
	check_answer(answer_of(CLIENT, PUBLISHED, SERVER, CLIENT), key_of(CLIENT, PUBLISHED), 1,
		     &server);
	check_answer(answer_of(CLIENT, PUBLISHED, SERVER, CLIENT), key_of(SERVER, CLIENT), 0, NULL);
	check_answer(answer_of(CLIENT, PUBLISHED, SERVER, GATEWAY), key_of(SERVER, GATEWAY), 1,
		     &client);
	check_answer(answer_of("fd00::3", 40000, "fd00::1", 8080, "fd00::2", 80, "fd00::3", 40000),
		     key_of("fd00::3", 40000, "fd00::1", 8080), 1, &server6);
	check_answer(answer_of(CLIENT, SERVER, SERVER, CLIENT), key_of(CLIENT, SERVER), 0, NULL);
}

static void answers_of_other_connections_tell_nothing(void **state)
{
	(void)state;
	check_answer(answer_of(CLIENT, PUBLISHED, SERVER, CLIENT), key_of(CLIENT, SERVER), -ENOENT,
		     NULL);
	check_answer(nfct_new(), key_of(CLIENT, PUBLISHED), -ENOENT, NULL);
}

static void statistics_tell_of_connections(void **state)
{
	static const char names[] = "entries  clashres found new invalid\n";
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "%s00000000  00000007 00000001\n00000000  00000000\n", names);
	assert_false(nat_any_tracked(text));
	snprintf(text, sizeof(text), "%s0000001f  00000000 00000000\n0000001f  00000000\n", names);
	assert_true(nat_any_tracked(text));
	assert_false(nat_any_tracked(names));
	assert_false(nat_any_tracked(""));
}

/* ---- rows */

struct fixture {
	struct containers *containers;
	struct container *web, *client;
	struct model *model;
	struct sample sample;
};

static void update(struct fixture *f)
{
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, 0);
	sample_clear(&f->sample);
}

static struct flow_sample *add_flow(struct fixture *f, struct container *container,
				    struct flow_key key)
{
	struct flow_sample *flow = sample_add_flow(&f->sample);

	flow->container = container;
	flow->key = key;
	flow->rx_bytes = flow->rx_packets = 1;
	return flow;
}

static void translate(struct flow_sample *flow, struct flow_end end)
{
	flow->translated = true;
	flow->real = end;
}

static const struct flow_row *row_of(struct fixture *f, const struct container *container)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_FLOWS, &n);

	for (size_t i = 0; i < n; i++)
		if (((const struct flow_row *)rows[i])->row.container == container)
			return rows[i];
	fail_msg("no flow of that container");
	return NULL;
}

static int set_up(void **state)
{
	const bool counted[PANE_COUNT] = { [PANE_FLOWS] = true };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->client = containers_add(f->containers, "client", "docker");
	f->model = model_new(counted);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

static void check_peers(struct fixture *f)
{
	assert_ptr_equal(row_of(f, f->client)->peer, f->web);
	assert_ptr_equal(row_of(f, f->web)->peer, f->client);
}

static void translated_ends_are_peers(void **state)
{
	struct fixture *f = *state;

	translate(add_flow(f, f->client, key_of(CLIENT, PUBLISHED)), end_of(SERVER));
	add_flow(f, f->web, key_of(SERVER, CLIENT));
	update(f);
	check_peers(f);
	assert_int_equal(row_of(f, f->client)->real->remote_port, 80);
	assert_int_equal(row_of(f, f->client)->key.remote_port, 8080);
	assert_null(row_of(f, f->web)->real);
}

static void ends_that_are_both_translated_are_peers(void **state)
{
	struct fixture *f = *state;

	translate(add_flow(f, f->web, key_of(SERVER, GATEWAY)), end_of(CLIENT));
	translate(add_flow(f, f->client, key_of(CLIENT, PUBLISHED)), end_of(SERVER));
	update(f);
	check_peers(f);
}

/* It may be known only later, and said again, as recordings do. */
static void translations_may_come_late_and_twice(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->client, key_of(CLIENT, PUBLISHED));
	add_flow(f, f->web, key_of(SERVER, CLIENT));
	update(f);
	assert_null(row_of(f, f->client)->peer);
	for (int i = 0; i < 2; i++) {
		translate(add_flow(f, f->client, key_of(CLIENT, PUBLISHED)), end_of(SERVER));
		update(f);
		check_peers(f);
	}
	add_flow(f, f->web, key_of(SERVER, CLIENT))->ended = true;
	update(f);
	update(f);
	assert_null(row_of(f, f->client)->peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_tell_the_real_end),
		cmocka_unit_test(answers_of_other_connections_tell_nothing),
		cmocka_unit_test(statistics_tell_of_connections),
		cmocka_unit_test_setup_teardown(translated_ends_are_peers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends_that_are_both_translated_are_peers, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(translations_may_come_late_and_twice, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
