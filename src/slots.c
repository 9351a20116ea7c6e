/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contop's side of the tables of slots: sizes, memory, and slots coming back. */
#include "slots.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "util.h"

/* How far beyond the last used record to look for one that a CPU took early but has not written yet. */
#define LOOK_AHEAD 256

/* Keys that leave an index by one call. */
#define UNLISTED_AT_ONCE 1024

static struct bpf_map *find_map(const struct bpf_object *object, const char *table, const char *part)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", table, part);
	return bpf_object__find_map_by_name(object, name);
}

int slots_prepare(struct bpf_object *object, const char *name, uint32_t n)
{
	static const char *const parts[] = { "records", "index", "free" };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct bpf_map *map = find_map(object, name, parts[i]);
		int error = map ? bpf_map__set_max_entries(map, n) : -ENOENT;

		if (error)
			return error;
	}
	return 0;
}

/* The descriptor of a program that serves a table. -ENOENT. */
static int find_program(const struct bpf_object *object, const char *table, const char *part)
{
	char name[64];
	const struct bpf_program *program;

	snprintf(name, sizeof(name), "%s_%s", table, part);
	program = bpf_object__find_program_by_name(object, name);
	return program ? bpf_program__fd(program) : -ENOENT;
}

/*
 * Puts all slots on the kernel's stack of free ones, the lowest on top, by the
 * program that the table has for that: a call of our own for each would take
 * longer than all else at the start.
 */
static int give_slots(const struct slots *slots, int program_fd)
{
	uint32_t left = slots->n;

	while (left > 1) {
		uint64_t context[2] = { 1, left };
		LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context,
			    .ctx_size_in = sizeof(context));
		int error = bpf_prog_test_run_opts(program_fd, &options);

		if (error)
			return error;
		left = left > SLOTS_GIVEN + 1 ? left - SLOTS_GIVEN : 1;
	}
	return 0;
}

struct slot_memory slot_memory_of(const struct bpf_map *array)
{
	return (struct slot_memory){
		.n = bpf_map__max_entries(array),
		.record_size = bpf_map__value_size(array),
		.fd = bpf_map__fd(array),
	};
}

/* Whole pages for at least n records, n being at most all there are. */
static size_t bytes_of(const struct slot_memory *memory, uint32_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n * memory->record_size + page - 1) / page * page;
}

/*
 * All of them at once would be simpler, but the kernel counts each mapped page as ours,
 * used or not.  So addresses are set aside for all, and pages are put there in steps of
 * an eighth of what there is.
 */
int slot_memory_reach(struct slot_memory *memory, uint32_t n)
{
	size_t from = memory->n_bytes, to;

	if (n <= memory->n_mapped || memory->n_mapped == memory->n)
		return 0;
	if (!memory->records) {
		void *room = mmap(NULL, bytes_of(memory, memory->n), PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (room == MAP_FAILED)
			return -errno;
		memory->records = room;
	}
	if (n < memory->n_mapped + memory->n_mapped / 8)
		n = memory->n_mapped + memory->n_mapped / 8;
	if (n > memory->n)
		n = memory->n;
	to = bytes_of(memory, n);
	if (mmap(memory->records + from, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 memory->fd, (off_t)from) == MAP_FAILED)
		return -errno;
	memory->n_bytes = to;
	memory->n_mapped = to / memory->record_size < memory->n ?
			   (uint32_t)(to / memory->record_size) : memory->n;
	return 0;
}

void slot_memory_done(struct slot_memory *memory)
{
	if (memory->records)
		munmap(memory->records, bytes_of(memory, memory->n));
	memory->records = NULL;
	memory->n_mapped = 0;
	memory->n_bytes = 0;
}

int slots_init(struct slots *slots, const struct bpf_object *object, const char *name,
	       size_t key_offset)
{
	struct bpf_map *records = find_map(object, name, "records");
	struct bpf_map *index = find_map(object, name, "index");
	int give_fd = find_program(object, name, "give"), error;

	*slots = (struct slots){ .used = 1 };
	slots->take_back_fd = find_program(object, name, "take_back");
	if (!records || !index || give_fd < 0 || slots->take_back_fd < 0)
		return -ENOENT;
	slots->memory = slot_memory_of(records);
	slots->n = slots->memory.n;
	slots->key_offset = key_offset;
	slots->index_fd = bpf_map__fd(index);
	slots->key_size = bpf_map__key_size(index);
	error = slot_memory_reach(&slots->memory, LOOK_AHEAD);
	return error ? error : give_slots(slots, give_fd);
}

void slots_done(struct slots *slots)
{
	slot_memory_done(&slots->memory);
	free(slots->released);
	free(slots->resting);
	free(slots->unlisted);
	*slots = (struct slots){ 0 };
}

bool slots_is_blank(const struct slots *slots, uint32_t slot)
{
	const uint64_t *key = (const uint64_t *)((char *)slots_record(slots, slot) + slots->key_offset);

	return __atomic_load_n(key, __ATOMIC_ACQUIRE) == 0;
}

void slots_refresh(struct slots *slots)
{
	uint32_t end = slots->used + LOOK_AHEAD;

	for (uint32_t slot = slots->used; slot < end && slot < slots->n; slot++) {
		/* Without memory to see them they wait: their counts are not lost. */
		if (slot >= slots->memory.n_mapped &&
		    slot_memory_reach(&slots->memory, slot + LOOK_AHEAD))
			return;
		if (slots_is_blank(slots, slot))
			continue;
		slots->used = slot + 1;
		end = slots->used + LOOK_AHEAD;
	}
}

static void append(uint32_t **list, size_t *n, size_t *capacity, uint32_t slot)
{
	*list = array_reserve(*list, capacity, *n + 1, sizeof(**list));
	(*list)[(*n)++] = slot;
}

/* Takes the keys out of the index; one that is not there ends a batch, and is skipped. */
void slots_unlist(struct slots *slots)
{
	size_t done = 0;

	while (done < slots->n_unlisted) {
		uint32_t count = (uint32_t)(slots->n_unlisted - done);
		int error = bpf_map_delete_batch(slots->index_fd,
						 slots->unlisted + done * slots->key_size, &count,
						 NULL);

		/* Where the arguments are refused, count is as it was. */
		if (error == -EINVAL || error == -EPERM)
			break;
		done += count + (error != 0);
	}
	slots->n_unlisted = 0;
}

void slots_release(struct slots *slots, uint32_t slot, bool in_use)
{
	const char *key = (const char *)slots_record(slots, slot) + slots->key_offset;

	slots->unlisted = array_reserve(slots->unlisted, &slots->unlisted_capacity,
					slots->n_unlisted + 1, slots->key_size);
	memcpy(slots->unlisted + slots->n_unlisted++ * slots->key_size, key, slots->key_size);
	if (slots->n_unlisted == UNLISTED_AT_ONCE)
		slots_unlist(slots);
	if (in_use)
		append(&slots->released, &slots->n_released, &slots->released_capacity, slot);
	else
		append(&slots->resting, &slots->n_resting, &slots->resting_capacity, slot);
}

void slots_release_replaced(struct slots *slots, uint32_t slot)
{
	append(&slots->released, &slots->n_released, &slots->released_capacity, slot);
}

/* Gives some slots back to the kernel, the first of them on top. */
static void give_back(const struct slots *slots, const uint32_t *some, size_t n)
{
	uint32_t context[SLOTS_RETURNED] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));

	memcpy(context, some, n * sizeof(*some));
	bpf_prog_test_run_opts(slots->take_back_fd, &options);
}

void slots_recycle(struct slots *slots, void (*wipe)(void *arg, uint32_t slot), void *arg)
{
	uint32_t *list = slots->resting;
	size_t capacity = slots->resting_capacity;

	slots_unlist(slots);
	for (size_t i = 0; i < slots->n_resting; i++)
		wipe(arg, list[i]);
	for (size_t i = 0; i < slots->n_resting; i += SLOTS_RETURNED)
		give_back(slots, &list[i], slots->n_resting - i < SLOTS_RETURNED ?
					   slots->n_resting - i : SLOTS_RETURNED);
	slots->resting = slots->released;
	slots->n_resting = slots->n_released;
	slots->resting_capacity = slots->released_capacity;
	slots->released = list;
	slots->n_released = 0;
	slots->released_capacity = capacity;
}
