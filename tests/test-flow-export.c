/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows that leave: lines to collectors that come, go and are slow; messages to a real ZMQ subscriber. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "flow-export.h"
#include "util.h"

/* ---- a stream */

struct place {
	char directory[32];
	char *path;			/* of the socket; owned */
	int listener;			/* -1: nobody listens */
	struct stream *stream;
};

static void listen_there(struct place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, place->path);
	place->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(place->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(place->listener, 4), 0);
}

static int setup(void **state)
{
	struct place *place = xcalloc(1, sizeof(*place));

	strcpy(place->directory, "/tmp/contop-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	place->path = xasprintf("%s/collector", place->directory);
	place->listener = -1;
	assert_int_equal(stream_open(place->path, &place->stream), 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	stream_close(place->stream);
	if (place->listener >= 0)
		close(place->listener);
	unlink(place->path);
	rmdir(place->directory);
	free(place->path);
	free(place);
	return 0;
}

static void send_text(struct place *place, const char *text)
{
	assert_int_equal(stream_send(place->stream, text, strlen(text)), 0);
}

/* What has come so far, into a static buffer. */
static const char *received(int fd)
{
	static char text[4096];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void test_lines_arrive(void **state)
{
	struct place *place = *state;
	int fd;

	listen_there(place);
	send_text(place, "one\ntwo\n");
	fd = accept(place->listener, NULL, NULL);
	assert_string_equal(received(fd), "one\ntwo\n");
	send_text(place, "three\n");
	assert_string_equal(received(fd), "three\n");
	close(fd);
}

static void test_lines_wait_for_a_collector(void **state)
{
	struct place *place = *state;
	int fd;

	send_text(place, "one\n");
	send_text(place, "two\n");
	listen_there(place);
	send_text(place, "three\n");
	fd = accept(place->listener, NULL, NULL);
	assert_string_equal(received(fd), "one\ntwo\nthree\n");
	close(fd);
}

static void test_bounded_while_nobody_listens(void **state)
{
	struct place *place = *state;
	char *large = xmalloc(1 << 20);

	memset(large, 'x', 1 << 20);
	for (int i = 0; i < 4; i++)
		assert_int_equal(stream_send(place->stream, large, 1 << 20), 0);
	assert_int_equal(stream_send(place->stream, large, 1 << 20), -ENOBUFS);
	free(large);
}

/* Reads all until there is no more: how much, and its first and last byte. */
static size_t drain(int fd, char *first, char *last)
{
	char buffer[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		if (!total)
			*first = buffer[0];
		total += (size_t)n;
		*last = buffer[n - 1];
	}
	return total;
}

static void test_new_collector_gets_whole_lines(void **state)
{
	struct place *place = *state;
	size_t size = 3 << 20;
	char *line = xmalloc(size), first = 0, last = 0;
	int fd;

	/* One line that the socket's buffer cannot hold: the first collector has part of it. */
	memset(line, 'x', size);
	line[0] = '<';
	line[size - 1] = '\n';
	listen_there(place);
	assert_int_equal(stream_send(place->stream, line, size), 0);
	fd = accept(place->listener, NULL, NULL);
	assert_true(drain(fd, &first, &last) < size);
	close(fd);
	/* Notices that it is gone, then connects to the next one. */
	send_text(place, "a\n");
	send_text(place, "b\n");
	fd = accept(place->listener, NULL, NULL);
	assert_true(drain(fd, &first, &last) > 0);
	assert_int_equal(first, '<');
	close(fd);
	free(line);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *address;
		int result;
	} cases[] = {
		{ "127.0.0.1:9", 0 },
		{ "[::1]:9", 0 },
		{ "127.0.0.1", -EINVAL },
		{ ":9", -EINVAL },
		{ "127.0.0.1:", -EINVAL },
		{ "127.0.0.1:no-such-service", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream *stream = NULL;

		if (stream_open(cases[i].address, &stream) != cases[i].result)
			fail_msg("%s", cases[i].address);
		stream_close(stream);
	}
}

#ifdef HAVE_ZMQ_HEADER
#include <zmq.h>

static char web_name[] = "web", web_id[] = "abcdef012345";
static struct container web = { .name = web_name, .id = web_id };

static struct event_row an_event(void)
{
	struct event_row row = {
		.row.container = &web, .time_ns = 1700000000123456000, .event = "accept",
		.protocol = "tcp", .family = "ipv4", .direction = "in",
		.local_address = { .family = 4, .bytes = { 10, 0, 0, 2 } },
		.remote_address = { .family = 4, .bytes = { 10, 0, 0, 9 } },
		.local_port = 80, .remote_port = 40000, .pid = 42, .uid = 33, .comm = "nginx",
		.latency_us = 1500,
	};

	return row;
}

/* Publishes until the subscriber has joined and gets one; its header's size is checked. */
static json_t *next_message(void *subscriber, struct flow_publisher *publisher,
			    const struct event_row *row)
{
	struct {
		char topic[32];
		uint32_t version, size;
	} header;
	char text[4096];
	int size = -1;

	for (int i = 0; i < 500 && size < 0; i++) {
		assert_int_equal(flow_publish_event(publisher, row), 0);
		usleep(10000);
		size = zmq_recv(subscriber, &header, sizeof(header), ZMQ_DONTWAIT);
	}
	assert_int_equal(size, sizeof(header));
	assert_string_equal(header.topic, "flow");
	assert_int_equal(header.version, 0);
	size = zmq_recv(subscriber, text, sizeof(text), 0);
	assert_int_equal(size, header.size);
	return json_loadb(text, (size_t)size, 0, NULL);
}

static void test_message_as_of_libebpfflow(void **state)
{
	struct place *place = *state;
	char *endpoint = xasprintf("ipc://%s", place->path);
	void *context = zmq_ctx_new(), *subscriber = zmq_socket(context, ZMQ_SUB);
	struct flow_publisher *publisher;
	struct event_row row = an_event();
	json_t *message, *wanted;

	assert_int_equal(flow_publisher_open(endpoint, &publisher), 0);
	assert_int_equal(zmq_connect(subscriber, endpoint), 0);
	zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "flow", 4);
	message = next_message(subscriber, publisher, &row);
	wanted = json_pack("{s:s, s:i, s:s, s:i, s:s, s:s, s:i, s:i, s:s,"
			   " s:{s:i, s:i, s:s}, s:{s:{s:s, s:s}}}",
			   "timestamp", "1700000000.123456", "PROTOCOL", 6,
			   "TCP_EVENT_TYPE", "ACCEPT", "IP_PROTOCOL_VERSION", 4,
			   "IPV4_SRC_ADDR", "10.0.0.9", "IPV4_DST_ADDR", "10.0.0.2",
			   "L4_SRC_PORT", 40000, "L4_DST_PORT", 80, "NW_LATENCY_MS", "1.500",
			   "LOCAL_PROCESS", "PID", 42, "UID", 33, "PROCESS_PATH", "nginx",
			   "LOCAL_CONTAINER", "DOCKER", "ID", "abcdef012345", "NAME", "web");
	for (const char *const *key = (const char *const[]){ "timestamp", "PROTOCOL",
	     "TCP_EVENT_TYPE", "IP_PROTOCOL_VERSION", "IPV4_SRC_ADDR", "IPV4_DST_ADDR", "L4_SRC_PORT",
	     "L4_DST_PORT", "NW_LATENCY_MS", "LOCAL_CONTAINER", NULL }; *key; key++)
		if (!json_equal(json_object_get(message, *key), json_object_get(wanted, *key)))
			fail_msg("%s", *key);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(message,
			 "LOCAL_PROCESS"), "PID")), 42);
	assert_string_equal(json_string_value(json_object_get(json_object_get(message,
			    "LOCAL_PROCESS"), "PROCESS_PATH")), "nginx");
	json_decref(message);
	json_decref(wanted);
	zmq_close(subscriber);
	flow_publisher_close(publisher);
	zmq_ctx_term(context);
	free(endpoint);
}

static void test_endpoint_that_is_none(void **state)
{
	struct flow_publisher *publisher;

	(void)state;
	assert_true(flow_publisher_open("nonsense://x", &publisher) < 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_wait_for_a_collector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounded_while_nobody_listens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_collector_gets_whole_lines, setup, teardown),
		cmocka_unit_test(test_addresses),
#ifdef HAVE_ZMQ_HEADER
		cmocka_unit_test_setup_teardown(test_message_as_of_libebpfflow, setup, teardown),
		cmocka_unit_test(test_endpoint_that_is_none),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
