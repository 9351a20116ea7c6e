/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal: the only file that knows curses. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>

#include "screen.h"

struct term;

/* Keys beyond characters, as term_key returns them. GONE: the terminal itself is no more. */
enum { TERM_KEY_NONE = -1, TERM_KEY_GONE = -2,
       TERM_KEY_UP = 0x110000, TERM_KEY_DOWN, TERM_KEY_LEFT, TERM_KEY_RIGHT,
       TERM_KEY_PAGE_UP, TERM_KEY_PAGE_DOWN, TERM_KEY_HOME, TERM_KEY_END, TERM_KEY_BACK_TAB,
       TERM_KEY_BACKSPACE, TERM_KEY_ENTER, TERM_KEY_DELETE,
       TERM_KEY_MOUSE /* term_mouse has what it did */, TERM_KEY_F1 /* to F12: + 0 .. 11 */ };

/* What the mouse did, and in which cell. */
struct term_mouse {
	enum { MOUSE_CLICK, MOUSE_DOUBLE, MOUSE_UP, MOUSE_DOWN } what;
	unsigned int column, line;
};

/*
 * Takes over the terminal at standard input and output; setlocale comes first.
 * -errno: -ENOTTY, -ENOTSUP (TERM unset, unknown, or no full screen). One at a time.
 */
int term_open(bool color, struct term **ret_term);

/* Other colours from the next flush on; without colour there is no choice. */
void term_set_scheme(struct term *term, enum scheme scheme);

/* Restores it. NULL is fine. */
void term_close(struct term *term);

/*
 * Restores it from a handler of a deadly signal: only what is safe there, and
 * nothing when it is not taken over. Whoever goes on after it sees garbage.
 */
void term_emergency_restore(void);

/* Its size now; asks the kernel. */
void term_size(struct term *term, unsigned int *ret_columns, unsigned int *ret_lines);

/* Shows the screen: only what changed is written. */
void term_flush(struct term *term, const struct screen *screen);

/* The next flush writes everything anew: what other programs wrote goes away. */
void term_repaint(struct term *term);

/* The next key (Unicode or TERM_KEY_*), TERM_KEY_NONE when there is none: never waits. */
int term_key(struct term *term);

/* After TERM_KEY_MOUSE. False: nothing that counts. */
bool term_mouse(struct term *term, struct term_mouse *ret);

#endif
