/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that grow by whole reports, are put aside in time, and go in the end. */
#include "log-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "util.h"

#define GZIP_WINDOW (15 + 16)		/* deflateInit2: the largest window, in a gzip wrapper */
#define STAMP_SIZE sizeof("-20261121-030000")
#define SAME_SECOND_MOST 99

/* ---- names of files put aside */

/* Where the extension of a path begins: ".json.gz" and ".gz" alike; its end when there is none. */
static const char *extension(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.'), *before;
	size_t size = strlen(path);

	if (!dot || dot == name)
		return path + size;
	if (strcmp(dot, ".gz"))
		return dot;
	for (before = dot; before > name && *--before != '.';)
		;
	return before > name ? before : dot;
}

/* The path for what began at a time, into new memory; the n-th of that second. */
static char *aside_path(const char *path, uint64_t began_ns, unsigned int n)
{
	const char *end = extension(path);
	time_t seconds = (time_t)(began_ns / NSEC_PER_SEC);
	char stamp[STAMP_SIZE] = "", more[8] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(stamp, sizeof(stamp), "-%Y%m%d-%H%M%S", &tm);
	if (n)
		snprintf(more, sizeof(more), "-%02u", n);
	return xasprintf("%.*s%s%s%s", (int)(end - path), path, stamp, more, end);
}

/* Whether a name is one that aside_path makes for a file named begin + end. */
static bool is_aside(const char *name, const char *begin, size_t begin_size, const char *end)
{
	static const char shape[] = "-dddddddd-dddddd", more[] = "-dd";
	size_t size = strlen(name), end_size = strlen(end), middle;

	if (size < begin_size + end_size || strncmp(name, begin, begin_size) ||
	    strcmp(name + size - end_size, end))
		return false;
	middle = size - begin_size - end_size;
	name += begin_size;
	if (middle != sizeof(shape) - 1 && middle != sizeof(shape) + sizeof(more) - 2)
		return false;
	for (size_t i = 0; i < middle; i++) {
		char wanted = i < sizeof(shape) - 1 ? shape[i] : more[i - (sizeof(shape) - 1)];

		if (wanted == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != wanted)
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory of what a file has left there, oldest first. The caller frees all. */
static char **find_aside(const char *directory, const char *name, const char *end, size_t *ret_n)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	char **names = NULL;
	size_t capacity = 0, n = 0;

	while (stream && (entry = readdir(stream))) {
		if (!is_aside(entry->d_name, name, (size_t)(end - name), end))
			continue;
		names = array_reserve(names, &capacity, n + 1, sizeof(*names));
		names[n++] = xstrdup(entry->d_name);
	}
	if (stream)
		closedir(stream);
	if (n)
		qsort(names, n, sizeof(*names), by_name);
	*ret_n = n;
	return names;
}

static void forget_oldest(const char *path, unsigned int keep)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? xasprintf("%.*s/", (int)(slash - path), path) : xstrdup("./");
	const char *name = slash ? slash + 1 : path;
	char **names;
	size_t n;

	names = find_aside(directory, name, extension(name), &n);
	for (size_t i = 0; i < n; i++) {
		char *old = xasprintf("%s%s", directory, names[i]);

		if (i + keep < n)
			unlink(old);
		free(old);
		free(names[i]);
	}
	free(names);
	free(directory);
}

/* ---- the file */

static bool is_due(const struct log_file *file, size_t more, uint64_t now_ns)
{
	const struct rotation *rotation = file->rotation;

	if (!file->size)
		return false;
	if (rotation->size && file->size + more > rotation->size)
		return true;
	return rotation->age_ns && file->began_ns && now_ns > file->began_ns &&
	       now_ns - file->began_ns >= rotation->age_ns;
}

/* The time in the first report or row of JSON or CSV; 0 when there is none to be read. */
static uint64_t first_time_ns(int fd)
{
	char head[4096], *at;
	ssize_t n = pread(fd, head, sizeof(head) - 1, 0);
	double seconds;

	head[n > 0 ? n : 0] = '\0';
	if (*head == '{') {
		at = strstr(head, "\"time\":");
		at = at ? at + strlen("\"time\":") : NULL;
	} else {
		/* Rows come after the headings. */
		for (at = head; at && (*at < '0' || *at > '9');) {
			at = strchr(at, '\n');
			at = at ? at + 1 : NULL;
		}
	}
	seconds = at ? strtod(at, NULL) : 0;
	return seconds > 0 && seconds < 1e10 ? (uint64_t)(seconds * NSEC_PER_SEC) : 0;
}

static int reach(struct log_file *file)
{
	struct stat status;

	file->fd = open(file->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (file->fd < 0)
		return -errno;
	if (fstat(file->fd, &status) || !S_ISREG(status.st_mode)) {
		close(file->fd);
		file->fd = -1;
		return -EINVAL;
	}
	file->size = (uint64_t)status.st_size;
	file->began_ns = file->size ? first_time_ns(file->fd) : 0;
	/* What cannot be read began not later than it was last written to. */
	if (file->size && !file->began_ns)
		file->began_ns = (uint64_t)status.st_mtim.tv_sec * NSEC_PER_SEC;
	return 0;
}

static void leave(struct log_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* Without a new name the file just grows on: nothing is lost. */
static void put_aside(struct log_file *file)
{
	for (unsigned int n = 0; n <= SAME_SECOND_MOST; n++) {
		char *path = aside_path(file->path, file->began_ns, n);
		bool free_name = access(path, F_OK) != 0;
		bool moved = free_name && rename(file->path, path) == 0;

		free(path);
		if (!free_name)
			continue;
		if (moved)
			leave(file);
		break;
	}
	if (file->fd < 0 && file->rotation->keep)
		forget_oldest(file->path, file->rotation->keep);
}

/* Compresses into new memory. */
static char *compress_text(const char *text, size_t size, size_t *ret_size)
{
	z_stream stream = { 0 };
	char *packed;
	uLong bound;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	bound = deflateBound(&stream, size);
	packed = xmalloc(bound);
	/* zlib's type for input is not const; it does not write there. */
	stream.next_in = (Bytef *)(uintptr_t)text;
	stream.avail_in = (uInt)size;
	stream.next_out = (Bytef *)packed;
	stream.avail_out = (uInt)bound;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
		free(packed);
		packed = NULL;
	}
	*ret_size = stream.total_out;
	deflateEnd(&stream);
	return packed;
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

static int append_raw(struct log_file *file, const char *text, size_t size, uint64_t now_ns)
{
	int err;

	if (file->fd >= 0 && is_due(file, size, now_ns))
		put_aside(file);
	if (file->fd < 0 && (err = reach(file)))
		return err;
	err = write_all(file->fd, text, size);
	if (err) {
		/* Half a line would spoil the next: back to the last whole one. */
		if (ftruncate(file->fd, (off_t)file->size))
			leave(file);
		return err;
	}
	file->size += size;
	if (!file->began_ns)
		file->began_ns = now_ns;
	return 0;
}

int log_file_append(struct log_file *file, const char *text, size_t size, uint64_t now_ns)
{
	char *packed;
	int err;

	if (!file->gzip)
		return append_raw(file, text, size, now_ns);
	packed = compress_text(text, size, &size);
	err = packed ? append_raw(file, packed, size, now_ns) : -ENOMEM;
	free(packed);
	return err;
}

/* Whether what is there already is a recording: nobody's other file is to be written to. */
static bool is_ours(const struct log_file *file)
{
	unsigned char begin[2] = "";

	if (!file->size)
		return true;
	if (pread(file->fd, begin, sizeof(begin), 0) != sizeof(begin))
		return false;
	if (file->gzip)
		return begin[0] == 0x1f && begin[1] == 0x8b;
	return begin[0] == '{' && begin[1] == '"';
}

int log_file_open(struct log_file *file, const char *path, const struct rotation *rotation,
		  bool gzip)
{
	int err;

	*file = (struct log_file){
		.path = xstrdup(path), .rotation = rotation, .gzip = gzip, .fd = -1,
	};
	err = reach(file);
	return !err && !is_ours(file) ? -EEXIST : err;
}

void log_file_close(struct log_file *file)
{
	leave(file);
	free(file->path);
	*file = (struct log_file){ .fd = -1 };
}

int log_file_add(const char *path, const struct rotation *rotation, const char *heading,
		 const char *text, size_t size, uint64_t now_ns)
{
	struct log_file file = { .path = xstrdup(path), .rotation = rotation, .fd = -1 };
	int err = reach(&file);

	if (!err && is_due(&file, size, now_ns)) {
		put_aside(&file);
		err = file.fd < 0 ? reach(&file) : 0;
	}
	if (!err && !file.size && heading)
		err = append_raw(&file, heading, strlen(heading), now_ns);
	if (!err)
		err = append_raw(&file, text, size, now_ns);
	log_file_close(&file);
	return err;
}
