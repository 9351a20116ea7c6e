/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of listening sockets: sorted, so that what belongs together is next to each other. */
#include "listener-list.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void listener_list_clear(struct listener_list *list)
{
	list->n = 0;
	list->n_beyond = 0;
}

void listener_list_done(struct listener_list *list)
{
	free(list->all);
	*list = (struct listener_list){ 0 };
}

void listener_list_add(struct listener_list *list, const struct listener_record *record,
		       struct container *container)
{
	if (list->n == LISTENERS_MOST) {
		list->n_beyond++;
		return;
	}
	list->all = array_reserve(list->all, &list->capacity, list->n + 1, sizeof(*list->all));
	list->all[list->n++] = (struct listener){
		.record = *record, .container = container, .sockets = 1,
	};
}

/* ---- order */

static int compare_keys(const struct listen_key *a, const struct listen_key *b)
{
	return memcmp(a, b, sizeof(*a));
}

static int compare_sockets(const void *left, const void *right)
{
	const struct listener *a = left, *b = right;
	int order = COMPARE(a->record.inode, b->record.inode);

	/* Those in a container first: what listens for a container may be the host's. */
	if (!order)
		order = COMPARE(!a->container->serial, !b->container->serial);
	return order ? order : COMPARE(a->record.pid, b->record.pid);
}

static int compare_entries(const void *left, const void *right)
{
	const struct listener *a = left, *b = right;
	int order = compare_keys(&a->record.key, &b->record.key);

	if (!order)
		order = COMPARE(a->container->serial, b->container->serial);
	return order ? order : COMPARE(a->record.pid, b->record.pid);
}

static bool same_socket(const struct listener *a, const struct listener *b)
{
	return a->record.inode == b->record.inode;
}

static bool same_entry(const struct listener *a, const struct listener *b)
{
	return a->container == b->container && !compare_keys(&a->record.key, &b->record.key);
}

static void drop_same_sockets(struct listener_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (!n || !same_socket(&list->all[n - 1], &list->all[i]))
			list->all[n++] = list->all[i];
	list->n = n;
}

static void join_entries(struct listener_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct listener *next = &list->all[i];
		struct listener *last = n ? &list->all[n - 1] : NULL;

		if (!last || !same_entry(last, next)) {
			list->all[n++] = *next;
			continue;
		}
		last->sockets++;
		last->record.backlog += next->record.backlog;
		last->record.backlog_max += next->record.backlog_max;
		last->record.drops += next->record.drops;
		last->record.takes_ipv4 |= next->record.takes_ipv4;
	}
	list->n = n;
}

void listener_list_join(struct listener_list *list)
{
	if (!list->n)
		return;
	qsort(list->all, list->n, sizeof(*list->all), compare_sockets);
	drop_same_sockets(list);
	qsort(list->all, list->n, sizeof(*list->all), compare_entries);
	join_entries(list);
}

/* ---- what came to them */

/* The first entry with this key, or NULL. */
static struct listener *find(const struct listener_list *list, const struct listen_key *key)
{
	size_t from = 0, to = list->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare_keys(&list->all[middle].record.key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == list->n || compare_keys(&list->all[from].record.key, key))
		return NULL;
	return &list->all[from];
}

static struct listener *find_taker(const struct listener_list *list, struct listen_key key)
{
	struct listener *found = find(list, &key);
	uint8_t family = key.family;

	memset(key.address, 0, sizeof(key.address));
	if (!found)
		found = find(list, &key);
	if (found || family == 6)
		return found;
	key.family = 6;
	found = find(list, &key);
	return found && found->record.takes_ipv4 ? found : NULL;
}

bool listener_list_accept(struct listener_list *list, const struct listen_key *key, uint64_t n)
{
	struct listener *found = find_taker(list, *key), *next, *end;

	if (!found)
		return false;
	next = found + 1;
	end = list->all + list->n;
	if (next == end || compare_keys(&next->record.key, &found->record.key)) {
		found->accepts += n;
		return true;
	}
	for (next = found; next < end && !compare_keys(&next->record.key, &found->record.key); next++)
		next->accepts = UNKNOWN;
	return true;
}

/* ---- samples */

/* Sockets that were closed took their drops with them: then it is not known how many are new. */
static uint64_t drops_since(const struct listener_list *before, const struct listener *listener)
{
	const struct listener *old = find(before, &listener->record.key);

	while (old && old < before->all + before->n && !same_entry(old, listener))
		old = compare_keys(&old->record.key, &listener->record.key) ? NULL : old + 1;
	if (!old || old == before->all + before->n)
		return listener->record.drops;
	return listener->record.drops < old->record.drops ? UNKNOWN :
	       listener->record.drops - old->record.drops;
}

void listener_list_tell(const struct listener_list *list, const struct listener_list *before,
			bool counted, struct sample *sample)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct listener *listener = &list->all[i];
		const struct listener_record *record = &listener->record;
		struct listener_sample *told = sample_add_listener(sample);
		bool udp = record->key.protocol == IPPROTO_UDP;

		told->container = listener->container;
		told->key = record->key;
		told->pid = record->pid;
		memcpy(told->comm, record->comm, sizeof(told->comm));
		told->sockets = listener->sockets;
		told->backlog = udp ? UNKNOWN : record->backlog;
		told->backlog_max = udp ? UNKNOWN : record->backlog_max;
		told->accepts = udp || !counted || !before ? UNKNOWN : listener->accepts;
		told->drops = before ? drops_since(before, listener) : UNKNOWN;
	}
	sample->listeners_listed = true;
	sample->accuracy.listener_map_full += list->n_beyond;
}
