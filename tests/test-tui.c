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
#include <unistd.h>

#include "config.h"
#include "term.h"
#include "tui.h"
#include "util.h"

#define CONTAINERS 30
#define KEYS_MOST 24

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
	fixture->options.delay_ns = NSEC_PER_SEC;
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
		tui_update(&fixture->tui);
	return todo;
}

static void draw(struct fixture *fixture, unsigned int columns, unsigned int lines)
{
	screen_resize(&fixture->screen, columns, lines);
	tui_draw(&fixture->tui, &fixture->screen);
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

#define ENTER TERM_KEY_ENTER
#define ESC 27
#define F(n) (TERM_KEY_F1 + (n) - 1)

static const struct {
	const char *name;
	unsigned int columns, lines;
	int keys[KEYS_MOST];
	bool styles;			/* shown as well, a letter for each cell */
} screens[] = {
	{ "containers", 80, 24, { 0 }, true },
	{ "containers, wide", 120, 40, { 0 }, false },
	{ "containers, very wide", 200, 60, { 0 }, false },
	{ "containers, small", 40, 10, { 0 }, false },
	{ "smallest", 20, 5, { 0 }, false },
	{ "too small", 19, 5, { 0 }, false },
	{ "totals", 80, 24, { 'a' }, false },
	{ "paused", 80, 24, { ' ' }, false },
	{ "sorted by name, last row", 80, 24,
	  { '<', '<', '<', '<', '<', '<', '<', 'r', 'G' }, false },
	{ "scrolled to the right", 40, 10,
	  { TERM_KEY_RIGHT, TERM_KEY_RIGHT, TERM_KEY_RIGHT }, false },
	{ "sort column scrolled into sight", 40, 10, { '<', '>' }, false },
	{ "flows", 80, 24, { '\t' }, false },
	{ "flows, wide", 120, 40, { '2' }, false },
	{ "flows, very wide", 200, 60, { '2' }, false },
	{ "flows, small", 40, 10, { '2' }, false },
	{ "disks, not available", 80, 24, { '3' }, false },
	{ "disks, not available, wide", 120, 40, { '3' }, false },
	{ "disks, not available, very wide", 200, 60, { '3' }, false },
	{ "disks, not available, small", 40, 10, { '3' }, false },
	{ "syscalls", 80, 24, { '4' }, false },
	{ "syscalls, wide", 120, 40, { '4' }, false },
	{ "syscalls, very wide", 200, 60, { '4' }, false },
	{ "syscalls, small", 40, 10, { '4' }, false },
	{ "processes", 80, 24, { TERM_KEY_BACK_TAB }, false },
	{ "processes, wide", 120, 40, { '5' }, false },
	{ "processes, very wide", 200, 60, { '5' }, false },
	{ "processes, small", 40, 10, { '5' }, false },
	{ "help", 80, 24, { '?' }, false },
	{ "help, small, its end", 40, 10, { 'h', 'G' }, false },
	{ "split", 80, 24, { 'v', 'G', 'k', 'k' }, true },
	{ "split, lower half, system calls", 80, 24, { 'v', '4', 'w' }, true },
	{ "split, wide", 120, 40, { 'v', 'G', 'k', 'k' }, false },
	{ "split, small", 40, 10, { 'v' }, false },
	{ "processes of a container", 80, 24, { 'N', 'j', ENTER }, false },
	{ "flows of a process", 80, 24, { 'N', 'j', ENTER, ENTER }, false },
	{ "flows of a process, small", 40, 10, { 'N', 'j', ENTER, ENTER }, false },
	{ "system calls of a process", 80, 24, { 'N', 'j', ENTER, ENTER, '4' }, false },
	{ "back", 80, 24, { 'N', 'j', ENTER, ENTER, ESC, TERM_KEY_BACKSPACE }, false },
	{ "sort menu", 80, 24, { 's' }, true },
	{ "sorted by the menu", 80, 24, { F(6), TERM_KEY_HOME, ENTER }, false },
	{ "columns", 80, 24, { 'C', 'j', ' ', '>', '>' }, true },
	{ "columns changed", 80, 24, { F(2), 'j', ' ', 'G', 'k', ' ', ESC }, false },
	{ "columns, small", 40, 10, { 'C', 'G' }, false },
	{ "filter", 80, 24, { '/', '-', '1' }, true },
	{ "filter taken", 80, 24, { 'f', '-', '1', ENTER }, false },
	{ "filter that is wrong", 80, 24, { '/', '-', '1', ' ', 'a', 'n', 'd', ' ', 'x', '>', '>' },
	  false },
	{ "filter of which nothing is left", 80, 24, { '/', 'n', 'o', 'n', 'e', ENTER }, false },
	{ "search", 80, 24, { F(3), 'b', '-', '1', '1' }, false },
	{ "search for what is not there", 80, 24, { F(3), 'z', 'z' }, false },
	{ "delay", 80, 24, { 'd', '5' }, false },
	{ "delay taken", 80, 24, { 'd', TERM_KEY_BACKSPACE, '2', '.', '5', ENTER }, false },
	{ "frozen, followed", 80, 24, { 'O', 'F' }, false },
	{ "all digits", 80, 24, { '2', 'e', 'e' }, false },
	{ "powers of 1000", 80, 24, { '2', 'e' }, false },
	{ "key that does nothing", 80, 24, { '3', 'Y' }, false },
};

static void print_styles(const struct screen *screen, unsigned int line, FILE *out)
{
	static const char letters[] = ".HScdwKTg";

	fputs("    ", out);
	for (unsigned int x = 0; x < screen->columns; x++)
		fputc(letters[screen->cells[line * screen->columns + x].style], out);
	fputc('\n', out);
}

static void print_screen(const struct screen *screen, bool styles, FILE *out)
{
	for (unsigned int line = 0; line < screen->lines; line++) {
		char *shown = screen_line(screen, line);

		fprintf(out, "%s\n", shown);
		free(shown);
		if (styles)
			print_styles(screen, line, out);
	}
}

static char *all_screens(struct fixture *fixture)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < ARRAY_SIZE(screens); i++) {
		tui_done(&fixture->tui);
		tui_init(&fixture->tui, &fixture->options, &fixture->source);
		fixture->tui.kernel = "6.1.0-test";
		fixture->tui.cost = (struct tui_cost){ .cpu = 0.0234, .memory = 12 << 20 };
		tui_measure(&fixture->tui, fixture->model);
		draw(fixture, screens[i].columns, screens[i].lines);
		for (const int *key = screens[i].keys; *key; key++)
			press(fixture, *key);
		draw(fixture, screens[i].columns, screens[i].lines);
		fprintf(out, "==== %s: %ux%u\n", screens[i].name, screens[i].columns,
			screens[i].lines);
		print_screen(&fixture->screen, screens[i].styles, out);
	}
	fclose(out);
	return text;
}

/* Says which lines differ first: whole screens are more than cmocka prints. */
static void assert_same_lines(const char *shown, const char *expected)
{
	size_t line = 1;

	while (*shown && *expected) {
		size_t left = strcspn(shown, "\n"), right = strcspn(expected, "\n");

		if (left != right || memcmp(shown, expected, left))
			fail_msg("tui.expected, line %zu:\n-%.*s\n+%.*s", line, (int)right,
				 expected, (int)left, shown);
		shown += left + (shown[left] == '\n');
		expected += right + (expected[right] == '\n');
		line++;
	}
	assert_int_equal(*shown, *expected);
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
	assert_same_lines(shown, expected);
	free(expected);
	free(shown);
	free(path);
}

/* ---- one claim each */

static void test_before_the_first_sample_it_says_measuring(void **state)
{
	struct fixture *fixture = *state;

	screen_resize(&fixture->screen, 80, 24);
	tui_draw(&fixture->tui, &fixture->screen);
	assert_true(screen_has(fixture, "measuring"));
	assert_true(screen_has(fixture, "testhost"));
	for (size_t i = 0; i < n_tui_keys; i++) {	/* no key needs a sample */
		for (const int *code = tui_keys[i].codes; *code; code++) {
			unsigned int todo = tui_key(&fixture->tui, *code);

			if (todo & TUI_UPDATE)
				tui_update(&fixture->tui);
			tui_draw(&fixture->tui, &fixture->screen);
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
		fixture->tui.mode = IN_ROWS;
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
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, '?');
	press(fixture, TERM_KEY_PAGE_DOWN);
	assert_int_equal(fixture->tui.mode, IN_HELP);
	assert_int_equal(press(fixture, 'q'), TUI_REDRAW);
	assert_int_equal(fixture->tui.mode, IN_ROWS);
	assert_int_equal(fixture->tui.panes[0].at.cursor, 0);
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
	assert_true(fixture->tui.panes[0].at.cursor > 20);
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
	assert_int_equal(fixture->tui.panes[0].at.cursor, 0);
}

static void test_cursor_of_a_row_that_went_keeps_its_place(void **state)
{
	struct fixture *fixture = *state;

	press(fixture, '4');
	fixture_measure(fixture);
	press(fixture, 'G');
	assert_int_equal(fixture->tui.panes[PANE_SYSCALLS].at.cursor, CONTAINERS - 1);
	for (size_t i = 0; i < 20; i++)
		fixture->count[i] = 0;
	fixture_measure(fixture);
	assert_int_equal(fixture->tui.panes[PANE_SYSCALLS].at.cursor, CONTAINERS - 20 - 1);
	assert_string_equal(cursor_name(fixture), "web-20");
}

static void test_pages_turn_by_what_is_seen(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	draw(fixture, 80, 24);
	press(fixture, TERM_KEY_PAGE_DOWN);
	assert_int_equal(fixture->tui.panes[0].at.cursor, 17);
	press(fixture, TERM_KEY_PAGE_DOWN);
	/* The host is one more row. */
	assert_int_equal(fixture->tui.panes[0].at.cursor, CONTAINERS);
	press(fixture, TERM_KEY_PAGE_UP);
	assert_int_equal(fixture->tui.panes[0].at.cursor, CONTAINERS - 17);
	press(fixture, TERM_KEY_HOME);
	assert_int_equal(fixture->tui.panes[0].at.cursor, 0);
}

static void test_panes_keep_their_own_cursor_and_order(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'j');
	press(fixture, '2');
	assert_int_equal(fixture->tui.panes[PANE_FLOWS].at.cursor, 0);
	press(fixture, 'r');
	press(fixture, TERM_KEY_BACK_TAB);
	assert_int_equal(fixture->tui.pane, PANE_CONTAINERS);
	assert_int_equal(fixture->tui.panes[PANE_CONTAINERS].at.cursor, 1);
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
	draw(fixture, 80, 19);
	whole = screen_line(&fixture->screen, 1);
	for (unsigned int columns = 20; columns < 80; columns++) {
		size_t size;

		draw(fixture, columns, 19);
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

	fixture->tui.ascii = true;
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

static unsigned int type(struct fixture *fixture, const char *text)
{
	unsigned int todo = 0;

	for (; *text; text++)
		todo |= press(fixture, (unsigned char)*text);
	return todo;
}

static unsigned int click(struct fixture *fixture, int what, unsigned int column, unsigned int line)
{
	const struct term_mouse mouse = { .what = what, .column = column, .line = line };
	unsigned int todo = tui_mouse(&fixture->tui, &mouse);

	if (todo & TUI_UPDATE)
		tui_update(&fixture->tui);
	return todo;
}

static void test_pause_goes_on_where_the_model_is(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'p');
	fixture->count[3] = 1000000;
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-29");
	press(fixture, 'r');			/* the rows are there to be looked at */
	assert_string_equal(cursor_name(fixture), "host");
	press(fixture, 'r');
	press(fixture, 'p');
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-03");
	assert_int_equal(fixture->tui.meters[METER_SYSCALLS].n, 3);
}

static void test_pause_before_the_first_sample_shows_it(void **state)
{
	struct fixture *fixture = *state;

	press(fixture, 'p');
	fixture_measure(fixture);
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-29");
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "paused"));
}

static void test_enter_opens_and_escape_leads_back(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'N');
	press(fixture, 'j');
	assert_string_equal(cursor_name(fixture), "web-09");
	press(fixture, TERM_KEY_ENTER);
	assert_int_equal(fixture->tui.pane, PANE_PROCESSES);
	assert_int_equal(fixture->tui.panes[PANE_PROCESSES].view.n_rows, 1);
	press(fixture, TERM_KEY_ENTER);
	assert_int_equal(fixture->tui.pane, PANE_FLOWS);
	assert_int_equal(fixture->tui.panes[PANE_FLOWS].view.n_rows, 1);
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "containers > web-09 > nginx 1009 > flows"));
	press(fixture, TERM_KEY_ENTER);
	assert_int_equal(fixture->tui.n_levels, 2);
	press(fixture, 27);
	press(fixture, TERM_KEY_BACKSPACE);
	assert_int_equal(press(fixture, 27), TUI_NOTHING);
	assert_int_equal(fixture->tui.pane, PANE_CONTAINERS);
	assert_string_equal(cursor_name(fixture), "web-09");
	press(fixture, '2');
	assert_int_equal(fixture->tui.panes[PANE_FLOWS].view.n_rows, 10);
	press(fixture, TERM_KEY_ENTER);		/* a flow leads to the process it is of */
	assert_int_equal(fixture->tui.panes[PANE_PROCESSES].view.n_rows, 1);
}

static void test_an_opened_process_has_its_own_system_calls(void **state)
{
	struct fixture *fixture = *state;
	const struct view *calls = &fixture->tui.panes[PANE_SYSCALLS].view;

	fixture_measure(fixture);
	press(fixture, 'j');
	press(fixture, TERM_KEY_ENTER);
	press(fixture, TERM_KEY_ENTER);		/* it has no flows */
	assert_int_equal(fixture->tui.pane, PANE_SYSCALLS);
	assert_int_equal(calls->n_rows, 0);
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "containers > web-28 > nginx 1028 > syscalls"));
	assert_true(screen_has(fixture, "measuring"));
	model_set_focus(fixture->model, tui_wanted_focus(&fixture->tui));
	fixture_measure(fixture);
	assert_int_equal(calls->n_rows, 1);
	assert_int_equal(((const struct syscall_row *)calls->rows[0])->pid, 1028);
	press(fixture, 27);
	press(fixture, '4');
	assert_int_equal(calls->n_rows, 1);	/* the container's */
	assert_true(((const struct syscall_row *)calls->rows[0])->pid == UNKNOWN);
	press(fixture, 27);
	assert_string_equal(cursor_name(fixture), "web-28");
}

static void test_split_follows_the_cursor(void **state)
{
	struct fixture *fixture = *state;
	const struct view *flows = &fixture->tui.panes[PANE_FLOWS].view;

	fixture_measure(fixture);
	press(fixture, 'v');
	assert_int_equal(flows->n_rows, 0);
	press(fixture, 'N');
	press(fixture, 'j');
	assert_int_equal(flows->n_rows, 1);
	assert_int_equal(((const struct row *)flows->rows[0])->container->serial,
			 fixture->containers[9]->serial);
	press(fixture, 'w');
	press(fixture, 'r');
	assert_true(flows->ascending);
	assert_false(fixture->tui.panes[PANE_CONTAINERS].view.ascending);
	for (int i = 0; i < PANE_COUNT - 1; i++)
		press(fixture, '\t');
	assert_int_equal(fixture->tui.lower, PANE_FLOWS);
	press(fixture, 'v');
	press(fixture, '2');
	assert_int_equal(flows->n_rows, 10);
}

static void test_the_last_good_filter_is_kept(void **state)
{
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[PANE_CONTAINERS].view;

	fixture_measure(fixture);
	press(fixture, '/');
	type(fixture, "web-1");
	assert_int_equal(view->n_rows, 10);
	type(fixture, " and (");
	assert_true(*fixture->tui.prompt.error);
	assert_int_equal(press(fixture, TERM_KEY_ENTER), TUI_REDRAW);
	assert_int_equal(fixture->tui.mode, IN_PROMPT);
	type(fixture, "errors > 15)");
	assert_int_equal(view->n_rows, 4);
	press(fixture, TERM_KEY_ENTER);
	assert_int_equal(fixture->tui.mode, IN_ROWS);
	press(fixture, 'f');
	press(fixture, 21);
	assert_int_equal(view->n_rows, CONTAINERS + 1);
	press(fixture, 27);			/* as it was */
	assert_int_equal(view->n_rows, 4);
	press(fixture, TERM_KEY_DELETE);
	assert_int_equal(view->n_rows, CONTAINERS + 1);
}

static void test_prompt_edits_characters(void **state)
{
	struct fixture *fixture = *state;
	const struct tui_prompt *prompt = &fixture->tui.prompt;

	fixture_measure(fixture);
	press(fixture, F(3));
	type(fixture, "ab");
	press(fixture, 0x65e5);
	press(fixture, TERM_KEY_LEFT);
	press(fixture, TERM_KEY_LEFT);
	press(fixture, 0xe9);
	assert_string_equal(prompt->text, "a\xc3\xa9""b\xe6\x97\xa5");
	press(fixture, TERM_KEY_END);
	press(fixture, TERM_KEY_BACKSPACE);
	press(fixture, TERM_KEY_HOME);
	press(fixture, TERM_KEY_DELETE);
	assert_string_equal(prompt->text, "\xc3\xa9""b");
	for (int i = 0; i < 2 * PROMPT_SIZE; i++)
		press(fixture, 0x1f600);
	assert_true(prompt->size < PROMPT_SIZE);
	draw(fixture, 20, 5);
	draw(fixture, 80, 24);
}

static void test_search_goes_from_row_to_row(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, F(3));
	type(fixture, "-1");
	assert_string_equal(cursor_name(fixture), "web-19");
	press(fixture, F(3));
	assert_string_equal(cursor_name(fixture), "web-18");
	press(fixture, TERM_KEY_ENTER);
	press(fixture, F(3));
	press(fixture, F(3));			/* the same again */
	assert_string_equal(cursor_name(fixture), "web-17");
	press(fixture, 27);
	assert_string_equal(cursor_name(fixture), "web-18");
}

static void test_frozen_rows_stay_where_they_are(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'O');
	fixture->count[3] = 1000000;
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-29");
	press(fixture, 'p');			/* copies have the same places */
	press(fixture, 'a');
	assert_string_equal(cursor_name(fixture), "web-29");
	press(fixture, 'O');
	assert_string_equal(cursor_name(fixture), "web-03");
}

static void test_followed_row_is_followed_from_the_first_line_on(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'F');
	fixture->count[29] = 1;
	fixture_measure(fixture);
	assert_string_equal(cursor_name(fixture), "web-29");
}

static void test_counts_since_the_mark(void **state)
{
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	press(fixture, 'm');
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "since mark"));
	fixture_measure(fixture);
	fixture_measure(fixture);
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "web-29                              -      0      0      "
				       "-       -    60K     58"));
	press(fixture, 'a');
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "per second"));
	press(fixture, 'a');
	press(fixture, 'a');
	assert_int_equal(fixture->tui.counts, COUNTS_MARK);
	press(fixture, 'z');
	assert_int_equal(fixture->tui.counts, COUNTS_RATE);
}

static void test_columns_come_go_and_move(void **state)
{
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[PANE_CONTAINERS].view;
	size_t n = view->n_columns;

	fixture_measure(fixture);
	press(fixture, 'C');
	press(fixture, '>');
	assert_string_equal(view->columns[1]->name, "name");
	press(fixture, ' ');
	assert_int_equal(view->n_columns, n - 1);
	for (size_t i = 0; i < 60; i++) {
		press(fixture, 'j');
		press(fixture, ' ');
	}
	press(fixture, 'g');
	for (size_t i = 0; i < 60; i++) {	/* one column stays whatever is done */
		if (fixture->tui.menu.items[fixture->tui.menu.cursor].shown)
			press(fixture, ' ');
		press(fixture, 'j');
	}
	assert_int_equal(view->n_columns, 1);
	press(fixture, 27);
	draw(fixture, 80, 24);
}

static void test_command_lines_take_the_place_of_names(void **state)
{
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[PANE_PROCESSES].view;

	fixture_measure(fixture);
	press(fixture, '5');
	press(fixture, 'c');
	assert_string_equal(view->columns[view->n_columns - 1]->name, "command");
	press(fixture, 'c');
	assert_string_equal(view->columns[view->n_columns - 1]->name, "comm");
}

static void test_delay_is_set_in_steps_and_by_number(void **state)
{
	static const struct { const char *keys; unsigned int tenths; } cases[] = {
		{ "+", 20 }, { "++", 50 }, { "-", 5 }, { "----------", 1 }, { "+-", 10 },
		{ "d\x15" "3\r", 30 }, { "d\x15" "0.2\r", 2 }, { "d\x15" "x\r", 10 },
		{ "d\x15" "0\r", 10 }, { "d\x15" "3601\r", 10 }, { "d\x15" "3600\r", 36000 },
	};
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture->tui.delay_ns = NSEC_PER_SEC;
		for (const char *key = cases[i].keys; *key; key++)
			press(fixture, *key == '\r' ? TERM_KEY_ENTER : *key);
		assert_int_equal(fixture->tui.delay_ns, cases[i].tenths * (NSEC_PER_SEC / 10));
		fixture->tui.mode = IN_ROWS;
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
	struct fixture *fixture = *state;

	fixture_measure(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view *view;

		press(fixture, cases[i].pane);
		view = &fixture->tui.panes[fixture->tui.pane].view;
		view_set_sort(view, pane_column(view->pane, view->pane->sort,
						strlen(view->pane->sort)), false);
		type(fixture, cases[i].keys);
		assert_string_equal(view->sort->name, cases[i].column);
	}
}

static void test_mouse_selects_sorts_scrolls_and_opens(void **state)
{
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[PANE_CONTAINERS].view;

	fixture_measure(fixture);
	draw(fixture, 80, 24);
	click(fixture, MOUSE_CLICK, 5, 7);
	assert_string_equal(cursor_name(fixture), "web-27");
	click(fixture, MOUSE_CLICK, 40, 4);
	assert_string_equal(view->sort->name, "rx_bytes");
	assert_false(view->ascending);
	click(fixture, MOUSE_CLICK, 41, 4);
	assert_true(view->ascending);
	click(fixture, MOUSE_DOWN, 5, 7);
	assert_int_equal(click(fixture, MOUSE_CLICK, 0, 23), TUI_NOTHING);
	draw(fixture, 80, 24);
	click(fixture, MOUSE_CLICK, 16, 3);
	assert_int_equal(fixture->tui.pane, PANE_FLOWS);
	draw(fixture, 80, 24);
	click(fixture, MOUSE_DOUBLE, 3, 6);
	assert_int_equal(fixture->tui.pane, PANE_PROCESSES);
	for (unsigned int y = 0; y < 30; y++)
		for (unsigned int x = 0; x < 90; x += 7)
			click(fixture, (int)(x + y) % 4, x, y);
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
		assert_true(n < n_tui_keys && tui_keys[n].label);
		assert_string_equal(shown, tui_keys[n++].label);
	}
	assert_true(n == n_tui_keys || !tui_keys[n].label);
	free(manual);
	free(path);
}

static void begin_with_config(struct fixture *fixture, const char *text)
{
	fixture->options.config = config_new();
	config_parse(fixture->options.config, "contoprc", text, strlen(text));
	tui_done(&fixture->tui);
	tui_init(&fixture->tui, &fixture->options, &fixture->source);
}

static void test_configuration_is_taken(void **state)
{
	struct fixture *fixture = *state;
	size_t n;

	begin_with_config(fixture, "[contop]\nunits = exact\nscheme = light\nsplit = yes\n"
			  "all-rows = yes\n[keys]\nquit = x\npause = ^P\nhelp = F12\n"
			  "no-such-action = y\nsort = Shift+9\n");
	fixture_measure(fixture);
	assert_int_equal(fixture->tui.units, UNITS_EXACT);
	assert_int_equal(fixture->tui.scheme, SCHEME_LIGHT);
	assert_true(fixture->tui.split);
	assert_true(fixture->tui.panes[PANE_FLOWS].view.all_rows);
	assert_int_equal(press(fixture, 'x'), TUI_QUIT);
	assert_int_equal(press(fixture, 'q'), TUI_QUIT);
	press(fixture, 'P' & 0x1f);
	assert_true(fixture->tui.paused);
	press(fixture, F(12));
	assert_int_equal(fixture->tui.mode, IN_HELP);
	config_warnings(fixture->options.config, &n);
	assert_int_equal(n, 2);
	config_free(fixture->options.config);
	fixture->options.config = NULL;
}

static void test_configuration_is_saved_and_read_again(void **state)
{
	char directory[] = "/tmp/contop-tui-XXXXXX", *path;
	struct fixture *fixture = *state;
	const struct view *view = &fixture->tui.panes[PANE_CONTAINERS].view;

	assert_non_null(mkdtemp(directory));
	path = xasprintf("%s/contoprc", directory);
	fixture->options.config_path = path;
	begin_with_config(fixture, "");
	fixture_measure(fixture);
	type(fixture, "eNr/web-1");
	press(fixture, TERM_KEY_ENTER);
	type(fixture, "C ");
	press(fixture, 27);
	press(fixture, 'W');
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "saved: /tmp/contop-tui-"));
	config_free(fixture->options.config);
	begin_with_config(fixture, "");
	assert_int_equal(config_read(fixture->options.config, path), 0);
	tui_done(&fixture->tui);
	tui_init(&fixture->tui, &fixture->options, &fixture->source);
	assert_int_equal(fixture->tui.units, UNITS_DECIMAL);
	assert_string_equal(config_get(fixture->options.config, "containers", "filter"), "web-1");
	assert_string_equal(view->sort->name, "rx_bytes");
	assert_true(view->ascending);
	assert_string_equal(view->columns[0]->name, "processes");
	config_free(fixture->options.config);
	fixture->options.config = NULL;
	fixture->options.config_path = NULL;
	unlink(path);
	rmdir(directory);
	free(path);
}

static void test_save_says_why_not(void **state)
{
	char path[] = "/proc/no/such/contoprc";
	struct fixture *fixture = *state;

	fixture->options.config_path = path;
	begin_with_config(fixture, "");
	press(fixture, 'W');
	draw(fixture, 80, 24);
	assert_true(screen_has(fixture, "not saved: "));
	config_free(fixture->options.config);
	fixture->options.config = NULL;
	fixture->options.config_path = NULL;
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
		TEST(test_pause_goes_on_where_the_model_is),
		TEST(test_pause_before_the_first_sample_shows_it),
		TEST(test_enter_opens_and_escape_leads_back),
		TEST(test_an_opened_process_has_its_own_system_calls),
		TEST(test_split_follows_the_cursor),
		TEST(test_the_last_good_filter_is_kept),
		TEST(test_prompt_edits_characters),
		TEST(test_search_goes_from_row_to_row),
		TEST(test_frozen_rows_stay_where_they_are),
		TEST(test_followed_row_is_followed_from_the_first_line_on),
		TEST(test_counts_since_the_mark),
		TEST(test_columns_come_go_and_move),
		TEST(test_command_lines_take_the_place_of_names),
		TEST(test_delay_is_set_in_steps_and_by_number),
		TEST(test_letters_and_numbers_sort),
		TEST(test_mouse_selects_sorts_scrolls_and_opens),
		TEST(test_manual_has_the_keys),
		TEST(test_configuration_is_taken),
		TEST(test_configuration_is_saved_and_read_again),
		TEST(test_save_says_why_not),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
