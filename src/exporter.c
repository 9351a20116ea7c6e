/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front that shows nothing: each interval becomes a page of metrics, which
 * HTTP serves (--listen), or a file has (--textfile).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "http.h"
#include "metric.h"
#include "text.h"
#include "util.h"

struct exporter {
	struct front front;		/* must stay the first member */
	struct metrics *metrics;
	struct http *http;		/* NULL: not asked for */
	const char *path;		/* of the text file, likewise. Borrowed */
	char *new_path;			/* what it is written as before it takes its place; owned */
};

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* What a contop that was killed has left goes; nothing that others put there is written to. */
static int create_file(const struct exporter *exporter)
{
	int fd;

	unlink(exporter->new_path);
	fd = open(exporter->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

/* Whoever reads the file has all of this page or all of the one before. */
static int replace_file(const struct exporter *exporter, const char *page, size_t size)
{
	int fd = create_file(exporter), err;

	if (fd < 0)
		return fd;
	err = write_all(fd, page, size);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(exporter->new_path, exporter->path))
		err = -errno;
	if (err)
		unlink(exporter->new_path);
	return err;
}

static int exporter_show(struct front *front, const struct model *model)
{
	struct exporter *exporter = (struct exporter *)front;
	size_t size;
	char *page;

	metrics_update(exporter->metrics, model);
	for (size_t i = 0; i < FORMAT_COUNT && exporter->http; i++) {
		page = metrics_page(exporter->metrics, i, &size);
		http_publish(exporter->http, i, page, size);
	}
	if (exporter->path) {
		page = metrics_page(exporter->metrics, FORMAT_PROMETHEUS, &size);
		/* A full disk may have room again: the next page tells that this one is missing. */
		if (replace_file(exporter, page, size))
			metrics_count_failure(exporter->metrics);
		free(page);
	}
	return TODO_NOTHING;
}

static int exporter_ignore(struct front *front, const struct model *model)
{
	(void)front, (void)model;
	return TODO_NOTHING;
}

static void exporter_free(struct front *front)
{
	struct exporter *exporter = (struct exporter *)front;

	http_close(exporter->http);
	metrics_free(exporter->metrics);
	free(exporter->new_path);
	free(exporter);
}

/* ".NAME.new" beside it: on the same file system, and of no name that a collector takes. */
static char *new_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	int size = slash ? (int)(slash + 1 - path) : 0;

	return xasprintf("%.*s.%s.new", size, path, path + size);
}

/* What can be wrong with the file's place is said before the first interval is waited for. */
static int try_file(struct exporter *exporter, char **ret_error)
{
	int fd = create_file(exporter);
	char *clean;

	if (fd >= 0) {
		close(fd);
		unlink(exporter->new_path);
		return 0;
	}
	clean = text_clean_dup(exporter->path);
	*ret_error = xasprintf("--textfile %s: %s", clean, strerror(-fd));
	free(clean);
	return fd;
}

int exporter_open(const struct options *options, const struct source *source,
		  struct front **ret_front, char **ret_error)
{
	struct exporter *exporter = xcalloc(1, sizeof(*exporter));
	int err = 0;

	exporter->front = (struct front){
		.input_fd = -1,
		.show = exporter_show,
		.take_input = exporter_ignore,
		.resize = exporter_ignore,
		.free = exporter_free,
	};
	exporter->metrics = metrics_new(options, source);
	if (!exporter->metrics) {
		*ret_error = xstrdup("-P: there are no metrics of these panes, use some of "
				     "containers,flows,disks,syscalls");
		err = -EINVAL;
	}
	if (!err && options->textfile) {
		exporter->path = options->textfile;
		exporter->new_path = new_path(options->textfile);
		err = try_file(exporter, ret_error);
	}
	if (!err && options->listen)
		err = http_open(options->listen, &exporter->http, ret_error);
	if (err)
		exporter_free(&exporter->front);
	else
		*ret_front = &exporter->front;
	return err;
}
