/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serving pages by HTTP, to clients good and bad, over a Unix socket. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http.h"
#include "util.h"

struct fixture {
	char directory[32];
	char *path;			/* of the socket */
	struct http *http;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *error = NULL;

	strcpy(f->directory, "/tmp/contop-http-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	f->path = xasprintf("%s/socket", f->directory);
	*state = f;
	if (http_open(f->path, &f->http, &error) == -ENOTSUP) {
		free(error);
		print_message("built without libmicrohttpd: nothing to test\n");
		exit(77);
	}
	return f->http ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	http_close(f->http);
	assert_int_equal(access(f->path, F_OK), -1);
	rmdir(f->directory);
	free(f->path);
	free(f);
	return 0;
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* All that comes until the other end closes; the caller frees. */
static char *read_answer(int fd)
{
	size_t size = 0, capacity = 0;
	char *answer = NULL;
	ssize_t n;

	do {
		answer = array_reserve(answer, &capacity, size + 4096, 1);
		n = read(fd, answer + size, 4095);
		size += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	answer[size] = '\0';
	close(fd);
	return answer;
}

/* What is answered to a request line with a header. */
static char *ask(const struct fixture *f, const char *request, const char *header)
{
	char *text = xasprintf("%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", request,
			       header);
	int fd = dial(f);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	free(text);
	return read_answer(fd);
}

static void check(const struct fixture *f, const char *request, const char *header,
		  const char *status, const char *part)
{
	char *answer = ask(f, request, header);

	if (strncmp(answer + strlen("HTTP/1.1 "), status, 3) || !strstr(answer, part))
		fail_msg("%s: %s", request, answer);
	free(answer);
}

static void publish(const struct fixture *f, const char *text)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		http_publish(f->http, i, xstrdup(text), strlen(text));
}

static void answers(void **state)
{
	struct fixture *f = *state;

	check(f, "GET /metrics", "", "503", "not over yet");
	publish(f, "one\n");
	check(f, "GET /metrics", "", "200", "\r\n\r\none\n");
	publish(f, "two\n");
	check(f, "GET /metrics?x=1", "", "200", "\r\n\r\ntwo\n");
	check(f, "GET /metrics", "", "200",
	      "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	check(f, "GET /metrics", "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n",
	      "200",
	      "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n");
	check(f, "HEAD /metrics", "", "200", "Content-Length: 4\r\n");
	check(f, "GET /", "", "200", "/metrics");
	check(f, "GET /metric", "", "404", "/metrics");
	check(f, "POST /metrics", "Content-Length: 0\r\n", "405", "Allow: GET, HEAD\r\n");
}

static void a_huge_request_is_refused(void **state)
{
	struct fixture *f = *state;
	char *header = xmalloc(100000), *answer;
	size_t size = 100000 - 3;
	int fd = dial(f);

	memset(header, 'x', size);
	memcpy(header, "X: ", 3);
	strcpy(header + size, "\r\n");
	publish(f, "page\n");
	signal(SIGPIPE, SIG_IGN);
	/* It may close before all of this is written. */
	dprintf(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n%s\r\n", header);
	answer = read_answer(fd);
	assert_null(strstr(answer, "page\n"));
	check(f, "GET /metrics", "", "200", "page\n");
	free(answer);
	free(header);
}

/* One that reads nothing of a large page keeps neither the writer nor the next client. */
static void slow_clients_keep_nobody(void **state)
{
	struct fixture *f = *state;
	size_t size = 8 << 20;
	char *page = xmalloc(size);
	int idle = dial(f), slow[8];

	memset(page, 'x', size);
	http_publish(f->http, FORMAT_PROMETHEUS, page, size);
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++) {
		slow[i] = dial(f);
		dprintf(slow[i], "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	check(f, "HEAD /metrics", "", "200", "Content-Length: 8388608\r\n");
	publish(f, "later\n");
	check(f, "GET /metrics", "", "200", "later\n");
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++)
		close(slow[i]);
	close(idle);
}

static void many_clients_are_served(void **state)
{
	struct fixture *f = *state;
	int clients[48];

	publish(f, "page\n");
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = dial(f);
		dprintf(clients[i], "GET /metrics HTTP/1.0\r\n\r\n");
	}
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		char *answer = read_answer(clients[i]);

		assert_non_null(strstr(answer, "page\n"));
		free(answer);
	}
}

/* Its own group may, others may not; one left behind is in nobody's way, one in use is. */
static void the_socket_is_ours(void **state)
{
	struct fixture *f = *state;
	struct http *second = NULL;
	char *error = NULL, *path = xasprintf("%s/stale", f->directory);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat status;

	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	assert_int_equal(http_open(f->path, &second, &error), -EADDRINUSE);
	assert_non_null(strstr(error, "Address already in use"));
	free(error);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(http_open(path, &second, &error), 0);
	http_close(second);
	free(path);
}

static void wrong_addresses_are_refused(void **state)
{
	static const char *const wrong[] = { "x", ":9435", "127.0.0.1:", "127.0.0.1:http",
		"::1:9435", "[::1:9435", "127.0.0.1:65536", "0",
		"[]:1", "1:2:3", "-1", "4294967297" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct http *http = NULL;
		char *error = NULL;

		if (http_open(wrong[i], &http, &error) != -EINVAL)
			fail_msg("%s", wrong[i]);
		assert_non_null(strstr(error, "not an address, use 127.0.0.1:9435"));
		free(error);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers),
		TEST(a_huge_request_is_refused),
		TEST(slow_clients_keep_nobody),
		TEST(many_clients_are_served),
		TEST(the_socket_is_ours),
		TEST(wrong_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
