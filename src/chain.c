/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains of links in as many buckets as there are links, or down to half as many. */
#include "chain.h"

#include <stdlib.h>

#include "util.h"

#define BUCKETS_LEAST 16

void chains_done(struct chains *chains)
{
	free(chains->buckets);
	*chains = (struct chains){ 0 };
}

static struct link **bucket_of(const struct chains *chains, uint32_t hash)
{
	return &chains->buckets[hash & (chains->n_buckets - 1)];
}

static void put(struct chains *chains, struct link *link)
{
	struct link **bucket = bucket_of(chains, link->hash);

	link->next = *bucket;
	*bucket = link;
}

static void grow(struct chains *chains)
{
	struct chains old = *chains;

	chains->n_buckets = old.n_buckets ? 2 * old.n_buckets : BUCKETS_LEAST;
	chains->buckets = xcalloc(chains->n_buckets, sizeof(struct link *));
	for (size_t i = 0; i < old.n_buckets; i++) {
		for (struct link *link = old.buckets[i], *next; link; link = next) {
			next = link->next;
			put(chains, link);
		}
	}
	free(old.buckets);
}

void chains_add(struct chains *chains, struct link *link, uint32_t hash)
{
	if (chains->n == 2 * chains->n_buckets)
		grow(chains);
	link->hash = hash;
	put(chains, link);
	chains->n++;
}

void chains_remove(struct chains *chains, struct link *link)
{
	struct link **place = bucket_of(chains, link->hash);

	while (*place != link)
		place = &(*place)->next;
	*place = link->next;
	chains->n--;
}

static struct link *seek(struct link *link, uint32_t hash)
{
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

struct link *chains_first(const struct chains *chains, uint32_t hash)
{
	return chains->n ? seek(*bucket_of(chains, hash), hash) : NULL;
}

struct link *link_next(const struct link *link)
{
	return seek(link->next, link->hash);
}
