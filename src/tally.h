/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of slots (slots.h) whose records have one count each, as it is read once an interval. */
#ifndef TALLY_H
#define TALLY_H

#include "slots.h"

struct tally_seen;

struct tally {
	struct slots slots;
	struct tally_seen *seen;	/* records as last read, by slot; owned */
	size_t count_offset;		/* of the __u64 in a record */
	uint16_t idle_limit;		/* intervals: then a slot goes back */
	uint64_t lost;			/* since the last tally_recycle: counted in records that went */
};

/* As slots_init. */
int tally_init(struct tally *tally, const struct bpf_object *object, const char *name,
	       size_t key_offset, size_t count_offset, uint16_t idle_limit);
void tally_done(struct tally *tally);

/*
 * What a record has counted since it was last read; 0 also for a slot that has
 * none. One that counts nothing for long gives its slot back.
 */
uint64_t tally_growth(struct tally *tally, uint32_t slot);

/* Once an interval, after the records were read. Returns how much was lost. */
uint64_t tally_recycle(struct tally *tally);

#endif
