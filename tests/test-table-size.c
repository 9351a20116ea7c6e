/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel memory that contop's tables take keeps to the budget. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../bpf/contop.h"
#include "table-size.h"
#include "util.h"

static void test_budgets_are_kept_and_used(void **state)
{
	static const uint64_t budgets[] = { 8 << 20, 16 << 20, 64 << 20, 100000000, 256 << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(budgets); i++) {
		struct table_sizes sizes = table_sizes_of(budgets[i]);
		uint64_t cost = table_sizes_cost(&sizes);

		assert_in_range(cost, budgets[i] / 100 * 95, budgets[i]);
	}
}

static void test_the_default_budget_holds_100000_flows(void **state)
{
	(void)state;
	assert_true(table_sizes_of(64 << 20).flows > 100000);
	assert_true(table_sizes_of(64 << 20).syscalls > 100000);
}

static void test_there_is_always_a_table(void **state)
{
	static const uint64_t budgets[] = { 0, 1, 1 << 20, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(budgets); i++) {
		struct table_sizes sizes = table_sizes_of(budgets[i]);

		assert_in_range(sizes.flows, 256, 1 << 20);
		assert_in_range(sizes.syscalls, 256, 1 << 20);
		assert_in_range(sizes.disks, 64, 1 << 16);
		assert_in_range(sizes.overflows, 64, 1 << 16);
	}
}

static void test_a_slot_costs_more_than_its_parts(void **state)
{
	(void)state;
	assert_true(slot_cost(sizeof(struct flow_key), sizeof(struct flow_record)) >
		    sizeof(struct flow_key) + sizeof(struct flow_record));
	/* Keys are padded to whole words. */
	assert_int_equal(slot_cost(9, 64), slot_cost(16, 64));
	assert_true(slot_cost(17, 64) > slot_cost(16, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budgets_are_kept_and_used),
		cmocka_unit_test(test_the_default_budget_holds_100000_flows),
		cmocka_unit_test(test_there_is_always_a_table),
		cmocka_unit_test(test_a_slot_costs_more_than_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
