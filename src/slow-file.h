/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls on files that take long, one by one, when that is asked for: bpf/slow.bpf.c. */
#ifndef SLOW_FILE_H
#define SLOW_FILE_H

#include "counter.h"

struct slow_files;

/*
 * Attaches; nothing is told yet. slow_files_take gives take what has come, each a
 * slow_file_record. 0, or -errno and in *status why.
 */
int slow_files_open(const struct counter_setup *setup, struct pane_status *status,
		    void (*take)(void *arg, const void *data, size_t size), void *arg,
		    struct slow_files **ret);
void slow_files_free(struct slow_files *slow);

void slow_files_take(struct slow_files *slow);

/* Readable when there is something to take. */
int slow_files_fd(const struct slow_files *slow);

/* Has them told from now on. Takes no rights. */
void slow_files_want(struct slow_files *slow);

/* Its programs. Borrowed. */
const struct bpf_object *slow_files_object(const struct slow_files *slow);

/* Adds what was lost since the last reading to the sample's accuracy. */
void slow_files_read_losses(struct slow_files *slow, struct sample *sample);

#endif
