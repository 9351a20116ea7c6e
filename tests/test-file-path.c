/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths from their parts, the last one first. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../bpf/contop.h"
#include "file-path.h"
#include "util.h"

#define PARTS(text) text, sizeof(text) - 1

static void parts_become_paths(void **state)
{
	static const struct {
		const char *parts;
		size_t size;
		unsigned int flags;
		const char *path;
	} cases[] = {
		{ PARTS("passwd\0etc\0"), 0, "/etc/passwd" },
		{ PARTS("a\0"), 0, "/a" },
		{ PARTS("f\0d\0"), FILE_PATH_CUT, ".../d/f" },
		{ PARTS("memfd:x\0"), FILE_PATH_LOOSE, "memfd:x" },
		{ PARTS("f\0d\0"), FILE_PATH_LOOSE, "d/f" },
		{ PARTS(""), 0, "/" },
		{ PARTS(""), FILE_PATH_CUT, "..." },
		{ PARTS("\0"), 0, "/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *path = file_path_text(cases[i].parts, cases[i].size, cases[i].flags);

		assert_string_equal(path, cases[i].path);
		free(path);
	}
}

/* What the kernel wrote is not trusted to end as it should. */
static void a_part_without_its_end_stays_within(void **state)
{
	char parts[4] = { 'a', 'b', 'c', 'd' }, *path = file_path_text(parts, sizeof(parts), 0);

	(void)state;
	assert_string_equal(path, "/abc");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_become_paths),
		cmocka_unit_test(a_part_without_its_end_stays_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
