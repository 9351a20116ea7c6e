/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets: a sample has all of them, or none. */
#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "util.h"
#include "word.h"

static const char *listener_protocol(struct listener_row *row)
{
	const char *name = protocol_name(row->key.at.protocol);

	if (name)
		return name;
	snprintf(row->protocol_text, sizeof(row->protocol_text), "%u", row->key.at.protocol);
	return row->protocol_text;
}

static struct listener_row *listener_row_get(struct model *model,
					     const struct listener_sample *sample)
{
	const struct listener_key key = { sample->container->serial, sample->key };
	struct listener_row *row = rows_find(&model->rows, PANE_LISTENERS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_LISTENERS, sample->container, &key);
	row->protocol = listener_protocol(row);
	row->family = key.at.family == 6 ? "ipv6" : "ipv4";
	row->address.family = key.at.family;
	memcpy(row->address.bytes, key.at.address, sizeof(key.at.address));
	row->port = key.at.port;
	row->pid = UNKNOWN;
	return row;
}

/* What is not known of the interval is not 0. */
static void listener_count(struct listener_row *row, struct count *count, uint64_t n)
{
	row_count(&row->row, count, n);
	if (n == UNKNOWN)
		count->interval = UNKNOWN;
}

void fold_listener(struct model *model, const struct listener_sample *sample)
{
	struct listener_row *row = listener_row_get(model, sample);

	row_touch_both(model, PANE_LISTENERS, &row->row);
	gauge_set(&row->pid, sample->pid);
	task_name_set(&row->name, &row->comm, sample->comm);
	name_set(row->service_text, &row->service, sample->service);
	row->sockets = sample->sockets;
	row->backlog = sample->backlog;
	row->backlog_max = sample->backlog_max;
	listener_count(row, &row->accepts, sample->accepts);
	listener_count(row, &row->drops, sample->drops);
}

/* From the last row down, so that taking rows out moves none that is still to come. */
void listeners_finish(struct model *model)
{
	struct row_table *table = &model->rows.tables[PANE_LISTENERS];

	for (size_t i = table->n; i-- > table->n_touched;)
		rows_remove(&model->rows, PANE_LISTENERS, table->rows[i]);
}
