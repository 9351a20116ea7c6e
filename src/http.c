/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serves metrics with libmicrohttpd.  Its thread hands out the newest response,
 * which is counted by references: a slow client keeps its own, and what is new
 * takes the place of what was in a moment.
 */
#include "http.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

#include "text.h"
#include "util.h"

/* What clients may take at most: descriptors, memory for a request each, idle seconds. */
#define CONNECTIONS_MOST 64
#define REQUEST_MOST 16384
#define IDLE_MOST 15

struct http {
	struct MHD_Daemon *daemon;
	char *path;			/* of the Unix socket, to be removed; NULL: none. Owned */
	pthread_mutex_t lock;		/* of what follows */
	struct MHD_Response *pages[FORMAT_COUNT];	/* NULL: none yet */
};

/* ---- answers */

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned int status,
				   const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
						MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_page(struct http *http, struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_ACCEPT);
	enum metric_format format = accept && strstr(accept, "application/openmetrics-text") ?
				    FORMAT_OPENMETRICS : FORMAT_PROMETHEUS;
	enum MHD_Result result = MHD_NO;
	bool any;

	pthread_mutex_lock(&http->lock);
	any = http->pages[format];
	if (any)
		result = MHD_queue_response(connection, MHD_HTTP_OK, http->pages[format]);
	pthread_mutex_unlock(&http->lock);
	return any ? result : answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
					  "The first interval is not over yet.\n");
}

/* Called first without a body, which nothing here has use for. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *body,
			      size_t *body_size, void **state)
{
	(void)version, (void)body, (void)body_size, (void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				   "Only GET and HEAD are of use here.\n");
	if (!strcmp(url, "/metrics"))
		return answer_page(context, connection);
	if (!strcmp(url, "/"))
		return answer_text(connection, MHD_HTTP_OK,
				   "contop " PACKAGE_VERSION ": metrics are at /metrics\n");
	return answer_text(connection, MHD_HTTP_NOT_FOUND, "Metrics are at /metrics.\n");
}

void http_publish(struct http *http, enum metric_format format, char *page, size_t size)
{
	struct MHD_Response *before, *now;

	now = MHD_create_response_from_buffer(size, page, MHD_RESPMEM_MUST_FREE);
	if (!now)
		abort();	/* out of memory, as xmalloc has it */
	MHD_add_response_header(now, MHD_HTTP_HEADER_CONTENT_TYPE, metric_content_types[format]);
	pthread_mutex_lock(&http->lock);
	before = http->pages[format];
	http->pages[format] = now;
	pthread_mutex_unlock(&http->lock);
	if (before)
		MHD_destroy_response(before);
}

/* ---- where it listens */

/* A socket that nobody listens at any more is in the way of a new one. */
static void remove_stale(const struct sockaddr_un *address)
{
	struct stat status;
	int fd;

	if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

/* For root and its group. A listening descriptor or -errno. */
static int listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, err = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	remove_stale(&address);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0117);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	umask(mask);
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int listen_at(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* [::] is not to take 0.0.0.0 as well without being told. */
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* "HOST:PORT", "[HOST]:PORT" or "PORT" into two strings, the first NULL when there is none. */
static bool split_address(const char *text, char **ret_host, char **ret_port)
{
	const char *colon = strrchr(text, ':'), *end = colon;

	*ret_host = NULL;
	*ret_port = xstrdup(colon ? colon + 1 : text);
	if (!colon)
		return true;
	if (*text == '[' && end > text && end[-1] == ']') {
		text++;
		end--;
	} else if (memchr(text, ':', (size_t)(end - text))) {
		return false;
	}
	*ret_host = xstrndup(text, (size_t)(end - text));
	return end > text;
}

/* getaddrinfo takes larger ones, too, and cuts them. */
static bool is_port(const char *text)
{
	size_t size = strlen(text);

	return size && size <= 5 && strspn(text, "0123456789") == size && atoi(text) > 0 &&
	       atoi(text) <= UINT16_MAX;
}

/* A listening descriptor or -errno; -EINVAL: this is no address. */
static int listen_tcp(const char *text)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *info = NULL;
	char *host, *port;
	int fd = -EINVAL;

	if (split_address(text, &host, &port) && is_port(port) &&
	    !getaddrinfo(host ? host : "127.0.0.1", port, &hints, &info)) {
		fd = listen_at(info);
		freeaddrinfo(info);
	}
	free(host);
	free(port);
	return fd;
}

static char *complain(const char *address, int err)
{
	char *clean = text_clean_dup(address), *error;

	if (err == -EINVAL)
		error = xasprintf("--listen %s: not an address, use 127.0.0.1:9435, [::1]:9435 "
				  "or the path of a Unix socket", clean);
	else
		error = xasprintf("--listen %s: %s", clean, strerror(-err));
	free(clean);
	return error;
}

/* What it has to say of its clients is of no interest. */
static void log_nothing(void *context, const char *format, va_list arguments)
{
	(void)context, (void)format, (void)arguments;
}

static struct MHD_Daemon *start(struct http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG,
				0, NULL, NULL, answer, http,
				MHD_OPTION_EXTERNAL_LOGGER, log_nothing, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MOST,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MOST,
				MHD_OPTION_CONNECTION_TIMEOUT, IDLE_MOST,
				MHD_OPTION_END);
}

int http_open(const char *address, struct http **ret_http, char **ret_error)
{
	bool is_path = strchr(address, '/');
	int fd = is_path ? listen_unix(address) : listen_tcp(address);
	struct http *http;

	if (fd < 0) {
		*ret_error = complain(address, fd);
		return fd;
	}
	http = xcalloc(1, sizeof(*http));
	pthread_mutex_init(&http->lock, NULL);
	http->path = is_path ? xstrdup(address) : NULL;
	http->daemon = start(http, fd);
	if (!http->daemon) {
		close(fd);
		http_close(http);
		*ret_error = complain(address, -ENOMEM);
		return -ENOMEM;
	}
	*ret_http = http;
	return 0;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->path)
		unlink(http->path);
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (http->pages[i])
			MHD_destroy_response(http->pages[i]);
	pthread_mutex_destroy(&http->lock);
	free(http->path);
	free(http);
}
