/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The full screen without a terminal: keys in, screens out.  Whole screens are
 * compared with tests/data/tui.expected; UPDATE_EXPECTED=1 writes that anew.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "term.h"
#include "tui.h"
#include "util.h"

#define CONTAINERS 30
#define KEYS_MOST 10

struct fixture {
	struct source source;
	struct options options;
	struct model *model;
	struct sample sample;
	time_t now;
	struct container *containers[CONTAINERS];
	uint64_t count[CONTAINERS];	/* system calls of each in the next interval */
	struct tui tui;
	struct screen screen;
};

/* ---- a host of which all is known */

static void fixture_add_flow(struct fixture *fixture, size_t i)
{
	struct flow_sample *flow = sample_add_flow(&fixture->sample);

	flow->container = fixture->containers[i];
	flow->key = (struct flow_key) {
		.cgroup = i, .family = 4, .protocol = 6, .local_port = 443,
		.remote_port = (uint16_t)(40000 + i), .local_address = { 10, 0, 0, 1 },
		.remote_address = { 192, 0, 2, (uint8_t)i },
	};
	flow->rx_bytes = 1024 * i;
	flow->tx_bytes = 100 * i;
	flow->rx_packets = flow->tx_packets = i;
	flow->rtt_us = 10 * i;
	flow->connect_us = UNKNOWN;
	flow->pid = 1000 + i;
	flow->uid = 0;
	flow->state = 1;
	flow->direction = FLOW_OUT;
	strcpy(flow->comm, "nginx");
}

static void fixture_add_syscalls(struct fixture *fixture, size_t i)
{
	struct syscall_sample *syscall = sample_add_syscall(&fixture->sample);

	syscall->container = fixture->containers[i];
	syscall->pid = 1000 + i;
	syscall->uid = 0;
	syscall->nr = 0;
	syscall->count = fixture->count[i];
	syscall->errors = i;
	strcpy(syscall->comm, "nginx");
}

/* One second goes by: ten flows, and system calls where count says so. */
static void fixture_tick(struct fixture *fixture)
{
	sample_clear(&fixture->sample);
	fixture->sample.time.tv_sec = ++fixture->now;
	fixture->sample.interval_ns = NSEC_PER_SEC;
	for (size_t i = 1; i <= 10; i++)
		fixture_add_flow(fixture, i);
	for (size_t i = 0; i < CONTAINERS; i++)
		if (fixture->count[i])
			fixture_add_syscalls(fixture, i);
	model_update(fixture->model, &fixture->sample, fixture->source.containers, NSEC_PER_SEC);
}

static void fixture_measure(struct fixture *fixture)
{
	fixture_tick(fixture);
	tui_measure(&fixture->tui, fixture->model);
}

static void fixture_add_containers(struct fixture *fixture)
{
	for (size_t i = 0; i < CONTAINERS; i++) {
		char id[65], name[32];
		struct container_facts facts = { .name = name, .image = "nginx:1.25" };

		snprintf(id, sizeof(id), "%064zx", i + 1);
		snprintf(name, sizeof(name), "%s-%02zu",
			 i == 2 ? "\xe6\x97\xa5\xe6\x9c\xac" : "web", i);
		fixture->containers[i] = containers_add(fixture->source.containers, id, "docker");
		containers_describe(fixture->source.containers, id, &facts);
		fixture->count[i] = 1000 * (i + 1);
	}
}

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	bool counted[PANE_COUNT];

	fixture->source.host = xstrdup("testhost");
	fixture->source.containers = containers_new(NULL);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		fixture->source.status[i] = (struct pane_status) {
			.available = true, .hook = "test",
		};
		counted[i] = true;
	}
	counted[PANE_DISKS] = false;
	fixture->source.status[PANE_DISKS] = (struct pane_status) {
		.reason = "this kernel has no tracepoint block_rq_complete, as it was built "
			  "without CONFIG_BLK_DEV_IO_TRACE",
	};
	fixture->now = 1700000000;
	fixture_add_containers(fixture);
	fixture->model = model_new(counted);
	tui_init(&fixture->tui, &fixture->options, &fixture->source);
	screen_init(&fixture->screen, 80, 24);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	screen_done(&fixture->screen);
	tui_done(&fixture->tui);
	model_free(fixture->model);
	sample_done(&fixture->sample);
	containers_free(fixture->source.containers);
	free(fixture->source.host);
	free(fixture);
	return 0;
}

static unsigned int press(struct fixture *fixture, int key)
{
	unsigned int todo = tui_key(&fixture->tui, key);

	if (todo & TUI_UPDATE)
		tui_update(&fixture->tui, fixture->model);
	return todo;
}

static void draw(struct fixture *fixture, unsigned int columns, unsigned int lines)
{
	screen_resize(&fixture->screen, columns, lines);
	tui_draw(&fixture->tui, fixture->model, &fixture->screen);
}

/* Whether a line of the screen has this text. */
static bool screen_has(const struct fixture *fixture, const char *text)
{
	bool has = false;

	for (unsigned int i = 0; i < fixture->screen.lines && !has; i++) {
		char *line = screen_line(&fixture->screen, i);

		has = strstr(line, text);
		free(line);
	}
	return has;
}

/* The line that the cursor is in, without what follows its first word; "" when there is none. */
static const char *cursor_name(struct fixture *fixture)
{
	static char name[64];

	draw(fixture, 80, 24);
	name[0] = '\0';
	for (unsigned int i = 0; i < fixture->screen.lines; i++) {
		char *line = screen_line(&fixture->screen, i);

		if (fixture->screen.cells[(i + 1) * 80 - 1].style == STYLE_CURSOR)
			sscanf(line, "%63s", name);
		free(line);
	}
	return name;
}

/* ---- whole screens */

static const struct {
	const char *name;
	unsigned int columns, lines;
	int keys[KEYS_MOST];
} screens[] = {
	{ "containers", 80, 24, { 0 } },
	{ "containers, wide", 120, 40, { 0 } },
	{ "containers, small", 40, 10, { 0 } },
	{ "smallest", 20, 5, { 0 } },
	{ "too small", 19, 5, { 0 } },
	{ "totals", 80, 24, { 'a' } },
	{ "paused", 80, 24, { ' ' } },
	{ "sorted by name, last row", 80, 24, { '<', '<', '<', '<', '<', '<', '<', 'r', 'G' } },
	{ "scrolled to the right", 40, 10, { TERM_KEY_RIGHT, TERM_KEY_RIGHT, TERM_KEY_RIGHT } },
	{ "sort column scrolled into sight", 40, 10, { '<', '>' } },
	{ "flows", 80, 24, { '\t' } },
	{ "flows, wide", 120, 40, { '2' } },
	{ "disks, not available", 80, 24, { '3' } },
	{ "disks, not available, small", 40, 10, { '3' } },
	{ "syscalls", 80, 24, { '4' } },
	{ "processes", 80, 24, { TERM_KEY_BACK_TAB } },
	{ "help", 80, 24, { '?' } },
	{ "help, small, its end", 40, 10, { 'h', 'G' } },
};

static char *all_screens(struct fixture *fixture)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < ARRAY_SIZE(screens); i++) {
		tui_done(&fixture->tui);
		tui_init(&fixture->tui, &fixture->options, &fixture->source);
		tui_measure(&fixture->tui, fixture->model);
		draw(fixture, screens[i].columns, screens[i].lines);
		for (const int *key = screens[i].keys; *key; key++)
			press(fixture, *key);
		draw(fixture, screens[i].columns, screens[i].lines);
		fprintf(out, "==== %s: %ux%u\n", screens[i].name, screens[i].columns,
			screens[i].lines);
		for (unsigned int line = 0; line < screens[i].lines; line++) {
			char *shown = screen_line(&fixture->screen, line);

			fprintf(out, "%s\n", shown);
			free(shown);
		}
	}
	fclose(out);
	return text;
}

static void test_screens(void **state)
{
	struct fixture *fixture = *state;
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/tests/data/tui.expected", srcdir ? srcdir : ".");
	char *shown, *expected;
	FILE *file;

	fixture_tick(fixture);
	fixture_tick(fixture);
	shown = all_screens(fixture);
	if (getenv("UPDATE_EXPECTED")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(shown, file);
		fclose(file);
	}
	assert_true(read_file(AT_FDCWD, path, 1 << 20, &expected) > 0);
	if (strcmp(shown, expected))
		print_error("%s", shown);
	assert_string_equal(shown, expected);
	free(expected);
	free(shown);
	free(path);
}

/* ---- one claim each */

static void test_before_the_first_sample_it_says_measuring(void **state)
{
	struct fixture *fixture = *state;

	screen_resize(&fixture->screen, 80, 24);
	tui_draw(&fixture->tui, NULL, &fixture->screen);
	assert_true(screen_has(fixture, "measuring"));
	assert_true(screen_has(fixture, "testhost"));
	for (size_t i = 0; i < n_tui_keys; i++) {	/* no key needs a sample */
		for (const int *code = tui_keys[i].codes; *code; code++) {
			unsigned int todo = tui_key(&fixture->tui, *code);

			if (todo & TUI_UPDATE)
				tui_update(&fixture->tui, NULL);
			tui_draw(&fixture->tui, NULL, &fixture->screen);
		}
	}
}

static void test_every_size_and_key_stays_on_the_screen(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	for (unsigned int columns = 1; columns <= 130; columns += 3) {
		for (unsigned int lines = 1; lines <= 30; lines += 2) {
			size_t key = (columns * 31 + lines) % n_tui_keys;

			for (const int *code = tui_keys[key].codes; *code; code++)
				press(fixture, *code);
			draw(fixture, columns, lines);
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
		{ 12, TUI_REDRAW | TUI_REPAINT }, { 'x', TUI_NOTHING }, { 27, TUI_NOTHING },
		{ 0, TUI_NOTHING }, { 0x1f600, TUI_NOTHING },
	};
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(tui_key(&fixture->tui, cases[i].key), cases[i].todo);
		fixture->tui.help = false;
	}
}

static void test_no_key_stands_twice_in_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_tui_keys; i++)
		for (size_t j = 0; j < i; j++)
			for (const int *a = tui_keys[i].codes; *a; a++)
				for (const int *b = tui_keys[j].codes; *b; b++)
					assert_int_not_equal(*a, *b);
}

static void test_help_is_left_by_any_key_that_does_not_move_it(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, '?');
	press(fixture, TERM_KEY_PAGE_DOWN);
	assert_true(fixture->tui.help);
	assert_int_equal(press(fixture, 'q'), TUI_REDRAW);
	assert_false(fixture->tui.help);
	assert_int_equal(fixture->tui.panes[0].cursor, 0);
}

static void test_cursor_stays_on_its_row(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-29");
	press(fixture, 'j');
	press(fixture, TERM_KEY_DOWN);
	assert_string_equal(cursor_name(fixture), "web-27");
	fixture->count[27] = 1;			/* from third to last */
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-27");
	assert_true(fixture->tui.panes[0].cursor > 20);
	press(fixture, 'k');
	assert_string_not_equal(cursor_name(fixture), "web-27");
}

static void test_cursor_on_top_stays_on_top(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'j');
	press(fixture, 'g');
	fixture->count[29] = 1;
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-28");
	assert_int_equal(fixture->tui.panes[0].cursor, 0);
}

static void test_cursor_of_a_row_that_went_keeps_its_place(void **state)
{
	struct fixture *fixture = *state;

	press(fixture, '4');
	fixture_measure(fixture);
	press(fixture, 'G');
	assert_int_equal(fixture->tui.panes[PANE_SYSCALLS].cursor, CONTAINERS - 1);
	for (size_t i = 0; i < 20; i++)
		fixture->count[i] = 0;
	fixture_measure(fixture);
	assert_int_equal(fixture->tui.panes[PANE_SYSCALLS].cursor, CONTAINERS - 20 - 1);
	assert_string_equal(cursor_name(fixture), "web-20");
}

static void test_pages_turn_by_what_is_seen(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	draw(fixture, 80, 24);
	press(fixture, TERM_KEY_PAGE_DOWN);
	assert_int_equal(fixture->tui.panes[0].cursor, 18);
	press(fixture, TERM_KEY_PAGE_DOWN);
	/* The host is one more row. */
	assert_int_equal(fixture->tui.panes[0].cursor, CONTAINERS);
	press(fixture, TERM_KEY_PAGE_UP);
	assert_int_equal(fixture->tui.panes[0].cursor, CONTAINERS - 18);
	press(fixture, TERM_KEY_HOME);
	assert_int_equal(fixture->tui.panes[0].cursor, 0);
}

static void test_panes_keep_their_own_cursor_and_order(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'j');
	press(fixture, '2');
	assert_int_equal(fixture->tui.panes[PANE_FLOWS].cursor, 0);
	press(fixture, 'r');
	press(fixture, TERM_KEY_BACK_TAB);
	assert_int_equal(fixture->tui.pane, PANE_CONTAINERS);
	assert_int_equal(fixture->tui.panes[PANE_CONTAINERS].cursor, 1);
	assert_false(fixture->tui.panes[PANE_CONTAINERS].view.ascending);
	assert_true(fixture->tui.panes[PANE_FLOWS].view.ascending);
}

static void test_sort_moves_by_a_column_and_stops_at_the_ends(void **state)
{
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[0].view;

	fixture_measure(fixture);
	for (int i = 0; i < 50; i++)
		press(fixture, '<');
	assert_ptr_equal(view->sort, view->columns[0]);
	press(fixture, '>');
	assert_ptr_equal(view->sort, view->columns[1]);
	for (int i = 0; i < 50; i++)
		press(fixture, '>');
	assert_ptr_equal(view->sort, view->columns[view->n_columns - 1]);
}

static void test_pause_holds_the_screen(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'p');
	fixture_tick(fixture);
	assert_false(tui_measure(&fixture->tui, fixture->model));
	press(fixture, 'Z');
	fixture_tick(fixture);
	assert_true(tui_measure(&fixture->tui, fixture->model));
}

/* Whoever updates the model behind a pause must not leave rows that are gone on the screen. */
static void test_pause_survives_rows_that_go(void **state)
{
	struct fixture *fixture = *state;

	press(fixture, '4');
	fixture_measure(fixture);
	press(fixture, 'p');
	for (size_t i = 0; i < CONTAINERS; i++) {
		fixture->containers[i]->exited = true;
		fixture->containers[i]->exited_ns = 1;
	}
	for (int tick = 0; tick < 5; tick++) {
		sample_clear(&fixture->sample);
		fixture->sample.interval_ns = NSEC_PER_SEC;
		fixture->sample.monotonic_ns = (uint64_t)(tick + 1) * 100 * NSEC_PER_SEC;
		model_update(fixture->model, &fixture->sample, fixture->source.containers, 0);
		tui_measure(&fixture->tui, fixture->model);
	}
	tui_key(&fixture->tui, 'j');
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "paused"));
}

static void test_totals_are_whole_or_not_there(void **state)
{
	struct fixture *fixture = *state;
	char *whole, *line;

	fixture_measure(fixture);
	draw(fixture, 80, 24);
	whole = screen_line(&fixture->screen, 1);
	for (unsigned int columns = 20; columns < 80; columns++) {
		size_t size;

		draw(fixture, columns, 24);
		line = screen_line(&fixture->screen, 1);
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

static void test_ascii_shows_nothing_else(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.ascii = true;
	fixture_measure(fixture);
	draw(fixture, 80, 40);
	for (size_t i = 0; i < 80 * 40; i++)
		assert_in_range((unsigned char)fixture->screen.cells[i].text[0], ' ', '~');
	assert_true(screen_has(fixture, "? ? -02"));
}

static void test_options_choose_pane_and_order(void **state)
{
	struct fixture *fixture = *state;
	char sort[] = "-errors";

	tui_done(&fixture->tui);
	fixture->options.panes[0] = PANE_SYSCALLS;
	fixture->options.n_panes = 1;
	fixture->options.sort = sort;
	fixture->options.accumulate = true;
	tui_init(&fixture->tui, &fixture->options, &fixture->source);
	fixture_measure(fixture);
	assert_int_equal(fixture->tui.pane, PANE_SYSCALLS);
	assert_string_equal(fixture->tui.panes[PANE_SYSCALLS].view.sort->name, "errors");
	assert_true(fixture->tui.panes[PANE_SYSCALLS].view.ascending);
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "since start"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_screens),
		TEST(test_before_the_first_sample_it_says_measuring),
		TEST(test_every_size_and_key_stays_on_the_screen),
		TEST(test_keys_ask_for_what_they_change),
		TEST(test_no_key_stands_twice_in_the_table),
		TEST(test_help_is_left_by_any_key_that_does_not_move_it),
		TEST(test_cursor_stays_on_its_row),
		TEST(test_cursor_on_top_stays_on_top),
		TEST(test_cursor_of_a_row_that_went_keeps_its_place),
		TEST(test_pages_turn_by_what_is_seen),
		TEST(test_panes_keep_their_own_cursor_and_order),
		TEST(test_sort_moves_by_a_column_and_stops_at_the_ends),
		TEST(test_pause_holds_the_screen),
		TEST(test_pause_survives_rows_that_go),
		TEST(test_totals_are_whole_or_not_there),
		TEST(test_ascii_shows_nothing_else),
		TEST(test_options_choose_pane_and_order),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
