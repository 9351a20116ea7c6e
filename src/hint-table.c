/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in packets, counted for each container, and DNS queries until they are answered. */
#include "hint-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "hint-parse.h"
#include "util.h"

#define NAME_IDLE 60			/* intervals: then a name may lose its place to a new one */
#define DIRECTIONS (FLOW_OUT + 1)

struct name {
	UT_hash_handle hh;		/* in the order of their last use */
	struct hint_sample counts;	/* of this interval, and what it has of the name */
	bool used;			/* in this interval */
	unsigned int idle;		/* intervals */
	unsigned int waiting;		/* queries */
	char key[];			/* kind and direction, as characters, and the text */
};

/* A query is known by its number and who asks: by the socket, where it is asked by address. */
struct query_key {
	uint64_t socket;		/* 0: not its own */
	uint8_t peer_address[16];
	uint16_t peer_port;
	uint16_t id;
	uint32_t direction;		/* of the query */
};
_Static_assert(sizeof(struct query_key) == 32, "query_key has a hole");

struct query {
	UT_hash_handle hh;		/* the oldest first, nearly */
	struct query_key key;
	uint64_t time_ns;
	struct name *name;		/* stays while queries wait */
	unsigned int hash;		/* of what was asked: the name may be NAMES_OTHER */
};

struct hello {
	UT_hash_handle hh;		/* the oldest first */
	uint64_t socket;
	uint64_t time_ns;
	size_t size;
	uint8_t data[HINT_PAYLOAD_MOST];
};

/* What there is of one container. */
struct home {
	UT_hash_handle hh;
	uint64_t serial;
	struct name *names, *others[HINT_KINDS][DIRECTIONS];
	struct query *queries;
	struct hello *hellos;
	struct hint_sample *ended;	/* names that lost their place */
	size_t n_ended, ended_capacity;
	bool lives;
};

struct hint_table {
	struct home *homes;
	uint64_t names;			/* there have been: their numbers */
	uint64_t not_listed, lost;	/* in this interval */
};

/* ---- names */

static struct name *name_new(struct hint_table *table, const char *key)
{
	size_t size = strlen(key) + 1;
	struct name *name = xcalloc(1, sizeof(*name) + size);

	memcpy(name->key, key, size);
	name->counts.kind = (enum hint_kind)(key[0] - '0');
	name->counts.direction = (uint8_t)(key[1] - '0');
	name->counts.number = HINT_NUMBER_NAMES + table->names++;
	name->counts.what = name->key + 2;
	latency_sum_begin(&name->counts.latency);
	return name;
}

/* Room for one more, that of the name used least recently if need be. */
static bool make_room(struct home *home)
{
	struct name *oldest = home->names;

	if (HASH_COUNT(home->names) < NAMES_MOST)
		return true;
	if (oldest->used || oldest->waiting || oldest->idle < NAME_IDLE)
		return false;
	home->ended = array_reserve(home->ended, &home->ended_capacity, home->n_ended + 1,
				    sizeof(*home->ended));
	home->ended[home->n_ended] = oldest->counts;
	home->ended[home->n_ended].what = NULL;
	home->ended[home->n_ended++].ended = true;
	HASH_DEL(home->names, oldest);
	free(oldest);
	return true;
}

static struct name *other_get(struct hint_table *table, struct home *home, enum hint_kind kind,
			      uint8_t direction)
{
	struct name **other = &home->others[kind][direction];
	char *key;

	table->not_listed++;
	if (*other)
		return *other;
	key = xasprintf("%d%d%s", kind, direction, NAMES_OTHER);
	*other = name_new(table, key);
	(*other)->counts.number = hint_number_other(kind, direction);
	free(key);
	return *other;
}

/* The name is used: it is the last one to lose its place. */
static void use(struct home *home, struct name *name)
{
	bool listed = name->counts.number >= HINT_NUMBER_NAMES;

	name->idle = 0;
	if (name->used)
		return;
	name->used = true;
	if (!listed)
		return;
	HASH_DEL(home->names, name);
	HASH_ADD_STR(home->names, key, name);
}

static struct name *name_get(struct hint_table *table, struct home *home, enum hint_kind kind,
			     uint8_t direction, const char *text)
{
	char *key = xasprintf("%d%d%s", kind, direction, text);
	struct name *name;

	HASH_FIND_STR(home->names, key, name);
	if (!name && make_room(home)) {
		name = name_new(table, key);
		HASH_ADD_STR(home->names, key, name);
	}
	if (!name)
		name = other_get(table, home, kind, direction);
	free(key);
	use(home, name);
	return name;
}

/* ---- TLS */

static void hello_free(struct home *home, struct hello *hello)
{
	HASH_DEL(home->hellos, hello);
	free(hello);
}

static void hello_keep(struct hint_table *table, struct home *home,
		       const struct hint_packet *packet, const uint8_t *data, size_t size)
{
	struct hello *hello;

	if (size >= HINT_PAYLOAD_MOST) {
		table->lost++;
		return;
	}
	if (HASH_COUNT(home->hellos) >= HELLOS_MOST) {
		table->lost++;
		hello_free(home, home->hellos);
	}
	hello = xmalloc(sizeof(*hello));
	hello->socket = packet->socket;
	hello->time_ns = packet->time_ns;
	hello->size = size;
	memcpy(hello->data, data, size);
	HASH_ADD(hh, home->hellos, socket, sizeof(hello->socket), hello);
}

static void take_hello(struct hint_table *table, struct home *home,
		       const struct hint_packet *packet)
{
	uint8_t data[2 * HINT_PAYLOAD_MOST];
	char text[HINT_NAME_SIZE];
	struct hello *begun;
	size_t size = 0;
	int err;

	HASH_FIND(hh, home->hellos, &packet->socket, sizeof(packet->socket), begun);
	if (begun) {
		size = packet->continues ? begun->size : 0;
		memcpy(data, begun->data, size);
		hello_free(home, begun);
	} else if (packet->continues) {
		return;
	}
	memcpy(data + size, packet->payload, packet->size);
	size += packet->size;
	err = hint_parse_hello(data, size, text);
	if (err == -EAGAIN)
		hello_keep(table, home, packet, data, size);
	else if (!err)
		name_get(table, home, HINT_TLS, packet->direction,
			 text[0] ? text : NAMES_NONE)->counts.count++;
}

/* ---- DNS */

static uint8_t opposite(uint8_t direction)
{
	return direction == FLOW_OUT ? FLOW_IN : FLOW_OUT;
}

/*
 * Answers may come from another address than was asked: the network namespace may
 * translate what it sends before, and what it gets after, it is seen here.  They may
 * also leave by another socket than the query came to: the first data of a TCP
 * connection comes to the listener when it overtakes the last packet of the handshake.
 */
static struct query_key key_of(const struct hint_packet *packet, const struct dns_message *message)
{
	uint8_t direction = message->is_answer ? opposite(packet->direction) : packet->direction;
	struct query_key key = { .id = message->id, .direction = direction };

	if (direction == FLOW_OUT) {
		key.socket = packet->socket;
	} else {
		memcpy(key.peer_address, packet->peer_address, sizeof(key.peer_address));
		key.peer_port = packet->peer_port;
	}
	return key;
}

static struct query *query_find(struct home *home, const struct query_key *key)
{
	struct query *query;

	HASH_FIND(hh, home->queries, key, sizeof(*key), query);
	return query;
}

static void query_free(struct home *home, struct query *query)
{
	HASH_DEL(home->queries, query);
	query->name->waiting--;
	free(query);
}

static void query_give_up(struct home *home, struct query *query)
{
	use(home, query->name);
	query->name->counts.unanswered++;
	query_free(home, query);
}

static unsigned int hash_of(const char *text)
{
	unsigned int hash;

	HASH_FNV(text, strlen(text), hash);
	return hash;
}

static void take_query(struct hint_table *table, struct home *home,
		       const struct hint_packet *packet, const struct dns_message *message)
{
	struct query_key key = key_of(packet, message);
	struct name *name = name_get(table, home, HINT_DNS, packet->direction, message->name);
	struct query *query = query_find(home, &key);

	name->counts.count++;
	/* Sent once more, to whomever: whoever asks waits since the first time. */
	if (query && query->hash == hash_of(message->name))
		return;
	if (query)
		query_give_up(home, query);
	if (HASH_COUNT(home->queries) >= QUERIES_MOST) {
		table->lost++;
		query_free(home, home->queries);
	}
	query = xmalloc(sizeof(*query));
	query->key = key;
	query->time_ns = packet->time_ns;
	query->name = name;
	query->hash = hash_of(message->name);
	name->waiting++;
	HASH_ADD(hh, home->queries, key, sizeof(key), query);
}

static bool is_loopback(const struct hint_packet *packet)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return packet->family == 4 ? packet->peer_address[0] == 127 :
				     !memcmp(packet->peer_address, v6, sizeof(v6));
}

static void take_error(struct name *name, const struct dns_message *message)
{
	if (!message->error)
		return;
	name->counts.errors++;
	name->counts.error = message->error;
}

/*
 * An answer to what was not seen. Only such a resolver of its own namespace answers by
 * the port that its queries did not show: then the answer tells of the query as well.
 */
static void take_lone_answer(struct hint_table *table, struct home *home,
			     const struct hint_packet *packet, const struct dns_message *message)
{
	struct name *name;

	if (packet->direction != FLOW_IN || !is_loopback(packet) || !message->has_name)
		return;
	name = name_get(table, home, HINT_DNS, FLOW_OUT, message->name);
	name->counts.count++;
	take_error(name, message);
}

static void take_answer(struct hint_table *table, struct home *home,
			const struct hint_packet *packet, const struct dns_message *message)
{
	struct query_key key = key_of(packet, message);
	struct query *query = query_find(home, &key);

	if (!query) {
		take_lone_answer(table, home, packet, message);
		return;
	}
	/* Anybody can send answers to what nobody asked. */
	if (message->has_name && query->hash != hash_of(message->name))
		return;
	use(home, query->name);
	if (packet->time_ns > query->time_ns)
		latency_sum_add(&query->name->counts.latency, packet->time_ns - query->time_ns);
	take_error(query->name, message);
	query_free(home, query);
}

static void take_message(struct hint_table *table, struct home *home,
			 const struct hint_packet *packet)
{
	struct dns_message message;

	if (hint_parse_dns(packet->payload, packet->size, &message))
		return;
	if (message.is_answer)
		take_answer(table, home, packet, &message);
	else
		take_query(table, home, packet, &message);
}

/* ---- containers */

static struct home *home_get(struct hint_table *table, uint64_t serial)
{
	struct home *home;

	HASH_FIND(hh, table->homes, &serial, sizeof(serial), home);
	if (home)
		return home;
	home = xcalloc(1, sizeof(*home));
	home->serial = serial;
	HASH_ADD(hh, table->homes, serial, sizeof(home->serial), home);
	return home;
}

static void home_free(struct hint_table *table, struct home *home)
{
	struct name *name, *next;

	while (home->queries)
		query_free(home, home->queries);
	while (home->hellos)
		hello_free(home, home->hellos);
	HASH_ITER(hh, home->names, name, next) {
		HASH_DEL(home->names, name);
		free(name);
	}
	for (size_t i = 0; i < HINT_KINDS; i++)
		for (size_t j = 0; j < DIRECTIONS; j++)
			free(home->others[i][j]);
	free(home->ended);
	HASH_DEL(table->homes, home);
	free(home);
}

void hint_table_take(struct hint_table *table, const struct container *container,
		     const struct hint_packet *packet, size_t size)
{
	struct home *home;

	if (size < sizeof(*packet) || packet->size > size - sizeof(*packet) ||
	    packet->size > HINT_PAYLOAD_MOST || container->hidden ||
	    (packet->direction != FLOW_IN && packet->direction != FLOW_OUT))
		return;
	home = home_get(table, container->serial);
	if (packet->kind == HINT_TLS)
		take_hello(table, home, packet);
	else if (packet->kind == HINT_DNS)
		take_message(table, home, packet);
}

/* ---- an interval's end */

static void read_name(struct name *name, struct container *container, struct sample *sample)
{
	struct hint_sample *hint;

	if (!name->used) {
		name->idle++;
		return;
	}
	hint = sample_add_hint(sample);
	*hint = name->counts;
	hint->container = container;
	if (hint->kind != HINT_DNS)
		hint->errors = hint->unanswered = UNKNOWN;
	name->used = false;
	name->counts.count = name->counts.errors = name->counts.unanswered = 0;
	name->counts.error = 0;
	latency_sum_begin(&name->counts.latency);
}

/* Two CPUs may tell of queries in another order than that of their times: what is late goes later. */
static void give_up_old(struct hint_table *table, struct home *home, uint64_t now_ns)
{
	while (home->queries && home->queries->time_ns + WAIT_NS < now_ns)
		query_give_up(home, home->queries);
	while (home->hellos && home->hellos->time_ns + WAIT_NS < now_ns) {
		table->lost++;
		hello_free(home, home->hellos);
	}
}

static void read_home(struct hint_table *table, struct home *home, struct container *container,
		      uint64_t now_ns, struct sample *sample)
{
	struct name *name, *next;

	give_up_old(table, home, now_ns);
	for (size_t i = 0; i < home->n_ended; i++) {
		struct hint_sample *hint = sample_add_hint(sample);

		*hint = home->ended[i];
		hint->container = container;
	}
	home->n_ended = 0;
	HASH_ITER(hh, home->names, name, next)
		read_name(name, container, sample);
	for (size_t i = 0; i < HINT_KINDS; i++)
		for (size_t j = 0; j < DIRECTIONS; j++)
			if (home->others[i][j])
				read_name(home->others[i][j], container, sample);
}

void hint_table_read(struct hint_table *table, const struct containers *containers,
		     uint64_t now_ns, struct sample *sample)
{
	struct home *home, *next;
	size_t n;
	struct container *const *all = containers_all(containers, &n);

	for (size_t i = 0; i < n; i++) {
		HASH_FIND(hh, table->homes, &all[i]->serial, sizeof(all[i]->serial), home);
		if (!home)
			continue;
		read_home(table, home, all[i], now_ns, sample);
		home->lives = true;
	}
	HASH_ITER(hh, table->homes, home, next) {
		if (!home->lives)
			home_free(table, home);
		else
			home->lives = false;
	}
	sample->accuracy.hint_map_full += table->not_listed;
	sample->accuracy.lost_hints += table->lost;
	table->not_listed = table->lost = 0;
}

/* ---- beginning and end */

struct hint_table *hint_table_new(void)
{
	return xcalloc(1, sizeof(struct hint_table));
}

void hint_table_free(struct hint_table *table)
{
	if (!table)
		return;
	while (table->homes)
		home_free(table, table->homes);
	free(table);
}
