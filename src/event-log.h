/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events one by one: connections, processes, containers.  From bpf/log.bpf.c to samples. */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

#include "counter.h"

struct event_log;

/* Attaches; nothing is told yet. 0 or -errno; *status says how or why not. */
int event_log_open(const struct counter_setup *setup, struct containers *containers,
		   struct pane_status *status, struct event_log **ret);
void event_log_free(struct event_log *log);

/* Has events told from now on. Takes no rights. */
void event_log_want(struct event_log *log);

/* Its programs. Borrowed. */
const struct bpf_object *event_log_object(const struct event_log *log);
const struct bpf_object *event_log_slow_object(const struct event_log *log);	/* NULL: not loaded */

/* Readable when the kernel's buffer fills up; that of slow calls has one of its own, or -1. */
int event_log_fd(const struct event_log *log);
int event_log_slow_fd(const struct event_log *log);

/* Takes in what the kernel has told since the last call. */
void event_log_take(struct event_log *log);

/* Puts all events since the last call into the sample, and what was lost into its accuracy. */
void event_log_read(struct event_log *log, struct sample *sample);

#endif
