/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen without a terminal: what is typed and chosen, and the configuration. */
#include "tui-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "util.h"

static void test_the_last_good_filter_is_kept(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_CONTAINERS].view;

	world_measure(world);
	world_press(world, '/');
	world_type(world, "web-1");
	assert_int_equal(view->n_rows, 10);
	world_type(world, " and (");
	assert_true(*world->tui.prompt.error);
	assert_int_equal(world_press(world, TERM_KEY_ENTER), TUI_REDRAW);
	assert_int_equal(world->tui.mode, IN_PROMPT);
	world_type(world, "errors > 15)");
	assert_int_equal(view->n_rows, 4);
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(world->tui.mode, IN_ROWS);
	world_press(world, 'f');
	world_press(world, 21);
	assert_int_equal(view->n_rows, CONTAINERS + 1);
	world_press(world, 27);			/* as it was */
	assert_int_equal(view->n_rows, 4);
	world_press(world, TERM_KEY_DELETE);
	assert_int_equal(view->n_rows, CONTAINERS + 1);
}

static void test_prompt_edits_characters(void **state)
{
	struct tui_world *world = *state;
	const struct tui_prompt *prompt = &world->tui.prompt;

	world_measure(world);
	world_press(world, F(3));
	world_type(world, "ab");
	world_press(world, 0x65e5);
	world_press(world, TERM_KEY_LEFT);
	world_press(world, TERM_KEY_LEFT);
	world_press(world, 0xe9);
	assert_string_equal(prompt->text, "a\xc3\xa9""b\xe6\x97\xa5");
	world_press(world, TERM_KEY_END);
	world_press(world, TERM_KEY_BACKSPACE);
	world_press(world, TERM_KEY_HOME);
	world_press(world, TERM_KEY_DELETE);
	assert_string_equal(prompt->text, "\xc3\xa9""b");
	for (int i = 0; i < 2 * PROMPT_SIZE; i++)
		world_press(world, 0x1f600);
	assert_true(prompt->size < PROMPT_SIZE);
	world_draw(world, 20, 5);
	world_draw(world, 80, 24);
}

static void test_search_goes_from_row_to_row(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, F(3));
	world_type(world, "-1");
	assert_string_equal(world_cursor_name(world), "web-19");
	world_press(world, F(3));
	assert_string_equal(world_cursor_name(world), "web-18");
	world_press(world, TERM_KEY_ENTER);
	world_press(world, F(3));
	world_press(world, F(3));			/* the same again */
	assert_string_equal(world_cursor_name(world), "web-17");
	world_press(world, 27);
	assert_string_equal(world_cursor_name(world), "web-18");
}

static void test_columns_come_go_and_move(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_CONTAINERS].view;
	size_t n = view->n_columns;

	world_measure(world);
	world_press(world, 'C');
	world_press(world, '>');
	assert_string_equal(view->columns[1]->name, "name");
	world_press(world, ' ');
	assert_int_equal(view->n_columns, n - 1);
	for (size_t i = 0; i < 60; i++) {
		world_press(world, 'j');
		world_press(world, ' ');
	}
	world_press(world, 'g');
	for (size_t i = 0; i < 60; i++) {	/* one column stays whatever is done */
		if (world->tui.menu.items[world->tui.menu.cursor].shown)
			world_press(world, ' ');
		world_press(world, 'j');
	}
	assert_int_equal(view->n_columns, 1);
	world_press(world, 27);
	world_draw(world, 80, 24);
}

static void begin_with_config(struct tui_world *world, const char *text)
{
	world->options.config = config_new();
	config_parse(world->options.config, "contoprc", text, strlen(text));
	tui_done(&world->tui);
	tui_init(&world->tui, &world->options, &world->source);
}

static void test_configuration_is_taken(void **state)
{
	struct tui_world *world = *state;
	size_t n;

	begin_with_config(world, "[contop]\nunits = exact\nscheme = light\nsplit = yes\n"
			  "[flows]\nall-rows = yes\n[containers]\nall-rows = no\n[keys]\nquit = x\npause = ^P\nhelp = F12\n"
			  "no-such-action = y\nsort = Shift+9\n");
	world_measure(world);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "contoprc, line 13: no-such-action"));
	world_press(world, '~');
	world_draw(world, 60, 24);			/* more than a line */
	assert_true(world_screen_has(world, "contoprc, line 14: sort = Shift+9: no such key, use x, ^X,"));
	assert_true(world_screen_has(world, "F5 or a name like Tab"));
	world_press(world, '~');
	world_draw(world, 80, 24);
	assert_false(world_screen_has(world, "contoprc"));
	assert_int_equal(world->tui.units, UNITS_EXACT);
	assert_int_equal(world->tui.scheme, SCHEME_LIGHT);
	assert_true(world->tui.split);
	assert_true(world->tui.panes[PANE_FLOWS].view.all_rows);
	assert_false(world->tui.panes[PANE_CONTAINERS].view.all_rows);
	assert_true(world->tui.panes[PANE_LISTENERS].view.all_rows);
	assert_false(world->tui.panes[PANE_DISKS].view.all_rows);
	assert_int_equal(world_press(world, 'x'), TUI_QUIT);
	assert_int_equal(world_press(world, 'q'), TUI_QUIT);
	world_press(world, 'P' & 0x1f);
	assert_true(world->tui.paused);
	world_press(world, F(12));
	assert_int_equal(world->tui.mode, IN_HELP);
	config_warnings(world->options.config, &n);
	assert_int_equal(n, 2);
	assert_int_equal(world->tui.n_told, 2);
	config_free(world->options.config);
	world->options.config = NULL;
}

static void test_configuration_is_saved_and_read_again(void **state)
{
	char directory[] = "/tmp/contop-tui-XXXXXX", *path;
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_CONTAINERS].view;

	assert_non_null(mkdtemp(directory));
	path = xasprintf("%s/contoprc", directory);
	world->options.config_path = path;
	begin_with_config(world, "");
	world_measure(world);
	world_type(world, "eNr/web-1");
	world_press(world, TERM_KEY_ENTER);
	world_type(world, "C j+++");
	world_press(world, 27);
	world_press(world, 'W');
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "saved: /tmp/contop-tui-"));
	config_free(world->options.config);
	begin_with_config(world, "");
	assert_int_equal(config_read(world->options.config, path), 0);
	tui_done(&world->tui);
	tui_init(&world->tui, &world->options, &world->source);
	assert_int_equal(world->tui.units, UNITS_DECIMAL);
	assert_string_equal(config_get(world->options.config, "containers", "filter"), "web-1");
	assert_string_equal(view->sort->name, "rx_bytes");
	assert_true(view->ascending);
	assert_string_equal(view->columns[0]->name, "processes");
	assert_string_equal(config_get(world->options.config, "containers", "widths"),
			    "processes:8");
	world_draw(world, 80, 24);
	assert_int_equal(tui_column_width(&world->tui, PANE_CONTAINERS, view->columns[0]), 8);
	config_free(world->options.config);
	world->options.config = NULL;
	world->options.config_path = NULL;
	unlink(path);
	rmdir(directory);
	free(path);
}

static void test_save_says_why_not(void **state)
{
	char path[] = "/proc/no/such/contoprc";
	struct tui_world *world = *state;

	world->options.config_path = path;
	begin_with_config(world, "");
	world_press(world, 'W');
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "not saved: "));
	config_free(world->options.config);
	world->options.config = NULL;
	world->options.config_path = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_last_good_filter_is_kept),
		TEST(test_prompt_edits_characters),
		TEST(test_search_goes_from_row_to_row),
		TEST(test_columns_come_go_and_move),
		TEST(test_configuration_is_taken),
		TEST(test_configuration_is_saved_and_read_again),
		TEST(test_save_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
