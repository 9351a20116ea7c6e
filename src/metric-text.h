/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text: samples are written once, and become a page in either format
 * that Prometheus reads. Formats: OpenMetrics 1.0 (prometheus.io/docs/specs/om),
 * Prometheus text 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
 */
#ifndef METRIC_TEXT_H
#define METRIC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The second is the one that node_exporter's textfile collector reads, too. */
enum metric_format { FORMAT_OPENMETRICS, FORMAT_PROMETHEUS, FORMAT_COUNT };
extern const char *const metric_content_types[FORMAT_COUNT];

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO, METRIC_HISTOGRAM };

/* A name that ends in "_total" is a counter's, "_info" an info's, else a gauge's or histogram's. */
struct metric_family {
	const char *name;		/* with that ending; a unit stands before it */
	const char *help;		/* one line without quotes and backslashes */
	enum metric_type type;
};

/* What a name says of its type; METRIC_HISTOGRAM is never among it. */
enum metric_type metric_type(const char *name);

struct metric_text;

struct metric_text *metric_text_new(void);
void metric_text_free(struct metric_text *text);

/* Empties it for the next page; memory is kept. */
void metric_text_clear(struct metric_text *text);

/*
 * Begins a family: what follows are its samples. The family is borrowed until the
 * text is cleared. One without samples is not in the page.
 */
void metric_text_family(struct metric_text *text, const struct metric_family *family);

/*
 * A sample. Labels, made by metric_label, are in two parts as most of them are the
 * same for many samples; either may be empty.
 */
void metric_text_sample(struct metric_text *text, const char *labels, const char *more,
			uint64_t value);

/* The same for nanoseconds, written as seconds. */
void metric_text_seconds(struct metric_text *text, const char *labels, const char *more,
			 uint64_t ns);

/* A histogram of times: how many there were in each bucket, and their sum. */
struct metric_times {
	const char *const *bounds;	/* 'le="0.001"', ascending; the last one '+Inf' */
	const uint64_t *counts;		/* of each bucket alone */
	size_t n;			/* buckets */
	uint64_t sum_ns;
};
void metric_text_times(struct metric_text *text, const char *labels, const char *more,
		       const struct metric_times *times);

/* The whole page, into new memory that the caller frees; NUL-terminated. */
char *metric_text_page(const struct metric_text *text, enum metric_format format,
		       size_t *ret_size);

/*
 * Appends 'name="value"', after a comma unless *labels is empty, to labels in
 * memory of its own (NULL: none yet), moved or not. value is clean; NULL adds nothing.
 */
void metric_label(char **labels, const char *name, const char *value);

#endif
