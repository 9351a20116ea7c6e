/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What shows the model: standard output (batch.c), the terminal (tui.c), metrics
   (exporter.c), or a seccomp profile (profiler.c). */
#ifndef FRONT_H
#define FRONT_H

#include "model.h"
#include "options.h"
#include "source.h"

/* What the loop is to do after a front was called; errors are -errno. */
enum todo { TODO_NOTHING, TODO_QUIT };

struct front {
	int input_fd;			/* readable when take_input has something to do; -1: never */
	uint64_t delay_ns;		/* length of intervals from now on; 0: as the options say */
	struct model_focus focus;	/* for the model, likewise */
	bool holds;			/* a recording is to stay where it is */
	/* Where in a recording to go; the loop does, and takes it away. */
	struct front_jump {
		enum { JUMP_NONE, JUMP_FORWARD, JUMP_BACK, JUMP_TIME } kind;
		uint64_t time_ns;	/* CLOCK_REALTIME */
	} jump;
	unsigned int wishes;		/* what its columns need: a set of enum column_wish */

	/* Shows the model as it is after an update. enum todo, or -errno (-EPIPE: nobody reads). */
	int (*show)(struct front *front, const struct model *model);
	/* Takes keys. */
	int (*take_input)(struct front *front, const struct model *model);
	/* The terminal's size changed (SIGWINCH). */
	int (*resize)(struct front *front, const struct model *model);
	/* The loop is over: says what is left to say. 0, or -errno with *ret_error in one line or
	   NULL. NULL: nothing is. */
	int (*end)(struct front *front, char **ret_error);
	/* The model is about to go: nothing of it is to be held. NULL: nothing ever is. */
	void (*forget)(struct front *front);
	/* Leaves the terminal as it was found, and frees the front. */
	void (*free)(struct front *front);
};

/* Prints reports to out. Both borrow all they are given. -EINVAL: *ret_error says which
   field or sort column is none of the panes'. */
int batch_open(const struct options *options, const struct source *source, FILE *out,
	       struct front **ret_front, char **ret_error);

/* Makes metrics, shows nothing. Both borrow all they are given. -errno: *ret_error is one line. */
int exporter_open(const struct options *options, const struct source *source,
		  struct front **ret_front, char **ret_error);

/* Prints a seccomp profile in the end. Both borrow all they are given. -ENOTSUP: system calls
   are not counted here; *ret_error says why, in one line. */
int profiler_open(const struct options *options, const struct source *source, FILE *out,
		  struct front **ret_front, char **ret_error);

/* Takes over the terminal. -errno: *ret_error says what is wrong with it, in one line. */
int tui_open(const struct options *options, struct source *source, struct front **ret_front,
	     char **ret_error);

#endif
