/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where samples come from: the kernel of this host, or a recording. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "container.h"
#include "options.h"
#include "sample.h"

/* Whether a pane has data, from which hook, and if not, why. */
struct pane_status {
	bool available;
	char hook[64];			/* "cgroup_skb"; empty when none */
	char reason[256];		/* why not, in one line; when available, what it does without
					   and why; empty: all works */
};

struct source {
	char *host;			/* whose samples these are; owned */
	struct containers *containers;	/* owned */
	const char *layout;		/* of cgroups: "v1", "hybrid", "v2"; NULL: not known */
	struct pane_status status[PANE_COUNT];
	bool left_out[PANE_COUNT];	/* nobody has asked for it: its hooks were not tried */
	double cost;			/* share of one CPU that its programs took in the kernel
					   when that was last measured; negative: not known */
	char *error;			/* why read failed, in one line; NULL: see its result. Owned */
	unsigned int needs;		/* enum privilege: what reading takes */
	bool wanted[PANE_COUNT];	/* somebody looks at it: some panes cost more than others
					   and are filled only then. For a front to change */
	int events_fd;			/* readable when there is something for take_events; -1: never */

	/* Begins to count: loads programs, which takes a while, and says in status what works.
	   Before anything else of the below. -ENOTSUP: nothing does; -errno: it could not even
	   be tried. *ret_error is one line for people, freed by the caller, set on failure.
	   NULL: there is nothing to begin. */
	int (*begin)(struct source *source, char **ret_error);
	/* What happened since the last call. 0; -ENODATA at the end of a recording; -errno. */
	int (*read)(struct source *source, struct sample *sample);
	/* Takes in what the kernel tells at once (containers made and gone). NULL without events_fd. */
	void (*take_events)(struct source *source);
	/* Tells of single events from now on, when it does not do so already; status says
	   whether it can. NULL: that is settled. May change events_fd. */
	void (*want_events)(struct source *source);
	/* Times system calls from now on, or no more; they stay UNKNOWN where it cannot. NULL: likewise. */
	void (*time_calls)(struct source *source, bool on);
	/* Counts major page faults from now on, or no more. NULL: likewise. */
	void (*count_faults)(struct source *source, bool on);
	/* Reads the pressure of cgroups from now on, or no more. NULL: likewise. */
	void (*watch_pressure)(struct source *source, bool on);
	/* Tells files apart from now on. NULL: that is settled. */
	void (*want_files)(struct source *source);
	/* Of recordings: the next read is the first again, and no container is known. NULL: live. */
	int (*rewind)(struct source *source);
	void (*free)(struct source *source);
};

/*
 * The host's kernel; begin is the caller's to call. Borrows the options. -errno: *ret_error
 * is one line for people, freed by the caller.
 */
int source_bpf_open(const struct options *options, struct source **ret_source, char **ret_error);

/*
 * Opens a recording, the output of -o json ("-": standard input). -errno: *ret_error
 * is one line for people, with file and line, freed by the caller. read says in error which line it stumbled over,
 * after all before it were delivered. status is of the interval read last, at
 * first of the first one. Samples borrow from the source until the next read.
 */
int source_replay_open(const char *path, struct source **ret_source, char **ret_error);

#endif
