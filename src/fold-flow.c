/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network flows, their owners, and the sums over them. */
#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "util.h"
#include "word.h"

static const char *flow_protocol(struct flow_row *row)
{
	const char *name = protocol_name(row->key.protocol);

	if (name)
		return name;
	snprintf(row->protocol_text, sizeof(row->protocol_text), "%u", row->key.protocol);
	return row->protocol_text;
}

static void flow_ends(struct flow_row *row)
{
	const struct flow_key *key = &row->key;

	row->local_port = row->remote_port = UNKNOWN;
	if (!key->family && !key->protocol)
		return;
	row->protocol = flow_protocol(row);
	row->family = key->family == 6 ? "ipv6" : "ipv4";
	row->local_address.family = row->remote_address.family = key->family;
	memcpy(row->local_address.bytes, key->local_address, sizeof(key->local_address));
	memcpy(row->remote_address.bytes, key->remote_address, sizeof(key->remote_address));
	row->local_port = key->local_port;
	row->remote_port = key->remote_port;
}

static struct flow_row *flow_row_get(struct model *model, const struct flow_sample *sample)
{
	struct flow_key key = sample->key;
	struct flow_row *row;

	key.cgroup = sample->container->serial;
	key.pad = 0;
	row = rows_find(&model->rows, PANE_FLOWS, &key);
	if (row)
		return row;
	row = row_add(model, PANE_FLOWS, sample->container, &key);
	flow_ends(row);
	row->rtt_us = row->connect_us = row->cwnd = row->age_s = row->real_port = UNKNOWN;
	row->pid = row->ppid = row->uid = row->gid = UNKNOWN;
	if (key.family)
		rows_link_ends(&model->rows, row);
	return row;
}

static void flow_set_real_end(struct model *model, struct flow_row *row,
			      const struct flow_end *end)
{
	if (row->real_port == end->port &&
	    !memcmp(row->real_address.bytes, end->address, sizeof(end->address)))
		return;
	row->real_address.family = row->key.family;
	memcpy(row->real_address.bytes, end->address, sizeof(end->address));
	row->real_port = end->port;
	rows_set_real_end(&model->rows, row, end);
}

static void flow_gauges(struct flow_row *row, const struct flow_sample *sample)
{
	gauge_set(&row->rtt_us, sample->rtt_us);
	gauge_set(&row->connect_us, sample->connect_us);
	gauge_set(&row->cwnd, sample->cwnd);
	gauge_set(&row->age_s, sample->age_s);
	if (tcp_state_name(sample->state))
		row->state = tcp_state_name(sample->state);
	if (direction_name(sample->direction))
		row->direction = direction_name(sample->direction);
}

/* All of it changes together, when a socket changes hands. */
static void flow_owner(struct name_pool *names, struct flow_row *row,
		       const struct flow_sample *sample)
{
	gauge_set(&row->pid, sample->pid);
	gauge_set(&row->ppid, sample->ppid);
	gauge_set(&row->uid, sample->uid);
	gauge_set(&row->gid, sample->gid);
	name_pool_set(names, &row->comm, sample->comm, sizeof(sample->comm));
	name_pool_set(names, &row->parent, sample->parent, sizeof(sample->parent));
	name_pool_set(names, &row->user, sample->user, ID_NAME_SIZE - 1);
	name_pool_set(names, &row->group, sample->group, ID_NAME_SIZE - 1);
	name_pool_set(names, &row->service, sample->service, ID_NAME_SIZE - 1);
}

/* The bytes are also those of the process that made the socket. */
static void flow_add_to_process(struct model *model, struct flow_row *flow,
				const struct flow_sample *sample)
{
	struct process_row *row = flow->process;

	if (sample->pid == UNKNOWN)
		return;
	if (!row || row->pid != sample->pid)
		row = process_row_get(model, sample->container, sample->pid);
	rows_set_process(&model->rows, flow, row);
	rows_touch(&model->rows, PANE_PROCESSES, &row->row);
	gauge_set(&row->uid, sample->uid);
	process_name(row, sample->comm);
	if (!model->counted[PANE_FLOWS])
		return;
	row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
	row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
}

void fold_flow(struct model *model, const struct flow_sample *sample)
{
	struct flow_row *row = flow_row_get(model, sample);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	row_touch_both(model, PANE_FLOWS, &row->row);
	row_count(&row->row, &row->rx_bytes, sample->rx_bytes);
	row_count(&row->row, &row->tx_bytes, sample->tx_bytes);
	row_count(&row->row, &row->rx_packets, sample->rx_packets);
	row_count(&row->row, &row->tx_packets, sample->tx_packets);
	row_count(&row->row, &row->retransmits, sample->retransmits);
	row_count(&row->row, &row->resets, sample->resets);
	row_count(&row->row, &row->zero_windows, sample->zero_windows);
	flow_gauges(row, sample);
	flow_owner(&model->rows.flow_names, row, sample);
	if (sample->translated)
		flow_set_real_end(model, row, &sample->real);
	flow_add_to_process(model, row, sample);
	if (sample->ended)
		row->row.ended = true;
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_FLOWS]; i++)
		container_add_network(sums[i], sample->rx_bytes, sample->tx_bytes,
				      sample->rx_packets, sample->tx_packets, sample->retransmits);
}
