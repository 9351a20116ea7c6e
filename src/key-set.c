/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of keys by open addressing: an array at most half full, in which 0 is free. */
#include "key-set.h"

#include <stdlib.h>

#include "util.h"

static size_t key_slot(const struct key_set *set, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 32) & (set->n_slots - 1);

	while (set->slots[i] && set->slots[i] != key)
		i = (i + 1) & (set->n_slots - 1);
	return i;
}

bool key_set_has(const struct key_set *set, uint64_t key)
{
	return set->n && set->slots[key_slot(set, key)];
}

void key_set_clear(struct key_set *set)
{
	free(set->slots);
	*set = (struct key_set){ .n = 0 };
}

static void key_set_grow(struct key_set *set)
{
	struct key_set larger = { .n = set->n, .n_slots = set->n_slots ? set->n_slots * 2 : 256 };
	size_t i;

	larger.slots = xcalloc(larger.n_slots, sizeof(*larger.slots));
	for (i = 0; i < set->n_slots; i++)
		if (set->slots[i])
			larger.slots[key_slot(&larger, set->slots[i])] = set->slots[i];
	free(set->slots);
	*set = larger;
}

bool key_set_add(struct key_set *set, uint64_t key)
{
	if (key_set_has(set, key))
		return true;
	if (set->n == KEY_SET_MAX)
		return false;
	if (set->n * 2 >= set->n_slots)
		key_set_grow(set);
	set->slots[key_slot(set, key)] = key;
	set->n++;
	return true;
}
