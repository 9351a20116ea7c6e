/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop: the only place that waits. */
#ifndef LOOP_H
#define LOOP_H

#include "front.h"
#include "names.h"
#include "outlet.h"

/*
 * Takes a sample each interval and has the outlets and the front take it, until the options,
 * the user, a signal or the end of a recording say stop. All arguments are
 * borrowed; names may be NULL. Signals are blocked from loop_block_signals on,
 * which must come before any thread starts.
 * Returns 0 or -errno; *ret_error is one line for people, freed by the caller, or NULL.
 */
int loop_run(const struct options *options, struct source *source, struct names *names,
	     struct front *front, struct outlets *outlets, char **ret_error);

/* Blocks the signals that the loop reads through a descriptor. */
void loop_block_signals(void);

#endif
