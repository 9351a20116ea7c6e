/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntopng's ZMQ messages as ebpflowexport sends them (libebpfflow,
 * ebpflowexport.cpp): a header of 40 bytes with the topic, then one JSON object
 * with the names of NetFlow.
 */
#include "flow-export.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "column.h"
#include "library.h"
#include "util.h"

#define TOPIC "flow"
#define SEND_MOST 100000		/* messages that wait for a subscriber */

struct message_header {
	char topic[32];
	uint32_t version;
	uint32_t size;			/* of the JSON */
};

#define ZMQ_FUNCTIONS(X)								\
	X(zmq_, ctx_new) X(zmq_, ctx_term) X(zmq_, socket) X(zmq_, setsockopt)		\
	X(zmq_, bind) X(zmq_, connect) X(zmq_, send) X(zmq_, close)

struct zmq {
	ZMQ_FUNCTIONS(LIBRARY_MEMBER)
};

struct flow_publisher {
	struct zmq zmq;
	void *context, *socket;
};

/* Where a column goes: its key, and the object that has the key. */
struct field {
	const char *object;		/* NULL: the message itself */
	const char *key, *column;
};

static const struct field fields[] = {
	{ NULL, "INTERFACE_NAME", "interface" },
	{ "LOCAL_PROCESS", "PID", "pid" },
	{ "LOCAL_PROCESS", "UID", "uid" },
	{ "LOCAL_PROCESS", "UID_NAME", "user" },
	{ "LOCAL_PROCESS", "GID", "gid" },
	{ "LOCAL_PROCESS", "GID_NAME", "group" },
	{ "LOCAL_PROCESS", "PROCESS_PATH", "exe" },
	{ "LOCAL_PROCESS", "PROCESS_PATH", "comm" },
	{ "LOCAL_PROCESS", "PROCESS_CMDLINE", "command" },
	{ "LOCAL_FATHER_PROCESS", "PID", "ppid" },
	{ "LOCAL_FATHER_PROCESS", "PROCESS_PATH", "parent" },
};

/* -errno. */
static int open_socket(struct flow_publisher *publisher, const char *endpoint)
{
	const struct zmq *zmq = &publisher->zmq;
	int most = SEND_MOST, linger_ms = 200, no_drop = 1, failed;
	size_t size = strlen(endpoint);
	bool connects = size && endpoint[size - 1] == 'c';
	char *plain = xstrndup(endpoint, size - connects);

	publisher->context = zmq->ctx_new();
	publisher->socket = publisher->context ? zmq->socket(publisher->context, ZMQ_PUB) : NULL;
	failed = !publisher->socket;
	if (!failed) {
		zmq->setsockopt(publisher->socket, ZMQ_SNDHWM, &most, sizeof(most));
		zmq->setsockopt(publisher->socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
		/* What a subscriber does not get is to be counted. */
		zmq->setsockopt(publisher->socket, ZMQ_XPUB_NODROP, &no_drop, sizeof(no_drop));
		failed = connects ? zmq->connect(publisher->socket, plain) :
				    zmq->bind(publisher->socket, plain);
	}
	free(plain);
	if (!failed)
		return 0;
	/* zmq's own errors lie beyond those of the system. */
	return errno && errno < ZMQ_HAUSNUMERO ? -errno : -EINVAL;
}

int flow_publisher_open(const char *endpoint, struct flow_publisher **ret)
{
	static const char *const names[] = { ZMQ_FUNCTIONS(LIBRARY_NAME) };
	struct flow_publisher *publisher = xcalloc(1, sizeof(*publisher));
	int err = library_load(LIBZMQ_SONAME, names, ARRAY_SIZE(names), &publisher->zmq);

	err = err ? -ELIBACC : open_socket(publisher, endpoint);
	if (err)
		flow_publisher_close(publisher);
	else
		*ret = publisher;
	return err;
}

void flow_publisher_close(struct flow_publisher *publisher)
{
	if (!publisher)
		return;
	if (publisher->socket)
		publisher->zmq.close(publisher->socket);
	if (publisher->context)
		publisher->zmq.ctx_term(publisher->context);
	free(publisher);
}

/* Sets a key that is not there yet, in an object of the message that is made if need be. */
static void put(json_t *message, const char *object, const char *key, json_t *value)
{
	json_t *into = message;

	if (object) {
		into = json_object_get(message, object);
		if (!into) {
			into = json_object();
			json_object_set_new(message, object, into);
		}
	}
	if (json_object_get(into, key))
		json_decref(value);
	else
		json_object_set_new(into, key, value);
}

static void put_fields(json_t *message, enum pane_id pane, const void *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *name = fields[i].column;
		const struct column *column = pane_column(&panes[pane], name, strlen(name));
		struct value value = column ? column_value(column, row, false) :
					      (struct value){ .type = VALUE_UNKNOWN };

		if (value.type == VALUE_TEXT && value.text)
			put(message, fields[i].object, fields[i].key, json_string(value.text));
		else if (value.type == VALUE_NUMBER && value.number != UNKNOWN)
			put(message, fields[i].object, fields[i].key,
			    json_integer((json_int_t)value.number));
	}
}

/* The pod where there is one; what Docker calls it else. */
static void put_container(json_t *message, const struct container *container)
{
	json_t *about, *kind;

	if (!container->id)
		return;
	about = json_pack("{s:s, s:s}", "ID", container->id, "NAME", container->name);
	kind = json_object();
	if (container->pod) {
		json_object_set_new(about, "POD", json_string(container->pod));
		if (container->namespace)
			json_object_set_new(about, "NS", json_string(container->namespace));
	}
	json_object_set_new(kind, container->pod ? "K8S" : "DOCKER", about);
	json_object_set_new(message, "LOCAL_CONTAINER", kind);
}

/* Who began is the source, as in libebpfflow. */
static void put_addresses(json_t *message, const struct address *source, uint64_t source_port,
			  const struct address *destination, uint64_t destination_port)
{
	const struct value from = { .type = VALUE_ADDRESS, .address = source };
	const struct value to = { .type = VALUE_ADDRESS, .address = destination };
	bool six = source->family == 6;
	char buffer[VALUE_TEXT_SIZE];

	put(message, NULL, "IP_PROTOCOL_VERSION", json_integer(source->family));
	put(message, NULL, six ? "IPV6_SRC_ADDR" : "IPV4_SRC_ADDR",
	    json_string(value_plain(&from, buffer)));
	put(message, NULL, six ? "IPV6_DST_ADDR" : "IPV4_DST_ADDR",
	    json_string(value_plain(&to, buffer)));
	put(message, NULL, "L4_SRC_PORT", json_integer((json_int_t)source_port));
	put(message, NULL, "L4_DST_PORT", json_integer((json_int_t)destination_port));
}

static json_t *new_message(uint64_t time_ns, unsigned int protocol, const char *type_key,
			   const char *type)
{
	json_t *message = json_object();
	char text[32];

	snprintf(text, sizeof(text), "%llu.%06llu", (unsigned long long)(time_ns / NSEC_PER_SEC),
		 (unsigned long long)(time_ns / 1000 % 1000000));
	json_object_set_new(message, "timestamp", json_string(text));
	json_object_set_new(message, "PROTOCOL", json_integer(protocol));
	json_object_set_new(message, type_key, json_string(type));
	return message;
}

/* Takes over the message. */
static int send_message(struct flow_publisher *publisher, json_t *message)
{
	struct message_header header = { .topic = TOPIC };
	char *text = json_dumps(message, JSON_COMPACT);
	int err = 0;

	json_decref(message);
	if (!text)
		return -ENOMEM;
	header.size = (uint32_t)strlen(text);
	if (publisher->zmq.send(publisher->socket, &header, sizeof(header),
				ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
	    publisher->zmq.send(publisher->socket, text, header.size, ZMQ_DONTWAIT) < 0)
		err = -errno;
	free(text);
	return err;
}

int flow_publish_event(struct flow_publisher *publisher, const struct event_row *row)
{
	bool in = row->direction && !strcmp(row->direction, "in");
	char type[32];
	json_t *message;
	size_t i;

	for (i = 0; row->event[i] && i < sizeof(type) - 1; i++)
		type[i] = (char)(row->event[i] >= 'a' && row->event[i] <= 'z' ?
				 row->event[i] - 'a' + 'A' : row->event[i]);
	type[i] = '\0';
	message = new_message(row->time_ns, IPPROTO_TCP, "TCP_EVENT_TYPE", type);
	if (in)
		put_addresses(message, &row->remote_address, row->remote_port,
			      &row->local_address, row->local_port);
	else
		put_addresses(message, &row->local_address, row->local_port,
			      &row->remote_address, row->remote_port);
	if (row->latency_us != UNKNOWN) {
		char ms[32];

		snprintf(ms, sizeof(ms), "%.3f", (double)row->latency_us / 1000);
		json_object_set_new(message, "NW_LATENCY_MS", json_string(ms));
	}
	/* Each tells of one segment. */
	if (!strcmp(row->event, "retransmit"))
		json_object_set_new(message, "RETRAN_PKTS", json_integer(1));
	put_fields(message, PANE_EVENTS, row);
	put_container(message, row->row.container);
	return send_message(publisher, message);
}

static int publish_datagrams(struct flow_publisher *publisher, const struct flow_row *row,
			     uint64_t time_ns, bool sent)
{
	json_t *message = new_message(time_ns, IPPROTO_UDP, "UDP_EVENT_TYPE",
				      sent ? "SEND" : "RECV");

	if (sent)
		put_addresses(message, &row->key.local, row->key.local_port,
			      &row->key.remote, row->key.remote_port);
	else
		put_addresses(message, &row->key.remote, row->key.remote_port,
			      &row->key.local, row->key.local_port);
	put_fields(message, PANE_FLOWS, row);
	put_container(message, row->row.container);
	return send_message(publisher, message);
}

int flow_publish_datagrams(struct flow_publisher *publisher, const struct flow_row *row,
			   uint64_t time_ns)
{
	uint64_t sent = row->tx_packets.interval, received = row->rx_packets.interval;
	int err = 0;

	if (sent && sent != UNKNOWN)
		err = publish_datagrams(publisher, row, time_ns, true);
	if (!err && received && received != UNKNOWN)
		err = publish_datagrams(publisher, row, time_ns, false);
	return err;
}
