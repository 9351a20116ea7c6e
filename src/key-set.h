/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded set of 64-bit keys, none of them 0. One that is all zero is empty. */
#ifndef KEY_SET_H
#define KEY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_SET_MAX (1 << 18)		/* keys: 4 MiB */

struct key_set {
	uint64_t *slots;		/* owned */
	size_t n, n_slots;
};

bool key_set_has(const struct key_set *set, uint64_t key);

/* False when the set is full. */
bool key_set_add(struct key_set *set, uint64_t key);

/* Empties the set and frees what it owns. */
void key_set_clear(struct key_set *set);

#endif
