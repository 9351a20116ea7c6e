/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grid: what is written where, and that columns stay aligned whatever it is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "util.h"

static void assert_line(const struct screen *screen, unsigned int line, const char *expected)
{
	char *text = screen_line(screen, line);

	assert_string_equal(text, expected);
	free(text);
}

static const struct cell *cell_at(const struct screen *screen, unsigned int column,
				  unsigned int line)
{
	return &screen->cells[line * screen->columns + column];
}

static void put(struct screen *screen, const char *text, unsigned int width, enum align align)
{
	screen->sink.cell(&screen->sink, text, width, align, STYLE_NORMAL);
}

static void test_cells_are_aligned_and_cut(void **state)
{
	static const struct {
		const char *text;
		unsigned int width;
		enum align align;
		const char *line;	/* with "|" written after it, ten columns wide */
	} cases[] = {
		{ "ab", 5, ALIGN_LEFT, "ab    |" },
		{ "ab", 5, ALIGN_RIGHT, "   ab |" },
		{ "abcdefg", 5, ALIGN_LEFT, "abcde |" },
		{ "ab", 0, ALIGN_LEFT, "ab |" },
		{ "ab", 0, ALIGN_RIGHT, "ab |" },
		{ "", 3, ALIGN_LEFT, "    |" },
		{ "", 0, ALIGN_LEFT, " |" },
		{ "abcdefghijkl", 0, ALIGN_LEFT, "abcdefghij" },
		{ "abcdefghijkl", 12, ALIGN_LEFT, "abcdefghij" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 5, ALIGN_LEFT, "\xe6\x97\xa5\xe6\x9c\xac  |" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 5, ALIGN_RIGHT, " \xe6\x97\xa5\xe6\x9c\xac |" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, ALIGN_LEFT, "\xe6\x97\xa5  |" },
		{ "e\xcc\x81t\xc3\xa9", 5, ALIGN_LEFT, "e\xcc\x81t\xc3\xa9   |" },
	};
	struct screen screen;

	(void)state;
	screen_init(&screen, 10, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		screen_clear(&screen);
		put(&screen, cases[i].text, cases[i].width, cases[i].align);
		put(&screen, "|", 1, ALIGN_LEFT);
		assert_line(&screen, 0, cases[i].line);
	}
	screen_done(&screen);
}

static void test_a_number_is_whole_or_not_there(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 10, 1);
	put(&screen, "name", 5, ALIGN_LEFT);
	put(&screen, "1234", 4, ALIGN_RIGHT);
	assert_line(&screen, 0, "name  1234");
	screen_clear(&screen);
	put(&screen, "name", 5, ALIGN_LEFT);
	put(&screen, "1234", 5, ALIGN_RIGHT);
	assert_line(&screen, 0, "name");
	screen_done(&screen);
}

static void test_wide_character_takes_two_cells(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 4, 1);
	screen_text(&screen, "\xe6\x97\xa5x", STYLE_KEY);
	assert_string_equal(cell_at(&screen, 0, 0)->text, "\xe6\x97\xa5");
	assert_string_equal(cell_at(&screen, 1, 0)->text, "");
	assert_string_equal(cell_at(&screen, 2, 0)->text, "x");
	assert_int_equal(cell_at(&screen, 1, 0)->style, STYLE_KEY);
	screen_done(&screen);
}

static void test_half_a_wide_character_is_a_blank(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 4, 1);
	screen_text(&screen, "abc\xe6\x97\xa5", STYLE_NORMAL);	/* at the edge */
	assert_string_equal(cell_at(&screen, 3, 0)->text, " ");
	screen_move(&screen, 0, 0);
	screen_text(&screen, "\xe6\x97\xa5\xe6\x9c\xac", STYLE_NORMAL);
	screen_move(&screen, 1, 0);
	screen_text(&screen, "xy", STYLE_NORMAL);		/* over the halves of both */
	assert_line(&screen, 0, " xy");
	assert_string_equal(cell_at(&screen, 3, 0)->text, " ");
	screen_done(&screen);
}

static void test_combining_marks_share_a_cell_that_never_overflows(void **state)
{
	char text[1 + 2 * 20 + 1] = "e";
	struct screen screen;

	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(text, "\xcc\x81");
	screen_init(&screen, 4, 1);
	screen_text(&screen, text, STYLE_NORMAL);
	screen_text(&screen, "x", STYLE_NORMAL);
	assert_int_equal(strlen(cell_at(&screen, 0, 0)->text), 15);
	assert_string_equal(cell_at(&screen, 1, 0)->text, "x");
	screen_clear(&screen);
	screen_text(&screen, "\xcc\x81x", STYLE_NORMAL);	/* nothing to combine with */
	assert_line(&screen, 0, "x");
	screen_clear(&screen);
	/* A variation selector is left out. */
	screen_text(&screen, "\xe2\x98\xba\xef\xb8\x8fx", STYLE_NORMAL);
	assert_line(&screen, 0, "\xe2\x98\xbax");
	screen_done(&screen);
}

static void test_nothing_is_written_beyond_the_screen(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 3, 2);
	screen_text(&screen, "abcdef", STYLE_NORMAL);
	assert_line(&screen, 1, "");
	for (int i = 0; i < 5; i++) {		/* the last three are below */
		put(&screen, "x", 0, ALIGN_LEFT);
		screen.sink.newline(&screen.sink);
	}
	assert_line(&screen, 0, "abc");
	assert_line(&screen, 1, "x");
	screen_move(&screen, 99, 0);
	put(&screen, "x", 9, ALIGN_RIGHT);
	screen_fill(&screen, STYLE_CURSOR);
	assert_line(&screen, 0, "abc");
	screen_done(&screen);
}

static void test_fill_styles_the_rest_of_the_line(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 4, 2);
	screen_text(&screen, "a", STYLE_NORMAL);
	screen_fill(&screen, STYLE_CURSOR);
	assert_int_equal(cell_at(&screen, 0, 0)->style, STYLE_NORMAL);
	assert_int_equal(cell_at(&screen, 1, 0)->style, STYLE_CURSOR);
	assert_int_equal(cell_at(&screen, 3, 0)->style, STYLE_CURSOR);
	assert_int_equal(cell_at(&screen, 0, 1)->style, STYLE_NORMAL);
	screen_done(&screen);
}

static void test_resize_blanks_and_takes_any_size(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 4, 2);
	screen_text(&screen, "abcd", STYLE_KEY);
	screen_resize(&screen, 5, 3);
	assert_line(&screen, 0, "");
	assert_int_equal(cell_at(&screen, 0, 0)->style, STYLE_NORMAL);
	assert_int_equal(screen.pen_column, 0);
	screen_resize(&screen, 0, 0);
	screen_text(&screen, "abcd", STYLE_KEY);
	put(&screen, "x", 3, ALIGN_RIGHT);
	screen_fill(&screen, STYLE_KEY);
	screen_done(&screen);
}

static void test_ascii_keeps_columns(void **state)
{
	struct screen screen;

	(void)state;
	screen_init(&screen, 8, 1);
	screen_text(&screen, "\xe6\x97\xa5""e\xcc\x81\xc3\xa9x", STYLE_NORMAL);
	screen_make_ascii(&screen);
	assert_line(&screen, 0, "? e?x");
	screen_done(&screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells_are_aligned_and_cut),
		cmocka_unit_test(test_a_number_is_whole_or_not_there),
		cmocka_unit_test(test_wide_character_takes_two_cells),
		cmocka_unit_test(test_half_a_wide_character_is_a_blank),
		cmocka_unit_test(test_combining_marks_share_a_cell_that_never_overflows),
		cmocka_unit_test(test_nothing_is_written_beyond_the_screen),
		cmocka_unit_test(test_fill_styles_the_rest_of_the_line),
		cmocka_unit_test(test_resize_blanks_and_takes_any_size),
		cmocka_unit_test(test_ascii_keeps_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
