/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows in order, as far as they are looked at: two selections bound the window, a sort fills it. */
#include <stdlib.h>

#include "order.h"
#include "util.h"

#define FEW 16				/* entries that are sorted rather than parted */
#define SAMPLES 9

void order_done(struct order *order)
{
	free(order->entries);
	*order = (struct order){ 0 };
}

void order_begin(struct order *order, size_t n, bool ascending)
{
	order->entries = array_reserve(order->entries, &order->capacity, n + 1,
				       sizeof(*order->entries));
	order->n = order->from = order->to = 0;
	order->ascending = ascending;
	order->fixed = false;
}

void order_fix(struct order *order, size_t n)
{
	order->n = order->to = n;
	order->from = 0;
	order->fixed = true;
}

void order_add(struct order *order, void *row, struct value value)
{
	value.tie = (uint32_t)((struct row *)row)->key.serial;
	order->entries[order->n++] = (struct order_entry){ .value = value, .row = row };
}

static int compare(const struct order_entry *a, const struct order_entry *b, bool ascending)
{
	int order = value_compare(&a->value, &b->value);

	if (order) {
		bool known = a->value.type && b->value.type;

		return known && ascending ? order : -order;
	}
	return COMPARE(a->value.tie, b->value.tie) ?: row_compare(a->row, b->row);
}

static int compare_entries(const void *a, const void *b, void *ascending)
{
	return compare(a, b, *(const bool *)ascending);
}

static void swap(struct order_entry *a, struct order_entry *b)
{
	struct order_entry entry = *a;

	*a = *b;
	*b = entry;
}

/*
 * Of some entries, taken at random as no pattern of rows foresees, the one that
 * stands among them about where place k is among all: of a window at an end of
 * many, most are out of it at once. The numbers are those of xorshift, from the
 * same seed at each selection.
 */
static struct order_entry pick(const struct order_entry *entries, size_t n, size_t k,
			       uint64_t *random, bool ascending)
{
	struct order_entry some[SAMPLES];

	for (size_t i = 0; i < SAMPLES; i++) {
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		some[i] = entries[*random % n];
	}
	qsort_r(some, SAMPLES, sizeof(*some), compare_entries, &ascending);
	return some[k * SAMPLES / n];
}

/*
 * Moves entries so that none of the first ones comes after any of the others.
 * Returns how many are first: not 0, and not all of them.
 */
static size_t part(struct order_entry *entries, size_t n, size_t k, uint64_t *random, bool ascending)
{
	struct order_entry pivot = pick(entries, n, k, random, ascending);
	size_t left = 0, right = n - 1;

	for (;; left++, right--) {
		while (compare(&entries[left], &pivot, ascending) < 0)
			left++;
		while (compare(&entries[right], &pivot, ascending) > 0)
			right--;
		if (left >= right)
			return right + 1 < n ? right + 1 : n - 1;
		swap(&entries[left], &entries[right]);
	}
}

/* Puts the entries that come before place k, of n, ahead of it. Costs some passes, not a sort. */
static void select_place(struct order_entry *entries, size_t n, size_t k, bool ascending)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	while (n > FEW) {
		size_t first = part(entries, n, k, &random, ascending);

		if (k < first) {
			n = first;
		} else {
			entries += first;
			n -= first;
			k -= first;
		}
	}
	qsort_r(entries, n, sizeof(*entries), compare_entries, &ascending);
}

void order_window(struct order *order, size_t from, size_t to)
{
	to = to < order->n ? to : order->n;
	from = from < to ? from : to;
	if (order->fixed)
		return;
	if (from >= order->from && to <= order->to)
		return;
	if (from > 0 && from < order->n)
		select_place(order->entries, order->n, from, order->ascending);
	if (to < order->n)
		select_place(order->entries + from, order->n - from, to - from, order->ascending);
	qsort_r(order->entries + from, to - from, sizeof(*order->entries), compare_entries,
		&order->ascending);
	order->from = from;
	order->to = to;
}

size_t order_rank(const struct order *order, size_t index)
{
	const struct order_entry *entry = &order->entries[index];
	size_t rank = 0;

	if (order->fixed)
		return index;
	for (size_t i = 0; i < order->n; i++)
		rank += compare(&order->entries[i], entry, order->ascending) < 0;
	return rank;
}

static size_t next_in_place(const struct order *order, size_t index, bool other,
			    bool (*matches)(const void *row, const void *data), const void *data)
{
	for (size_t i = 0; i < order->n; i++) {
		size_t at = (index + other + i) % order->n;

		if (matches(order->entries[at].row, data))
			return at;
	}
	return order->n;
}

size_t order_next(const struct order *order, size_t index, bool other,
		  bool (*matches)(const void *row, const void *data), const void *data)
{
	const struct order_entry *start = &order->entries[index], *best = NULL;
	bool best_ahead = false;

	if (order->fixed)
		return next_in_place(order, index, other, matches, data);
	for (size_t i = 0; i < order->n; i++) {
		const struct order_entry *entry = &order->entries[i];
		int side = compare(entry, start, order->ascending);
		bool ahead = other ? side <= 0 : side < 0;

		if (best && (ahead != best_ahead ? ahead :
			     compare(entry, best, order->ascending) > 0))
			continue;
		if (!matches(entry->row, data))
			continue;
		best = entry;
		best_ahead = ahead;
	}
	return best ? (size_t)(best - order->entries) : order->n;
}
