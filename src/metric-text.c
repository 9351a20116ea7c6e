/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text.  What differs between the two formats stands ahead of a
 * family's samples: so these are written once, and a page is put together from them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metric-text.h"
#include "util.h"

const char *const metric_content_types[FORMAT_COUNT] = {
	[FORMAT_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
	[FORMAT_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
};

struct part {
	const struct metric_family *family;
	size_t start;			/* of its samples */
};

struct metric_text {
	char *samples;
	size_t size, capacity;
	struct part *parts;
	size_t n_parts, parts_capacity;
};

struct metric_text *metric_text_new(void)
{
	return xcalloc(1, sizeof(struct metric_text));
}

void metric_text_free(struct metric_text *text)
{
	if (!text)
		return;
	free(text->samples);
	free(text->parts);
	free(text);
}

void metric_text_clear(struct metric_text *text)
{
	text->size = text->n_parts = 0;
}

static bool ends_with(const char *name, size_t size, const char *end)
{
	size_t end_size = strlen(end);

	return size > end_size && !memcmp(name + size - end_size, end, end_size);
}

enum metric_type metric_type(const char *name)
{
	if (ends_with(name, strlen(name), "_total"))
		return METRIC_COUNTER;
	return ends_with(name, strlen(name), "_info") ? METRIC_INFO : METRIC_GAUGE;
}

/* ---- samples */

/* With so many digits at least. */
static char *copy_number(char *to, uint64_t number, size_t least)
{
	char digits[24], *start = digits + sizeof(digits);

	do {
		*--start = (char)('0' + number % 10);
		number /= 10;
	} while (number || digits + sizeof(digits) < start + least);
	return mempcpy(to, start, (size_t)(digits + sizeof(digits) - start));
}

static char *copy_seconds(char *to, uint64_t ns)
{
	to = copy_number(to, ns / NSEC_PER_SEC, 1);
	*to++ = '.';
	return copy_number(to, ns % NSEC_PER_SEC, 9);
}

void metric_text_family(struct metric_text *text, const struct metric_family *family)
{
	text->parts = array_reserve(text->parts, &text->parts_capacity, text->n_parts + 1,
				    sizeof(*text->parts));
	text->parts[text->n_parts++] = (struct part){ family, text->size };
}

/* What a sample is called: its family's name, an ending, and labels in three parts. */
struct sample_name {
	const char *ending;
	const char *labels[3];		/* may be empty */
};

#define LINE_REST 64			/* what a line has beside its names: a number, marks */

static char *copy_labels(char *to, const struct sample_name *name)
{
	char mark = '{';

	for (size_t i = 0; i < ARRAY_SIZE(name->labels); i++) {
		if (!*name->labels[i])
			continue;
		*to++ = mark;
		to = stpcpy(to, name->labels[i]);
		mark = ',';
	}
	if (mark == ',')
		*to++ = '}';
	return to;
}

/* 'name{labels} ', and room for a number; where that goes. */
static char *begin_line(struct metric_text *text, const struct sample_name *name)
{
	const char *family = text->parts[text->n_parts - 1].family->name;
	size_t size = strlen(family) + strlen(name->ending) + LINE_REST;
	char *to;

	for (size_t i = 0; i < ARRAY_SIZE(name->labels); i++)
		size += strlen(name->labels[i]);
	text->samples = array_reserve(text->samples, &text->capacity, text->size + size, 1);
	to = stpcpy(stpcpy(text->samples + text->size, family), name->ending);
	to = copy_labels(to, name);
	*to++ = ' ';
	return to;
}

static void end_line(struct metric_text *text, char *to)
{
	*to++ = '\n';
	text->size = (size_t)(to - text->samples);
}

static void put_number(struct metric_text *text, const struct sample_name *name, uint64_t number)
{
	end_line(text, copy_number(begin_line(text, name), number, 1));
}

static void put_seconds(struct metric_text *text, const struct sample_name *name, uint64_t ns)
{
	end_line(text, copy_seconds(begin_line(text, name), ns));
}

void metric_text_sample(struct metric_text *text, const char *labels, const char *more,
			uint64_t value)
{
	put_number(text, &(struct sample_name){ "", { labels, more, "" } }, value);
}

void metric_text_seconds(struct metric_text *text, const char *labels, const char *more,
			 uint64_t ns)
{
	put_seconds(text, &(struct sample_name){ "", { labels, more, "" } }, ns);
}

void metric_text_times(struct metric_text *text, const char *labels, const char *more,
		       const struct metric_times *times)
{
	struct sample_name name = { "_bucket", { labels, more, "" } };
	uint64_t count = 0;

	for (size_t i = 0; i < times->n; i++) {
		count += times->counts[i];
		name.labels[2] = times->bounds[i];
		put_number(text, &name, count);
	}
	name.labels[2] = "";
	name.ending = "_count";
	put_number(text, &name, count);
	name.ending = "_sum";
	put_seconds(text, &name, times->sum_ns);
}

/* ---- the page */

static const char *type_name(enum metric_type type, enum metric_format format)
{
	static const char *const names[] = {
		[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_INFO] = "info",
		[METRIC_HISTOGRAM] = "histogram",
	};

	/* The older format knows no info. */
	if (type == METRIC_INFO && format == FORMAT_PROMETHEUS)
		type = METRIC_GAUGE;
	return names[type];
}

/* In OpenMetrics a family's name lacks what its type adds. */
static int name_size(const struct metric_family *family, enum metric_format format)
{
	size_t size = strlen(family->name);

	if (format == FORMAT_OPENMETRICS && family->type == METRIC_COUNTER)
		size -= strlen("_total");
	if (format == FORMAT_OPENMETRICS && family->type == METRIC_INFO)
		size -= strlen("_info");
	return (int)size;
}

/* The unit that a name ends in, or NULL. */
static const char *unit_of(const char *name, int size)
{
	static const char *const units[] = { "bytes", "seconds" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (ends_with(name, (size_t)size, units[i]))
			return units[i];
	return NULL;
}

/* What stands ahead of a family's samples, into new memory. */
static char *make_head(const struct metric_family *family, enum metric_format format)
{
	int size = name_size(family, format);
	const char *unit = format == FORMAT_OPENMETRICS ? unit_of(family->name, size) : NULL;
	char *unit_line = unit ? xasprintf("# UNIT %.*s %s\n", size, family->name, unit) :
			  xstrdup("");
	char *head = xasprintf("# TYPE %.*s %s\n%s# HELP %.*s %s\n", size, family->name,
			       type_name(family->type, format), unit_line, size, family->name,
			       family->help);

	free(unit_line);
	return head;
}

#define END "# EOF\n"

char *metric_text_page(const struct metric_text *text, enum metric_format format,
		       size_t *ret_size)
{
	char **heads = xcalloc(text->n_parts + 1, sizeof(*heads)), *page, *to;
	size_t size = text->size + sizeof(END);

	for (size_t i = 0; i < text->n_parts; i++) {
		heads[i] = make_head(text->parts[i].family, format);
		size += strlen(heads[i]);
	}
	to = page = xmalloc(size);
	for (size_t i = 0; i < text->n_parts; i++) {
		size_t start = text->parts[i].start;
		size_t end = i + 1 < text->n_parts ? text->parts[i + 1].start : text->size;

		if (start < end)
			to = mempcpy(stpcpy(to, heads[i]), text->samples + start, end - start);
		free(heads[i]);
	}
	free(heads);
	to = stpcpy(to, format == FORMAT_OPENMETRICS ? END : "");
	*ret_size = (size_t)(to - page);
	return page;
}

/* ---- labels */

/* Characters of a label's value that need a backslash. */
static char escaped(char c)
{
	return c == '\n' ? 'n' : c == '"' || c == '\\' ? c : '\0';
}

void metric_label(char **labels, const char *name, const char *value)
{
	size_t size = *labels ? strlen(*labels) : 0;
	char *end;

	if (!value)
		return;
	*labels = xreallocarray(*labels, size + strlen(name) + 2 * strlen(value) + 5, 1);
	end = *labels + size;
	if (size)
		*end++ = ',';
	end += sprintf(end, "%s=\"", name);
	for (; *value; value++) {
		if (escaped(*value)) {
			*end++ = '\\';
			*end++ = escaped(*value);
		} else {
			*end++ = *value;
		}
	}
	strcpy(end, "\"");
}
