/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -c, -p and -u: who is looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scope.h"
#include "util.h"

#define ID "3f2a9c01d2e34567890abcdef01234567890abcdef01234567890abcdef01234"

static void test_globs(void **state)
{
	static const struct {
		const char *globs, *name, *id;
		bool wanted;
	} cases[] = {
		{ "web", "web", ID, true },
		{ "web", "web1", ID, false },
		{ "web*", "web1", ID, true },
		{ "web?", "web1", ID, true },
		{ "web[12]", "web3", ID, false },
		{ "db,web*", "web1", ID, true },
		{ "db,web*", "cache", ID, false },
		{ "web*,!web-test", "web-test", ID, false },
		{ "!web-test,web*", "web-test", ID, false },
		{ "web*,!web-test", "web-live", ID, true },
		{ "web*,!web-test", "db", ID, false },
		{ "!web-test", "db", ID, true },
		{ "!web-test", "host", NULL, true },
		{ "!host", "host", NULL, false },
		{ "host", "host", NULL, true },
		{ "web*", "host", NULL, false },
		{ "3f2a9c01d2e3", "web", ID, true },
		{ "3f2a*", "web", ID, true },
		{ ID, "web", ID, true },
		{ "3f2b*", "web", ID, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[32], id[80] = ID;
		struct container container = { .name = name, .id = cases[i].id ? id : NULL };
		struct scope scope = { 0 };

		snprintf(name, sizeof(name), "%s", cases[i].name);
		assert_int_equal(scope_set_containers(&scope, cases[i].globs), 0);
		if (scope_has_container(&scope, &container) != cases[i].wanted)
			fail_msg("%s: %s", cases[i].globs, cases[i].name);
		scope_done(&scope);
	}
}

static void test_no_wish_is_everything(void **state)
{
	struct scope scope = { 0 };
	struct container container = { .name = (char []){ "web" } };

	(void)state;
	assert_true(scope_has_container(&scope, &container));
}

static void test_wrong_lists(void **state)
{
	static const char *const globs[] = { "", ",", "web,", ",web", "!", "web,!", "a,,b" };
	static const char *const pids[] = { "", ",", "1,", "0", "-1", "x", "1,x", "99999999999", "1 2" };
	struct scope scope = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(globs); i++)
		if (scope_set_containers(&scope, globs[i]) != -EINVAL)
			fail_msg("taken: \"%s\"", globs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		if (scope_set_pids(&scope, pids[i]) != -EINVAL)
			fail_msg("taken: \"%s\"", pids[i]);
	assert_null(scope.globs);
	assert_int_equal(scope.n_pids, 0);
}

static void test_users(void **state)
{
	struct scope scope = { 0 };

	(void)state;
	assert_int_equal(scope_set_user(&scope, "root"), 0);
	assert_true(scope.by_user);
	assert_int_equal(scope.uid, 0);
	assert_int_equal(scope_set_user(&scope, "12345"), 0);
	assert_int_equal(scope.uid, 12345);
	assert_int_equal(scope_set_user(&scope, "no such user"), -ENOENT);
	assert_int_equal(scope_set_user(&scope, "12x"), -ENOENT);
	assert_int_equal(scope_set_user(&scope, ""), -ENOENT);
	assert_int_equal(scope_set_user(&scope, "4294967295"), -ENOENT);
}

#define NOBODY "4194305"			/* beyond the largest id there can be */

static bool is_among(const uint32_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == (uint32_t)pid)
			return true;
	return false;
}

/* A child that waits for its own child, which waits for us. */
static void test_descendants_are_found(void **state)
{
	struct scope scope = { 0 };
	char list[32];
	uint32_t *pids;
	int ready[2], go[2];
	pid_t child, grandchild = 0;
	size_t n;
	char end;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (!child) {
		grandchild = fork();
		close(go[1]);
		if (grandchild)
			waitpid(grandchild, NULL, 0);
		else
			_exit(write(ready[1], (pid_t []){ getpid() }, sizeof(pid_t)) < 0 ||
			      read(go[0], &end, 1) < 0);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	snprintf(list, sizeof(list), NOBODY ",%d", child);
	assert_int_equal(scope_set_pids(&scope, list), 0);
	n = scope_find_processes(&scope, "/proc", &pids);
	assert_int_equal(n, 2);
	assert_false(is_among(pids, n, atoi(NOBODY)));
	assert_true(is_among(pids, n, child));
	assert_true(is_among(pids, n, grandchild));
	free(pids);
	close(go[1]);
	waitpid(child, NULL, 0);
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
	scope_done(&scope);
}

static void test_nobody_has_no_descendants(void **state)
{
	struct scope scope = { 0 };
	uint32_t *pids;

	(void)state;
	assert_int_equal(scope_set_pids(&scope, NOBODY), 0);
	assert_int_equal(scope_find_processes(&scope, "/proc", &pids), 0);
	free(pids);
	scope_done(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_no_wish_is_everything),
		cmocka_unit_test(test_wrong_lists),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_descendants_are_found),
		cmocka_unit_test(test_nobody_has_no_descendants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
