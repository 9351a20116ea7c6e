/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines to a collector over a Unix or TCP socket that is never waited for. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "flow-export.h"
#include "util.h"

#define PENDING_MOST (4u << 20)

struct stream {
	struct sockaddr_storage address;
	socklen_t address_size;
	int fd;				/* -1: not connected, nor about to be */
	char *pending;			/* whole lines; owned */
	size_t size, capacity;
	size_t done;			/* of pending, sent already: less than one line */
};

static int unix_address(const char *path, struct stream *stream)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&stream->address;

	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	stream->address_size = sizeof(*address);
	return 0;
}

/* HOST:PORT, [ADDRESS]:PORT for one of IPv6. */
static int internet_address(const char *text, struct stream *stream)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(text, ':');
	struct addrinfo *found;
	char *host;
	int err;

	if (!colon || colon == text || !colon[1])
		return -EINVAL;
	host = text[0] == '[' && colon[-1] == ']' ?
	       xasprintf("%.*s", (int)(colon - text - 2), text + 1) :
	       xasprintf("%.*s", (int)(colon - text), text);
	err = getaddrinfo(host, colon + 1, &hints, &found);
	free(host);
	if (err)
		return err == EAI_SYSTEM ? -errno : -EINVAL;
	memcpy(&stream->address, found->ai_addr, found->ai_addrlen);
	stream->address_size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int stream_open(const char *address, struct stream **ret)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));
	int err = address[0] == '/' ? unix_address(address, stream) :
				      internet_address(address, stream);

	stream->fd = -1;
	if (err) {
		free(stream);
		return err;
	}
	*ret = stream;
	return 0;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream->pending);
	free(stream);
}

/* The next connection gets the line that this one had only part of as a whole. */
static void disconnect(struct stream *stream)
{
	close(stream->fd);
	stream->fd = -1;
	stream->done = 0;
}

/* TCP goes on in the background: until then sending says EAGAIN. */
static int reach(struct stream *stream)
{
	stream->fd = socket(stream->address.ss_family,
			    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (stream->fd < 0)
		return -errno;
	if (connect(stream->fd, (struct sockaddr *)&stream->address, stream->address_size) &&
	    errno != EINPROGRESS) {
		int err = -errno;

		disconnect(stream);
		return err;
	}
	return 0;
}

/* Lines that are sent as a whole leave the buffer. */
static void forget_sent(struct stream *stream)
{
	char *end = stream->done ? memrchr(stream->pending, '\n', stream->done) : NULL;
	size_t whole = end ? (size_t)(end + 1 - stream->pending) : 0;

	memmove(stream->pending, stream->pending + whole, stream->size - whole);
	stream->size -= whole;
	stream->done -= whole;
}

static int flush(struct stream *stream)
{
	int err = 0;

	if (stream->fd < 0 && (err = reach(stream)))
		return err;
	while (stream->done < stream->size) {
		ssize_t n = send(stream->fd, stream->pending + stream->done,
				 stream->size - stream->done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			stream->done += (size_t)n;
			continue;
		}
		if (errno == EAGAIN || errno == ENOTCONN || errno == EINTR)
			break;
		err = -errno;
		forget_sent(stream);
		disconnect(stream);
		return err;
	}
	forget_sent(stream);
	return 0;
}

int stream_send(struct stream *stream, const char *lines, size_t size)
{
	/* What is left from before goes first: there may be room then. */
	if (stream->size)
		flush(stream);
	if (!size)
		return 0;
	if (stream->size + size > PENDING_MOST)
		return -ENOBUFS;
	stream->pending = array_reserve(stream->pending, &stream->capacity, stream->size + size, 1);
	memcpy(stream->pending + stream->size, lines, size);
	stream->size += size;
	flush(stream);
	return 0;
}
