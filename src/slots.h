/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contop's side of the tables of slots (bpf/slots.bpf.h): it gives them their
 * size, reads their records as memory, and alone takes slots back.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An array of the kernel as memory: its first n_mapped records. */
struct slot_memory {
	char *records;
	uint32_t n_mapped, n;
	size_t n_bytes;			/* that are mapped: whole pages */
	size_t record_size;
	int fd;				/* borrowed from the BPF object */
};

struct slots {
	struct slot_memory memory;	/* of the records */
	int index_fd;			/* these two are borrowed from the BPF object */
	int take_back_fd;
	size_t key_offset, key_size;	/* of the index's key in a record */
	uint32_t n;			/* slots there are, with slot 0 */
	uint32_t used;			/* no slot from here on was ever handed out */
	uint32_t *released;		/* slots let go since the last slots_recycle; owned */
	size_t n_released, released_capacity;
	char *unlisted;			/* keys that are to leave the index; owned */
	size_t n_unlisted, unlisted_capacity;
	uint32_t *resting;		/* those let go before that: no program uses them any more */
	size_t n_resting, resting_capacity;
};

/* Sets the size of the table's three maps (NAME_records, NAME_index, NAME_free). Before loading. */
int slots_prepare(struct bpf_object *object, const char *name, uint32_t n);

/* Maps the records of a loaded table and gives the kernel its slots. -errno; slots_done is safe then. */
int slots_init(struct slots *slots, const struct bpf_object *object, const char *name,
	       size_t key_offset);
void slots_done(struct slots *slots);

/*
 * Once an interval, before the records are read: finds how far they reach now
 * (slots->used).
 */
void slots_refresh(struct slots *slots);

/* The record in a slot below used. The kernel may be writing to it. */
static inline void *slots_record(const struct slots *slots, uint32_t slot)
{
	return slots->memory.records + (size_t)slot * slots->memory.record_size;
}

/* Whether nobody has taken the slot yet, or it was wiped: keys begin with 8 bytes that are never 0. */
bool slots_is_blank(const struct slots *slots, uint32_t slot);

/*
 * What is counted beside the records, in an array of its own: slot_memory_reach
 * maps at least the first n records. -errno.
 */
struct slot_memory slot_memory_of(const struct bpf_map *array);
int slot_memory_reach(struct slot_memory *memory, uint32_t n);
void slot_memory_done(struct slot_memory *memory);

/*
 * Has a slot leave the index by the next slots_recycle at the latest: nobody new
 * finds it then. Where a program may still hold it (in_use), it rests for an
 * interval before it is wiped; else the next slots_recycle wipes it.
 */
void slots_release(struct slots *slots, uint32_t slot, bool in_use);

/* The same for one in use whose key has another slot in the index by now. */
void slots_release_replaced(struct slots *slots, uint32_t slot);
/* Those that were released (slots->released, when in use) have left the index. */
void slots_unlist(struct slots *slots);

/*
 * Once an interval, after the records were read: slots that have rested
 * enough are wiped by wipe (which must leave all zero but what outlives a
 * slot's use) and go back to the kernel.
 */
void slots_recycle(struct slots *slots, void (*wipe)(void *arg, uint32_t slot), void *arg);

#endif
