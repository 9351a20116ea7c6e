/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake of Docker's daemon for tests: replies by path, driven from outside. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake-docker.h"
#include "util.h"

#define PEERS 32
#define REPLIES 64
#define REQUEST_MAX 4096

static const char not_found[] = "{\"message\":\"No such container\"}";
static const char events_path[] = "/events";
static const char events_head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				  "Transfer-Encoding: chunked\r\n\r\n";

struct reply {
	char *path;			/* owned */
	char *raw;			/* owned; NULL: no answer */
	size_t size;
	unsigned int asked;
};

struct peer {
	int fd;				/* -1: free */
	char request[REQUEST_MAX];
	size_t request_size;
	bool asked;			/* the request is complete */
	bool streams;			/* it was for /events */
	char *out;			/* still to be sent from out_at on; owned */
	size_t out_at;
	size_t out_size;
	size_t out_capacity;
};

struct fake_docker {
	char directory[64];
	char path[80];
	int epoll_fd;
	int listen_fd;			/* -1 while stopped */
	struct peer peers[PEERS];
	struct reply replies[REPLIES];
	size_t n_replies;
	unsigned int peak;
};

static void check(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	abort();
}

static void watch(struct fake_docker *fake, int fd, void *who, int operation, uint32_t mask)
{
	struct epoll_event event = { .events = mask, .data.ptr = who };

	check(epoll_ctl(fake->epoll_fd, operation, fd, &event) == 0, "epoll_ctl");
}

static void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	free(peer->out);
	memset(peer, 0, sizeof(*peer));
	peer->fd = -1;
}

static void peer_send(struct fake_docker *fake, struct peer *peer, const char *data, size_t size)
{
	if (size == 0)
		return;
	peer->out = array_reserve(peer->out, &peer->out_capacity, peer->out_size + size, 1);
	memcpy(peer->out + peer->out_size, data, size);
	peer->out_size += size;
	watch(fake, peer->fd, peer, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static struct reply *reply_find(struct fake_docker *fake, const char *path)
{
	for (size_t i = 0; i < fake->n_replies; i++)
		if (strcmp(fake->replies[i].path, path) == 0)
			return &fake->replies[i];
	return NULL;
}

static struct reply *reply_make(struct fake_docker *fake, const char *path)
{
	struct reply *reply = reply_find(fake, path);

	if (reply)
		return reply;
	assert(fake->n_replies < REPLIES);
	reply = &fake->replies[fake->n_replies++];
	reply->path = xstrdup(path);
	return reply;
}

static void peak_count(struct fake_docker *fake)
{
	unsigned int open = 0;

	for (size_t i = 0; i < PEERS; i++)
		open += fake->peers[i].fd >= 0 && !fake->peers[i].streams;
	if (open > fake->peak)
		fake->peak = open;
}

/* The request is "GET PATH?QUERY HTTP/1.1" or POST, then headers nobody looks at. */
static void peer_answer(struct fake_docker *fake, struct peer *peer)
{
	char *path = strchr(peer->request, ' ') + 1;
	struct reply *reply;

	assert(!strncmp(peer->request, "GET ", 4) || !strncmp(peer->request, "POST ", 5));
	path[strcspn(path, "? ")] = '\0';
	peer->asked = true;
	peer->streams = strcmp(path, events_path) == 0;
	peak_count(fake);
	if (!reply_find(fake, path))
		fake_docker_reply(fake, path, 404, not_found, strlen(not_found));
	reply = reply_make(fake, path);
	reply->asked++;
	if (reply->raw && reply->size == 0)
		peer_close(peer);
	else if (reply->raw)
		peer_send(fake, peer, reply->raw, reply->size);
}

static void peer_read(struct fake_docker *fake, struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->request + peer->request_size,
			 REQUEST_MAX - 1 - peer->request_size, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		peer_close(peer);
		return;
	}
	peer->request_size += (size_t)n;
	peer->request[peer->request_size] = '\0';
	if (!peer->asked && strstr(peer->request, "\r\n\r\n"))
		peer_answer(fake, peer);
}

static void peer_write(struct fake_docker *fake, struct peer *peer)
{
	ssize_t n = send(peer->fd, peer->out + peer->out_at, peer->out_size - peer->out_at,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0)
		peer->out_at += (size_t)n;
	if (n > 0 && peer->out_at < peer->out_size)
		return;
	if (n < 0 || !peer->streams) {
		peer_close(peer);
		return;
	}
	peer->out_at = peer->out_size = 0;
	watch(fake, peer->fd, peer, EPOLL_CTL_MOD, EPOLLIN);
}

static void peer_accept(struct fake_docker *fake)
{
	int fd = accept4(fake->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *peer = fake->peers;

	if (fd < 0)
		return;
	while (peer->fd >= 0)
		check(++peer < fake->peers + PEERS, "too many peers");
	peer->fd = fd;
	watch(fake, fd, peer, EPOLL_CTL_ADD, EPOLLIN);
}

void fake_docker_work(struct fake_docker *fake)
{
	struct epoll_event events[PEERS];
	int n = epoll_wait(fake->epoll_fd, events, PEERS, 0);

	for (int i = 0; i < n; i++) {
		struct peer *peer = events[i].data.ptr;

		if (!peer)
			peer_accept(fake);
		else if (peer->fd < 0)
			continue;
		else if (events[i].events & EPOLLOUT)
			peer_write(fake, peer);
		else
			peer_read(fake, peer);
	}
}

int fake_docker_fd(const struct fake_docker *fake)
{
	return fake->epoll_fd;
}

const char *fake_docker_path(const struct fake_docker *fake)
{
	return fake->path;
}

void fake_docker_reply_raw(struct fake_docker *fake, const char *path, const char *raw,
			   size_t size)
{
	struct reply *reply = reply_make(fake, path);

	free(reply->raw);
	reply->raw = raw ? xmalloc(size + 1) : NULL;
	reply->size = size;
	if (raw)
		memcpy(reply->raw, raw, size);
}

void fake_docker_reply(struct fake_docker *fake, const char *path, int status, const char *body,
		       size_t size)
{
	char *head = xasprintf("HTTP/1.1 %d Status\r\nContent-Type: application/json\r\n"
			       "Content-Length: %zu\r\n\r\n", status, size);
	size_t head_size = strlen(head);
	char *raw = xmalloc(head_size + size);

	memcpy(raw, head, head_size);
	memcpy(raw + head_size, body, size);
	fake_docker_reply_raw(fake, path, raw, head_size + size);
	free(head);
	free(raw);
}

void fake_docker_send_raw(struct fake_docker *fake, const char *raw, size_t size)
{
	for (size_t i = 0; i < PEERS; i++)
		if (fake->peers[i].fd >= 0 && fake->peers[i].streams)
			peer_send(fake, &fake->peers[i], raw, size);
}

void fake_docker_send(struct fake_docker *fake, const char *chunk, size_t size)
{
	char length[32];

	snprintf(length, sizeof(length), "%zx\r\n", size);
	fake_docker_send_raw(fake, length, strlen(length));
	fake_docker_send_raw(fake, chunk, size);
	fake_docker_send_raw(fake, "\r\n", 2);
}

unsigned int fake_docker_asked(struct fake_docker *fake, const char *path)
{
	const struct reply *reply = reply_find(fake, path);

	return reply ? reply->asked : 0;
}

unsigned int fake_docker_peak(const struct fake_docker *fake)
{
	return fake->peak;
}

void fake_docker_start(struct fake_docker *fake)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fake->path);
	fake->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	check(fake->listen_fd >= 0, "socket");
	check(bind(fake->listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	check(listen(fake->listen_fd, PEERS) == 0, "listen");
	watch(fake, fake->listen_fd, NULL, EPOLL_CTL_ADD, EPOLLIN);
}

void fake_docker_stop(struct fake_docker *fake)
{
	for (size_t i = 0; i < PEERS; i++)
		peer_close(&fake->peers[i]);
	if (fake->listen_fd >= 0)
		close(fake->listen_fd);
	fake->listen_fd = -1;
	unlink(fake->path);
}

struct fake_docker *fake_docker_new(void)
{
	struct fake_docker *fake = xcalloc(1, sizeof(*fake));

	strcpy(fake->directory, "/tmp/contop-test-XXXXXX");
	check(mkdtemp(fake->directory) != NULL, "mkdtemp");
	snprintf(fake->path, sizeof(fake->path), "%s/docker.sock", fake->directory);
	fake->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	check(fake->epoll_fd >= 0, "epoll_create1");
	for (size_t i = 0; i < PEERS; i++)
		fake->peers[i].fd = -1;
	fake_docker_reply_raw(fake, events_path, events_head, strlen(events_head));
	fake_docker_start(fake);
	return fake;
}

void fake_docker_free(struct fake_docker *fake)
{
	fake_docker_stop(fake);
	rmdir(fake->directory);
	close(fake->epoll_fd);
	for (size_t i = 0; i < fake->n_replies; i++) {
		free(fake->replies[i].path);
		free(fake->replies[i].raw);
	}
	free(fake);
}
