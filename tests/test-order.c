/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders: whatever window is asked for, it is what sorting all would have put there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "util.h"

#define N 3000

static struct row rows[N];

static int compare_numbers(const void *a, const void *b)
{
	return COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Numbers in patterns that simple selections take forever for. */
static uint64_t pattern(int kind, size_t i)
{
	switch (kind) {
	case 0:
		return i;
	case 1:
		return N - i;
	case 2:
		return 7;
	case 3:
		return i % 60;
	case 4:
		return i < N / 2 ? i : N - i;
	default:
		return i * 2654435761U % 1009;
	}
}

static void fill(struct order *order, int kind, bool ascending)
{
	order_begin(order, N, ascending);
	for (size_t i = 0; i < N; i++) {
		rows[i].key.serial = i;
		order_add(order, &rows[i], (struct value){ .type = VALUE_NUMBER,
							   .number = pattern(kind, i) });
	}
}

static void test_window_is_a_part_of_the_sorted_whole(void **state)
{
	static const struct { size_t from, to; } windows[] = {
		{ 0, 1 }, { 0, 50 }, { 100, 300 }, { N - 1, N }, { N - 20, N + 20 }, { 0, N },
		{ N + 5, N + 9 }, { 40, 40 },
	};
	struct order order = { 0 };

	(void)state;
	for (int kind = 0; kind < 6; kind++) {
		uint64_t sorted[N];

		for (size_t i = 0; i < N; i++)
			sorted[i] = pattern(kind, i);
		qsort(sorted, N, sizeof(sorted[0]), compare_numbers);
		for (size_t w = 0; w < 2 * ARRAY_SIZE(windows); w++) {
			size_t from = windows[w / 2].from, to = windows[w / 2].to;
			bool ascending = w % 2;

			fill(&order, kind, ascending);
			order_window(&order, from, to);
			assert_int_equal(order.n, N);
			for (size_t i = from; i < to && i < N; i++)
				assert_int_equal(order.entries[i].value.number,
						 sorted[ascending ? i : N - 1 - i]);
		}
	}
	order_done(&order);
}

static void test_ties_are_in_the_order_of_rows(void **state)
{
	struct order order = { 0 };

	(void)state;
	fill(&order, 2, false);
	order_window(&order, 1000, 1100);
	for (size_t i = 1000; i < 1100; i++)
		assert_ptr_equal(order.entries[i].row, &rows[i]);
	order_done(&order);
}

static void test_unknown_is_last_in_either_direction(void **state)
{
	struct order order = { 0 };

	(void)state;
	for (int ascending = 0; ascending < 2; ascending++) {
		order_begin(&order, 3, ascending);
		order_add(&order, &rows[0], (struct value){ .type = VALUE_UNKNOWN });
		order_add(&order, &rows[1], (struct value){ .type = VALUE_NUMBER, .number = 0 });
		order_add(&order, &rows[2], (struct value){ .type = VALUE_NUMBER, .number = 9 });
		order_window(&order, 0, 3);
		assert_ptr_equal(order.entries[2].row, &rows[0]);
	}
	order_done(&order);
}

static void test_rank_is_the_place_in_the_whole(void **state)
{
	struct order order = { 0 };

	(void)state;
	fill(&order, 1, true);
	assert_int_equal(order_rank(&order, 0), N - 1);
	assert_int_equal(order_rank(&order, N - 1), 0);
	order_done(&order);
}

static bool is_marked(const void *row, const void *data)
{
	return ((const struct row *)row)->key.serial % *(const uint64_t *)data == 0;
}

static void test_next_goes_round(void **state)
{
	static const struct { size_t from; bool other; uint64_t each, found; } cases[] = {
		{ 0, false, 1000, 0 }, { 0, true, 1000, 1000 }, { 1, false, 1000, 1000 },
		{ 2000, false, 1000, 2000 }, { 2000, true, 1000, 0 }, { 2999, true, 1, 0 },
	};
	const uint64_t none = N + 1;
	struct order order = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t found;

		fill(&order, 0, true);
		order_window(&order, 0, N);
		found = order_next(&order, cases[i].from, cases[i].other, is_marked,
				   &cases[i].each);
		assert_int_equal(found, cases[i].found);
	}
	rows[0].key.serial = 1;		/* now no row is marked */
	assert_int_equal(order_next(&order, 5, false, is_marked, &none), N);
	order_done(&order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_is_a_part_of_the_sorted_whole),
		cmocka_unit_test(test_ties_are_in_the_order_of_rows),
		cmocka_unit_test(test_unknown_is_last_in_either_direction),
		cmocka_unit_test(test_rank_is_the_place_in_the_whole),
		cmocka_unit_test(test_next_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
