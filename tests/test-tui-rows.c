/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen without a terminal: the cursor and the order while rows come, go and move. */
#include "tui-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util.h"

static void test_cursor_stays_on_its_row(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-29");
	world_press(world, 'j');
	world_press(world, TERM_KEY_DOWN);
	assert_string_equal(world_cursor_name(world), "web-27");
	world->count[27] = 1;			/* from third to last */
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-27");
	assert_true(world->tui.panes[0].at.cursor > 20);
	world_press(world, 'k');
	assert_string_not_equal(world_cursor_name(world), "web-27");
}

static void test_cursor_on_top_stays_on_top(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'j');
	world_press(world, 'g');
	world->count[29] = 1;
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-28");
	assert_int_equal(world->tui.panes[0].at.cursor, 0);
}

static void test_cursor_of_a_row_that_went_keeps_its_place(void **state)
{
	struct tui_world *world = *state;

	world_press(world, '4');
	world_measure(world);
	world_press(world, 'G');
	assert_int_equal(world->tui.panes[PANE_SYSCALLS].at.cursor, CONTAINERS - 1);
	for (size_t i = 0; i < 20; i++)
		world->count[i] = 0;
	world_measure(world);
	assert_int_equal(world->tui.panes[PANE_SYSCALLS].at.cursor, CONTAINERS - 20 - 1);
	assert_string_equal(world_cursor_name(world), "web-20");
}

static void test_pages_turn_by_what_is_seen(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_draw(world, 80, 24);
	world_press(world, TERM_KEY_PAGE_DOWN);
	assert_int_equal(world->tui.panes[0].at.cursor, 17);
	world_press(world, TERM_KEY_PAGE_DOWN);
	/* The host is one more row. */
	assert_int_equal(world->tui.panes[0].at.cursor, CONTAINERS);
	world_press(world, TERM_KEY_PAGE_UP);
	assert_int_equal(world->tui.panes[0].at.cursor, CONTAINERS - 17);
	world_press(world, TERM_KEY_HOME);
	assert_int_equal(world->tui.panes[0].at.cursor, 0);
}

static void test_panes_keep_their_own_cursor_and_order(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'j');
	world_press(world, '2');
	assert_int_equal(world->tui.panes[PANE_FLOWS].at.cursor, 0);
	world_press(world, 'r');
	world_press(world, TERM_KEY_BACK_TAB);
	assert_int_equal(world->tui.pane, PANE_CONTAINERS);
	assert_int_equal(world->tui.panes[PANE_CONTAINERS].at.cursor, 1);
	assert_false(world->tui.panes[PANE_CONTAINERS].view.ascending);
	assert_true(world->tui.panes[PANE_FLOWS].view.ascending);
}

static void test_pause_holds_the_screen(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'p');
	world_tick(world);
	assert_false(tui_measure(&world->tui, world->model));
	world_press(world, 'Z');
	world_tick(world);
	assert_true(tui_measure(&world->tui, world->model));
}

/* Whoever updates the model behind a pause must not leave rows that are gone on the screen. */
static void test_pause_survives_rows_that_go(void **state)
{
	struct tui_world *world = *state;

	world_press(world, '4');
	world_measure(world);
	world_press(world, 'p');
	for (size_t i = 0; i < CONTAINERS; i++) {
		world->containers[i]->exited = true;
		world->containers[i]->exited_ns = 1;
	}
	for (int tick = 0; tick < 5; tick++) {
		sample_clear(&world->sample);
		world->sample.interval_ns = NSEC_PER_SEC;
		world->sample.monotonic_ns = (uint64_t)(tick + 1) * 100 * NSEC_PER_SEC;
		model_update(world->model, &world->sample, world->source.containers, 0);
		tui_measure(&world->tui, world->model);
	}
	tui_key(&world->tui, 'j');
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "paused"));
}

static void test_pause_goes_on_where_the_model_is(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'p');
	world->count[3] = 1000000;
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-29");
	world_press(world, 'r');			/* the rows are there to be looked at */
	assert_string_equal(world_cursor_name(world), "host");
	world_press(world, 'r');
	world_press(world, 'p');
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-03");
	assert_int_equal(world->tui.meters[METER_SYSCALLS].n, 3);
}

static void test_frozen_rows_stay_where_they_are(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'O');
	world->count[3] = 1000000;
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-29");
	world_press(world, 'p');			/* copies have the same places */
	world_press(world, 'a');
	assert_string_equal(world_cursor_name(world), "web-29");
	world_press(world, 'O');
	assert_string_equal(world_cursor_name(world), "web-03");
}

static void test_followed_row_is_followed_from_the_first_line_on(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'F');
	world->count[29] = 1;
	world_measure(world);
	assert_string_equal(world_cursor_name(world), "web-29");
}

static void test_counts_since_the_mark(void **state)
{
	struct tui_world *world = *state;

	world_measure(world);
	world_press(world, 'm');
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "since mark"));
	world_measure(world);
	world_measure(world);
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "web-29                              -      0      0"
					    "      -       -    60K     58"));
	world_press(world, 'a');
	world_draw(world, 80, 24);
	assert_true(world_screen_has(world, "per second"));
	world_press(world, 'a');
	world_press(world, 'a');
	assert_int_equal(world->tui.counts, COUNTS_MARK);
	world_press(world, 'z');
	assert_int_equal(world->tui.counts, COUNTS_RATE);
}

static void test_command_lines_take_the_place_of_names(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_PROCESSES].view;

	world_measure(world);
	world_press(world, '5');
	world_press(world, 'c');
	assert_string_equal(view->columns[view->n_columns - 1]->name, "command");
	world_press(world, 'c');
	assert_string_equal(view->columns[view->n_columns - 1]->name, "comm");
}

static void want_events(struct source *source)
{
	source->status[PANE_EVENTS].available = true;
	source->want_events = NULL;
}

static void test_events_are_wanted_by_who_looks_at_them(void **state)
{
	struct tui_world *world = *state;

	world->source.status[PANE_EVENTS].available = false;
	world->source.want_events = want_events;
	world_measure(world);
	world_press(world, '5');
	assert_non_null(world->source.want_events);
	assert_true(world->source.wanted[PANE_PROCESSES]);
	assert_false(world->source.wanted[PANE_EVENTS]);
	world_press(world, 'v');
	world_press(world, '\t');
	assert_true(world->source.status[PANE_EVENTS].available);
	assert_false(world->source.wanted[PANE_PROCESSES]);
}

static void test_cleared_events_do_not_come_again(void **state)
{
	struct tui_world *world = *state;
	const struct view *view = &world->tui.panes[PANE_EVENTS].view;

	world->events = 3;
	world_measure(world);
	world_press(world, '6');
	assert_int_equal(view->n_rows, 3);
	world_press(world, 'X');
	assert_int_equal(view->n_rows, 0);
	world_measure(world);
	assert_int_equal(view->n_rows, 3);
	world_press(world, '1');
	world_press(world, 'X');
	assert_true(*world->tui.message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cursor_stays_on_its_row),
		TEST(test_cursor_on_top_stays_on_top),
		TEST(test_cursor_of_a_row_that_went_keeps_its_place),
		TEST(test_pages_turn_by_what_is_seen),
		TEST(test_panes_keep_their_own_cursor_and_order),
		TEST(test_pause_holds_the_screen),
		TEST(test_pause_survives_rows_that_go),
		TEST(test_pause_goes_on_where_the_model_is),
		TEST(test_frozen_rows_stay_where_they_are),
		TEST(test_followed_row_is_followed_from_the_first_line_on),
		TEST(test_counts_since_the_mark),
		TEST(test_command_lines_take_the_place_of_names),
		TEST(test_events_are_wanted_by_who_looks_at_them),
		TEST(test_cleared_events_do_not_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
