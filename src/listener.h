/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, listed when somebody looks at them: from bpf/listen.bpf.c to samples. */
#ifndef LISTENER_H
#define LISTENER_H

#include "counter.h"

struct listeners;

/* Loads and attaches the programs and says in *status how. 0 or -errno. */
int listeners_open(const struct counter_setup *setup, struct pane_status *status,
		   struct listeners **ret);
void listeners_free(struct listeners *listeners);

/* Whose programs cost what they cost. Borrowed. */
const struct bpf_object *listeners_object(const struct listeners *listeners);

/*
 * Adds all listening sockets to the sample. This walks through the open files of all
 * processes. What came to them is known from the second time on, as long as this is
 * done for each interval; listeners_skip says that it was not.
 */
void listeners_read(struct listeners *listeners, struct containers *containers,
		    struct sample *sample);
void listeners_skip(struct listeners *listeners);

#endif
