/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of system calls, native and 32-bit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/syscall.h>

#include "../bpf/contop.h"
#include "syscall-name.h"
#include "util.h"

static void names(void **state)
{
	static const struct {
		uint32_t nr;
		const char *name;
		uint32_t number;
	} cases[] = {
		{ SYS_read, "read", SYS_read },
		{ SYS_openat, "openat", SYS_openat },
		{ SYS_rt_sigreturn, "rt_sigreturn", SYS_rt_sigreturn },
		{ 99999, "syscall_99999", 99999 },
		{ SYSCALL_NUMBER_MAX, "syscall_268435455", SYSCALL_NUMBER_MAX },
		{ SYSCALL_URING, "io_uring:nop", 0 },
		{ SYSCALL_URING | 22, "io_uring:read", 22 },
		{ SYSCALL_URING | 64, "io_uring:uring_cmd128", 64 },
		{ SYSCALL_URING | 65, "io_uring:65", 65 },
#if defined(__x86_64__) || defined(__aarch64__)
		/* both 32-bit tables agree on the oldest */
		{ SYSCALL_COMPAT | 3, "32:read", 3 },
		{ SYSCALL_COMPAT | 4, "32:write", 4 },
		{ SYSCALL_COMPAT | 20, "32:getpid", 20 },
		{ SYSCALL_COMPAT | 99999, "32:syscall_99999", 99999 },
#endif
#ifdef __x86_64__
		{ SYSCALL_X32 | 39, "x32:getpid", 39 },
		{ SYSCALL_X32 | 515, "x32:readv", 515 },
		{ SYSCALL_X32 | 99999, "x32:syscall_99999", 99999 },
#endif
	};
	char name[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		syscall_name(cases[i].nr, name, sizeof(name));
		assert_string_equal(name, cases[i].name);
		assert_int_equal(syscall_number(cases[i].nr), cases[i].number);
	}
}

static void names_stay_within_their_buffer(void **state)
{
	char name[8] = "xxxxxxx";

	(void)state;
	syscall_name(SYS_rt_sigreturn, name, 4);
	assert_memory_equal(name, "rt_\0xxx", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(names_stay_within_their_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
