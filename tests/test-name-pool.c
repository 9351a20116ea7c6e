/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that rows share: once each, clean, and gone with the last that has them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "name-pool.h"

static void one_name_is_there_once(void **state)
{
	struct name_pool pool = { 0 };
	const char *a = NULL, *b = NULL;

	(void)state;
	name_pool_set(&pool, &a, "nginx", 16);
	name_pool_set(&pool, &b, "nginx\0worker", 12);
	assert_string_equal(a, "nginx");
	assert_ptr_equal(a, b);
	name_pool_drop(&pool, &a);
	assert_null(a);
	assert_string_equal(b, "nginx");
	name_pool_drop(&pool, &b);
	assert_null(pool.names);
	name_pool_drop(&pool, &b);
}

static void another_name_takes_the_place(void **state)
{
	struct name_pool pool = { 0 };
	const char *a = NULL;

	(void)state;
	name_pool_set(&pool, &a, "sh", 16);
	name_pool_set(&pool, &a, "sleep", 16);
	assert_string_equal(a, "sleep");
	name_pool_set(&pool, &a, "", 16);
	name_pool_set(&pool, &a, NULL, 16);
	assert_string_equal(a, "sleep");
	name_pool_drop(&pool, &a);
	assert_null(pool.names);
}

static void a_name_is_cut_where_it_ends_and_cleaned(void **state)
{
	struct name_pool pool = { 0 };
	const char *a = NULL, *b = NULL;

	(void)state;
	name_pool_set(&pool, &a, "abcdefgh", 4);
	assert_string_equal(a, "abcd");
	name_pool_set(&pool, &b, "a\033\377", 16);
	assert_null(strchr(b, '\033'));
	assert_null(strchr(b, '\377'));
	/* What is clean is another name, though it may look the same. */
	name_pool_set(&pool, &a, b, strlen(b));
	assert_string_equal(a, b);
	name_pool_drop(&pool, &a);
	name_pool_drop(&pool, &b);
	assert_null(pool.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_name_is_there_once),
		cmocka_unit_test(another_name_takes_the_place),
		cmocka_unit_test(a_name_is_cut_where_it_ends_and_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
