/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets: reads the iterator, and what was counted of each address. */
#include "listener.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen.skel.h"
#include "listener-list.h"
#include "util.h"
#include "word.h"

#define ADDRESSES 4096			/* that accepts are counted of */
#define RECORDS_AT_ONCE 256

struct listeners {
	struct listen_bpf *skeleton;
	struct slots slots;
	uint64_t *seen;			/* accepts by slot, as last read; owned */
	bool counted;			/* accepts are */
	bool listed;			/* in the last interval, too */
	struct listener_list lists[2];	/* this one and the last one, in turn */
	unsigned int current;
	__u64 not_counted;		/* at the last reading */
	uint64_t missed_runs;		/* likewise */
	const struct services *services;	/* borrowed */
};

static const struct hook hooks[] = {
	{
		.name = "task_file and tp/inet_sock_set_state",
		.suits = hook_is_preemptible,
		.programs = { "show_listener", "connection_taken_perf" },
	},
	{
		.name = "task_file and tp_btf/inet_sock_set_state",
		.programs = { "show_listener", "connection_taken" },
	},
	{
		.name = "task_file",	/* who listens, not what comes to them */
		.programs = { "show_listener" },
	},
};

/* ---- reading */

/* Reads the iterator from beginning to end. False: not all of it. */
static bool read_records(struct listeners *listeners, struct containers *containers)
{
	struct listener_list *list = &listeners->lists[listeners->current];
	int fd = bpf_iter_create(bpf_link__fd(listeners->skeleton->links.show_listener));
	struct listener_record records[RECORDS_AT_ONCE];
	size_t have = 0;
	ssize_t got = -1;

	if (fd < 0)
		return false;
	/* The kernel cuts what it writes anywhere. */
	while ((got = read(fd, (char *)records + have, sizeof(records) - have)) > 0) {
		size_t n = (have + (size_t)got) / sizeof(*records);

		for (size_t i = 0; i < n; i++)
			listener_list_add(list, &records[i],
					  containers_find(containers, records[i].cgroup));
		have = (have + (size_t)got) % sizeof(*records);
		memmove(records, &records[n], have);
	}
	close(fd);
	return got == 0;
}

/* An address that nobody listens at any more gives its slot back. */
static void read_accepts(struct listeners *listeners)
{
	slots_refresh(&listeners->slots);
	for (uint32_t slot = 1; slot < listeners->slots.used; slot++) {
		const struct accept_record *record = slots_record(&listeners->slots, slot);
		uint64_t *seen = &listeners->seen[slot], n;

		if (!record->key.netns || *seen == UNKNOWN)
			continue;
		n = counter_growth(&record->count, (__u64 *)seen);
		if (listener_list_accept(&listeners->lists[listeners->current], &record->key, n))
			continue;
		slots_release(&listeners->slots, slot, true);
		*seen = UNKNOWN;
	}
}

static void wipe(void *arg, uint32_t slot)
{
	struct listeners *listeners = arg;

	memset(slots_record(&listeners->slots, slot), 0, sizeof(struct accept_record));
	listeners->seen[slot] = 0;
}

static void read_losses(struct listeners *listeners, struct sample *sample)
{
	uint64_t missed = counter_missed_runs(listeners->skeleton->obj);

	sample->accuracy.listener_map_full +=
		counter_growth(&listeners->skeleton->bss->not_counted, &listeners->not_counted);
	sample->accuracy.missed_runs += missed - listeners->missed_runs;
	listeners->missed_runs = missed;
}

void listeners_read(struct listeners *listeners, struct containers *containers,
		    struct sample *sample)
{
	struct listener_list *list = &listeners->lists[listeners->current];
	const struct listener_list *before = &listeners->lists[!listeners->current];

	__atomic_store_n(&listeners->skeleton->bss->wanted, 1, __ATOMIC_RELAXED);
	listener_list_clear(list);
	if (!read_records(listeners, containers)) {
		listeners->listed = false;
		return;
	}
	listener_list_join(list);
	if (listeners->counted)
		read_accepts(listeners);
	listener_list_tell(list, listeners->listed ? before : NULL, listeners->counted, sample);
	for (size_t i = 0; i < sample->n_listeners; i++)
		sample->listeners[i].service =
			service_name(listeners->services, sample->listeners[i].key.port,
				     protocol_name(sample->listeners[i].key.protocol));
	slots_recycle(&listeners->slots, wipe, listeners);
	read_losses(listeners, sample);
	listeners->current = !listeners->current;
	listeners->listed = true;
}

void listeners_skip(struct listeners *listeners)
{
	__atomic_store_n(&listeners->skeleton->bss->wanted, 0, __ATOMIC_RELAXED);
	listeners->listed = false;
}

/* ---- beginning and end */

struct attempt {
	struct listeners *listeners;
	const struct counter_setup *setup;
};

static int load(struct listeners *listeners, const struct counter_setup *setup,
		const struct hook *hook)
{
	struct listen_bpf *skeleton = listeners->skeleton;
	int error;

	skeleton->rodata->settings = setup->settings;
	counter_use_hook(skeleton->obj, hook);
	error = scope_maps_share(setup->scope, skeleton->obj);
	if (!error)
		error = slots_prepare(skeleton->obj, "accept", ADDRESSES);
	if (!error)
		error = listen_bpf__load(skeleton);
	if (!error)
		error = slots_init(&listeners->slots, skeleton->obj, "accept",
				   offsetof(struct accept_record, key));
	return error;
}

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	struct listeners *listeners = attempt->listeners;
	int error;

	listeners->skeleton = listen_bpf__open_opts(&attempt->setup->types.open);
	if (!listeners->skeleton)
		return -errno;
	error = load(listeners, attempt->setup, hook);
	if (!error)
		error = listen_bpf__attach(listeners->skeleton);
	listeners->counted = hook->programs[1];
	if (!error)
		return 0;
	slots_done(&listeners->slots);
	listen_bpf__destroy(listeners->skeleton);
	listeners->skeleton = NULL;
	return error;
}

int listeners_open(const struct counter_setup *setup, struct pane_status *status,
		   struct listeners **ret)
{
	struct listeners *listeners = xcalloc(1, sizeof(*listeners));
	struct attempt attempt = { .listeners = listeners, .setup = setup };
	int error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	if (error) {
		free(listeners);
		return error;
	}
	listeners->services = setup->services;
	listeners->seen = xcalloc(ADDRESSES, sizeof(*listeners->seen));
	*ret = listeners;
	return 0;
}

const struct bpf_object *listeners_object(const struct listeners *listeners)
{
	return listeners->skeleton->obj;
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	slots_done(&listeners->slots);
	listen_bpf__destroy(listeners->skeleton);
	for (size_t i = 0; i < ARRAY_SIZE(listeners->lists); i++)
		listener_list_done(&listeners->lists[i]);
	free(listeners->seen);
	free(listeners);
}
