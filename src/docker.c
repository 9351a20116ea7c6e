/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of containers from Docker's API.  libcurl's multi interface drives all
 * requests from one epoll descriptor: a stream of events that stays open, a list
 * each time the daemon is met, and one question for each container: neither of
 * them says all.  Paths carry no API version: Docker 29 refuses old ones.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "docker.h"
#include "library-curl.h"
#include "util.h"

#define INSPECT_MAX (1U << 20)		/* bytes of one reply */
#define LIST_MAX (16U << 20)
#define LINE_MAX_EVENT (256U << 10)
#define HEAD_MAX (64U << 10)		/* curl before 8.3 keeps any number of headers */

#define TIMEOUT_MS 5000L
#define TRIES_MAX 3
#define BACKOFF_MIN_NS (NSEC_PER_SEC / 4)
#define BACKOFF_MAX_NS (30 * NSEC_PER_SEC)
#define NEVER UINT64_MAX

/* The host is for show: the path of the socket decides. The filter is {"type":["container"]}. */
#define EVENTS_URL "http://localhost/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D"
#define LIST_URL "http://localhost/containers/json"
#define INSPECT_URL "http://localhost/containers/%s/json"

enum request_kind { REQUEST_EVENTS, REQUEST_LIST, REQUEST_INSPECT };

/* The stream and at most four requests that are answered: the list and three containers. */
#define REQUESTS 5

/* A place for one request at a time, under way while it has a handle. */
struct request {
	enum request_kind kind;
	struct docker *docker;		/* borrowed */
	CURL *easy;			/* owned */
	char id[DOCKER_ID_MAX + 1];		/* whom REQUEST_INSPECT asks about; empty: nobody */
	unsigned int failures;		/* in a row */
	uint64_t due_ns;		/* not to be started before */
	long status;			/* of HTTP, once the head of the reply is complete; 0 before */
	size_t head_size;
	char *text;			/* of status 200: body or event line so far; owned */
	size_t size;
	size_t capacity;
	bool overflow;			/* the line did not fit: it is dropped at its end */
};

struct docker {
	char *path;			/* owned; NULL: the usual places */
	struct containers *containers;	/* borrowed */
	const struct curl *curl;	/* static; these two are NULL until there is a socket */
	CURLM *multi;
	int epoll_fd;
	int timer_fd;			/* in epoll_fd: for curl and for requests that are due */
	uint64_t curl_due_ns;
	struct timespec socket_time;	/* when the socket was made that was tried last */
	bool answered;			/* a daemon answers */
	uint64_t answered_ns;		/* since when */
	bool listed;			/* since then the list came, or never will */
	struct request requests[REQUESTS];
};

/* ---- one request */

static size_t request_limit(const struct request *request)
{
	switch (request->kind) {
	case REQUEST_EVENTS:
		return LINE_MAX_EVENT;
	case REQUEST_LIST:
		return LIST_MAX;
	case REQUEST_INSPECT:
		break;
	}
	return INSPECT_MAX;
}

/* False when it does not fit; what is there already stays. */
static bool request_append(struct request *request, const char *data, size_t size)
{
	if (size > request_limit(request) - request->size)
		return false;
	if (size == 0)
		return true;
	request->text = array_reserve(request->text, &request->capacity, request->size + size, 1);
	memcpy(request->text + request->size, data, size);
	request->size += size;
	return true;
}

static void take_lines(struct request *request, const char *data, size_t size)
{
	while (size > 0) {
		const char *newline = memchr(data, '\n', size);
		size_t n = newline ? (size_t)(newline - data) : size;

		if (!request_append(request, data, n))
			request->overflow = true;
		if (newline) {
			if (!request->overflow)
				docker_parse_event(request->docker->containers, request->text,
						   request->size);
			request->overflow = false;
			request->size = 0;
			n++;
		}
		data += n;
		size -= n;
	}
}

/* For CURLOPT_WRITEFUNCTION: anything but the size ends the request with CURLE_WRITE_ERROR. */
static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	struct request *request = user;

	(void)one;
	if (request->status != 200)
		return size;
	if (request->kind == REQUEST_EVENTS)
		take_lines(request, data, size);
	else if (!request_append(request, data, size))
		return 0;
	return size;
}

/* For CURLOPT_HEADERFUNCTION: one line of the head, the empty one at its end included. */
static size_t on_head(char *data, size_t one, size_t size, void *user)
{
	struct request *request = user;
	struct docker *docker = request->docker;
	long status = 0;

	(void)one;
	request->head_size += size;
	if (request->head_size > HEAD_MAX)
		return 0;
	if (request->status || size == 0 || (data[0] != '\r' && data[0] != '\n'))
		return size;
	docker->curl->easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return size;
	request->status = status;
	if (request->kind == REQUEST_EVENTS) {
		docker->answered = true;
		docker->answered_ns = monotonic_ns();
		docker->listed = false;
	}
	return size;
}

/* Ends it, if it is under way, and drops what it got. */
static void request_stop(struct request *request)
{
	if (request->easy) {
		const struct curl *curl = request->docker->curl;

		curl->multi_remove_handle(request->docker->multi, request->easy);
		curl->easy_cleanup(request->easy);
		request->easy = NULL;
	}
	free(request->text);
	request->text = NULL;
	request->size = 0;
	request->capacity = 0;
	request->overflow = false;
	request->status = 0;
	request->head_size = 0;
}

/* Whether it has something to ask, now or when it is due. */
static bool request_waits(const struct request *request)
{
	const struct docker *docker = request->docker;

	if (request->easy)
		return false;
	switch (request->kind) {
	case REQUEST_EVENTS:
		return true;
	case REQUEST_LIST:
		return docker->answered && !docker->listed;
	case REQUEST_INSPECT:
		break;
	}
	return docker->listed && *request->id;
}

static uint64_t backoff_ns(unsigned int failures)
{
	return failures < 7 ? BACKOFF_MIN_NS << failures : BACKOFF_MAX_NS;
}

static void request_back_off(struct request *request)
{
	request->due_ns = monotonic_ns() + backoff_ns(request->failures++);
}

static const char *usual_path(void)
{
	static const char usual[] = "/run/docker.sock";

	return access(usual, F_OK) == 0 ? usual : "/var/run/docker.sock";
}

static const char *socket_path(const struct docker *docker)
{
	return docker->path ? docker->path : usual_path();
}

/* When the socket was made; zero while there is none. */
static struct timespec socket_time(const struct docker *docker)
{
	struct stat status = { 0 };

	stat(socket_path(docker), &status);
	return status.st_mtim;
}

static bool is_zero(struct timespec time)
{
	return !time.tv_sec && !time.tv_nsec;
}

/* For CURLMOPT_SOCKETFUNCTION. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
	struct docker *docker = user;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	(void)socket_user;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(docker->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	if (epoll_ctl(docker->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0)
		epoll_ctl(docker->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	return 0;
}

/* For CURLMOPT_TIMERFUNCTION; -1 is never. */
static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct docker *docker = user;

	(void)multi;
	docker->curl_due_ns = NEVER;
	if (timeout_ms >= 0)
		docker->curl_due_ns = monotonic_ns() + (uint64_t)timeout_ms * 1000000;
	return 0;
}

/* Without a daemon libcurl is not even loaded. False: it is not there, or of no use. */
static bool has_curl(struct docker *docker)
{
	if (docker->multi || is_zero(socket_time(docker)))
		return docker->multi;
	docker->curl = library_curl();
	docker->multi = docker->curl ? docker->curl->multi_init() : NULL;
	if (!docker->multi)
		return false;
	docker->curl->multi_setopt(docker->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	docker->curl->multi_setopt(docker->multi, CURLMOPT_SOCKETDATA, docker);
	docker->curl->multi_setopt(docker->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	docker->curl->multi_setopt(docker->multi, CURLMOPT_TIMERDATA, docker);
	return true;
}

static CURLcode request_set_up(struct request *request)
{
	const struct curl *curl = request->docker->curl;
	CURL *easy = request->easy;
	char url[sizeof(INSPECT_URL) + DOCKER_ID_MAX];

	snprintf(url, sizeof(url), INSPECT_URL, request->id);
	curl->easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl->easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(easy, CURLOPT_PROXY, "");
	curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, TIMEOUT_MS);
	if (request->kind != REQUEST_EVENTS)
		curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	/* Nobody watches connections that are kept for later: the daemon could not close them. */
	curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl->easy_setopt(easy, CURLOPT_URL, request->kind == REQUEST_EVENTS ? EVENTS_URL :
					     request->kind == REQUEST_LIST ? LIST_URL : url);
	/* Without this one, curl would go to localhost by TCP. */
	return curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket_path(request->docker));
}

static void request_start(struct request *request)
{
	struct docker *docker = request->docker;

	if (request->kind == REQUEST_EVENTS)
		docker->socket_time = socket_time(docker);
	request->easy = has_curl(docker) ? docker->curl->easy_init() : NULL;
	if (request->easy && request_set_up(request) == CURLE_OK &&
	    docker->curl->multi_add_handle(docker->multi, request->easy) == CURLM_OK)
		return;
	request_stop(request);
	request_back_off(request);
	/* Nobody need wake up for a daemon that is not there: docker_ask sees it come. */
	if (request->kind == REQUEST_EVENTS && is_zero(docker->socket_time))
		request->due_ns = NEVER;
}

/* ---- what became of requests */

static void stream_ended(struct docker *docker, struct request *stream, CURLcode result)
{
	struct request *list = &docker->requests[REQUEST_LIST];
	uint64_t lived_ns = docker->answered ? monotonic_ns() - docker->answered_ns : 0;
	bool refused = result == CURLE_OK && stream->status != 200;

	/* One that is only refused (by a proxy) leaves a daemon that can be asked. */
	if (!refused) {
		docker->answered = false;
		docker->listed = false;
		request_stop(list);
		list->failures = 0;
		list->due_ns = 0;
		/* It worked for longer than the last delay: not a daemon that ends each at once. */
		if (lived_ns > backoff_ns(stream->failures))
			stream->failures = 0;
	}
	request_back_off(stream);
}

/* No reply, or not all of it. What is over the limit would be so again. */
static bool result_transient(CURLcode result)
{
	return result != CURLE_OK && result != CURLE_WRITE_ERROR;
}

static void list_ended(struct docker *docker, struct request *list, CURLcode result)
{
	if (result_transient(result)) {
		request_back_off(list);
		return;
	}
	if (result == CURLE_OK && list->text)
		docker_parse_list(docker->containers, list->text, list->size);
	docker->listed = true;
	list->failures = 0;
	list->due_ns = 0;
}

static void inspect_ended(struct docker *docker, struct request *inspect, CURLcode result)
{
	if (result_transient(result)) {
		request_back_off(inspect);
		if (inspect->failures < TRIES_MAX)
			return;
	}
	if (result == CURLE_OK && inspect->text)
		docker_parse_inspect(docker->containers, inspect->text, inspect->size);
	inspect->id[0] = '\0';
	inspect->failures = 0;
	inspect->due_ns = 0;
}

static void request_ended(struct docker *docker, struct request *request, CURLcode result)
{
	switch (request->kind) {
	case REQUEST_EVENTS:
		stream_ended(docker, request, result);
		break;
	case REQUEST_LIST:
		list_ended(docker, request, result);
		break;
	case REQUEST_INSPECT:
		inspect_ended(docker, request, result);
		break;
	}
	request_stop(request);
}

/* ---- all requests together */

static void finish_requests(struct docker *docker)
{
	const CURLMsg *message;
	int left;

	while (docker->multi && (message = docker->curl->multi_info_read(docker->multi, &left))) {
		char *private = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		docker->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		if (private)
			request_ended(docker, (struct request *)(void *)private,
				      message->data.result);
	}
}

/* Hands a free place the next container that something is to be asked about. */
static void request_choose(struct request *inspect)
{
	const struct container *container;

	while (!*inspect->id) {
		container = containers_next_unknown(inspect->docker->containers, "docker");
		if (!container)
			return;
		if (docker_id_valid(container->id))
			strcpy(inspect->id, container->id);
	}
}

static void start_requests(struct docker *docker)
{
	uint64_t now_ns = monotonic_ns();

	for (size_t i = 0; i < REQUESTS; i++) {
		struct request *request = &docker->requests[i];

		if (request->kind == REQUEST_INSPECT && docker->listed && !request->easy)
			request_choose(request);
		if (request_waits(request) && now_ns >= request->due_ns)
			request_start(request);
	}
}

static void timer_arm(struct docker *docker)
{
	struct itimerspec when = { 0 };
	uint64_t due_ns = docker->curl_due_ns;

	for (size_t i = 0; i < REQUESTS; i++) {
		const struct request *request = &docker->requests[i];

		if (request_waits(request) && request->due_ns < due_ns)
			due_ns = request->due_ns;
	}
	if (due_ns != NEVER) {
		when.it_value.tv_sec = (time_t)(due_ns / NSEC_PER_SEC);
		when.it_value.tv_nsec = (long)(due_ns % NSEC_PER_SEC);
		if (due_ns == 0)
			when.it_value.tv_nsec = 1;	/* 0 would disarm it */
	}
	timerfd_settime(docker->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void go_on(struct docker *docker)
{
	start_requests(docker);
	timer_arm(docker);
}

/* A socket made since the last attempt is a daemon just started: no need to wait. */
void docker_ask(struct docker *docker)
{
	struct request *stream = &docker->requests[REQUEST_EVENTS];

	if (request_waits(stream) && stream->due_ns > monotonic_ns()) {
		struct timespec made = socket_time(docker);

		if (made.tv_sec != docker->socket_time.tv_sec ||
		    made.tv_nsec != docker->socket_time.tv_nsec)
			stream->due_ns = 0;
	}
	go_on(docker);
}

static void socket_ready(struct docker *docker, const struct epoll_event *event)
{
	int running;
	int mask = 0;

	if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (event->events & EPOLLERR)
		mask |= CURL_CSELECT_ERR;
	docker->curl->multi_socket_action(docker->multi, event->data.fd, mask, &running);
}

void docker_work(struct docker *docker)
{
	struct epoll_event events[REQUESTS + 1];
	int n = epoll_wait(docker->epoll_fd, events, ARRAY_SIZE(events), 0);
	int running;

	for (int i = 0; i < n; i++)
		if (events[i].data.fd != docker->timer_fd)
			socket_ready(docker, &events[i]);
	if (monotonic_ns() >= docker->curl_due_ns) {
		docker->curl_due_ns = NEVER;
		docker->curl->multi_socket_action(docker->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	finish_requests(docker);
	/* Setting the timer anew also makes it unreadable. */
	go_on(docker);
}

int docker_fd(const struct docker *docker)
{
	return docker->epoll_fd;
}

/* ---- beginning and end */

static int docker_open(struct docker *docker)
{
	struct epoll_event event = { .events = EPOLLIN };

	docker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (docker->epoll_fd < 0)
		return -errno;
	docker->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (docker->timer_fd < 0)
		return -errno;
	event.data.fd = docker->timer_fd;
	if (epoll_ctl(docker->epoll_fd, EPOLL_CTL_ADD, docker->timer_fd, &event) < 0)
		return -errno;
	return 0;
}

/* A path that is given, or that $DOCKER_HOST gives; NULL leaves the usual places. */
static char *path_choose(const char *path)
{
	static const char scheme[] = "unix://";
	const char *host = getenv("DOCKER_HOST");

	if (!path && host && strncmp(host, scheme, strlen(scheme)) == 0)
		path = host + strlen(scheme);
	return path && *path ? xstrdup(path) : NULL;
}

char *docker_socket_path(const char *path)
{
	char *chosen = path_choose(path);

	return chosen ? chosen : xstrdup(usual_path());
}

struct docker *docker_new(const char *path, struct containers *containers, int *ret_error)
{
	struct docker *docker = xcalloc(1, sizeof(*docker));
	int error;

	docker->path = path_choose(path);
	docker->containers = containers;
	docker->epoll_fd = -1;
	docker->timer_fd = -1;
	docker->curl_due_ns = NEVER;
	for (size_t i = 0; i < REQUESTS; i++) {
		docker->requests[i].docker = docker;
		docker->requests[i].kind = i < REQUEST_INSPECT ? (enum request_kind)i :
								 REQUEST_INSPECT;
	}
	error = docker_open(docker);
	if (error < 0) {
		docker_free(docker);
		*ret_error = error;
		return NULL;
	}
	go_on(docker);
	return docker;
}

void docker_free(struct docker *docker)
{
	if (!docker)
		return;
	for (size_t i = 0; i < REQUESTS; i++)
		request_stop(&docker->requests[i]);
	if (docker->multi)
		docker->curl->multi_cleanup(docker->multi);	/* may call on_socket: before close */
	if (docker->timer_fd >= 0)
		close(docker->timer_fd);
	if (docker->epoll_fd >= 0)
		close(docker->epoll_fd);
	free(docker->path);
	free(docker);
}
