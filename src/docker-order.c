/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /containers/ID/VERB.  A stop takes ten seconds and more: the screen does not wait for it. */
#include "docker-order.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <jansson.h>

#include "docker.h"
#include "json-array.h"
#include "library-curl.h"
#include "text.h"
#include "util.h"

#define TIMEOUT_MS 120000L
#define REPLY_MAX 4096

struct docker_order {
	pthread_t thread;
	int done_fd;			/* an eventfd */
	char *path, *url;		/* owned */
	CURLcode result;
	long status;			/* of HTTP */
	char reply[REPLY_MAX];
	size_t size;
};

/* For CURLOPT_WRITEFUNCTION: what does not fit is of no use. */
static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	struct docker_order *order = user;
	size_t n = sizeof(order->reply) - order->size;

	(void)one;
	n = size < n ? size : n;
	memcpy(order->reply + order->size, data, n);
	order->size += n;
	return size;
}

static CURLcode ask(const struct curl *curl, struct docker_order *order, CURL *easy)
{
	CURLcode result;

	curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(easy, CURLOPT_PROXY, "");
	curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl->easy_setopt(easy, CURLOPT_POST, 1L);
	curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, order);
	curl->easy_setopt(easy, CURLOPT_URL, order->url);
	/* Without this one, curl would go to localhost by TCP. */
	result = curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, order->path);
	if (result == CURLE_OK)
		result = curl->easy_perform(easy);
	curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &order->status);
	return result;
}

static void *carry_out(void *arg)
{
	struct docker_order *order = arg;
	const struct curl *curl = library_curl();
	CURL *easy = curl ? curl->easy_init() : NULL;
	uint64_t one = 1;

	order->result = easy ? ask(curl, order, easy) : CURLE_FAILED_INIT;
	if (easy)
		curl->easy_cleanup(easy);
	if (write(order->done_fd, &one, sizeof(one)) < 0)
		abort();		/* an eventfd takes a 1 */
	return NULL;
}

static void free_order(struct docker_order *order)
{
	if (order->done_fd >= 0)
		close(order->done_fd);
	free(order->path);
	free(order->url);
	free(order);
}

struct docker_order *docker_order_new(const char *path, const char *id, const char *verb)
{
	struct docker_order *order;

	if (!docker_id_valid(id))
		return NULL;
	order = xcalloc(1, sizeof(*order));
	order->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	order->path = docker_socket_path(path);
	order->url = xasprintf("http://localhost/containers/%s/%s", id, verb);
	if (order->done_fd >= 0 && !pthread_create(&order->thread, NULL, carry_out, order))
		return order;
	free_order(order);
	return NULL;
}

int docker_order_fd(const struct docker_order *order)
{
	return order->done_fd;
}

static bool is_done(const struct docker_order *order)
{
	uint64_t n;

	return read(order->done_fd, &n, sizeof(n)) == sizeof(n);
}

/* {"message":"..."}, or whatever it says. */
static char *reply_text(const struct docker_order *order)
{
	json_t *reply = json_loadb(order->reply, order->size, 0, NULL);
	const char *message = json_text_get(reply, "message");
	char *text = message ? text_clean_dup(message) :
			       xasprintf("Docker answers with status %ld", order->status);

	json_decref(reply);
	return text;
}

char *docker_order_error(const struct docker_order *order)
{
	const struct curl *curl = library_curl();

	if (order->result != CURLE_OK)
		return xasprintf("Docker at %s: %s", order->path,
				 curl ? curl->easy_strerror(order->result) :
					LIBCURL_SONAME " is not installed");
	/* 304: it was so already. */
	if (order->status == 304 || (order->status >= 200 && order->status < 300))
		return NULL;
	return reply_text(order);
}

void docker_order_free(struct docker_order *order)
{
	if (!order)
		return;
	if (!is_done(order)) {
		pthread_detach(order->thread);	/* and what it uses stays, too */
		return;
	}
	pthread_join(order->thread, NULL);
	free_order(order);
}
