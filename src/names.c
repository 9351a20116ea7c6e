/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sources of names, all behind one epoll descriptor. */
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "util.h"

static const struct name_source *const name_sources[] = {
	&docker_names,
	&podman_names,
	&containerd_names,
};

struct names {
	struct host host;
	int epoll_fd;
	void *sources[ARRAY_SIZE(name_sources)];	/* NULL: left out */
};

static void watch(struct names *names, size_t i)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = i };

	if (names->sources[i] && name_sources[i]->fd)
		epoll_ctl(names->epoll_fd, EPOLL_CTL_ADD,
			  name_sources[i]->fd(names->sources[i]), &event);
}

struct names *names_new(const struct name_options *options, struct containers *containers)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (host_open(&names->host, options->procfs) < 0)
		names->host = (struct host){ .procfs = options->procfs, .root_fd = -1 };
	for (size_t i = 0; i < ARRAY_SIZE(name_sources); i++) {
		names->sources[i] = name_sources[i]->open(options, &names->host, containers);
		watch(names, i);
	}
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(name_sources); i++)
		if (names->sources[i])
			name_sources[i]->free(names->sources[i]);
	host_close(&names->host);
	if (names->epoll_fd >= 0)
		close(names->epoll_fd);
	free(names);
}

int names_fd(const struct names *names)
{
	return names->epoll_fd;
}

void names_work(struct names *names)
{
	struct epoll_event events[ARRAY_SIZE(name_sources)];
	int n = epoll_wait(names->epoll_fd, events, ARRAY_SIZE(events), 0);

	for (int i = 0; i < n; i++)
		name_sources[events[i].data.u64]->work(names->sources[events[i].data.u64]);
}

void names_ask(struct names *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_sources); i++)
		if (names->sources[i])
			name_sources[i]->ask(names->sources[i]);
}
