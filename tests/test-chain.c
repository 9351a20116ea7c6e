/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains: what was added is found by its hash, until it is removed. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "chain.h"

#define N 5000

static struct link links[N];

/* Seven hashes share each of the low bits, and two links each hash. */
static uint32_t hash_of(size_t i)
{
	return (uint32_t)(i / 2 % 7 << 24 | i / 14);
}

static bool has(const struct chains *chains, size_t i)
{
	const struct link *link = chains_first(chains, hash_of(i));

	while (link && link != &links[i])
		link = link_next(link);
	return link;
}

static void what_was_added_is_found_until_it_is_removed(void **state)
{
	struct chains chains = { 0 };

	(void)state;
	assert_false(has(&chains, 0));
	for (size_t i = 0; i < N; i++) {
		assert_false(has(&chains, i));
		chains_add(&chains, &links[i], hash_of(i));
	}
	assert_int_equal(chains.n, N);
	for (size_t i = 0; i < N; i++)
		assert_true(has(&chains, i));
	for (size_t i = 0; i < N; i += 3)
		chains_remove(&chains, &links[i]);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(has(&chains, i), i % 3 != 0);
	for (size_t i = 0; i < N; i++)
		if (i % 3)
			chains_remove(&chains, &links[i]);
	assert_int_equal(chains.n, 0);
	assert_null(chains_first(&chains, hash_of(0)));
	chains_done(&chains);
}

static void others_of_a_bucket_are_passed_over(void **state)
{
	struct chains chains = { 0 };

	(void)state;
	chains_add(&chains, &links[0], 1);
	chains_add(&chains, &links[1], 1U << 31 | 1);
	assert_ptr_equal(chains_first(&chains, 1), &links[0]);
	assert_null(link_next(&links[0]));
	assert_ptr_equal(chains_first(&chains, 1U << 31 | 1), &links[1]);
	assert_null(link_next(&links[1]));
	assert_null(chains_first(&chains, 2U << 24 | 1));
	chains_done(&chains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
		cmocka_unit_test(others_of_a_bucket_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
