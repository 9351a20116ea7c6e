/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What processes are called, beside what they do: from the kernel's word that a
 * program was executed, and from /proc, read once for each process and program.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "sample.h"
#include "user-names.h"

struct processes;

/* What processes are called is read below procfs; users is borrowed. */
struct processes *processes_new(const char *procfs, struct user_names *users);
void processes_free(struct processes *processes);

/* A process has become another program, called comm. */
void processes_executed(struct processes *processes, uint32_t pid, const char comm[TASK_NAME_SIZE]);

/*
 * Adds to the sample what is known of each process in it that is new or has
 * become another program, and forgets those that ended. Reads a bounded number of files; what is left
 * comes with later samples.
 */
void processes_complete(struct processes *processes, struct sample *sample);

/* What the text of /proc/PID/status says. -EBADMSG when it is none. */
int process_parse_status(const char *text, struct process_sample *ret);

#endif
