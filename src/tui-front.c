/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen on a terminal: where tui.c's state and term.c's terminal meet. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "front.h"
#include "term.h"
#include "text.h"
#include "tui.h"
#include "util.h"

#define KEYS_AT_ONCE 100		/* pasted keys do not keep the loop from its other work */

struct tui_front {
	struct front front;		/* must stay the first member */
	struct tui tui;
	struct term *term;
	struct screen screen;
};

/* The one place that draws, whatever asked for it. */
static int tui_front_redo(struct tui_front *front, unsigned int todo, const struct model *model)
{
	front->front.paused = front->tui.paused;
	if (todo & TUI_QUIT)
		return TODO_QUIT;
	if (todo & TUI_UPDATE)
		tui_update(&front->tui, model);
	if (todo & TUI_REPAINT)
		term_repaint(front->term);
	if (todo) {
		tui_draw(&front->tui, model, &front->screen);
		term_flush(front->term, &front->screen);
	}
	return TODO_NOTHING;
}

static int tui_front_show(struct front *base, const struct model *model)
{
	struct tui_front *front = (struct tui_front *)base;
	bool changed = tui_measure(&front->tui, model);

	return tui_front_redo(front, changed ? TUI_REDRAW : TUI_NOTHING, model);
}

static int tui_front_take_input(struct front *base, const struct model *model)
{
	struct tui_front *front = (struct tui_front *)base;
	unsigned int todo = TUI_NOTHING;

	for (int i = 0; i < KEYS_AT_ONCE && !(todo & TUI_QUIT); i++) {
		int key = term_key(front->term);

		if (key == TERM_KEY_NONE)
			break;
		todo |= key == TERM_KEY_GONE ? (unsigned int)TUI_QUIT : tui_key(&front->tui, key);
	}
	return tui_front_redo(front, todo, model);
}

static int tui_front_resize(struct front *base, const struct model *model)
{
	struct tui_front *front = (struct tui_front *)base;
	unsigned int columns, lines;

	term_size(front->term, &columns, &lines);
	screen_resize(&front->screen, columns, lines);
	return tui_front_redo(front, TUI_REDRAW, model);
}

static void tui_front_free(struct front *base)
{
	struct tui_front *front = (struct tui_front *)base;

	term_close(front->term);
	screen_done(&front->screen);
	tui_done(&front->tui);
	free(front);
}

static bool wants_color(const struct options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return !no_color || !*no_color;
}

static char *complain(int err)
{
	char *name = text_clean_dup(getenv("TERM")), *error;

	if (err == -ENOTTY)
		error = xasprintf("standard %s is no terminal: use -b to print instead",
				  isatty(STDOUT_FILENO) ? "input" : "output");
	else if (!name || !*name)
		error = xasprintf("TERM is not set: set it, or use -b to print instead");
	else
		error = xasprintf("a terminal of type \"%s\" (TERM) shows no full screen: "
				  "set TERM to what it is, or use -b to print instead", name);
	free(name);
	return error;
}

int tui_open(const struct options *options, const struct source *source, struct front **ret_front,
	     char **ret_error)
{
	struct tui_front *front;
	struct term *term;
	unsigned int columns, lines;
	int err = term_open(wants_color(options), &term);

	if (err) {
		*ret_error = complain(err);
		return err;
	}
	front = xcalloc(1, sizeof(*front));
	front->front = (struct front) {
		.input_fd = STDIN_FILENO,
		.show = tui_front_show,
		.take_input = tui_front_take_input,
		.resize = tui_front_resize,
		.free = tui_front_free,
	};
	front->term = term;
	tui_init(&front->tui, options, source);
	term_size(term, &columns, &lines);
	screen_init(&front->screen, columns, lines);
	tui_front_redo(front, TUI_REDRAW, NULL);
	*ret_front = &front->front;
	return 0;
}
