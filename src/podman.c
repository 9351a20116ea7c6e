/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows the directories <driver>-containers of containers/storage: inotify
 * says when a file was replaced, which is how they are written.  Reading is
 * bounded in size and in time, as users may write what they like.
 */
#include "podman.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "json-array.h"
#include "names.h"
#include "oci-bundle.h"
#include "util.h"

#define FILE_MAX (16U << 20)		/* bytes of a containers.json: some 25,000 containers */
#define USER_FILE_MAX (2U << 20)	/* of a user's: reading takes a tenth of a second */
#define USERS_MAX 256
#define ID_SIZE 64
#define REST 50				/* what took t is not read again for REST * t: 2 % */
#define ASK_NS (NSEC_PER_SEC / 10)	/* what asks longer goes on the next time */

static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs", "aufs", "devicemapper" };
static const char *const files[] = { "containers.json", "volatile-containers.json" };
static const char *const runtimes[] = { "podman", "crio" };

/* A directory that has, or may come to have, a containers.json. */
struct directory {
	char *path;			/* below the host's root */
	uint32_t uid;			/* whose word it is */
	int watch;			/* -1: it is not there */
	bool dirty;			/* to be read */
	uint64_t after_ns;		/* not before */
};

struct podman {
	const struct host *host;	/* borrowed */
	struct containers *containers;	/* borrowed */
	int epoll_fd, inotify_fd, timer_fd;
	struct directory *directories;
	size_t n, capacity;
	uint32_t uids[USERS_MAX];	/* whose directories are among them */
	size_t n_uids;
};

/* ---- what is in the files */

/*
 * What CRI-O and Podman have containers/storage keep for them, as JSON in a
 * text: CRI-O's has the pod and the name that people gave, Podman's the image.
 */
static json_t *metadata_load(const json_t *element)
{
	const json_t *metadata = json_object_get(element, "metadata");

	if (!json_is_string(metadata))
		return NULL;
	return json_loadb(json_string_value(metadata), json_string_length(metadata), JSON_LENIENT,
			  NULL);
}

struct parse {
	struct containers *containers;
	uint32_t uid;
};

/* Others than root are believed only about what runs in their own slice. */
static bool is_believed(const struct parse *parse, const char *id)
{
	const struct container *container;

	if (!parse->uid)
		return true;
	container = containers_by_id(parse->containers, id);
	return container && podman_user_of(container->cgroup) == parse->uid;
}

static bool is_id(const char *id)
{
	return id && strlen(id) == ID_SIZE && strspn(id, "0123456789abcdef") == ID_SIZE;
}

static int take_element(void *context, const json_t *element)
{
	const struct parse *parse = context;
	const char *id = json_text_get(element, "id"), *name;
	const json_t *first = json_array_get(json_object_get(element, "names"), 0);
	struct container_facts facts = { .name = NULL };
	json_t *metadata;

	if (!is_id(id))
		return -EBADMSG;
	if (!is_believed(parse, id))
		return 0;
	metadata = metadata_load(element);
	name = json_text_get(metadata, "metadata-name");
	if (!name && json_is_string(first) && json_string_length(first) <= JSON_TEXT_MAX)
		name = json_string_value(first);
	facts.name = name;
	facts.image = json_text_get(metadata, "image-name");
	facts.pod = json_text_get(metadata, "pod-name");
	facts.namespace = json_text_get(metadata, "namespace");
	containers_describe(parse->containers, id, &facts);
	json_decref(metadata);
	return 0;
}

int podman_parse(struct containers *containers, uint32_t uid, const char *text, size_t size)
{
	struct parse parse = { .containers = containers, .uid = uid };

	return json_array_visit(text, size, take_element, &parse);
}

/* ---- directories */

static void directory_watch(const struct podman *podman, struct directory *directory)
{
	const uint32_t mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR;
	char self[64];
	int fd = host_open_path(podman->host, directory->path, O_PATH | O_DIRECTORY);

	if (fd < 0)
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	directory->watch = inotify_add_watch(podman->inotify_fd, self, mask);
	directory->dirty = true;
	close(fd);
}

static void directories_watch(struct podman *podman)
{
	for (size_t i = 0; i < podman->n; i++)
		if (podman->directories[i].watch < 0)
			directory_watch(podman, &podman->directories[i]);
}

static void directory_add(struct podman *podman, uint32_t uid, const char *base, const char *driver)
{
	struct directory *directory;

	podman->directories = array_reserve(podman->directories, &podman->capacity, podman->n + 1,
					    sizeof(*podman->directories));
	directory = &podman->directories[podman->n++];
	*directory = (struct directory){
		.path = xasprintf("%s/%s-containers", base, driver), .uid = uid, .watch = -1,
	};
}

/* From now on the storage of this user is looked at, too. */
static void user_add(struct podman *podman, uint32_t uid)
{
	char *graph, *run;

	for (size_t i = 0; i < podman->n_uids; i++)
		if (podman->uids[i] == uid)
			return;
	if (podman->n_uids == USERS_MAX || podman_find_place(podman->host, uid, &graph, &run) < 0)
		return;
	podman->uids[podman->n_uids++] = uid;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		directory_add(podman, uid, graph, drivers[i]);
		directory_add(podman, uid, run, drivers[i]);
	}
	free(graph);
	free(run);
}

static void directory_read(const struct podman *podman, struct directory *directory)
{
	size_t max = directory->uid ? USER_FILE_MAX : FILE_MAX;
	uint64_t start = monotonic_ns(), end;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = xasprintf("%s/%s", directory->path, files[i]), *text;
		long size = host_read(podman->host, path, max, &text, NULL);

		free(path);
		if (size < 0)
			continue;
		podman_parse(podman->containers, directory->uid, text, (size_t)size);
		free(text);
	}
	end = monotonic_ns();
	directory->dirty = false;
	directory->after_ns = end + (end - start) * REST;
}

/* Reads what is to be read, and has the timer tell when the rest of it may be. */
static void directories_read(struct podman *podman)
{
	struct itimerspec when = { 0 };
	uint64_t due_ns = UINT64_MAX, now_ns = monotonic_ns();

	for (size_t i = 0; i < podman->n; i++) {
		struct directory *directory = &podman->directories[i];

		if (directory->dirty && now_ns >= directory->after_ns)
			directory_read(podman, directory);
		else if (directory->dirty && directory->after_ns < due_ns)
			due_ns = directory->after_ns;
	}
	if (due_ns != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(due_ns / NSEC_PER_SEC);
		when.it_value.tv_nsec = (long)(due_ns % NSEC_PER_SEC);
	}
	timerfd_settime(podman->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---- events */

static bool is_file(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(name, files[i]))
			return true;
	return false;
}

static void take_event(struct podman *podman, const struct inotify_event *event)
{
	for (size_t i = 0; i < podman->n; i++) {
		struct directory *directory = &podman->directories[i];

		if (event->mask & IN_Q_OVERFLOW)
			directory->dirty = true;
		if (directory->watch < 0 || directory->watch != event->wd)
			continue;
		if (event->mask & IN_IGNORED)
			directory->watch = -1;
		else if (event->len && is_file(event->name))
			directory->dirty = true;
	}
}

/* Bounded, as users may make events faster than they are read. */
static void take_events(struct podman *podman)
{
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t size = read(podman->inotify_fd, buffer, sizeof(buffer));
	const char *at = buffer;

	while (size > 0 && at < buffer + size) {
		const struct inotify_event *event = (const void *)at;

		take_event(podman, event);
		at += sizeof(*event) + event->len;
	}
}

static void podman_work(void *source)
{
	struct podman *podman = source;

	take_events(podman);
	/* Setting the timer anew also makes it unreadable. */
	directories_read(podman);
}

/*
 * A container came up: its file has its name, unless that was read already, and
 * its bundle the rest.
 */
static void look_for(struct podman *podman, const struct container *container)
{
	/* A user's must not speak for another of the same id. */
	bool only = containers_by_id(podman->containers, container->id) == container;
	uint32_t uid = podman_user_of(container->cgroup);
	int error = -ENOENT;

	if (uid)
		user_add(podman, uid);
	directories_watch(podman);
	for (size_t i = 0; i < podman->n; i++) {
		struct directory *directory = &podman->directories[i];
		char *path;

		if (directory->watch < 0 || (directory->uid && directory->uid != uid))
			continue;
		if (!container->named)
			directory->dirty = true;
		if (!error || !only)
			continue;
		path = xasprintf("%s/%s/userdata/config.json", directory->path, container->id);
		error = oci_bundle_describe(podman->host, podman->containers, container->id, path);
		free(path);
	}
}

static void podman_ask(void *source)
{
	struct podman *podman = source;
	uint64_t end = monotonic_ns() + ASK_NS;
	const struct container *container;

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		while (monotonic_ns() < end) {
			container = containers_next_unknown(podman->containers, runtimes[i]);
			if (!container)
				break;
			look_for(podman, container);
		}
	}
	directories_read(podman);
}

/* ---- beginning and end */

static int podman_fd(const void *source)
{
	const struct podman *podman = source;

	return podman->epoll_fd;
}

static void podman_free(void *source)
{
	struct podman *podman = source;
	const int fds[] = { podman->epoll_fd, podman->inotify_fd, podman->timer_fd };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (size_t i = 0; i < podman->n; i++)
		free(podman->directories[i].path);
	free(podman->directories);
	free(podman);
}

static bool follow(const struct podman *podman, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return fd >= 0 && epoll_ctl(podman->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void *podman_open(const struct name_options *options __attribute__((unused)),
			 const struct host *host, struct containers *containers)
{
	struct podman *podman = xcalloc(1, sizeof(*podman));

	podman->host = host;
	podman->containers = containers;
	podman->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	podman->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	podman->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (podman->epoll_fd < 0 || !follow(podman, podman->inotify_fd) ||
	    !follow(podman, podman->timer_fd)) {
		podman_free(podman);
		return NULL;
	}
	user_add(podman, 0);
	directories_watch(podman);
	podman_ask(podman);
	return podman;
}

const struct name_source podman_names = {
	.name = "podman",
	.open = podman_open,
	.fd = podman_fd,
	.work = podman_work,
	.ask = podman_ask,
	.free = podman_free,
};
