/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of addresses: they come later, who asks never waits, and there is an end to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "resolver.h"
#include "util.h"

static sem_t gate;			/* lookups wait for it */

static struct address address_of(uint32_t n)
{
	return (struct address){ 4, { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

/* Of address_of(n); those whose number ends in 9 have none. */
static bool lookup(const struct address *address, char name[RESOLVER_NAME_SIZE])
{
	sem_wait(&gate);
	snprintf(name, RESOLVER_NAME_SIZE, "host\033-%u-%u", address->bytes[2], address->bytes[3]);
	return (256 * address->bytes[2] + address->bytes[3]) % 10 != 9;
}

static int set_up(void **state)
{
	sem_init(&gate, 0, 0);
	*state = resolver_new(lookup);
	return 0;
}

static int tear_down(void **state)
{
	for (int i = 0; i < 100; i++)
		sem_post(&gate);
	resolver_free(*state);
	return 0;
}

static void take_answers(struct resolver *resolver)
{
	struct pollfd answers = { resolver_fd(resolver), POLLIN, 0 };

	assert_int_equal(poll(&answers, 1, 10000), 1);
	resolver_take(resolver);
}

static void names_come_later(void **state)
{
	struct resolver *resolver = *state;
	struct address one = address_of(1), nine = address_of(9);

	assert_null(resolver_name(resolver, &one));	/* the lookup waits, this does not */
	assert_null(resolver_name(resolver, &nine));
	sem_post(&gate);
	sem_post(&gate);
	while (!resolver_name(resolver, &one))
		take_answers(resolver);
	assert_string_equal(resolver_name(resolver, &one), "host?-0-1");
	assert_null(resolver_name(resolver, &nine));
}

static void what_finds_no_room_is_asked_for_later(void **state)
{
	struct resolver *resolver = *state;

	for (uint32_t n = 0; n < 2 * RESOLVER_WAITING; n++) {
		struct address address = address_of(n);

		assert_null(resolver_name(resolver, &address));
	}
	for (int i = 0; i < 4 * RESOLVER_WAITING; i++)
		sem_post(&gate);
	for (uint32_t n = 0; n < 2 * RESOLVER_WAITING; n += 10) {
		struct address address = address_of(n);

		while (!resolver_name(resolver, &address))
			take_answers(resolver);
	}
}

/* More addresses than are kept: the last ones have names, too. */
static void the_table_has_an_end(void **state)
{
	struct resolver *resolver = *state;

	for (uint32_t n = 0; n < 2 * RESOLVER_NAMES; n++) {
		struct address address = address_of(n);

		sem_post(&gate);
		while (n % 10 != 9 && !resolver_name(resolver, &address))
			take_answers(resolver);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_come_later),
		TEST(what_finds_no_room_is_asked_for_later),
		TEST(the_table_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
