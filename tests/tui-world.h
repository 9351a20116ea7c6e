/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host of which all is known, on a full screen without a terminal: for the tests of it. */
#ifndef TUI_WORLD_H
#define TUI_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "term.h"
#include "tui.h"

#define CONTAINERS 30
#define ENTER TERM_KEY_ENTER
#define ESC 27
#define F(n) (TERM_KEY_F1 + (n) - 1)

struct tui_world {
	struct source source;
	struct options options;
	struct model *model;
	struct sample sample;
	time_t now;
	struct container *containers[CONTAINERS];
	uint64_t count[CONTAINERS];	/* system calls of each in the next interval */
	size_t events, disks, files, listeners, hints;	/* in the next interval */
	struct tui tui;
	struct screen screen;
};

/* For cmocka: *state is the world; disks are not available in it. */
int world_setup(void **state);
int world_teardown(void **state);

/* One second goes by: ten flows, and system calls where count says so. */
void world_tick(struct tui_world *world);

/* The same, and the screen gets to know. */
void world_measure(struct tui_world *world);

/* What the screen does after a key, after those of a text, and after the mouse. */
unsigned int world_press(struct tui_world *world, int key);
unsigned int world_type(struct tui_world *world, const char *text);
unsigned int world_click(struct tui_world *world, int what, unsigned int column,
			 unsigned int line);

void world_draw(struct tui_world *world, unsigned int columns, unsigned int lines);

/* Whether a line of the screen, drawn before, has this text. */
bool world_screen_has(const struct tui_world *world, const char *text);

/* The first word of the line that the cursor is in; "" when there is none. Draws 80x24. */
const char *world_cursor_name(struct tui_world *world);

#endif
