/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text.  What differs between the two formats stands ahead of a
 * family's samples: so these are written once, and a page is put together from them.
 */
#include <inttypes.h>
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

static void put(struct metric_text *text, const char *bytes, size_t size)
{
	if (text->capacity - text->size < size)
		text->samples = array_reserve(text->samples, &text->capacity, text->size + size, 1);
	memcpy(text->samples + text->size, bytes, size);
	text->size += size;
}

static void put_string(struct metric_text *text, const char *string)
{
	put(text, string, strlen(string));
}

/* With so many digits at least. */
static void put_number(struct metric_text *text, uint64_t number, size_t least)
{
	char digits[24], *start = digits + sizeof(digits);

	do {
		*--start = (char)('0' + number % 10);
		number /= 10;
	} while (number || digits + sizeof(digits) < start + least);
	put(text, start, (size_t)(digits + sizeof(digits) - start));
}

static void put_seconds(struct metric_text *text, uint64_t ns)
{
	put_number(text, ns / NSEC_PER_SEC, 1);
	put(text, ".", 1);
	put_number(text, ns % NSEC_PER_SEC, 9);
}

void metric_text_family(struct metric_text *text, const struct metric_family *family)
{
	text->parts = array_reserve(text->parts, &text->parts_capacity, text->n_parts + 1,
				    sizeof(*text->parts));
	text->parts[text->n_parts++] = (struct part){ family, text->size };
}

/* 'name{labels,more' and, when there are any, the closing brace; then a blank. */
static void put_name(struct metric_text *text, const char *ending, const char *labels,
		     const char *more)
{
	put_string(text, text->parts[text->n_parts - 1].family->name);
	put_string(text, ending);
	if (*labels || *more) {
		put(text, "{", 1);
		put_string(text, labels);
		if (*labels && *more)
			put(text, ",", 1);
		put_string(text, more);
		put(text, "}", 1);
	}
	put(text, " ", 1);
}

void metric_text_sample(struct metric_text *text, const char *labels, const char *more,
			uint64_t value)
{
	put_name(text, "", labels, more);
	put_number(text, value, 1);
	put(text, "\n", 1);
}

void metric_text_seconds(struct metric_text *text, const char *labels, const char *more,
			 uint64_t ns)
{
	put_name(text, "", labels, more);
	put_seconds(text, ns);
	put(text, "\n", 1);
}

/* The bound is in the labels: seconds without zeros at the end, as Prometheus itself writes it. */
static void put_bucket(struct metric_text *text, const char *labels, const char *more,
		       const char *bound, uint64_t count)
{
	char *all = xasprintf("%s%sle=\"%s\"", more, *more ? "," : "", bound);

	put_name(text, "_bucket", labels, all);
	free(all);
	put_number(text, count, 1);
	put(text, "\n", 1);
}

void metric_text_times(struct metric_text *text, const char *labels, const char *more,
		       const struct metric_times *times)
{
	uint64_t count = 0;
	char bound[32];

	for (size_t i = 0; i < times->n; i++) {
		count += times->counts[i];
		snprintf(bound, sizeof(bound), "%.10g", (double)times->bounds_us[i] / 1e6);
		put_bucket(text, labels, more, bound, count);
	}
	count += times->counts[times->n];
	put_bucket(text, labels, more, "+Inf", count);
	put_name(text, "_count", labels, more);
	put_number(text, count, 1);
	put(text, "\n", 1);
	put_name(text, "_sum", labels, more);
	put_seconds(text, times->sum_ns);
	put(text, "\n", 1);
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
static size_t name_size(const struct metric_family *family, enum metric_format format)
{
	size_t size = strlen(family->name);

	if (format == FORMAT_OPENMETRICS && family->type == METRIC_COUNTER)
		return size - strlen("_total");
	if (format == FORMAT_OPENMETRICS && family->type == METRIC_INFO)
		return size - strlen("_info");
	return size;
}

static void put_head(FILE *out, const struct metric_family *family, enum metric_format format)
{
	int size = (int)name_size(family, format);

	fprintf(out, "# TYPE %.*s %s\n", size, family->name, type_name(family->type, format));
	if (format == FORMAT_OPENMETRICS && ends_with(family->name, (size_t)size, "_bytes"))
		fprintf(out, "# UNIT %.*s bytes\n", size, family->name);
	if (format == FORMAT_OPENMETRICS && ends_with(family->name, (size_t)size, "_seconds"))
		fprintf(out, "# UNIT %.*s seconds\n", size, family->name);
	fprintf(out, "# HELP %.*s %s\n", size, family->name, family->help);
}

char *metric_text_page(const struct metric_text *text, enum metric_format format,
		       size_t *ret_size)
{
	char *page = NULL;
	FILE *out = open_memstream(&page, ret_size);

	if (!out)
		abort();	/* out of memory, as xmalloc has it */
	for (size_t i = 0; i < text->n_parts; i++) {
		size_t start = text->parts[i].start;
		size_t end = i + 1 < text->n_parts ? text->parts[i + 1].start : text->size;

		if (start == end)
			continue;
		put_head(out, text->parts[i].family, format);
		fwrite(text->samples + start, 1, end - start, out);
	}
	if (format == FORMAT_OPENMETRICS)
		fputs("# EOF\n", out);
	if (fclose(out))
		abort();
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
