/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model as metrics.  A container's own are the totals of its row; those with
 * further labels are added up from the rows of each interval (metric-group.c).
 * Everything of a container that is gone ends, nothing ever goes back.
 */
#include "metric-group.h"

#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "metric.h"
#include "metric-self.h"
#include "util.h"

/* The families of a pane, one for each of its columns that has a metric. */
struct pane_families {
	struct metric_family *families;	/* owned, as their names are */
	const struct column **columns;	/* owned */
	size_t n;
};

struct metrics {
	const struct source *source;
	struct metric_text *text;
	struct pane_families panes[PANE_COUNT];	/* empty: not asked for */
	struct metric_owner *owners, *ids;	/* by serial and by id */
	struct metric_self self;
	char *bounds[METRIC_BUCKETS];	/* of buckets, as labels; owned */
	size_t n_peers;			/* of each container; 0: not asked for */
};

/* ---- which there are */

static void add_family(struct pane_families *families, const struct pane *pane,
		       const struct column *column)
{
	families->families[families->n] = (struct metric_family){
		.name = xasprintf("%s%s", pane->metrics, column->metric),
		.help = column->help,
		.type = metric_type(column->metric),
	};
	families->columns[families->n++] = column;
}

static void make_families(struct pane_families *families, const struct pane *pane)
{
	families->families = xcalloc(pane->n_columns, sizeof(*families->families));
	families->columns = xcalloc(pane->n_columns, sizeof(*families->columns));
	/* Only a container's own row has gauges: what is added up by labels is counted. */
	for (size_t i = 0; i < pane->n_columns; i++) {
		const struct column *column = &pane->columns[i];
		bool gauge = column->metric && column->type == VALUE_NUMBER &&
			     pane == &panes[PANE_CONTAINERS];

		if (gauge || metric_is_count(column))
			add_family(families, pane, column);
	}
}

static bool wants_pane(const struct options *options, enum pane_id pane)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen);

	if (!panes[pane].metrics || (!options->n_panes && pane == PANE_SYSCALLS))
		return false;
	for (size_t i = 0; i < n; i++)
		if (chosen[i] == pane)
			return true;
	return pane == PANE_HINTS && options->hints;
}

/* In seconds, without zeros at the end, as Prometheus itself writes them. */
static void make_bounds(struct metrics *metrics)
{
	for (size_t i = 0; i < METRIC_BUCKETS - 1; i++)
		metrics->bounds[i] = xasprintf("le=\"%.10g\"", (double)METRIC_BOUND_US(i) / 1e6);
	metrics->bounds[METRIC_BUCKETS - 1] = xstrdup("le=\"+Inf\"");
}

struct metrics *metrics_new(const struct options *options, const struct source *source)
{
	struct metrics *metrics = xcalloc(1, sizeof(*metrics));
	bool any = false;

	metrics->source = source;
	metrics->n_peers = options->n_peers;
	metrics->text = metric_text_new();
	metric_self_init(&metrics->self);
	make_bounds(metrics);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		if (!wants_pane(options, i))
			continue;
		make_families(&metrics->panes[i], &panes[i]);
		any = true;
	}
	if (any)
		return metrics;
	metrics_free(metrics);
	return NULL;
}

/* ---- containers */

static void owner_free(struct metrics *metrics, struct metric_owner *owner)
{
	HASH_DEL(metrics->owners, owner);
	HASH_DELETE(by_id, metrics->ids, owner);
	metric_groups_done(owner);
	metric_peers_done(&owner->peers);
	free(owner->id);
	free(owner->labels);
	free(owner);
}

void metrics_free(struct metrics *metrics)
{
	struct metric_owner *owner, *next;

	if (!metrics)
		return;
	HASH_ITER(hh, metrics->owners, owner, next)
		owner_free(metrics, owner);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct pane_families *families = &metrics->panes[i];

		for (size_t j = 0; j < families->n; j++)
			free((char *)(uintptr_t)families->families[j].name);
		free(families->families);
		free(families->columns);
	}
	for (size_t i = 0; i < METRIC_BUCKETS; i++)
		free(metrics->bounds[i]);
	metric_self_done(&metrics->self);
	metric_text_free(metrics->text);
	free(metrics);
}

/*
 * A label that no other container has: two samples with the same labels would make
 * Prometheus refuse the page. LXC's ids are names, of which two users may have the same.
 */
static char *unique_id(const struct metrics *metrics, const struct container *container)
{
	char *id = xstrdup(container->short_id ? container->short_id : container->name);
	struct metric_owner *other;

	HASH_FIND(by_id, metrics->ids, id, strlen(id), other);
	if (other) {
		free(id);
		id = xasprintf("%s@%s#%llu", container->short_id ? container->short_id : "",
			       container->cgroup ? container->cgroup : "",
			       (unsigned long long)container->serial);
	}
	return id;
}

static struct metric_owner *owner_get(struct metrics *metrics, const struct container *container)
{
	struct metric_owner *owner;

	HASH_FIND(hh, metrics->owners, &container->serial, sizeof(container->serial), owner);
	if (owner)
		return owner;
	owner = xcalloc(1, sizeof(*owner));
	owner->serial = container->serial;
	owner->id = unique_id(metrics, container);
	HASH_ADD(hh, metrics->owners, serial, sizeof(owner->serial), owner);
	HASH_ADD_KEYPTR(by_id, metrics->ids, owner->id, strlen(owner->id), owner);
	return owner;
}

/* Names may have changed. */
static void see_containers(struct metrics *metrics, const struct model *model)
{
	size_t n;
	void *const *rows = model_rows(model, PANE_CONTAINERS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct container_row *row = rows[i];
		const struct container *container = row->row.container;
		struct metric_owner *owner;

		if (container->hidden)
			continue;
		owner = owner_get(metrics, container);
		owner->row = row;
		free(owner->labels);
		owner->labels = NULL;
		metric_label(&owner->labels, "id", owner->id);
		metric_label(&owner->labels, "name", container->name);
	}
}

static void forget_containers(struct metrics *metrics)
{
	struct metric_owner *owner, *next;

	HASH_ITER(hh, metrics->owners, owner, next) {
		if (!owner->row)
			owner_free(metrics, owner);
	}
}

static void add_rows(struct metrics *metrics, const struct model *model, enum pane_id pane)
{
	size_t n;
	void *const *rows = model_touched_rows(model, pane, &n);

	for (size_t i = 0; i < n; i++) {
		const struct row *row = rows[i];

		if (row->active && !row->detail && !row->container->hidden)
			metric_group_add(owner_get(metrics, row->container), &panes[pane], row);
	}
}

/* What the same rows of flows moved, by who was at the other end. */
static void add_peers(struct metrics *metrics, const struct model *model)
{
	size_t n;
	void *const *rows = model_touched_rows(model, PANE_FLOWS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct flow_row *flow = rows[i];
		const struct row *row = &flow->row;

		if (row->active && !row->detail && !row->container->hidden)
			metric_peers_add(&owner_get(metrics, row->container)->peers, flow);
	}
	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next)
		metric_peers_settle(&owner->peers, metrics->n_peers);
}

/* ---- writing them */

static void write_value(struct metric_text *text, const char *labels, const char *more,
			const struct value *value)
{
	if (value->type == VALUE_COUNT || value->type == VALUE_NUMBER)
		metric_text_sample(text, labels, more, value->number);
}

static void write_containers(struct metrics *metrics)
{
	const struct pane_families *families = &metrics->panes[PANE_CONTAINERS];

	for (size_t i = 0; i < families->n; i++) {
		metric_text_family(metrics->text, &families->families[i]);
		for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next) {
			struct value value = column_value(families->columns[i], owner->row, true);

			write_value(metrics->text, owner->labels, "", &value);
		}
	}
}

/* All that is known of a container in words, and of its host: other metrics are joined with it. */
static void write_info(struct metrics *metrics)
{
	static const struct metric_family family = { "contop_container_info",
		"What is known of the container; always 1", METRIC_INFO };
	const struct pane *pane = &panes[PANE_CONTAINERS];

	metric_text_family(metrics->text, &family);
	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next) {
		char *labels = NULL;

		for (size_t i = 0; i < pane->n_columns; i++) {
			const struct column *column = &pane->columns[i];
			struct value value = column_value(column, owner->row, true);

			if (metric_is_label(column) && value.type == VALUE_TEXT)
				metric_label(&labels, column->metric, value.text);
		}
		metric_label(&labels, "host", metrics->source->host);
		metric_text_sample(metrics->text, owner->labels, labels ? labels : "", 1);
		free(labels);
	}
}

static void write_running(struct metrics *metrics)
{
	static const struct metric_family family = { "contop_container_running",
		"Whether the container runs; 0: it has exited", METRIC_GAUGE };

	metric_text_family(metrics->text, &family);
	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next)
		metric_text_sample(metrics->text, owner->labels, "",
				   !owner->row->row.container->exited);
}

/* The counter of every group of a pane with this number among them. */
static void write_groups(struct metrics *metrics, enum pane_id pane, size_t n)
{
	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next) {
		struct metric_group *group = owner->groups[pane];

		for (; group; group = group->hh.next)
			if (group->counts[n] != UNKNOWN)
				metric_text_sample(metrics->text, owner->labels, group->labels,
						   group->counts[n]);
	}
}

static void write_times(struct metrics *metrics, enum pane_id pane)
{
	static const struct metric_family families[PANE_COUNT] = {
		[PANE_DISKS] = { "contop_container_device_latency_seconds",
			"Time that operations took, from issue to completion", METRIC_HISTOGRAM },
		[PANE_HINTS] = { "contop_container_hint_latency_seconds",
			"Time until queries of DNS were answered", METRIC_HISTOGRAM },
	};

	metric_text_family(metrics->text, &families[pane]);
	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next) {
		struct metric_group *group = owner->groups[pane];

		for (; group; group = group->hh.next) {
			const struct metric_times times = {
				(const char *const *)metrics->bounds, group->times,
				METRIC_BUCKETS, group->times_sum_ns };

			if (group->timed)
				metric_text_times(metrics->text, owner->labels, group->labels,
						  &times);
		}
	}
}

static void write_peers(struct metrics *metrics)
{
	static const struct metric_family families[] = {
		{ "contop_container_peer_receive_bytes_total",
		  "Bytes received, by who was at the other end", METRIC_COUNTER },
		{ "contop_container_peer_transmit_bytes_total",
		  "Bytes sent, by who was at the other end", METRIC_COUNTER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		metric_text_family(metrics->text, &families[i]);
		for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next)
			metric_peers_write(&owner->peers, owner->labels, i == 0, metrics->text);
	}
}

static void write_panes(struct metrics *metrics)
{
	write_info(metrics);
	write_running(metrics);
	write_containers(metrics);
	for (size_t i = PANE_CONTAINERS + 1; i < PANE_COUNT; i++) {
		const struct pane_families *families = &metrics->panes[i];

		for (size_t j = 0; j < families->n; j++) {
			metric_text_family(metrics->text, &families->families[j]);
			write_groups(metrics, i, j);
		}
	}
	if (metrics->panes[PANE_DISKS].n)
		write_times(metrics, PANE_DISKS);
	if (metrics->panes[PANE_HINTS].n)
		write_times(metrics, PANE_HINTS);
	if (metrics->n_peers)
		write_peers(metrics);
}

void metrics_update(struct metrics *metrics, const struct model *model)
{
	uint64_t began_ns = monotonic_ns();

	for (struct metric_owner *owner = metrics->owners; owner; owner = owner->hh.next)
		owner->row = NULL;
	see_containers(metrics, model);
	forget_containers(metrics);
	for (size_t i = PANE_CONTAINERS + 1; i < PANE_COUNT; i++)
		if (metrics->panes[i].n)
			add_rows(metrics, model, i);
	if (metrics->n_peers)
		add_peers(metrics, model);
	metrics->self.intervals++;
	metric_text_clear(metrics->text);
	metric_self_write(&metrics->self, metrics->source, model, metrics->text);
	write_panes(metrics);
	metrics->self.render_ns = monotonic_ns() - began_ns;
}

char *metrics_page(const struct metrics *metrics, enum metric_format format, size_t *ret_size)
{
	return metric_text_page(metrics->text, format, ret_size);
}

void metrics_count_failure(struct metrics *metrics)
{
	metrics->self.failures++;
}
