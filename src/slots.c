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

#include "util.h"

/*
 * Slots are handed to the kernel in portions, as one call each is needed:
 * GIVE_MARGIN free ones ahead of what was ever used, more once an interval.
 */
#define GIVE_MARGIN 16384

/* How far beyond the last used record to look for one that a CPU took early but has not written yet. */
#define LOOK_AHEAD 1024

/* struct htab_elem without key and value, and a bucket (kernel/bpf/hashtab.c). */
#define HASH_ELEMENT_SIZE 48
#define HASH_BUCKET_SIZE 16

size_t slots_cost(size_t key_size, size_t record_size)
{
	size_t index = HASH_ELEMENT_SIZE + (key_size + 7) / 8 * 8 + sizeof(uint64_t) +
		       HASH_BUCKET_SIZE;

	return record_size + index + sizeof(uint32_t);
}

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

/* Makes slots up to (not with) limit known to the kernel, the lowest on top of its stack. */
static void give(struct slots *slots, uint32_t limit)
{
	if (limit > slots->n)
		limit = slots->n;
	for (uint32_t slot = limit; slot-- > slots->given;)
		if (bpf_map_update_elem(slots->free_fd, NULL, &slot, BPF_ANY))
			return;
	slots->given = limit;
}

int slots_init(struct slots *slots, const struct bpf_object *object, const char *name,
	       size_t key_offset)
{
	struct bpf_map *records = find_map(object, name, "records");
	struct bpf_map *index = find_map(object, name, "index");
	struct bpf_map *free_slots = find_map(object, name, "free");
	void *memory;

	*slots = (struct slots){ .used = 1, .given = 1 };
	if (!records || !index || !free_slots)
		return -ENOENT;
	slots->n = bpf_map__max_entries(records);
	slots->record_size = bpf_map__value_size(records);
	slots->key_offset = key_offset;
	slots->index_fd = bpf_map__fd(index);
	slots->free_fd = bpf_map__fd(free_slots);
	memory = mmap(NULL, slots->n * slots->record_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(records), 0);
	if (memory == MAP_FAILED)
		return -errno;
	slots->records = memory;
	give(slots, GIVE_MARGIN);
	return 0;
}

void slots_done(struct slots *slots)
{
	if (slots->records)
		munmap(slots->records, slots->n * slots->record_size);
	free(slots->released);
	free(slots->resting);
	*slots = (struct slots){ 0 };
}

static bool is_blank(const struct slots *slots, uint32_t slot)
{
	const uint64_t *key = (const uint64_t *)((char *)slots_record(slots, slot) + slots->key_offset);

	return __atomic_load_n(key, __ATOMIC_ACQUIRE) == 0;
}

void slots_refresh(struct slots *slots)
{
	uint32_t end = slots->used + LOOK_AHEAD;

	for (uint32_t slot = slots->used; slot < end && slot < slots->given; slot++) {
		if (is_blank(slots, slot))
			continue;
		slots->used = slot + 1;
		end = slots->used + LOOK_AHEAD;
	}
	if (slots->given < slots->n && slots->given - slots->used < GIVE_MARGIN / 2) {
		/* What is given now comes off the stack before what lies below it. */
		slots->used = slots->given;
		give(slots, slots->used + GIVE_MARGIN);
	}
}

static void append(uint32_t **list, size_t *n, size_t *capacity, uint32_t slot)
{
	*list = array_reserve(*list, capacity, *n + 1, sizeof(**list));
	(*list)[(*n)++] = slot;
}

void slots_release(struct slots *slots, uint32_t slot, bool in_use)
{
	const char *key = (const char *)slots_record(slots, slot) + slots->key_offset;

	bpf_map_delete_elem(slots->index_fd, key);
	if (in_use)
		append(&slots->released, &slots->n_released, &slots->released_capacity, slot);
	else
		append(&slots->resting, &slots->n_resting, &slots->resting_capacity, slot);
}

void slots_recycle(struct slots *slots, void (*wipe)(void *arg, uint32_t slot), void *arg)
{
	uint32_t *list = slots->resting;
	size_t capacity = slots->resting_capacity;

	for (size_t i = 0; i < slots->n_resting; i++) {
		wipe(arg, list[i]);
		bpf_map_update_elem(slots->free_fd, NULL, &list[i], BPF_ANY);
	}
	slots->resting = slots->released;
	slots->n_resting = slots->n_released;
	slots->resting_capacity = slots->released_capacity;
	slots->released = list;
	slots->n_released = 0;
	slots->released_capacity = capacity;
}
