/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that steers a terminal gets through text_clean, and widths are those of cells. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

#define BAD "\xef\xbf\xbd"	/* U+FFFD */

static const struct {
	const char *raw, *clean;
} clean_cases[] = {
	{ "", "" },
	{ "web-1", "web-1" },
	{ "na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xb3",
	  "na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xb3" },
	{ "e\xcc\x81", "e\xcc\x81" },			/* a combining accent stays */
	/* controls */
	{ "\x1b[2Jx", "?[2Jx" },
	{ "a\tb\nc\rd", "a?b?c?d" },
	{ "\x01\x1f\x7f", "???" },
	{ "\xc2\x80\xc2\x9b" "31m\xc2\x9f", "??31m?" },	/* C1, CSI among them */
	/* lines, direction, what is not seen */
	{ "\xe2\x80\xa8|\xe2\x80\xa9", "?|?" },
	{ "\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9", "????" },
	{ "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "???" },
	{ "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xef\xbb\xbf", "????" },
	{ "\xe2\x81\xa0\xc2\xad\xf3\xa0\x81\x81", "???" },
	/* broken: each byte by itself */
	{ "\x80", BAD },
	{ "\xff" "a\xfe", BAD "a" BAD },
	{ "\xc3", BAD },
	{ "\xc3(", BAD "(" },
	{ "\xe2\x82", BAD BAD },
	{ "\xf0\x9f\x90", BAD BAD BAD },
	{ "\xe2\x82z", BAD BAD "z" },
	{ "\xc0\xaf", BAD BAD },			/* overlong */
	{ "\xe0\x80\xaf", BAD BAD BAD },
	{ "\xed\xa0\x80", BAD BAD BAD },		/* a surrogate */
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD },	/* past U+10FFFF */
};

static void test_clean(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(clean_cases); i++) {
		char *clean = text_clean_dup(clean_cases[i].raw), *again;

		assert_string_equal(clean, clean_cases[i].clean);
		again = text_clean_dup(clean);
		assert_string_equal(again, clean);
		free(again);
		free(clean);
	}
	assert_null(text_clean_dup(NULL));
}

/* A kernel's comm has 16 bytes, with or without a NUL. */
static void test_clean_field(void **state)
{
	static const char full[16] = "0123456789abcdef", part[16] = "sh\0rest";
	char out[64];

	(void)state;
	assert_int_equal(text_clean(out, sizeof(out), full, sizeof(full)), 16);
	assert_string_equal(out, "0123456789abcdef");
	assert_int_equal(text_clean(out, sizeof(out), part, sizeof(part)), 2);
	assert_string_equal(out, "sh");
	/* The field ends within a character. */
	assert_int_equal(text_clean(out, sizeof(out), "\xe6\x97\xa5", 2), 6);
	assert_string_equal(out, BAD BAD);
}

/* Cut at every size: whole characters, terminated, nothing past the end. */
static void test_clean_cut(void **state)
{
	static const char raw[] = "a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xb3\xff\x1b";
	static const size_t written[] = { 0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10, 10, 13, 14, 14 };
	size_t size;

	(void)state;
	for (size = 0; size < ARRAY_SIZE(written); size++) {
		char out[32];
		size_t n;

		memset(out, 'X', sizeof(out));
		n = text_clean(out, size, raw, strlen(raw));
		assert_int_equal(n, written[size]);
		if (size)
			assert_int_equal(strlen(out), n);
		assert_int_equal(out[size], 'X');
	}
}

static void test_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 }, { "abc", 3 }, { "\xc3\xa9", 1 }, { "e\xcc\x81", 1 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 }, { "\xf0\x9f\x90\xb3", 2 }, { BAD, 1 },
		{ "a\xe6\x97\xa5z", 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_width(cases[i].text), cases[i].width);
}

static void test_fit(void **state)
{
	static const struct {
		const char *text;
		size_t width, bytes, cells;
	} cases[] = {
		{ "abc", 0, 0, 0 }, { "abc", 2, 2, 2 }, { "abc", 3, 3, 3 }, { "abc", 99, 3, 3 },
		/* a wide character does not fit into the last cell */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 1, 0, 0 }, { "\xe6\x97\xa5\xe6\x9c\xac", 3, 3, 2 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4, 6, 4 },
		/* an accent goes with its letter */
		{ "e\xcc\x81x", 1, 3, 1 }, { "e\xcc\x81x", 2, 4, 2 }, { "", 5, 0, 0 },
	};
	size_t i, cells;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(text_fit(cases[i].text, cases[i].width, &cells), cases[i].bytes);
		assert_int_equal(cells, cases[i].cells);
	}
}


static void words_are_found_in_either_case(void **state)
{
	static const struct { const char *text, *word; bool has; } cases[] = {
		{ "Nginx", "gIN", true }, { "nginx", "ginz", false }, { "aab", "ab", true },
		{ "", "", true }, { "x", "", true }, { "", "x", false }, { "ab", "abc", false },
		{ "\xc3\x89t\xc3\xa9", "T\xc3\xa9", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_has(cases[i].text, cases[i].word), cases[i].has);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_field),
		cmocka_unit_test(test_clean_cut),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(words_are_found_in_either_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
