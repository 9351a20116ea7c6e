/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network flows: from bpf/flow.bpf.c to samples. */
#include "counter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adopt.h"
#include "flow.skel.h"
#include "kernel.h"
#include "util.h"

/* A closed socket may still say good-bye (FIN, its answer): intervals of silence before its slot goes. */
#define CLOSED_IDLE 2

/* With more than this share of the slots taken, the flows that were idle longest go. */
#define CROWDED(live, n) ((live) > (n) / 8 * 7)
#define AGES 256

/* A connection may be counted before it is tracked. */
#define ASK_TRIES 2

/* A record as last read. */
struct flow_seen {
	__u64 rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint32_t retransmits, resets, zero_windows;
	uint32_t told;			/* what was told of it that seldom changes, as a hash; 0: nothing */
	struct container *container;	/* that it was found to be of, */
	uint32_t containers_age;	/* at this age of them */
	uint16_t idle;			/* intervals without a packet, up to AGES - 1 */
	uint8_t asked : 2;		/* how often connection tracking did not know it */
	bool known : 1;			/* read before */
	bool released : 1;
};
_Static_assert(sizeof(struct flow_seen) == 64, "flow_seen is one cache line");

struct flow_counter {
	struct counter counter;		/* must stay the first member */
	struct flow_bpf *skeleton;
	struct slots slots;
	struct flow_seen *seen;		/* by slot; owned */
	unsigned int idle_limit;	/* flows idle this long go; AGES: none */
	const struct services *services;	/* borrowed */
	struct nat *nat;		/* borrowed */
	struct user_names *users;	/* borrowed */
	struct bpf_link *adopters;	/* the iterator; NULL: the kernel has none */
	uint64_t adopt_after_ns;	/* when it may run again */
	uint64_t read_ns;		/* when this reading began */
};

static const struct hook hooks[] = {
	{
		.name = "cgroup_skb",
		.option = "CONFIG_CGROUP_BPF",
		.programs = { "packet_out", "packet_in", "socket_made", "socket_closed",
			      "server_executed", "adopt_socket" },
	},
	{
		.name = "cgroup_skb without iterator",	/* before 5.11 */
		.option = "CONFIG_CGROUP_BPF",
		.programs = { "packet_out", "packet_in", "socket_made", "socket_closed",
			      "server_executed" },
	},
};

static void free_flows(struct counter *counter)
{
	struct flow_counter *flows = (struct flow_counter *)counter;

	counter_unload(counter);
	bpf_link__destroy(flows->adopters);
	flow_bpf__destroy(flows->skeleton);
	free(flows->seen);
	free(flows);
}

/* ---- who has which socket */

/* Has the kernel look at all open files once. 0 or -errno. */
static int walk_files(const struct bpf_link *link)
{
	char unused[64];
	int fd = bpf_iter_create(bpf_link__fd(link)), error = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, unused, sizeof(unused))) > 0)
		;
	if (got < 0)
		error = -errno;
	close(fd);
	return error;
}

/* Has the kernel note who owns the sockets that are open already, or does it itself. */
static int adopt_sockets(struct flow_counter *flows, const struct counter_setup *setup)
{
	struct flow_bpf *skeleton = flows->skeleton;

	if (!bpf_program__autoload(skeleton->progs.adopt_socket)) {
		adopt_note_sockets(setup->layout, setup->procfs, bpf_map__fd(skeleton->maps.notes));
		return 0;
	}
	flows->adopters = bpf_program__attach_iter(skeleton->progs.adopt_socket, NULL);
	return flows->adopters ? walk_files(flows->adopters) : -errno;
}

/*
 * Finds sockets whose owners have let go of them while others have not: a parent
 * that leaves a connection to its child.  The walks take as long as there are
 * open files: of contop's time they get one part in ADOPT_SHARE.
 */
#define ADOPT_SHARE 500

static uint64_t cpu_ns(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
}

static void adopt_again(struct flow_counter *flows)
{
	struct flow_bpf__bss *adopting = flows->skeleton->bss;
	uint64_t begin = cpu_ns();

	if (!flows->adopters || flows->read_ns < flows->adopt_after_ns)
		return;
	adopting->adopt_round++;
	adopting->adopt_loose = 0;
	if (!walk_files(flows->adopters) && adopting->adopt_loose) {
		adopting->adopt_giving = 1;
		walk_files(flows->adopters);
		adopting->adopt_giving = 0;
	}
	flows->adopt_after_ns = flows->read_ns + ADOPT_SHARE * (cpu_ns() - begin);
}

static int attach_cgroup(struct bpf_program *program, int cgroup_fd, struct bpf_link **ret_link)
{
	*ret_link = bpf_program__attach_cgroup(program, cgroup_fd);
	return *ret_link ? 0 : -errno;
}

/* Owners before packets, so that no flow begins under a wrong name. */
static int attach(struct flow_counter *flows, const struct counter_setup *setup)
{
	struct flow_bpf *skeleton = flows->skeleton;
	int cgroup_fd = setup->cgroup_fd, error;

	error = attach_cgroup(skeleton->progs.socket_made, cgroup_fd, &skeleton->links.socket_made);
	if (!error)
		error = attach_cgroup(skeleton->progs.socket_closed, cgroup_fd,
				      &skeleton->links.socket_closed);
	if (!error) {
		skeleton->links.server_executed = bpf_program__attach(skeleton->progs.server_executed);
		error = skeleton->links.server_executed ? 0 : -errno;
	}
	if (!error)
		error = adopt_sockets(flows, setup);
	if (!error)
		error = attach_cgroup(skeleton->progs.packet_in, cgroup_fd,
				      &skeleton->links.packet_in);
	if (!error)
		error = attach_cgroup(skeleton->progs.packet_out, cgroup_fd,
				      &skeleton->links.packet_out);
	return error;
}

struct attempt {
	const struct counter_setup *setup;
	struct flow_counter *flows;
};

static int try_hook(void *arg, const struct hook *hook)
{
	struct attempt *attempt = arg;
	const struct counter_setup *setup = attempt->setup;
	struct flow_counter *flows = attempt->flows;
	struct counter_table table = {
		.name = "flow",
		.slots = &flows->slots,
		.n = setup->sizes.flows,
		.key_offset = offsetof(struct flow_record, key),
	};
	int error;

	if (setup->cgroup_fd < 0)
		return -ENOTSUP;
	flows->skeleton = flow_bpf__open_opts(&setup->types.open);
	if (!flows->skeleton)
		return -errno;
	flows->skeleton->rodata->settings = setup->settings;
	error = counter_load(&flows->counter, flows->skeleton->skeleton, setup, hook, &table, 1);
	if (!error)
		error = attach(flows, setup);
	if (!error)
		return 0;
	counter_unload(&flows->counter);
	bpf_link__destroy(flows->adopters);
	flow_bpf__destroy(flows->skeleton);
	flows->adopters = NULL;
	flows->skeleton = NULL;
	return error;
}

/* Gauges are 0 in the kernel while they are not known. */
static uint32_t known_or_unknown(uint32_t gauge)
{
	return gauge ? gauge : UNKNOWN32;
}

static void add_owner(const struct flow_counter *flows, struct flow_sample *flow,
		      const struct flow_owner *owner)
{
	if (!owner->pid)
		return;
	flow->pid = owner->pid;
	if (owner->ppid)
		flow->ppid = owner->ppid;
	flow->uid = owner->uid;
	flow->gid = owner->gid;
	flow->user = user_name(flows->users, owner->uid);
	flow->group = group_name(flows->users, owner->gid);
	memcpy(flow->comm, owner->comm, sizeof(flow->comm));
	memcpy(flow->parent, owner->parent, sizeof(flow->parent));
}

/* What the record of a flow has that seldom changes, as it is now. */
static void complete_flow(const void *table, const struct flow_growth *growth,
			  struct flow_sample *flow)
{
	const struct flow_counter *flows = table;
	const struct flow_record *record = slots_record(&flows->slots, growth->place);

	flow->key = record->key;
	flow->service = service_of_flow(flows->services, &record->key, growth->direction);
	add_owner(flows, flow, &record->owner);
}

/*
 * A hash of what complete_flow tells that may change; never 0. Of two owners in a row
 * with the same one, which is one chance in 2^31, the second is not told of.
 */
static uint32_t hash_of_rest(const struct flow_record *record)
{
	static const uint64_t odd[] = {
		0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
		0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53, 0xd6e8feb86659fd93,
	};
	uint64_t words[ARRAY_SIZE(odd)], hash = record->direction;

	_Static_assert(sizeof(words) == sizeof(record->owner), "all of an owner");
	memcpy(words, &record->owner, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		hash += (words[i] ^ words[i] >> 32) * odd[i];
	return (uint32_t)(hash >> 32) | 1;
}

static struct container *container_of_flow(const struct flow_counter *flows, uint32_t slot,
					   struct containers *containers)
{
	const struct flow_record *record = slots_record(&flows->slots, slot);
	struct flow_seen *seen = &flows->seen[slot];
	uint32_t age = containers_age(containers);

	if (!seen->container || seen->containers_age != age || seen->container->hidden) {
		seen->container = counter_container(&flows->counter, containers, record->key.cgroup);
		seen->containers_age = age;
	}
	return seen->container;
}

static uint32_t age_of(const struct flow_counter *flows, const struct flow_record *record)
{
	if (!record->since_ns)
		return UNKNOWN32;
	if (record->since_ns > flows->read_ns)
		return 0;
	return (uint32_t)((flows->read_ns - record->since_ns) / NSEC_PER_SEC);
}

/* In its place among those of the sample: there may be many. */
static struct flow_growth *add_growth(const struct flow_counter *flows, uint32_t slot,
				      struct containers *containers, struct sample *sample)
{
	const struct flow_record *record = slots_record(&flows->slots, slot);
	struct flow_growth *growth = sample_add_growth(sample);
	uint32_t rest = hash_of_rest(record), told = flows->seen[slot].told;

	flows->seen[slot].told = rest;
	*growth = (struct flow_growth){
		.told = rest == told,
		.container = container_of_flow(flows, slot, containers),
		.rtt_us = known_or_unknown(record->rtt_us),
		.connect_us = known_or_unknown(record->connect_us),
		.cwnd = known_or_unknown(record->cwnd),
		.age_s = age_of(flows, record),
		.pid = record->owner.pid,
		.place = slot,
		.state = record->state,
		.direction = record->direction,
	};
	return growth;
}

/* Once: translations last as long as connections. True: here is one. */
static bool find_real_end(const struct flow_counter *flows, const struct flow_record *record,
			  struct flow_seen *seen, struct flow_end *ret)
{
	int result;

	if (seen->asked >= ASK_TRIES)
		return false;
	result = nat_find(flows->nat, &record->key, ret);
	if (result >= 0)
		seen->asked = ASK_TRIES;
	else if (result != -EAGAIN)
		seen->asked++;
	return result > 0;
}

static void release(struct flow_counter *flows, uint32_t slot, const struct flow_record *record)
{
	if (record->replaced)
		slots_release_replaced(&flows->slots, slot);
	else
		slots_release(&flows->slots, slot, true);
	flows->seen[slot].released = true;
}

/* Sockets forget the slots that were released; after the index, so that none finds them again. */
static void make_forgotten(struct flow_counter *flows)
{
	slots_unlist(&flows->slots);
	for (size_t i = 0; i < flows->slots.n_released; i++) {
		struct flow_record *record = slots_record(&flows->slots, flows->slots.released[i]);

		__atomic_fetch_add(&record->generation, 1, __ATOMIC_RELEASE);
	}
}

static uint32_t small_growth(const __u32 *counter, uint32_t *seen)
{
	uint32_t now = __atomic_load_n(counter, __ATOMIC_RELAXED), growth = now - *seen;

	*seen = now;
	return growth;
}

/*
 * Adds to the sample what a record counted since it was last read. False: nothing. The
 * slot of one that was released may be wiped before the record is asked for the rest.
 */
static bool read_record(struct flow_counter *flows, uint32_t slot, struct flow_record *record,
			struct containers *containers, struct sample *sample)
{
	struct flow_seen *seen = &flows->seen[slot];
	struct flow_growth *growth;
	struct flow_end real = { 0 };
	uint32_t retransmits = record->retransmits;
	bool translated;

	if (__atomic_load_n(&record->rx_packets, __ATOMIC_RELAXED) == seen->rx_packets &&
	    __atomic_load_n(&record->tx_packets, __ATOMIC_RELAXED) == seen->tx_packets)
		return false;
	growth = add_growth(flows, slot, containers, sample);
	growth->rx_bytes = counter_growth(&record->rx_bytes, &seen->rx_bytes);
	growth->tx_bytes = counter_growth(&record->tx_bytes, &seen->tx_bytes);
	growth->rx_packets = counter_growth(&record->rx_packets, &seen->rx_packets);
	growth->tx_packets = counter_growth(&record->tx_packets, &seen->tx_packets);
	/* What a socket older than contop had retransmitted before is not of this interval. */
	if ((seen->known || record->direction) && retransmits > seen->retransmits)
		growth->retransmits = retransmits - seen->retransmits;
	seen->retransmits = retransmits;
	growth->resets = small_growth(&record->resets, &seen->resets);
	growth->zero_windows = small_growth(&record->zero_windows, &seen->zero_windows);
	seen->known = true;
	if (record->key.cgroup == CGROUP_UNKNOWN)
		sample->accuracy.unattributed_bytes += growth->rx_bytes + growth->tx_bytes;
	translated = find_real_end(flows, record, seen, &real);
	if (translated || seen->released) {
		struct flow_sample *flow = sample_add_flow(sample);

		sample_complete_flow(sample, growth, flow);
		flow->translated = translated;
		flow->real = real;
		sample->n_growths--;
	}
	return true;
}

static unsigned int idle_limit_for(const uint32_t ages[AGES], uint32_t live, uint32_t n)
{
	uint32_t wanted = CROWDED(live, n) ? n / 8 : 0, older = 0;
	unsigned int limit = AGES;

	while (older < wanted && limit > CLOSED_IDLE)
		older += ages[--limit];
	return limit;
}

static void read_flows(struct counter *counter, struct containers *containers, struct sample *sample)
{
	struct flow_counter *flows = (struct flow_counter *)counter;
	uint32_t ages[AGES] = { 0 }, live = 0;

	flows->read_ns = monotonic_ns();
	sample->complete_flow = complete_flow;
	sample->flow_table = flows;
	adopt_again(flows);
	slots_refresh(&flows->slots);
	for (uint32_t slot = 1; slot < flows->slots.used; slot++) {
		struct flow_record *record = slots_record(&flows->slots, slot);
		struct flow_seen *seen = &flows->seen[slot];

		/* Of a flow that rests, one cache line of three is looked at. */
		if (!seen->known && !record->key.cgroup)
			continue;
		live++;
		if (read_record(flows, slot, record, containers, sample)) {
			seen->idle = 0;
			continue;
		}
		if (seen->idle < AGES - 1)
			seen->idle++;
		ages[seen->idle]++;
		if (seen->released || !((record->closed && seen->idle >= CLOSED_IDLE) ||
					seen->idle >= flows->idle_limit))
			continue;
		/* The row of one that was replaced is its successor's by now. */
		if (!record->replaced)
			add_growth(flows, slot, containers, sample)->ended = true;
		release(flows, slot, record);
	}
	flows->idle_limit = idle_limit_for(ages, live, flows->slots.n);
	sample->accuracy.flow_map_full +=
		counter_read_losses(counter, &flows->skeleton->bss->overflowed, containers, sample);
}

static void wipe(void *arg, uint32_t slot)
{
	struct flow_counter *flows = arg;
	struct flow_record *record = slots_record(&flows->slots, slot);
	uint32_t generation = record->generation + 1;

	memset(record, 0, sizeof(*record));
	record->generation = generation;
	flows->seen[slot] = (struct flow_seen){ 0 };
}

static void read_and_recycle(struct counter *counter, struct containers *containers,
			     struct sample *sample)
{
	struct flow_counter *flows = (struct flow_counter *)counter;

	read_flows(counter, containers, sample);
	make_forgotten(flows);
	slots_recycle(&flows->slots, wipe, flows);
}

int flow_counter_open(const struct counter_setup *setup, struct pane_status *status,
		      struct counter **ret)
{
	struct flow_counter *flows = xcalloc(1, sizeof(*flows));
	struct attempt attempt = { .setup = setup, .flows = flows };
	int error;

	flows->users = setup->users;
	flows->services = setup->services;
	error = hook_choose(hooks, ARRAY_SIZE(hooks), &setup->facts, setup->hooks_off, try_hook,
				&attempt, status);

	if (error) {
		free(flows);
		return error;
	}
	flows->counter.read = read_and_recycle;
	flows->counter.free = free_flows;
	flows->seen = xcalloc(flows->slots.n, sizeof(*flows->seen));
	flows->idle_limit = AGES;
	flows->nat = setup->nat;
	flows->counter.scope_epoch = &flows->skeleton->data->scope_epoch;
	*ret = &flows->counter;
	return 0;
}
