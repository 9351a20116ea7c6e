/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells at once: cgroups made and removed, threads that ended, programs executed. */
#ifndef LIFECYCLE_H
#define LIFECYCLE_H

#include "counter.h"
#include "process.h"

struct lifecycle;

/*
 * Attaches and starts to listen. Cgroups of the hierarchies in the set followed
 * (a bit for each number) go to containers, ended threads to the counter of
 * system calls (NULL: there is none), executed programs to processes; all are
 * borrowed. status is that of the containers' pane. 0 or -errno.
 */
int lifecycle_open(const struct counter_setup *setup, uint64_t followed,
		   struct containers *containers, struct counter *syscalls,
		   struct processes *processes, struct pane_status *status, struct lifecycle **ret);
void lifecycle_free(struct lifecycle *lifecycle);

/* Its programs. Borrowed. */
const struct bpf_object *lifecycle_object(const struct lifecycle *lifecycle);

/* Readable when a cgroup came or went. */
int lifecycle_fd(const struct lifecycle *lifecycle);

/* Hands on all that was told since the last call. */
void lifecycle_take_events(struct lifecycle *lifecycle);

/* Adds to the sample's accuracy what could not be told. */
void lifecycle_read_losses(struct lifecycle *lifecycle, struct sample *sample);

#endif
