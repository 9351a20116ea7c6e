/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Major page faults, while somebody wants them: from bpf/fault.bpf.c to samples. */
#ifndef FAULT_H
#define FAULT_H

#include "counter.h"

struct faults;

/* Loads and attaches; nothing is counted yet. 0 or -errno. */
int faults_open(const struct counter_setup *setup, struct faults **ret);
void faults_free(struct faults *faults);

/* Counts from now on, or no more. Takes no rights. */
void faults_count(struct faults *faults, bool on);

/* Adds what was counted since the last reading, and what found no room, to the sample. */
void faults_read(struct faults *faults, struct containers *containers, struct sample *sample);

/* Its programs. Borrowed. */
const struct bpf_object *faults_object(const struct faults *faults);

#endif
