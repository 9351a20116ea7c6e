/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics of contop itself.  Not under the usual names ("process_..."): in a
 * text file they would collide with those of node_exporter, which reads it.
 */
#include <stdlib.h>
#include <time.h>

#include "cost.h"
#include "metric-self.h"
#include "util.h"

static uint64_t to_ns(struct timespec time)
{
	return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
}

void metric_self_init(struct metric_self *self)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*self = (struct metric_self){ .start_ns = to_ns(now) };
	for (size_t i = 0; i < ACCURACY_FIELDS; i++)
		self->losses[i] = (struct metric_family){
			.name = xasprintf("contop_%s_total", accuracy_fields[i].name),
			.help = accuracy_fields[i].words, .type = METRIC_COUNTER,
		};
}

void metric_self_done(struct metric_self *self)
{
	for (size_t i = 0; i < ACCURACY_FIELDS; i++)
		free((char *)(uintptr_t)self->losses[i].name);
}

static void write_words(const struct source *source, struct metric_text *text)
{
	static const struct metric_family build = { "contop_build_info",
		"The version of contop; always 1", METRIC_INFO };
	static const struct metric_family host = { "contop_host_info",
		"The host, and the layout of its control groups; always 1", METRIC_INFO };
	char *labels = NULL;

	metric_label(&labels, "version", PACKAGE_VERSION);
	metric_text_family(text, &build);
	metric_text_sample(text, labels, "", 1);
	free(labels);
	labels = NULL;
	metric_label(&labels, "host", source->host);
	metric_label(&labels, "cgroups", source->layout);
	metric_text_family(text, &host);
	metric_text_sample(text, labels ? labels : "", "", 1);
	free(labels);
}

/* Which panes' hooks work here, of those that there can be metrics of and are wanted. */
static void write_availability(const struct source *source, struct metric_text *text)
{
	static const struct metric_family family = { "contop_pane_available",
		"Whether what this pane shows is counted here", METRIC_GAUGE };

	metric_text_family(text, &family);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		const struct pane_status *status = &source->status[i];
		char *labels = NULL;

		if (!panes[i].metrics || source->left_out[i])
			continue;
		metric_label(&labels, "pane", panes[i].name);
		metric_label(&labels, "hook", status->hook[0] ? status->hook : NULL);
		metric_text_sample(text, labels, "", status->available);
		free(labels);
	}
}

static void write_number(struct metric_text *text, const struct metric_family *family,
			 uint64_t number)
{
	if (number == UNKNOWN)
		return;
	metric_text_family(text, family);
	metric_text_sample(text, "", "", number);
}

static void write_time(struct metric_text *text, const struct metric_family *family, uint64_t ns)
{
	metric_text_family(text, family);
	metric_text_seconds(text, "", "", ns);
}

static void write_times(const struct metric_self *self, const struct model *model,
			struct metric_text *text)
{
	static const struct metric_family
		start = { "contop_start_time_seconds",
			"When contop was started, since 1970", METRIC_GAUGE },
		time = { "contop_sample_time_seconds",
			"When the last interval ended, since 1970", METRIC_GAUGE },
		interval = { "contop_interval_seconds",
			"Length of the last interval", METRIC_GAUGE },
		cpu = { "contop_cpu_seconds_total",
			"CPU time that contop has taken, without that of counting in the kernel",
			METRIC_COUNTER },
		render = { "contop_render_seconds",
			"Time that writing the page before took", METRIC_GAUGE };

	write_time(text, &start, self->start_ns);
	write_time(text, &time, to_ns(model_time(model)));
	write_time(text, &interval, model_interval_ns(model));
	write_time(text, &cpu, cost_cpu_ns());
	write_time(text, &render, self->render_ns);
}

void metric_self_write(const struct metric_self *self, const struct source *source,
		       const struct model *model, struct metric_text *text)
{
	static const struct metric_family
		memory = { "contop_resident_memory_bytes",
			"Memory that contop has, without its maps in the kernel", METRIC_GAUGE },
		intervals = { "contop_intervals_total",
			"Intervals counted so far", METRIC_COUNTER },
		failures = { "contop_write_failures_total",
			"Times that the text file could not be written", METRIC_COUNTER };
	const struct accuracy *accuracy = model_accuracy(model, true);

	write_words(source, text);
	write_availability(source, text);
	write_times(self, model, text);
	write_number(text, &memory, cost_memory());
	write_number(text, &intervals, self->intervals);
	write_number(text, &failures, self->failures);
	for (size_t i = 0; i < ACCURACY_FIELDS; i++)
		write_number(text, &self->losses[i],
			     accuracy_number(accuracy, &accuracy_fields[i]));
}
