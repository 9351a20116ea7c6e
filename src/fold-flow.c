/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network flows, their owners, and the sums over them. */
#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "util.h"
#include "word.h"

#define PROTOCOL_NAME_MOST 8

static struct flow_row_key key_of(const struct flow_sample *sample)
{
	const struct flow_key *key = &sample->key;
	struct flow_row_key ret = {
		.serial = sample->container->serial,
		.local.family = key->family,
		.remote.family = key->family,
		.protocol = key->protocol,
		.local_port = UNKNOWN32,
		.remote_port = UNKNOWN32,
	};

	if (!key->family && !key->protocol)
		return ret;
	memcpy(ret.local.bytes, key->local_address, sizeof(key->local_address));
	memcpy(ret.remote.bytes, key->remote_address, sizeof(key->remote_address));
	ret.local_port = key->local_port;
	ret.remote_port = key->remote_port;
	return ret;
}

/* What does not change. */
static void flow_kind(struct name_pool *names, struct flow_row *row, const struct flow_key *key)
{
	const char *name = protocol_name(key->protocol);
	char number[4];

	if (!key->family && !key->protocol)
		return;
	snprintf(number, sizeof(number), "%u", key->protocol);
	name_pool_set(names, &row->protocol, name ? name : number, PROTOCOL_NAME_MOST);
	row->family = key->family == 6 ? "ipv6" : "ipv4";
}

static struct flow_row *add_flow_row(struct model *model, const struct flow_sample *sample,
				     const struct flow_row_key *key)
{
	struct flow_row *row = row_add(model, PANE_FLOWS, sample->container, key);

	flow_kind(&model->rows.flow_names, row, &sample->key);
	row->rtt_us = row->connect_us = row->cwnd = row->age_s = UNKNOWN32;
	row->ppid = row->gid = UNKNOWN32;
	row->pid = row->uid = UNKNOWN;
	if (sample->key.family)
		rows_link_ends(&model->rows, row);
	return row;
}

static struct flow_row *flow_row_get(struct model *model, const struct flow_sample *sample)
{
	const struct flow_row_key key = key_of(sample);
	struct flow_row *row = rows_find_at(&model->rows, sample->place, &key);

	if (row)
		return row;
	row = rows_find(&model->rows, PANE_FLOWS, &key);
	if (!row)
		row = add_flow_row(model, sample, &key);
	rows_set_place(&model->rows, row, sample->place);
	return row;
}

static void flow_set_real_end(struct model *model, struct flow_row *row,
			      const struct flow_end *end)
{
	const struct flow_row_key *real = row->real;

	if (!real || real->remote_port != end->port ||
	    memcmp(real->remote.bytes, end->address, sizeof(end->address)))
		rows_set_real_end(&model->rows, row, end);
}

/* A recording may have anything: what is beyond all reason is as much as fits. */
static void small_gauge_set(uint32_t *gauge, uint64_t n)
{
	if (n != UNKNOWN)
		*gauge = n < UNKNOWN32 ? (uint32_t)n : UNKNOWN32 - 1;
}

static void flow_gauges(struct flow_row *row, const struct flow_sample *sample)
{
	small_gauge_set(&row->rtt_us, sample->rtt_us);
	small_gauge_set(&row->connect_us, sample->connect_us);
	small_gauge_set(&row->cwnd, sample->cwnd);
	small_gauge_set(&row->age_s, sample->age_s);
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
	small_gauge_set(&row->ppid, sample->ppid);
	gauge_set(&row->uid, sample->uid);
	small_gauge_set(&row->gid, sample->gid);
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
