/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways that flows leave: lines of JSON over a stream, and ntopng's messages over ZMQ. */
#ifndef FLOW_EXPORT_H
#define FLOW_EXPORT_H

#include <stddef.h>

#include "model.h"

/* ---- a stream: a Unix socket's path, or HOST:PORT */

struct stream;

/* Resolves the address; whether somebody listens there shows later. -EINVAL, -errno. */
int stream_open(const char *address, struct stream **ret);
void stream_close(struct stream *stream);

/*
 * Sends whole lines, as far as can be done without waiting; the rest, up to 4 MiB,
 * goes with the next. Connects again when need be, and then begins with a whole
 * line. -errno: these lines are lost; -ENOBUFS: nobody takes them.
 */
int stream_send(struct stream *stream, const char *lines, size_t size);

/* ---- ZMQ: the messages of ebpflowexport (ntop's libebpfflow), topic "flow" */

struct flow_publisher;

/*
 * Binds a PUB socket to an endpoint ("tcp://127.0.0.1:5556"), or connects it where
 * that ends in "c", as ebpflowexport does. -ENOTSUP: built without libzmq;
 * -ELIBACC: it is not installed; -errno.
 */
int flow_publisher_open(const char *endpoint, struct flow_publisher **ret);
void flow_publisher_close(struct flow_publisher *publisher);

/* Publishes one event of a connection, or a UDP flow that moved. -EAGAIN: a subscriber is too slow. */
int flow_publish_event(struct flow_publisher *publisher, const struct event_row *row);
int flow_publish_datagrams(struct flow_publisher *publisher, const struct flow_row *row,
			   uint64_t time_ns);

#endif
