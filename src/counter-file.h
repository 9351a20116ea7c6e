/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: what the programs on system calls count of them (bpf/file.bpf.h), in a
 * table of their object beside that of the calls.
 */
#ifndef COUNTER_FILE_H
#define COUNTER_FILE_H

#include "counter.h"
#include "thread-set.h"

struct file_seen;

struct file_counter {
	struct slots slots;
	struct file_seen *seen;		/* by slot; owned */
	__u32 *crowded;			/* in the object, as is the next: borrowed */
	const __u64 *overflowed;
	__u64 overflowed_before;	/* at the last reading */
};

/* The table, for counter_load. */
struct counter_table file_counter_table(struct file_counter *files, uint32_t n);

/* The slots from which on files get no records of their own, for a table of n. */
uint32_t file_counter_reserve(uint32_t n);

/* After loading; the slots are counter_load's and counter_unload's. */
void file_counter_init(struct file_counter *files, __u32 *crowded, const __u64 *overflowed);
void file_counter_done(struct file_counter *files);

/*
 * Adds to a sample what was counted since the last reading. Slots of threads
 * that have ended go back. epoch is that of the programs' maxima. Returns how many calls found no slot.
 */
uint64_t file_counter_read(struct file_counter *files, const struct counter *counter,
			   const struct thread_set *ended, uint32_t epoch,
			   struct containers *containers,
			   struct sample *sample);

#endif
