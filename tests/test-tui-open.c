/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen without a terminal: rows that are opened, and the split screen. */
#include "tui-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_enter_opens_and_escape_leads_back(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'N');
	world_press(world, 'j');
	assert_string_equal(world_cursor_name(world), "web-09");
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(world->tui.pane, PANE_PROCESSES);
	assert_int_equal(world->tui.panes[PANE_PROCESSES].view.n_rows, 1);
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(world->tui.pane, PANE_FLOWS);
	assert_int_equal(world->tui.panes[PANE_FLOWS].view.n_rows, 1);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "containers > web-09 > nginx 1009 > flows"));
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(world->tui.n_levels, 2);
	world_press(world, 27);
	world_press(world, TERM_KEY_BACKSPACE);
	assert_int_equal(world_press(world, 27), TUI_NOTHING);
	assert_int_equal(world->tui.pane, PANE_CONTAINERS);
	assert_string_equal(world_cursor_name(world), "web-09");
	world_press(world, '2');
	assert_int_equal(world->tui.panes[PANE_FLOWS].view.n_rows, 10);
	world_press(world, TERM_KEY_ENTER);	/* a flow leads to the process it is of */
	assert_int_equal(world->tui.panes[PANE_PROCESSES].view.n_rows, 1);
}

static void test_an_opened_process_has_its_own_system_calls(void **state)
{
	struct tui_world *world = *state;
	const struct view *calls = &world->tui.panes[PANE_SYSCALLS].view;

	world_measure(world);
	world_press(world, 'j');
	world_press(world, TERM_KEY_ENTER);
	world_press(world, TERM_KEY_ENTER);		/* it has no flows */
	assert_int_equal(world->tui.pane, PANE_SYSCALLS);
	assert_int_equal(calls->n_rows, 0);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "containers > web-28 > nginx 1028 > syscalls"));
	assert_true(world_screen_has(world, "measuring"));
	model_set_focus(world->model, tui_wanted_focus(&world->tui));
	world_measure(world);
	assert_int_equal(calls->n_rows, 1);
	assert_int_equal(((const struct syscall_row *)calls->rows[0])->pid, 1028);
	world_press(world, 27);
	world_press(world, '4');
	assert_int_equal(calls->n_rows, 1);	/* the container's */
	assert_true(((const struct syscall_row *)calls->rows[0])->pid == UNKNOWN);
	world_press(world, 27);
	assert_string_equal(world_cursor_name(world), "web-28");
}

static void test_split_follows_the_cursor(void **state)
{
	struct tui_world *world = *state;
	const struct view *flows = &world->tui.panes[PANE_FLOWS].view;

	world_measure(world);
	world_press(world, 'v');
	assert_int_equal(flows->n_rows, 0);
	world_press(world, 'N');
	world_press(world, 'j');
	assert_int_equal(flows->n_rows, 1);
	assert_int_equal(((const struct row *)flows->rows[0])->container->serial,
			 world->containers[9]->serial);
	world_press(world, 'w');
	world_press(world, 'r');
	assert_true(flows->ascending);
	assert_false(world->tui.panes[PANE_CONTAINERS].view.ascending);
	for (int i = 0; i < PANE_COUNT - 1; i++)
		world_press(world, '\t');
	assert_int_equal(world->tui.lower, PANE_FLOWS);
	world_press(world, 'v');
	world_press(world, '2');
	assert_int_equal(flows->n_rows, 10);
}

static void test_nothing_is_done_without_a_yes(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, F(8));
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "stop container web-29"));
	assert_false(world_screen_has(world, "SIGTERM"));
	world_press(world, ENTER);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "stop container web-29?"));
	for (size_t i = 0; i < n_tui_keys; i++) {
		for (const int *code = tui_keys[i].codes; *code; code++) {
			world->tui.mode = IN_ROWS;
			world_press(world, F(8));
			world_press(world, ENTER);
			world_press(world, *code);
			assert_null(world->tui.ordered);
		}
	}
	world_press(world, F(8));
	world_press(world, 'j');
	world_press(world, ENTER);
	world_press(world, 'y');
	assert_string_equal(world->tui.ordered->verb, "restart");
	assert_string_equal(world->tui.target.id, world->containers[29]->id);
}

static void test_signals_are_for_rows_with_a_process(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, '5');
	world_press(world, F(8));
	world_press(world, 'G');
	world_press(world, ENTER);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "SIGUSR2 to process 1029 nginx?"));
	world_press(world, 'n');
	assert_true(*world->tui.message);
	world_press(world, '4');		/* system calls are of the container */
	world_press(world, F(8));
	world_draw(world, 80, 24);
	assert_false(world_screen_has(world, "SIGTERM"));
}

static void test_read_only_takes_actions_away(void **state)
{
	struct tui_world *world = *state;

	world->options.read_only = true;
	world_measure(world);
	world_press(world, F(8));
	assert_int_equal(world->tui.mode, IN_ROWS);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "--read-only"));
	world_press(world, '?');
	world_draw(world, 80, 60);
	assert_true(world_screen_has(world, "leave contop"));
	assert_false(world_screen_has(world, "F8"));
}

static void test_rows_of_one_user(void **state)
{
	struct tui_world *world = *state;
	const struct view *flows = &world->tui.panes[PANE_FLOWS].view;

	world_measure(world);
	world_press(world, 'u');			/* containers are of no user */
	assert_int_equal(world->tui.mode, IN_ROWS);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "no users here"));
	world_type(world, "2u");
	assert_int_equal(world->tui.menu.n, 3);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "all users"));
	assert_true(world_screen_has(world, "www-data 33                    3 rows"));
	world_type(world, "jj");
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(flows->n_rows, 3);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "user: www-data 33"));
	world_type(world, "/web-09");			/* and the filter */
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(flows->n_rows, 1);
	world_press(world, TERM_KEY_ENTER);		/* opening keeps it, Escape too */
	assert_int_equal(world->tui.panes[PANE_PROCESSES].view.n_rows, 1);
	world_press(world, 27);
	assert_int_equal(flows->n_rows, 1);
	world_press(world, TERM_KEY_DELETE);
	assert_int_equal(flows->n_rows, 10);
	world_type(world, "ujj");
	world_press(world, TERM_KEY_ENTER);
	world_press(world, 'u');			/* the cursor is on the one chosen */
	assert_int_equal(world->tui.menu.cursor, 2);
	world_press(world, 'g');
	world_press(world, TERM_KEY_ENTER);
	assert_int_equal(flows->n_rows, 10);
	world_type(world, "1");
	assert_int_equal(world->tui.panes[PANE_CONTAINERS].view.n_rows, 31);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_enter_opens_and_escape_leads_back),
		TEST(test_an_opened_process_has_its_own_system_calls),
		TEST(test_split_follows_the_cursor),
		TEST(test_nothing_is_done_without_a_yes),
		TEST(test_signals_are_for_rows_with_a_process),
		TEST(test_read_only_takes_actions_away),
		TEST(test_rows_of_one_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
