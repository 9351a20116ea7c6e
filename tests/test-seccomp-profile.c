/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp profiles: which names are in them, and in which shape. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "seccomp-profile.h"
#include "util.h"

/* The profile of these calls, as text. The caller frees. */
static char *profile_of(const char *const *names, size_t n)
{
	struct call_names calls;
	json_t *profile;
	char *text;

	call_names_init(&calls);
	for (size_t i = 0; i < n; i++)
		call_names_add(&calls, names[i]);
	profile = seccomp_profile(&calls);
	assert_non_null(profile);
	text = json_dumps(json_object_get(profile, "syscalls"), JSON_COMPACT);
	assert_string_equal(json_string_value(json_object_get(profile, "defaultAction")),
			    "SCMP_ACT_ERRNO");
	assert_int_equal(json_integer_value(json_object_get(profile, "defaultErrnoRet")), EPERM);
	json_decref(profile);
	call_names_done(&calls);
	return text;
}

static void names_are_sorted_and_single(void **state)
{
	static const char *const names[] = { "write", "brk", "write", "openat" };
	char *text = profile_of(names, ARRAY_SIZE(names));

	(void)state;
	assert_string_equal(text, "[{\"names\":[\"brk\",\"exit\",\"exit_group\",\"openat\","
				  "\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}]");
	free(text);
}

static void only_calls_with_names_are_in_it(void **state)
{
	static const char *const names[] = {
		"io_uring:read", "syscall_999", "32:syscall_999", "32:read", "read",
	};
	char *text = profile_of(names, ARRAY_SIZE(names));

	(void)state;
	assert_string_equal(text, "[{\"names\":[\"exit\",\"exit_group\",\"read\"],"
				  "\"action\":\"SCMP_ACT_ALLOW\"}]");
	free(text);
}

static void the_32_bit_table_is_there_when_it_was_used(void **state)
{
	static const struct {
		const char *name;
		size_t architectures;
	} cases[] = {
		{ "read", 1 }, { "32:read", 2 }, { "32:syscall_999", 1 },
#ifdef __x86_64__
		{ "x32:read", 2 },
#endif
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct call_names calls;
		json_t *profile;

		call_names_init(&calls);
		call_names_add(&calls, cases[i].name);
		profile = seccomp_profile(&calls);
#if defined(__x86_64__) || defined(__aarch64__)
		assert_int_equal(json_array_size(json_object_get(profile, "architectures")),
				 cases[i].architectures);
#endif
		json_decref(profile);
		call_names_done(&calls);
	}
}

/* This thread is running; one that waits in a pipe is not. */
static void calls_under_way_are_read_off(void **state)
{
	struct call_names calls;
	int ends[2], ready[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends) | pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(ends[1]);
		_exit(write(ready[1], "", 1) != 1 || read(ends[0], &byte, 1) != 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	call_names_init(&calls);
	for (int i = 0; i < 10000 && !json_object_get(calls.names, "read"); i++) {
		usleep(1000);
		call_names_add_current(&calls, "/proc", (uint64_t)child);
	}
	assert_non_null(json_object_get(calls.names, "read"));
	call_names_add_current(&calls, "/proc", UINT32_MAX);
	call_names_done(&calls);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_and_single),
		cmocka_unit_test(only_calls_with_names_are_in_it),
		cmocka_unit_test(the_32_bit_table_is_there_when_it_was_used),
		cmocka_unit_test(calls_under_way_are_read_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
