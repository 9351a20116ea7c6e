/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows in order, but only those that are looked at: of 100,000 rows a screen
 * shows fifty, and to find these takes a fraction of the time that sorting does.
 */
#ifndef ORDER_H
#define ORDER_H

#include "column.h"
#include "model.h"

struct order_entry {
	struct value value;		/* of the sort column; its text is borrowed from the row;
					   tie: whose the row is, without looking at it */
	void *row;			/* borrowed */
};

struct order {
	struct order_entry *entries;	/* owned; each in its place from from to to */
	size_t n, capacity;
	size_t from, to;
	bool ascending;
	bool fixed;			/* all are in their places, whatever their values */
};

void order_done(struct order *order);

/* Empties it, for at most n rows to come. */
void order_begin(struct order *order, size_t n, bool ascending);

/* Adds a row with the value it is sorted by. What is unknown is last in either direction. */
void order_add(struct order *order, void *row, struct value value);

/*
 * Puts the entries from one place up to another into these places. Values must
 * still be what they were when they were added.
 */
void order_window(struct order *order, size_t from, size_t to);

/* The first n entries are all that count, and in their places. */
void order_fix(struct order *order, size_t n);

/*
 * The index of the next entry that matches, from that of an index on (other: behind
 * it), and again from the first one; n when there is none.
 */
size_t order_next(const struct order *order, size_t index, bool other,
		  bool (*matches)(const void *row, const void *data), const void *data);

/* The place of an entry (by its index now) in the whole order. */
size_t order_rank(const struct order *order, size_t index);

#endif
