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

static const struct event_row accepted = {
	.row.container = &web, .time_ns = 1700000000123456000, .event = "accept",
	.protocol = "tcp", .family = "ipv4", .direction = "in",
	.local_address = { .family = 4, .bytes = { 10, 0, 0, 2 } },
	.remote_address = { .family = 4, .bytes = { 10, 0, 0, 9 } },
	.local_port = 80, .remote_port = 40000, .pid = 42, .ppid = UNKNOWN, .uid = 33, .gid = UNKNOWN,
	.comm = "nginx", .latency_us = 1500,
};

struct subscription {
	char *endpoint;			/* owned */
	void *context, *socket;
	struct flow_publisher *publisher;
};

/* The text of the next message, checked by its header; NULL: there is none within the time. */
static const char *next_text(struct subscription *subscription, int wait_ms)
{
	static char text[4096];
	struct {
		char topic[32];
		uint32_t version, size;
	} header;
	int size;

	zmq_setsockopt(subscription->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms));
	size = zmq_recv(subscription->socket, &header, sizeof(header), 0);
	if (size < 0)
		return NULL;
	assert_int_equal(size, sizeof(header));
	assert_string_equal(header.topic, "flow");
	assert_int_equal(header.version, 0);
	size = zmq_recv(subscription->socket, text, sizeof(text) - 1, 0);
	assert_int_equal(size, header.size);
	text[size] = '\0';
	return text;
}

/* Returns when the subscriber has joined, and all that was published for that has come. */
static void subscribe(struct subscription *subscription, const char *path)
{
	bool joined = false;

	subscription->endpoint = xasprintf("ipc://%s", path);
	subscription->context = zmq_ctx_new();
	subscription->socket = zmq_socket(subscription->context, ZMQ_SUB);
	assert_int_equal(flow_publisher_open(subscription->endpoint, &subscription->publisher), 0);
	assert_int_equal(zmq_connect(subscription->socket, subscription->endpoint), 0);
	zmq_setsockopt(subscription->socket, ZMQ_SUBSCRIBE, "flow", 4);
	for (int i = 0; i < 500 && !joined; i++) {
		assert_int_equal(flow_publish_event(subscription->publisher, &accepted), 0);
		joined = next_text(subscription, 10);
	}
	assert_true(joined);
	while (next_text(subscription, 300))
		;
}

static void unsubscribe(struct subscription *subscription)
{
	zmq_close(subscription->socket);
	flow_publisher_close(subscription->publisher);
	zmq_ctx_term(subscription->context);
	free(subscription->endpoint);
}

/* The next message is this, whatever the order of its keys. */
static void assert_message(struct subscription *subscription, const char *wanted)
{
	const char *text = next_text(subscription, 10000);
	json_t *got = text ? json_loads(text, 0, NULL) : NULL;
	json_t *want = json_loads(wanted, 0, NULL);

	assert_non_null(want);
	if (!json_equal(got, want))
		fail_msg("%s\ninstead of %s", text, wanted);
	json_decref(got);
	json_decref(want);
}

static void test_events_as_of_libebpfflow(void **state)
{
	static char pod[] = "shop-0", namespace[] = "shop";
	struct place *place = *state;
	struct subscription subscription;
	struct event_row sent_again = accepted;

	subscribe(&subscription, place->path);
	assert_int_equal(flow_publish_event(subscription.publisher, &accepted), 0);
	assert_message(&subscription, "{\"timestamp\":\"1700000000.123456\",\"PROTOCOL\":6,"
		"\"TCP_EVENT_TYPE\":\"ACCEPT\",\"IP_PROTOCOL_VERSION\":4,"
		"\"IPV4_SRC_ADDR\":\"10.0.0.9\",\"IPV4_DST_ADDR\":\"10.0.0.2\","
		"\"L4_SRC_PORT\":40000,\"L4_DST_PORT\":80,\"NW_LATENCY_MS\":\"1.500\","
		"\"LOCAL_PROCESS\":{\"PID\":42,\"UID\":33,\"PROCESS_PATH\":\"nginx\"},"
		"\"LOCAL_CONTAINER\":{\"DOCKER\":{\"ID\":\"abcdef012345\",\"NAME\":\"web\"}}}");

	/* Of a pod, by IPv6, and with all that can be known. */
	sent_again.event = "retransmit";
	sent_again.direction = "out";
	sent_again.local_address = (struct address){ .family = 6, .bytes = { 0xfd, [15] = 2 } };
	sent_again.remote_address = (struct address){ .family = 6, .bytes = { 0xfd, [15] = 9 } };
	sent_again.latency_us = UNKNOWN;
	sent_again.user = "www-data";
	sent_again.gid = 34;
	sent_again.group = "backup";
	sent_again.ppid = 7;
	sent_again.parent = "init";
	sent_again.interface = "eth0";
	web.pod = pod;
	web.namespace = namespace;
	assert_int_equal(flow_publish_event(subscription.publisher, &sent_again), 0);
	web.pod = web.namespace = NULL;
	assert_message(&subscription, "{\"timestamp\":\"1700000000.123456\",\"PROTOCOL\":6,"
		"\"TCP_EVENT_TYPE\":\"RETRANSMIT\",\"RETRAN_PKTS\":1,\"IP_PROTOCOL_VERSION\":6,"
		"\"IPV6_SRC_ADDR\":\"fd00::2\",\"IPV6_DST_ADDR\":\"fd00::9\","
		"\"L4_SRC_PORT\":80,\"L4_DST_PORT\":40000,\"INTERFACE_NAME\":\"eth0\","
		"\"LOCAL_PROCESS\":{\"PID\":42,\"UID\":33,\"UID_NAME\":\"www-data\",\"GID\":34,"
		"\"GID_NAME\":\"backup\",\"PROCESS_PATH\":\"nginx\"},"
		"\"LOCAL_FATHER_PROCESS\":{\"PID\":7,\"PROCESS_PATH\":\"init\"},"
		"\"LOCAL_CONTAINER\":{\"K8S\":{\"ID\":\"abcdef012345\",\"NAME\":\"web\","
		"\"POD\":\"shop-0\",\"NS\":\"shop\"}}}");
	unsubscribe(&subscription);
}

/* One message for each way that something went in the interval. */
static void test_datagrams_as_of_libebpfflow(void **state)
{
	struct place *place = *state;
	struct subscription subscription;
	struct flow_row row = {
		.row.container = &web, .protocol = "udp", .family = "ipv4", .direction = "out",
		.key = {
			.local = { .family = 4, .bytes = { 10, 0, 0, 2 } },
			.remote = { .family = 4, .bytes = { 10, 0, 0, 9 } },
			.local_port = 40000, .remote_port = 53,
		},
		.pid = 42, .ppid = UNKNOWN32, .uid = UNKNOWN, .gid = UNKNOWN32, .comm = "dig", .tx_packets.interval = 2, .rx_packets.interval = 1,
	};

	subscribe(&subscription, place->path);
	assert_int_equal(flow_publish_datagrams(subscription.publisher, &row, 1000001000), 0);
	assert_message(&subscription, "{\"timestamp\":\"1.000001\",\"PROTOCOL\":17,"
		"\"UDP_EVENT_TYPE\":\"SEND\",\"IP_PROTOCOL_VERSION\":4,"
		"\"IPV4_SRC_ADDR\":\"10.0.0.2\",\"IPV4_DST_ADDR\":\"10.0.0.9\","
		"\"L4_SRC_PORT\":40000,\"L4_DST_PORT\":53,"
		"\"LOCAL_PROCESS\":{\"PID\":42,\"PROCESS_PATH\":\"dig\"},"
		"\"LOCAL_CONTAINER\":{\"DOCKER\":{\"ID\":\"abcdef012345\",\"NAME\":\"web\"}}}");
	assert_message(&subscription, "{\"timestamp\":\"1.000001\",\"PROTOCOL\":17,"
		"\"UDP_EVENT_TYPE\":\"RECV\",\"IP_PROTOCOL_VERSION\":4,"
		"\"IPV4_SRC_ADDR\":\"10.0.0.9\",\"IPV4_DST_ADDR\":\"10.0.0.2\","
		"\"L4_SRC_PORT\":53,\"L4_DST_PORT\":40000,"
		"\"LOCAL_PROCESS\":{\"PID\":42,\"PROCESS_PATH\":\"dig\"},"
		"\"LOCAL_CONTAINER\":{\"DOCKER\":{\"ID\":\"abcdef012345\",\"NAME\":\"web\"}}}");
	row.tx_packets.interval = row.rx_packets.interval = 0;
	assert_int_equal(flow_publish_datagrams(subscription.publisher, &row, 1000001000), 0);
	assert_null(next_text(&subscription, 300));
	unsubscribe(&subscription);
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
		cmocka_unit_test_setup_teardown(test_events_as_of_libebpfflow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_datagrams_as_of_libebpfflow, setup, teardown),
		cmocka_unit_test(test_endpoint_that_is_none),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
