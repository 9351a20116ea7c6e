/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole screens, by size and keys, as tests/data/tui.expected has them;
 * UPDATE_EXPECTED=1 writes that anew.
 */
#include "tui-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define KEYS_MOST 24

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
	{ "containers, less than 80", 60, 20, { 0 }, false },
	{ "containers, room for a part of the kernel's release", 92, 20, { 0 }, false },
	{ "smallest", 20, 5, { 0 }, false },
	{ "too small", 19, 5, { 0 }, false },
	{ "totals", 80, 24, { 'a' }, false },
	{ "paused", 80, 24, { ' ' }, false },
	{ "sorted by name, last row", 80, 24,
	  { '<', '<', '<', '<', '<', '<', '<', 'r', 'G' }, false },
	{ "scrolled to the right", 40, 10,
	  { TERM_KEY_RIGHT, TERM_KEY_RIGHT, TERM_KEY_RIGHT }, false },
	{ "sort column scrolled into sight", 40, 10, { '<', '>' }, false },
	{ "flows", 80, 24, { '\t' }, true },
	{ "flows, wide", 120, 40, { '2' }, false },
	{ "flows, very wide", 200, 60, { '2' }, false },
	{ "flows, small", 40, 10, { '2' }, false },
	{ "disks, not available", 80, 24, { '3' }, false },
	{ "disks, not available, wide", 120, 40, { '3' }, false },
	{ "disks, not available, very wide", 200, 60, { '3' }, false },
	{ "disks, not available, small", 40, 10, { '3' }, false },
	{ "syscalls", 80, 24, { '4' }, true },
	{ "syscalls, wide", 120, 40, { '4' }, false },
	{ "syscalls, very wide", 200, 60, { '4' }, false },
	{ "syscalls, small", 40, 10, { '4' }, false },
	{ "processes", 80, 24, { '5' }, true },
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
	{ "users", 80, 24, { '2', 'u', 'j' }, true },
	{ "flows of a user", 80, 24, { '2', 'u', 'G', ENTER }, false },
	{ "only active containers", 80, 24, { 'o' }, false },
	{ "key that does nothing", 80, 24, { '3', 'Y' }, false },
	/* from here on disks are there, too */
#define FIRST_WITH_DISKS "disks"
	{ "disks", 80, 24, { '3' }, true },
	{ "disks, wide", 120, 40, { '3' }, false },
	{ "disks, very wide", 200, 60, { '3' }, false },
	{ "disks, small", 40, 10, { '3' }, false },
	{ "events", 80, 24, { '6' }, true },
	{ "events, wide", 120, 40, { '6' }, false },
	{ "events, very wide", 200, 60, { '6' }, false },
	{ "events, small", 40, 10, { '6' }, false },
	{ "files", 80, 24, { '7' }, true },
	{ "files, wide", 120, 40, { '7' }, false },
	{ "files, very wide", 200, 60, { '7' }, false },
	{ "files, small", 40, 10, { '7' }, false },
	{ "listeners", 80, 24, { '8' }, true },
	{ "listeners, wide", 120, 40, { '8' }, false },
	{ "listeners, very wide", 200, 60, { '8' }, false },
	{ "listeners, small", 40, 10, { '8' }, false },
	{ "hints", 80, 24, { '9' }, true },
	{ "hints, wide", 120, 40, { '9' }, false },
	{ "hints, very wide", 200, 60, { '9' }, false },
	{ "hints, small", 40, 10, { '9' }, false },
	{ "process tree", 80, 24, { '5', 't' }, false },
	{ "what can be done to a process", 80, 24, { '5', F(8) }, true },
	{ "a question", 80, 24, { '5', F(8), 'G', ENTER }, true },
	{ "column made wider", 80, 24, { 'C', '+', '+', 'j', TERM_KEY_RIGHT, ESC }, false },
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

static char *all_screens(struct tui_world *world)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < ARRAY_SIZE(screens); i++) {
		if (!strcmp(screens[i].name, FIRST_WITH_DISKS))
			world->source.status[PANE_DISKS] = world->source.status[PANE_FLOWS];
		tui_done(&world->tui);
		tui_init(&world->tui, &world->options, &world->source);
		world->tui.kernel = "6.1.0-test";
		world->tui.cost = (struct tui_cost){
			.cpu = 0.0234, .kernel = 0.0041, .memory = 12 << 20,
		};
		tui_measure(&world->tui, world->model);
		world_draw(world, screens[i].columns, screens[i].lines);
		for (const int *key = screens[i].keys; *key; key++)
			world_press(world, *key);
		world_draw(world, screens[i].columns, screens[i].lines);
		fprintf(out, "==== %s: %ux%u\n", screens[i].name, screens[i].columns,
			screens[i].lines);
		print_screen(&world->screen, screens[i].styles, out);
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
	struct tui_world *world = *state;
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/tests/data/tui.expected", srcdir ? srcdir : ".");
	char *shown, *expected;
	FILE *file;

	world->events = 5;
	world->disks = 3;
	world->files = 4;
	world->listeners = 3;
	world->hints = 3;
	world_tick(world);
	world_tick(world);
	shown = all_screens(world);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_screens),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
