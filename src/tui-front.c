/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen on a terminal: where tui.c's state and term.c's terminal meet. */
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cost.h"
#include "front.h"
#include "term.h"
#include "text.h"
#include "tui.h"
#include "tui-order.h"
#include "util.h"

#define KEYS_AT_ONCE 100		/* pasted keys do not keep the loop from its other work */

struct tui_front {
	struct front front;		/* must stay the first member */
	struct tui tui;
	struct term *term;
	struct screen screen;
	struct tui_orders orders;
	int epoll_fd;			/* keys, and what was waited for */
	bool resolves;			/* answers of the resolver are among that */
	char kernel[65];		/* its release */
	uint64_t cpu_ns, measured_ns;	/* what contop had used, and when: as of the last sample */
};

/* What contop itself takes: since the last sample, and of memory now. */
static void measure_cost(struct tui_front *front)
{
	uint64_t now = monotonic_ns(), cpu_ns = cost_cpu_ns(), memory = cost_memory();

	if (front->measured_ns && now > front->measured_ns)
		front->tui.cost.cpu = (double)(cpu_ns - front->cpu_ns) /
				      (double)(now - front->measured_ns);
	front->tui.cost.kernel = front->tui.source->cost;
	front->cpu_ns = cpu_ns;
	front->measured_ns = now;
	if (memory != UNKNOWN)
		front->tui.cost.memory = memory;
}

/* The one place that draws, whatever asked for it. */
static int tui_front_redo(struct tui_front *front, unsigned int todo)
{
	if (todo & TUI_QUIT)
		return TODO_QUIT;
	front->front.delay_ns = front->tui.delay_ns;
	front->front.focus = tui_wanted_focus(&front->tui);
	front->front.wishes = tui_wishes(&front->tui);
	front->front.holds = front->tui.paused;
	if (front->tui.jump.kind) {
		front->front.jump = front->tui.jump;
		front->tui.jump.kind = JUMP_NONE;
		front->tui.jumped = true;
	}
	if (todo & TUI_UPDATE)
		tui_update(&front->tui);
	if (todo & TUI_REPAINT)
		term_repaint(front->term);
	if (todo) {
		term_set_scheme(front->term, front->tui.scheme);
		tui_draw(&front->tui, &front->screen);
		term_flush(front->term, &front->screen);
	}
	tui_hold(&front->tui);
	return TODO_NOTHING;
}

static int tui_front_show(struct front *base, const struct model *model)
{
	struct tui_front *front = (struct tui_front *)base;

	measure_cost(front);
	return tui_front_redo(front, tui_measure(&front->tui, model) ? TUI_REDRAW : TUI_NOTHING);
}

static unsigned int take_key(struct tui_front *front, int key)
{
	struct term_mouse mouse;

	if (key == TERM_KEY_GONE)
		return TUI_QUIT;
	if (key == TERM_KEY_MOUSE)
		return term_mouse(front->term, &mouse) ? tui_mouse(&front->tui, &mouse) :
							 TUI_NOTHING;
	return tui_key(&front->tui, key);
}

static void watch(struct tui_front *front, int fd, uint32_t flags)
{
	epoll_ctl(front->epoll_fd, EPOLL_CTL_ADD, fd,
		  &(struct epoll_event){ .events = EPOLLIN | flags, .data.fd = fd });
}

/* What came beside keys. */
static unsigned int take_answers(struct tui_front *front)
{
	struct epoll_event events[4];
	int n = epoll_wait(front->epoll_fd, events, ARRAY_SIZE(events), 0);
	unsigned int todo = TUI_NOTHING;

	for (int i = 0; i < n; i++) {
		if (events[i].data.fd == STDIN_FILENO)
			continue;
		if (events[i].data.fd == tui_orders_fd(&front->orders))
			tui_orders_finish(&front->orders, &front->tui);
		else
			resolver_take(front->tui.resolver);
		todo |= TUI_REDRAW;
	}
	return todo;
}

/* Keys may have begun something that is waited for. */
static void watch_new(struct tui_front *front, int order_before)
{
	int order = tui_orders_fd(&front->orders);

	if (order >= 0 && order != order_before)
		watch(front, order, EPOLLONESHOT);
	if (front->tui.resolver && !front->resolves) {
		watch(front, resolver_fd(front->tui.resolver), 0);
		front->resolves = true;
	}
}

static int tui_front_take_input(struct front *base,
				const struct model *model __attribute__((unused)))
{
	struct tui_front *front = (struct tui_front *)base;
	unsigned int todo = take_answers(front);
	int waited_for = tui_orders_fd(&front->orders);

	for (int i = 0; i < KEYS_AT_ONCE && !(todo & TUI_QUIT); i++) {
		int key = term_key(front->term);

		if (key == TERM_KEY_NONE)
			break;
		/* A key looks at rows as those before it made them. */
		if (todo & TUI_UPDATE)
			tui_update(&front->tui);
		todo = (todo & ~(unsigned int)TUI_UPDATE) | take_key(front, key);
		tui_orders_work(&front->orders, &front->tui);
	}
	watch_new(front, waited_for);
	return tui_front_redo(front, todo);
}

static void tui_front_forget(struct front *base)
{
	tui_forget(&((struct tui_front *)base)->tui);
}

static int tui_front_resize(struct front *base,
			    const struct model *model __attribute__((unused)))
{
	struct tui_front *front = (struct tui_front *)base;
	unsigned int columns, lines;

	term_size(front->term, &columns, &lines);
	screen_resize(&front->screen, columns, lines);
	return tui_front_redo(front, TUI_REDRAW);
}

static void tui_front_free(struct front *base)
{
	struct tui_front *front = (struct tui_front *)base;

	term_close(front->term);
	tui_orders_done(&front->orders);
	if (front->epoll_fd >= 0)
		close(front->epoll_fd);
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

int tui_open(const struct options *options, struct source *source, struct front **ret_front,
	     char **ret_error)
{
	struct tui_front *front;
	struct utsname name;
	struct term *term;
	unsigned int columns, lines;
	int err = term_open(wants_color(options), &term);

	if (err) {
		*ret_error = complain(err);
		return err;
	}
	front = xcalloc(1, sizeof(*front));
	front->front = (struct front) {
		.input_fd = epoll_create1(EPOLL_CLOEXEC),
		.show = tui_front_show,
		.take_input = tui_front_take_input,
		.resize = tui_front_resize,
		.forget = tui_front_forget,
		.free = tui_front_free,
	};
	front->term = term;
	front->epoll_fd = front->front.input_fd;
	watch(front, STDIN_FILENO, 0);
	tui_orders_init(&front->orders);
	tui_init(&front->tui, options, source);
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		front->tui.ascii = true;
	/* A recording was made by a kernel that nobody wrote down. */
	if (!options->replay && uname(&name) == 0) {
		snprintf(front->kernel, sizeof(front->kernel), "%s", name.release);
		front->tui.kernel = front->kernel;
	}
	term_size(term, &columns, &lines);
	screen_init(&front->screen, columns, lines);
	tui_front_redo(front, TUI_REDRAW);
	*ret_front = &front->front;
	return 0;
}
