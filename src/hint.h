/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What packets hold, when that is asked for: from bpf/hint.bpf.c to samples. */
#ifndef HINT_H
#define HINT_H

#include "counter.h"

struct hints;

/* Loads and attaches the programs and says in *status how. 0 or -errno. */
int hints_open(const struct counter_setup *setup, struct containers *containers,
	       struct pane_status *status, struct hints **ret);
void hints_free(struct hints *hints);

/* Adds what was counted since the last reading, and what found no room, to the sample. */
void hints_read(struct hints *hints, struct sample *sample);

/* Takes in what was copied of packets, once hints_fd is readable or an interval ends. */
int hints_fd(const struct hints *hints);
void hints_take(struct hints *hints);

/* Its programs. Borrowed. */
const struct bpf_object *hints_object(const struct hints *hints);

#endif
