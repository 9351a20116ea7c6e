/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports from a file, compressed or not, line by line, and whether they can be replayed at all. */
#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "text.h"
#include "util.h"

#define LINE_MOST (256UL << 20)
#define BUFFER_SIZE (1u << 17)
#define TIME_MOST 1e10			/* seconds: what still fits in nanoseconds of 64 bits */
#define INTERVAL_MOST 1e9

static int recording_fail(struct recording *recording, int err, const char *what)
{
	free(recording->error);
	recording->error = xasprintf("%s, line %lu: %s", recording->name,
				     recording->line_number, what);
	return err;
}

/* The next line without its end, not terminated: its size, or -ENODATA at the end, -errno. */
static long read_line(struct recording *recording)
{
	size_t size = 0;
	int c, err;

	recording->line_number++;
	while ((c = gzgetc(recording->file)) != EOF && c != '\n') {
		if (size == LINE_MOST)
			return recording_fail(recording, -EFBIG, "too long for a recording");
		if (size == recording->line_capacity)
			recording->line = array_reserve(recording->line,
							&recording->line_capacity, size + 1, 1);
		recording->line[size++] = (char)c;
	}
	gzerror(recording->file, &err);
	if (err == Z_ERRNO)
		return recording_fail(recording, -EIO, strerror(errno));
	if (err < 0)
		return recording_fail(recording, -EBADMSG, err == Z_BUF_ERROR ?
				      "cut off in the middle of what is compressed" :
				      "damaged: it cannot be unpacked");
	return c == EOF && !size ? -ENODATA : (long)size;
}

static bool number_within(const json_t *object, const char *key, double least, double most)
{
	const json_t *number = json_object_get(object, key);
	double value = json_number_value(number);

	return json_is_number(number) && value >= least && value <= most;
}

/* Why an object is no report that can be replayed, or NULL. */
static const char *report_wrong(const json_t *report)
{
	if (json_integer_value(json_object_get(report, "schema")) != JSON_SCHEMA)
		return "not a recording of contop with schema 1";
	if (!number_within(report, "time", 0, TIME_MOST))
		return "a recording needs \"time\" in seconds";
	if (!number_within(report, "interval", 1e-9, INTERVAL_MOST))
		return "a recording needs \"interval\" in seconds";
	if (json_is_true(json_object_get(report, "accumulated")))
		return "written with -a: it has totals where a recording needs intervals";
	return NULL;
}

int recording_next(struct recording *recording, json_t **ret_report)
{
	json_error_t error;
	const char *what;
	json_t *report;
	long size;

	if (recording->events)
		json_array_clear(recording->events);
	else
		recording->events = json_array();
	while ((size = read_line(recording)) >= 0) {
		if (!size)
			continue;
		report = json_loadb(recording->line, (size_t)size, JSON_ALLOW_NUL, &error);
		what = report ? report_wrong(report) :
			"no whole JSON object: cut off, or not a recording";
		if (!what) {
			*ret_report = report;
			return 0;
		}
		if (report && json_object_get(report, "event")) {
			if (json_array_size(recording->events) < SAMPLE_EVENTS_MAX)
				json_array_append(recording->events, report);
			what = NULL;
		}
		json_decref(report);
		if (what)
			return recording_fail(recording, -EBADMSG, what);
	}
	return (int)size;
}

int recording_open(struct recording *recording, const char *path)
{
	*recording = (struct recording){ .name = text_clean_dup(path) };
	errno = 0;
	recording->file = strcmp(path, "-") ? gzopen(path, "re") : gzdopen(dup(STDIN_FILENO), "r");
	if (!recording->file)
		return errno ? -errno : -ENOMEM;
	gzbuffer(recording->file, BUFFER_SIZE);
	return 0;
}

void recording_close(struct recording *recording)
{
	if (recording->file)
		gzclose(recording->file);
	free(recording->name);
	free(recording->line);
	free(recording->error);
	json_decref(recording->events);
	*recording = (struct recording){ 0 };
}

int recording_rewind(struct recording *recording)
{
	if (gzrewind(recording->file))
		return -ESPIPE;
	recording->line_number = 0;
	if (recording->events)
		json_array_clear(recording->events);
	return 0;
}
