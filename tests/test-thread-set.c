/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of threads: members by id and start, each once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "thread-set.h"

static void has_what_was_added(void **state)
{
	struct thread_set set = { NULL };

	(void)state;
	assert_false(thread_set_has(&set, 7, 100));
	thread_set_add(&set, 7, 100);
	thread_set_add(&set, 8, 100);
	assert_true(thread_set_has(&set, 7, 100));
	assert_true(thread_set_has(&set, 8, 100));
	thread_set_clear(&set);
}

static void ids_that_come_again_are_others(void **state)
{
	struct thread_set set = { NULL };

	(void)state;
	thread_set_add(&set, 7, 100);
	assert_false(thread_set_has(&set, 7, 101));
	assert_false(thread_set_has(&set, 100, 7));
	thread_set_clear(&set);
}

static void clearing_forgets_all(void **state)
{
	struct thread_set set = { NULL };

	(void)state;
	thread_set_add(&set, 7, 100);
	thread_set_add(&set, 7, 100);
	thread_set_clear(&set);
	assert_false(thread_set_has(&set, 7, 100));
	assert_null(set.members);
	thread_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_what_was_added),
		cmocka_unit_test(ids_that_come_again_are_others),
		cmocka_unit_test(clearing_forgets_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
