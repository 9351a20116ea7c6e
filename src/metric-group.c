/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters by labels, fed from the rows of each interval. */
#include "metric-group.h"

#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "metric-text.h"
#include "rows.h"
#include "util.h"

bool metric_is_count(const struct column *column)
{
	return column->metric && column->type == VALUE_COUNT;
}

bool metric_is_label(const struct column *column)
{
	return column->metric && column->type == VALUE_TEXT;
}

/* The labels of a row, into new memory. */
static char *row_labels(const struct pane *pane, const void *row)
{
	char *labels = NULL;

	for (size_t i = 0; i < pane->n_columns; i++) {
		const struct column *column = &pane->columns[i];
		struct value value = { 0 };

		if (metric_is_label(column))
			value = column_value(column, row, false);
		if (value.type == VALUE_TEXT)
			metric_label(&labels, column->metric, value.text);
	}
	return labels ? labels : xstrdup("");
}

static struct metric_group *group_new(struct metric_owner *owner, const struct pane *pane,
				      char *labels)
{
	struct metric_group *group = xcalloc(1, sizeof(*group));

	*group = (struct metric_group){ .owner = owner, .labels = labels, .pane = pane };
	for (size_t i = 0; i < METRIC_COLUMNS_MOST; i++)
		group->counts[i] = UNKNOWN;
	HASH_ADD_KEYPTR(hh, owner->groups[pane - panes], labels, strlen(labels), group);
	return group;
}

static void add_counts(struct metric_group *group, const void *row)
{
	size_t n = 0;

	for (size_t i = 0; i < group->pane->n_columns && n < METRIC_COLUMNS_MOST; i++) {
		const struct column *column = &group->pane->columns[i];
		struct value value;

		if (!metric_is_count(column))
			continue;
		value = column_value(column, row, false);
		if (value.type == VALUE_COUNT)
			group->counts[n] = known_sum(group->counts[n], value.number);
		n++;
	}
}

/* The bucket here of one in the kernel, which ends where the next one starts. */
static size_t find_bucket(size_t from)
{
	size_t i = 0;

	while (i < METRIC_BUCKETS - 1 && LATENCY_FLOOR(from) >= METRIC_BOUND_US(i))
		i++;
	return i;
}

static void add_times(struct metric_group *group, const struct latency_sum *sum)
{
	if (!sum->timed)
		return;
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		if (sum->histogram[i])
			group->times[find_bucket(i)] += sum->histogram[i];
	group->times_sum_ns += sum->ns;
	group->timed = true;
}

void metric_group_add(struct metric_owner *owner, const struct pane *pane, const void *row)
{
	char *labels = row_labels(pane, row);
	struct metric_group *group;

	HASH_FIND_STR(owner->groups[pane - panes], labels, group);
	if (group)
		free(labels);
	else
		group = group_new(owner, pane, labels);
	add_counts(group, row);
	if (pane == &panes[PANE_DISKS])
		add_times(group, &((const struct disk_row *)row)->sum);
	if (pane == &panes[PANE_HINTS])
		add_times(group, &((const struct hint_row *)row)->sum);
}

void metric_groups_done(struct metric_owner *owner)
{
	struct metric_group *group, *next;

	for (size_t i = 0; i < PANE_COUNT; i++) {
		HASH_ITER(hh, owner->groups[i], group, next) {
			HASH_DEL(owner->groups[i], group);
			free(group->labels);
			free(group);
		}
	}
}
