/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes by peer.  What a peer moved before it had a series is in "other" and stays
 * there, so that neither goes back and their sum is what the flows moved.
 */
#include "metric-group.h"

#include <stdlib.h>
#include <string.h>

#include "metric-peer.h"
#include "util.h"

struct peer {
	char *name;			/* clean; owned */
	char *labels;			/* NULL: it has no series. Owned */
	uint64_t weight;		/* bytes both ways since it was first seen */
	struct peer_bytes interval;	/* not settled yet */
	struct peer_bytes total;	/* of its series */
	UT_hash_handle hh;
};

static void peer_free(struct metric_peers *peers, struct peer *peer)
{
	HASH_DEL(peers->table, peer);
	free(peer->name);
	free(peer->labels);
	free(peer);
}

void metric_peers_done(struct metric_peers *peers)
{
	struct peer *peer, *next;

	HASH_ITER(hh, peers->table, peer, next)
		peer_free(peers, peer);
}

/* Whose name a row's other end has, or NULL: not known. */
static const char *name_of(const struct flow_row *row, char buffer[VALUE_TEXT_SIZE])
{
	const struct value address = { .type = VALUE_ADDRESS, .address = &row->key.remote };

	if (row->peer)
		return row->peer->name;
	return row->key.remote.family ? value_plain(&address, buffer) : NULL;
}

static struct peer *peer_get(struct metric_peers *peers, const char *name)
{
	struct peer *peer;

	HASH_FIND_STR(peers->table, name, peer);
	if (peer)
		return peer;
	peer = xcalloc(1, sizeof(*peer));
	peer->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, peers->table, peer->name, strlen(peer->name), peer);
	return peer;
}

void metric_peers_add(struct metric_peers *peers, const struct flow_row *row)
{
	uint64_t rx = row->rx_bytes.interval, tx = row->tx_bytes.interval;
	char buffer[VALUE_TEXT_SIZE];
	const char *name = name_of(row, buffer);
	struct peer *peer;

	if (rx == UNKNOWN || tx == UNKNOWN)
		return;
	peers->any = true;
	/* A container may be called like that; there are no two series with the same labels. */
	if (!name || !strcmp(name, PEER_OTHER)) {
		peers->other.rx += rx;
		peers->other.tx += tx;
		return;
	}
	if (!rx && !tx)
		return;
	peer = peer_get(peers, name);
	peer->interval.rx += rx;
	peer->interval.tx += tx;
	peer->weight += rx + tx;
	peers->moved = true;
}

/* From the largest; of equals, by name. */
static int compare_peers(const struct peer *a, const struct peer *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void settle_bytes(struct metric_peers *peers, struct peer *peer)
{
	struct peer_bytes *to = peer->labels ? &peer->total : &peers->other;

	to->rx += peer->interval.rx;
	to->tx += peer->interval.tx;
	peer->interval = (struct peer_bytes){ 0 };
}

void metric_peers_settle(struct metric_peers *peers, size_t n)
{
	struct peer *peer, *next;
	size_t place = 0;

	if (!peers->moved)
		return;
	peers->moved = false;
	HASH_SORT(peers->table, compare_peers);
	HASH_ITER(hh, peers->table, peer, next) {
		if (place++ < n && !peer->labels && peers->n_series < PEER_SERIES * n) {
			metric_label(&peer->labels, "peer", peer->name);
			peers->n_series++;
		}
		settle_bytes(peers, peer);
		if (place > PEERS_KEPT * n && !peer->labels)
			peer_free(peers, peer);
	}
}

void metric_peers_write(const struct metric_peers *peers, const char *labels, bool received,
			struct metric_text *text)
{
	if (!peers->any)
		return;
	for (const struct peer *peer = peers->table; peer; peer = peer->hh.next)
		if (peer->labels)
			metric_text_sample(text, labels, peer->labels,
					   received ? peer->total.rx : peer->total.tx);
	metric_text_sample(text, labels, "peer=\"" PEER_OTHER "\"",
			   received ? peers->other.rx : peers->other.tx);
}
