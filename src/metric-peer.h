/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of one container by peer: the container of this host at the other end of a
 * flow, else the address there.  Peers may be without number, series may not: a
 * peer has its own from when it first is among those that moved most, for good, as
 * a counter must not go back.  Whatever has none is in the series "other".
 */
#ifndef METRIC_PEER_H
#define METRIC_PEER_H

#include "metric-text.h"
#include "model.h"

#define PEERS_MOST 1000			/* that can be asked for */
#define PEER_SERIES 4			/* for each that is asked for: the largest of today are
					   others tomorrow */
#define PEERS_KEPT 16			/* likewise, peers whose bytes are remembered */

#define PEER_OTHER "other"

struct peer;

struct metric_peers {			/* zeroed: nothing moved yet */
	struct peer *table;		/* by name, those that moved most first; owned */
	size_t n_series;
	struct peer_bytes {
		uint64_t rx, tx;
	} other;
	bool any;			/* there were flows */
	bool moved;			/* since they were last settled */
};

/* Adds what a flow moved in the last interval; nothing, when nobody counts. */
void metric_peers_add(struct metric_peers *peers, const struct flow_row *row);

/*
 * The end of an interval: gives the n largest since the start series of their own,
 * as long as there are any left, and forgets the smallest where there are too many.
 */
void metric_peers_settle(struct metric_peers *peers, size_t n);

/* The samples of one direction; labels are those of the container. */
void metric_peers_write(const struct metric_peers *peers, const char *labels, bool received,
			struct metric_text *text);

void metric_peers_done(struct metric_peers *peers);

#endif
