/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of listening sockets: whose they are, and what came to them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "listener-list.h"
#include "util.h"

#define NETNS 4026531840u

struct fixture {
	struct containers *containers;
	struct container *host, *web, *db;
	struct listener_list list, before;
	struct sample sample;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->host = containers_add(f->containers, NULL, NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->db = containers_add(f->containers, "db", "docker");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	listener_list_done(&f->list);
	listener_list_done(&f->before);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

/* At 10.0.0.LAST, or at all addresses. */
static struct listen_key at(uint8_t family, uint8_t last, uint16_t port)
{
	struct listen_key key = {
		.netns = NETNS, .port = port, .family = family, .protocol = IPPROTO_TCP,
	};

	if (last) {
		key.address[0] = 10;
		key.address[3] = last;
	}
	return key;
}

static struct listener_record record_of(struct listen_key key, uint64_t inode, uint32_t pid)
{
	struct listener_record record = {
		.key = key, .inode = inode, .pid = pid, .backlog = 1, .backlog_max = 128,
		.takes_ipv4 = key.family == 6,
	};

	strcpy(record.comm, "httpd");
	return record;
}

static void add(struct fixture *f, struct container *container, struct listen_key key,
		uint64_t inode, uint32_t pid)
{
	struct listener_record record = record_of(key, inode, pid);

	listener_list_add(&f->list, &record, container);
}

static bool accept_at(struct fixture *f, struct listen_key key, uint64_t n)
{
	return listener_list_accept(&f->list, &key, n);
}

static void a_socket_of_several_processes_is_one(void **state)
{
	struct fixture *f = *state;

	add(f, f->web, at(4, 0, 80), 7, 102);
	add(f, f->web, at(4, 0, 80), 7, 100);
	add(f, f->web, at(4, 0, 80), 7, 101);
	listener_list_join(&f->list);
	assert_int_equal(f->list.n, 1);
	assert_int_equal(f->list.all[0].sockets, 1);
	assert_int_equal(f->list.all[0].record.pid, 100);
	assert_int_equal(f->list.all[0].record.backlog, 1);
}

/* As a service manager listens for what it starts. */
static void a_socket_that_the_host_has_open_too_is_the_containers(void **state)
{
	struct fixture *f = *state;

	add(f, f->host, at(4, 0, 80), 7, 1);
	add(f, f->web, at(4, 0, 80), 7, 100);
	listener_list_join(&f->list);
	assert_int_equal(f->list.n, 1);
	assert_ptr_equal(f->list.all[0].container, f->web);
	assert_int_equal(f->list.all[0].record.pid, 100);
}

static void sockets_that_share_an_address_are_one_entry(void **state)
{
	struct fixture *f = *state;

	add(f, f->web, at(4, 0, 80), 8, 101);
	add(f, f->web, at(4, 0, 80), 7, 100);
	add(f, f->web, at(4, 1, 80), 9, 100);
	listener_list_join(&f->list);
	assert_int_equal(f->list.n, 2);
	assert_int_equal(f->list.all[0].sockets, 2);
	assert_int_equal(f->list.all[0].record.pid, 100);
	assert_int_equal(f->list.all[0].record.backlog, 2);
	assert_int_equal(f->list.all[0].record.backlog_max, 256);
	assert_int_equal(f->list.all[1].sockets, 1);
}

static uint64_t accepts_of(const struct fixture *f, const struct container *container,
			   struct listen_key key)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (f->list.all[i].container == container &&
		    !memcmp(&f->list.all[i].record.key, &key, sizeof(key)))
			return f->list.all[i].accepts;
	fail_msg("nobody listens there");
	return 0;
}

static void connections_go_to_the_nearest_address(void **state)
{
	struct fixture *f = *state;

	add(f, f->web, at(4, 0, 80), 7, 100);
	add(f, f->db, at(4, 1, 80), 8, 200);
	add(f, f->db, at(6, 0, 81), 9, 200);
	listener_list_join(&f->list);
	assert_true(accept_at(f, at(4, 1, 80), 2));
	assert_true(accept_at(f, at(4, 2, 80), 3));
	assert_true(accept_at(f, at(4, 3, 80), 4));
	assert_true(accept_at(f, at(4, 3, 81), 5));
	assert_true(accept_at(f, at(6, 3, 81), 6));
	assert_int_equal(accepts_of(f, f->db, at(4, 1, 80)), 2);
	assert_int_equal(accepts_of(f, f->web, at(4, 0, 80)), 7);
	assert_int_equal(accepts_of(f, f->db, at(6, 0, 81)), 11);
}

static void connections_that_nobody_listens_for_are_nobodys(void **state)
{
	struct fixture *f = *state;
	struct listen_key elsewhere = at(4, 1, 80);
	struct listener_record only6 = record_of(at(6, 0, 81), 8, 100);

	elsewhere.netns++;
	only6.takes_ipv4 = 0;
	assert_false(accept_at(f, at(4, 1, 80), 1));
	add(f, f->web, at(4, 0, 80), 7, 100);
	listener_list_add(&f->list, &only6, f->web);
	listener_list_join(&f->list);
	assert_false(accept_at(f, elsewhere, 1));
	assert_false(accept_at(f, at(4, 1, 79), 1));
	assert_false(accept_at(f, at(6, 1, 80), 1));
	assert_false(accept_at(f, at(4, 1, 81), 1));
}

static void what_containers_share_is_not_known_of_each(void **state)
{
	struct fixture *f = *state;

	add(f, f->web, at(4, 0, 80), 7, 100);
	add(f, f->db, at(4, 0, 80), 8, 200);
	add(f, f->db, at(4, 0, 81), 9, 200);
	listener_list_join(&f->list);
	assert_true(accept_at(f, at(4, 1, 80), 1));
	assert_true(accept_at(f, at(4, 1, 81), 1));
	assert_int_equal(accepts_of(f, f->web, at(4, 0, 80)), UNKNOWN);
	assert_int_equal(accepts_of(f, f->db, at(4, 0, 80)), UNKNOWN);
	assert_int_equal(accepts_of(f, f->db, at(4, 0, 81)), 1);
}

/* ---- samples */

static void add_dropping(struct listener_list *list, struct container *container, uint64_t inode,
			 uint64_t drops)
{
	struct listener_record record = record_of(at(4, 0, 80), inode, 100);

	record.drops = drops;
	listener_list_add(list, &record, container);
}

static const struct listener_sample *tell(struct fixture *f, const struct listener_list *before,
					  bool counted)
{
	sample_clear(&f->sample);
	listener_list_join(&f->list);
	listener_list_tell(&f->list, before, counted, &f->sample);
	assert_true(f->sample.listeners_listed);
	assert_int_equal(f->sample.n_listeners, f->list.n);
	return f->sample.listeners;
}

static void drops_are_those_since_the_last_list(void **state)
{
	struct fixture *f = *state;
	const struct listener_sample *told;

	add_dropping(&f->before, f->web, 7, 10);
	add_dropping(&f->before, f->db, 8, 5);
	listener_list_join(&f->before);
	add_dropping(&f->list, f->host, 9, 3);
	add_dropping(&f->list, f->web, 7, 12);
	add_dropping(&f->list, f->db, 8, 4);
	told = tell(f, &f->before, true);
	assert_int_equal(told[0].drops, 3);
	assert_int_equal(told[1].drops, 2);
	assert_int_equal(told[2].drops, UNKNOWN);
}

static void without_a_last_list_nothing_is_known_of_the_interval(void **state)
{
	struct fixture *f = *state;
	const struct listener_sample *told;

	add_dropping(&f->list, f->web, 7, 10);
	listener_list_join(&f->list);
	assert_true(accept_at(f, at(4, 0, 80), 1));
	told = tell(f, NULL, true);
	assert_int_equal(told->drops, UNKNOWN);
	assert_int_equal(told->accepts, UNKNOWN);
	assert_int_equal(tell(f, &f->before, true)->accepts, 1);
	assert_int_equal(tell(f, &f->before, false)->accepts, UNKNOWN);
}

static void datagrams_have_no_queue_of_connections(void **state)
{
	struct fixture *f = *state;
	struct listen_key key = at(4, 0, 53);
	const struct listener_sample *told;

	key.protocol = IPPROTO_UDP;
	add(f, f->web, key, 7, 100);
	told = tell(f, &f->before, true);
	assert_int_equal(told->backlog, UNKNOWN);
	assert_int_equal(told->backlog_max, UNKNOWN);
	assert_int_equal(told->accepts, UNKNOWN);
	assert_int_equal(told->drops, 0);
	assert_int_equal(told->pid, 100);
	assert_string_equal(told->comm, "httpd");
}

static void what_is_too_much_is_counted(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < LISTENERS_MOST + 3; i++)
		add(f, f->web, at(4, 0, 80), i + 1, i + 1);
	tell(f, &f->before, true);
	assert_int_equal(f->sample.accuracy.listener_map_full, 3);
	assert_int_equal(f->sample.listeners->sockets, LISTENERS_MOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_of_several_processes_is_one),
		TEST(a_socket_that_the_host_has_open_too_is_the_containers),
		TEST(sockets_that_share_an_address_are_one_entry),
		TEST(connections_go_to_the_nearest_address),
		TEST(connections_that_nobody_listens_for_are_nobodys),
		TEST(what_containers_share_is_not_known_of_each),
		TEST(drops_are_those_since_the_last_list),
		TEST(without_a_last_list_nothing_is_known_of_the_interval),
		TEST(datagrams_have_no_queue_of_connections),
		TEST(what_is_too_much_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
