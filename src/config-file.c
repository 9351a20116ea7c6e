/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as a file.  inih takes lines apart, but knows neither their
 * numbers nor more than its first complaint, and only has room for some 200
 * bytes: so it is handed lines one by one here, long ones as continuations.
 */
#include "config-file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "util.h"

#define BLANKS " \t\r\v\f"

/* Every piece of a long line can have so many bytes: the name has to be in the first one. */
#define PIECE_LEAST 100

/* Stands for ';', which inih takes for a comment also behind a blank within a value. */
#define SEMICOLON '\1'

struct reader {
	const char *next, *end;		/* of the text */
	const char *line, *line_end;	/* what is left of the line */
	unsigned int number;
	char *section, *name, *value;	/* of the line, owned; NULL: not seen yet */
	void (*take)(void *context, const struct config_line *line);
	void *context;
};

static void complain(struct reader *reader, const char *what)
{
	reader->take(reader->context,
		     &(struct config_line){ .number = reader->number, .section = "", .name = "",
					    .value = "", .wrong = what });
}

/* The line is complete. */
static void finish_line(struct reader *reader)
{
	struct config_line line = { .number = reader->number, .section = reader->section,
				    .name = reader->name, .value = reader->value };

	if (reader->name)
		reader->take(reader->context, &line);
	free(reader->section);
	free(reader->name);
	free(reader->value);
	reader->section = reader->name = reader->value = NULL;
}

/* Whether a line is for inih; complains of what it cannot read. */
static bool is_readable(struct reader *reader)
{
	static const char no_section[] = "[?]";
	size_t size = (size_t)(reader->line_end - reader->line);
	size_t first = size < PIECE_LEAST ? size : PIECE_LEAST;

	if (!size || *reader->line == '#' || *reader->line == ';')
		return false;
	if (memchr(reader->line, '\0', size) || memchr(reader->line, SEMICOLON, size)) {
		complain(reader, "not a line of text");
		return false;
	}
	if (*reader->line == '[' && (size > first || !memchr(reader->line, ']', size))) {
		complain(reader, "a section without its ]");
		/* What follows is not of the section before. */
		reader->line = no_section;
		reader->line_end = no_section + strlen(no_section);
	} else if (*reader->line != '[' && !memchr(reader->line, '=', first) &&
		   !memchr(reader->line, ':', first)) {
		complain(reader, "neither NAME = VALUE nor [SECTION]");
		return false;
	}
	return true;
}

/* Goes to the next line that is for inih, without blanks around it. False at the end. */
static bool next_line(struct reader *reader)
{
	while (reader->next < reader->end) {
		const char *p = reader->next;
		const char *end = memchr(p, '\n', (size_t)(reader->end - p));

		end = end ? end : reader->end;
		reader->next = end < reader->end ? end + 1 : end;
		reader->number++;
		if (reader->number == 1 && end - p >= 3 && !memcmp(p, "\357\273\277", 3))
			p += 3;		/* byte order mark */
		while (p < end && strchr(BLANKS, *p))
			p++;
		while (end > p && strchr(BLANKS, end[-1]))
			end--;
		reader->line = p;
		reader->line_end = end;
		if (is_readable(reader))
			return true;
	}
	return false;
}

/*
 * How much of what is left of the line goes into one piece of at most so many
 * bytes. Neither piece may have a blank where they meet, as inih takes it away,
 * nor the next one look like a comment. 0: it cannot be.
 */
static size_t piece_size(const struct reader *reader, size_t most)
{
	const char *line = reader->line;
	size_t size = (size_t)(reader->line_end - line);

	if (size <= most)
		return size;
	for (size = most; size > 0; size--)
		if (!strchr(BLANKS "#", line[size]) && !strchr(BLANKS, line[size - 1]))
			break;
	return size;
}

/* What inih calls for a line. */
static char *read_piece(char *out, int room, void *context)
{
	struct reader *reader = context;
	bool continued = reader->line < reader->line_end;
	size_t size;

	if (!continued) {
		finish_line(reader);
		if (!next_line(reader))
			return NULL;
	}
	size = piece_size(reader, (size_t)room - 4);
	if (!size) {
		complain(reader, "too many blanks");
		size = (size_t)(reader->line_end - reader->line);
		reader->line = reader->line_end;
		return strcpy(out, "\n");
	}
	*out = '\t';			/* inih: more of the value before */
	memcpy(out + continued, reader->line, size);
	for (size_t i = 0; i < size; i++)
		if (out[continued + i] == ';')
			out[continued + i] = SEMICOLON;
	strcpy(out + continued + size, "\n");
	reader->line += size;
	return out;
}

static int take_piece(void *context, const char *section, const char *name, const char *value)
{
	struct reader *reader = context;
	char *longer;

	if (!reader->name) {
		reader->section = xstrdup(section);
		reader->name = xstrdup(name);
	}
	longer = xasprintf("%s%s", reader->value ? reader->value : "", value);
	for (char *p = longer; *p; p++)
		if (*p == SEMICOLON)
			*p = ';';
	free(reader->value);
	reader->value = longer;
	return 1;
}

void config_file_parse(const char *text, size_t size,
		       void (*take)(void *context, const struct config_line *line), void *context)
{
	struct reader reader = {
		.next = text, .end = text + size, .take = take, .context = context,
	};

	ini_parse_stream(read_piece, &reader, take_piece, &reader);
	finish_line(&reader);
}

/* ---- writing */

/* The directory of a path, into new memory. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash > path ? (size_t)(slash - path) : 1);
}

/*
 * Makes a directory and those above it that are missing. Run by sudo, contop
 * writes in the home of a user: all stays the user's. Says nothing of failure,
 * as the file that is to be in there does.
 */
static void make_directories(const char *path)
{
	char *above = directory_of(path);
	struct stat status;

	if (access(path, F_OK) && strcmp(above, path)) {
		make_directories(above);
		if (!mkdir(path, 0700) && !stat(above, &status) &&
		    lchown(path, status.st_uid, status.st_gid))
			errno = 0;
	}
	free(above);
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text += n, size -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

/* The mode and owner of the old file, or the owner of its directory. */
static int keep_owner(int fd, const char *path, const char *directory)
{
	struct stat old;
	mode_t mode = 0644;

	if (!stat(path, &old))
		mode = old.st_mode & 0777;
	else if (stat(directory, &old))
		return -errno;
	/* Only root can. */
	if (fchown(fd, old.st_uid, old.st_gid) && errno != EPERM)
		return -errno;
	return fchmod(fd, mode) ? -errno : 0;
}

int config_file_write(const char *path, const char *text, size_t size)
{
	char *target = realpath(path, NULL), *directory, *temporary;
	int fd, err;

	if (!target)
		target = xstrdup(path);
	directory = directory_of(target);
	make_directories(directory);
	temporary = xasprintf("%s.XXXXXX", target);
	fd = mkostemp(temporary, O_CLOEXEC);
	err = fd < 0 ? -errno : write_all(fd, text, size);
	if (!err)
		err = keep_owner(fd, target, directory);
	if (fd >= 0)
		close(fd);
	if (!err && rename(temporary, target))
		err = -errno;
	if (err && fd >= 0)
		unlink(temporary);
	free(target);
	free(directory);
	free(temporary);
	return err;
}

char *config_default_path(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* Relative ones are to be ignored, says the XDG specification. */
	if (base && *base == '/')
		return xasprintf("%s/contop/contoprc", base);
	return home && *home ? xasprintf("%s/.config/contop/contoprc", home) : NULL;
}
