/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen without a terminal: keys and the mouse in, and what they change. */
#include "tui-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static void test_before_the_first_sample_it_says_measuring(void **state)
{
	struct tui_world *world = *state;

	screen_resize(&world->screen, 80, 24);
	tui_draw(&world->tui, &world->screen);
	assert_true(world_screen_has(world, "measuring"));
	assert_true(world_screen_has(world, "testhost"));
	for (size_t i = 0; i < n_tui_keys; i++) {	/* no key needs a sample */
		for (const int *code = tui_keys[i].codes; *code; code++) {
			unsigned int todo = tui_key(&world->tui, *code);

			if (todo & TUI_UPDATE)
				tui_update(&world->tui);
			tui_draw(&world->tui, &world->screen);
		}
	}
}

static void test_every_size_and_key_stays_on_the_screen(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	for (unsigned int columns = 1; columns <= 130; columns += 3) {
		for (unsigned int lines = 1; lines <= 30; lines += 2) {
			size_t key = (columns * 31 + lines) % n_tui_keys;

			for (const int *code = tui_keys[key].codes; *code; code++)
				world_press(world, *code);
			world_draw(world, columns, lines);
		}
	}
}

static void test_keys_ask_for_what_they_change(void **state)
{
	static const struct {
		int key;
		unsigned int todo;
	} cases[] = {
		{ 'q', TUI_QUIT }, { TERM_KEY_F1 + 9, TUI_QUIT }, { 3, TUI_QUIT },
		{ '?', TUI_REDRAW }, { TERM_KEY_DOWN, TUI_REDRAW },
		{ '\t', TUI_REDRAW | TUI_UPDATE },
		{ 'r', TUI_REDRAW | TUI_UPDATE }, { 'a', TUI_REDRAW | TUI_UPDATE },
		{ 12, TUI_REDRAW | TUI_REPAINT }, { '~', TUI_NOTHING }, { 27, TUI_NOTHING },
		{ 0, TUI_NOTHING }, { 0x1f600, TUI_NOTHING },
	};
	struct tui_world *world = *state;

	world_measure(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(tui_key(&world->tui, cases[i].key), cases[i].todo);
		world->tui.mode = IN_ROWS;
	}
}

static void test_no_key_stands_twice_in_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_tui_keys; i++)
		for (size_t j = 0; j < i; j++)
			for (const int *a = tui_keys[i].codes; *a; a++)
				for (const int *b = tui_keys[j].codes; *b; b++)
					assert_false(*a == *b && tui_keys[i].modes &
						     tui_keys[j].modes);
}

static void test_help_is_left_by_any_key_that_does_not_move_it(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, '?');
	world_press(world, TERM_KEY_PAGE_DOWN);
	assert_int_equal(world->tui.mode, IN_HELP);
	assert_int_equal(world_press(world, 'q'), TUI_REDRAW);
	assert_int_equal(world->tui.mode, IN_ROWS);
	assert_int_equal(world->tui.panes[0].at.cursor, 0);
}

static void test_sort_moves_by_a_column_and_stops_at_the_ends(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[0].view;

	world_measure(world);
	for (int i = 0; i < 50; i++)
		world_press(world, '<');
	assert_ptr_equal(view->sort, view->columns[0]);
	world_press(world, '>');
	assert_ptr_equal(view->sort, view->columns[1]);
	for (int i = 0; i < 50; i++)
		world_press(world, '>');
	assert_ptr_equal(view->sort, view->columns[view->n_columns - 1]);
}

static void test_totals_are_whole_or_not_there(void **state)
{
	struct tui_world *world = *state;
	char *whole, *line;

	world_measure(world);
	world_draw(world, 80, 19);
	whole = screen_line(&world->screen, 1);
	for (unsigned int columns = 20; columns < 80; columns++) {
		size_t size;

		world_draw(world, columns, 19);
		line = screen_line(&world->screen, 1);
		size = strlen(line);
		assert_true(size > 0 && size <= columns);
		assert_memory_equal(line, whole, size);
		/* Two blanks stand between two of them. */
		assert_true(!whole[size] || !strncmp(whole + size, "  ", 2));
		assert_true(strchr("0123456789KMG-", line[size - 1]));
		free(line);
	}
	free(whole);
}

static void test_uptime_is_short(void **state)
{
	static const struct { uint64_t seconds; const char *text; } cases[] = {
		{ 0, "  up 0s  Linux" }, { 59, "  up 59s  Linux" }, { 60, "  up 1m  Linux" },
		{ 3599, "  up 59m  Linux" }, { 3600, "  up 1h00m  Linux" },
		{ 86399, "  up 23h59m  Linux" }, { 86400 * 12 + 3 * 3600, "  up 12d3h  Linux" },
	};
	struct tui_world *world = *state;

	world_measure(world);
	world->tui.kernel = "6.1.0-test";
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world->tui.elapsed_ns = cases[i].seconds * NSEC_PER_SEC;
		world_draw(world, 120, 24);
		assert_true(world_screen_has(world, cases[i].text));
	}
}

static void test_hidden_containers_are_not_counted(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "  30 containers"));
	world->containers[3]->hidden = true;		/* as -c does */
	world->containers[4]->exited = true;
	world_measure(world);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "  28 containers"));
}

static void test_ascii_shows_nothing_else(void **state)
{
	struct tui_world *world = *state;

	world->tui.ascii = true;
	world_measure(world);
	world_draw(world, 80, 40);
	for (size_t i = 0; i < 80 * 40; i++)
		assert_in_range((unsigned char)world->screen.cells[i].text[0], ' ', '~');
	assert_true(world_screen_has(world, "? ? -02"));
}

static void test_options_choose_pane_and_order(void **state)
{
	struct tui_world *world = *state;
	char sort[] = "-errors";

	tui_done(&world->tui);
	world->options.panes[0] = PANE_SYSCALLS;
	world->options.n_panes = 1;
	world->options.sort = sort;
	world->options.accumulate = true;
	tui_init(&world->tui, &world->options, &world->source);
	world_measure(world);
	assert_int_equal(world->tui.pane, PANE_SYSCALLS);
	assert_string_equal(world->tui.panes[PANE_SYSCALLS].view.sort->name, "errors");
	assert_true(world->tui.panes[PANE_SYSCALLS].view.ascending);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "since start"));
}

static void test_pause_before_the_first_sample_shows_it(void **state)
{
	struct tui_world *world = *state;

	world_press(world, 'p');
	world_measure(world);
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-29");
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "paused"));
}

static void test_delay_is_set_in_steps_and_by_number(void **state)
{
	static const struct { const char *keys; unsigned int tenths; } cases[] = {
		{ "+", 20 }, { "++", 50 }, { "-", 5 }, { "----------", 1 }, { "+-", 10 },
		{ "d\x15" "3\r", 30 }, { "d\x15" "0.2\r", 2 }, { "d\x15" "x\r", 10 },
		{ "d\x15" "0\r", 10 }, { "d\x15" "3601\r", 10 }, { "d\x15" "3600\r", 36000 },
	};
	struct tui_world *world = *state;

	world_measure(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world->tui.delay_ns = NSEC_PER_SEC;
		for (const char *key = cases[i].keys; *key; key++)
			world_press(world, *key == '\r' ? TERM_KEY_ENTER : *key);
		assert_int_equal(world->tui.delay_ns, cases[i].tenths * (NSEC_PER_SEC / 10));
		world->tui.mode = IN_ROWS;
	}
}

static void test_letters_and_numbers_sort(void **state)
{
	static const struct { int pane; const char *keys, *column; } cases[] = {
		{ '1', "N", "rx_bytes" }, { '1', "NN", "tx_bytes" }, { '1', "NNN", "rx_bytes" },
		{ '1', "D", "write_bytes" }, { '1', "DD", "read_bytes" }, { '1', "Y", "syscalls" },
		{ '1', "E", "errors" }, { '4', "Y", "count" }, { '2', "E", "retransmits" },
		{ '1', "!", "name" }, { '1', "@", "processes" }, { '4', "$", "errors" },
		{ '4', "(", "count" },
	};
	struct tui_world *world = *state;

	world_measure(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view *view;

		world_press(world, cases[i].pane);
		world_draw(world, 80, 24);
		view = &world->tui.panes[world->tui.pane].view;
		view_set_sort(view, pane_column(view->pane, view->pane->sort,
						strlen(view->pane->sort)), false);
		world_type(world, cases[i].keys);
		assert_string_equal(view->sort->name, cases[i].column);
	}
}

static void test_mouse_selects_sorts_scrolls_and_opens(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_CONTAINERS].view;

	world_measure(world);
	world_draw(world, 80, 24);
	world_click(world, MOUSE_CLICK, 5, 7);
	assert_string_equal(world_cursor_name(world), "web-27");
	world_click(world, MOUSE_CLICK, 40, 4);
	assert_string_equal(view->sort->name, "rx_bytes");
	assert_false(view->ascending);
	world_click(world, MOUSE_CLICK, 41, 4);
	assert_true(view->ascending);
	world_click(world, MOUSE_DOWN, 5, 7);
	assert_int_equal(world_click(world, MOUSE_CLICK, 0, 23), TUI_NOTHING);
	world_draw(world, 80, 24);
	world_click(world, MOUSE_CLICK, 10, 3);
	assert_int_equal(world->tui.pane, PANE_FLOWS);
	world_draw(world, 80, 24);
	world_click(world, MOUSE_DOUBLE, 3, 6);
	assert_int_equal(world->tui.pane, PANE_PROCESSES);
	world_type(world, "2u");
	world_draw(world, 80, 24);
	world_click(world, MOUSE_CLICK, 3, 8);			/* below the heading: all, root, ... */
	assert_int_equal(world->tui.menu.cursor, 2);
	world_click(world, MOUSE_CLICK, 3, 15);			/* nothing there */
	assert_int_equal(world->tui.menu.cursor, 2);
	world_click(world, MOUSE_DOUBLE, 3, 7);
	assert_int_equal(world->tui.mode, IN_ROWS);
	assert_true(world->tui.user.chosen);
	world_press(world, TERM_KEY_DELETE);
	for (unsigned int y = 0; y < 30; y++)
		for (unsigned int x = 0; x < 90; x += 7)
			world_click(world, (int)(x + y) % 4, x, y);
}

/* SCREEN KEYS of the manual: the same keys, in the same order. */
static void test_manual_has_the_keys(void **state)
{
	const char *srcdir = getenv("srcdir"), *line;
	char *path = xasprintf("%s/man/contop.8", srcdir ? srcdir : "."), *manual;
	size_t n = 0;

	(void)state;
	assert_true(read_file(AT_FDCWD, path, 1 << 20, &manual) > 0);
	line = strstr(manual, ".Sh SCREEN KEYS");
	assert_non_null(line);
	while (line = strchr(line, '\n') + 1, strncmp(line, ".Sh ", 4)) {
		const char *label = line + strlen(".It Cm ");
		char shown[64];
		size_t size = 0;

		if (strncmp(line, ".It Cm ", strlen(".It Cm ")))
			continue;
		for (; *label != '\n' && size + 1 < sizeof(shown); label++) {
			if (*label == '\\' && label[1] == '&')
				label++;
			else if (*label == '\\' && label[1] == 'e')
				shown[size++] = *label++;
			else if (*label == '\\' && label[1] == '-')
				shown[size++] = *++label;
			else
				shown[size++] = *label;
		}
		shown[size] = '\0';
		while (n < n_tui_keys && !tui_keys[n].label && tui_keys[n].help)
			n++;			/* a heading */
		assert_true(n < n_tui_keys && tui_keys[n].label);
		assert_string_equal(shown, tui_keys[n++].label);
	}
	assert_true(n == n_tui_keys || !tui_keys[n].label);
	free(manual);
	free(path);
}

/* contoprc(5) has a name for each action that has one, and no others. */
static void test_manual_has_the_actions(void **state)
{
	const char *srcdir = getenv("srcdir"), *word;
	char *path = xasprintf("%s/man/contoprc.5", srcdir ? srcdir : "."), *manual;
	size_t n = 0, n_manual = 0;

	(void)state;
	assert_true(read_file(AT_FDCWD, path, 1 << 20, &manual) > 0);
	word = strstr(manual, "The actions are");
	assert_non_null(word);
	while ((word = strpbrk(word, " \n")) && strncmp(word, "\n.Sh ", 5)) {
		char name[32];

		word++;
		if (sscanf(word, "%31[a-z0-9-]", name) == 1 && tui_action_code(name))
			n_manual++;
	}
	for (size_t i = 0; i < n_tui_keys; i++) {
		const char *action = tui_keys[i].actions;

		for (; action && *action; n++) {
			action += strcspn(action, " ");
			action += strspn(action, " ");
		}
	}
	assert_int_equal(n_manual, n);
	free(manual);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_before_the_first_sample_it_says_measuring),
		TEST(test_every_size_and_key_stays_on_the_screen),
		TEST(test_keys_ask_for_what_they_change),
		TEST(test_no_key_stands_twice_in_the_table),
		TEST(test_help_is_left_by_any_key_that_does_not_move_it),
		TEST(test_sort_moves_by_a_column_and_stops_at_the_ends),
		TEST(test_totals_are_whole_or_not_there),
		TEST(test_uptime_is_short),
		TEST(test_hidden_containers_are_not_counted),
		TEST(test_ascii_shows_nothing_else),
		TEST(test_options_choose_pane_and_order),
		TEST(test_pause_before_the_first_sample_shows_it),
		TEST(test_delay_is_set_in_steps_and_by_number),
		TEST(test_letters_and_numbers_sort),
		TEST(test_mouse_selects_sorts_scrolls_and_opens),
		TEST(test_manual_has_the_keys),
		TEST(test_manual_has_the_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
