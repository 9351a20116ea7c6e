/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash tables of what is chained by a link within it: 16 bytes of each member, where
 * uthash takes 56. For what there are hundreds of thousands of.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stddef.h>
#include <stdint.h>

struct link {
	struct link *next;		/* in the same bucket */
	uint32_t hash;
};

/* All zero is an empty one. */
struct chains {
	struct link **buckets;		/* owned */
	size_t n_buckets;		/* 0 or a power of two */
	size_t n;
};

void chains_done(struct chains *chains);

/* Links are those of the caller, and so is the hash: its low bits choose the bucket. */
void chains_add(struct chains *chains, struct link *link, uint32_t hash);
void chains_remove(struct chains *chains, struct link *link);

/* Those that may be it: the first with a hash, and the next one after it; or NULL. */
struct link *chains_first(const struct chains *chains, uint32_t hash);
struct link *link_next(const struct link *link);

#endif
