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
	struct flow_row *row = rows_find(&model->rows, PANE_FLOWS, &key);

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
static uint32_t small_gauge(uint64_t n)
{
	if (n == UNKNOWN)
		return UNKNOWN32;
	return n < UNKNOWN32 ? (uint32_t)n : UNKNOWN32 - 1;
}

/* As gauge_set. */
static void small_gauge_set(uint32_t *gauge, uint32_t n)
{
	if (n != UNKNOWN32)
		*gauge = n;
}

/* What a flow did, and what of it changes all the time. */
struct step {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, retransmits, resets, zero_windows;
	uint32_t rtt_us, connect_us, cwnd, age_s;
	uint8_t state, direction;
	bool ended;
};

static void flow_gauges(struct flow_row *row, const struct step *step)
{
	small_gauge_set(&row->rtt_us, step->rtt_us);
	small_gauge_set(&row->connect_us, step->connect_us);
	small_gauge_set(&row->cwnd, step->cwnd);
	small_gauge_set(&row->age_s, step->age_s);
	if (tcp_state_name(step->state))
		row->state = tcp_state_name(step->state);
	if (direction_name(step->direction))
		row->direction = direction_name(step->direction);
}

/* All of it changes together, when a socket changes hands. */
static void flow_owner(struct name_pool *names, struct flow_row *row,
		       const struct flow_sample *sample)
{
	gauge_set(&row->pid, sample->pid);
	small_gauge_set(&row->ppid, small_gauge(sample->ppid));
	gauge_set(&row->uid, sample->uid);
	small_gauge_set(&row->gid, small_gauge(sample->gid));
	name_pool_set(names, &row->comm, sample->comm, sizeof(sample->comm));
	name_pool_set(names, &row->parent, sample->parent, sizeof(sample->parent));
	name_pool_set(names, &row->user, sample->user, ID_NAME_SIZE - 1);
	name_pool_set(names, &row->group, sample->group, ID_NAME_SIZE - 1);
	name_pool_set(names, &row->service, sample->service, ID_NAME_SIZE - 1);
}

/* The bytes are also those of the process that made the socket. */
static void flow_set_process(struct model *model, struct flow_row *flow,
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
}

/* What it did, for itself, its process and its container. */
static void flow_step(struct model *model, struct flow_row *row, const struct step *step)
{
	struct process_row *process = row->process;

	row_touch_both(model, PANE_FLOWS, &row->row);
	row_count(&row->row, &row->rx_bytes, step->rx_bytes);
	row_count(&row->row, &row->tx_bytes, step->tx_bytes);
	row_count(&row->row, &row->rx_packets, step->rx_packets);
	row_count(&row->row, &row->tx_packets, step->tx_packets);
	row_count(&row->row, &row->retransmits, step->retransmits);
	row_count(&row->row, &row->resets, step->resets);
	row_count(&row->row, &row->zero_windows, step->zero_windows);
	flow_gauges(row, step);
	if (step->ended)
		rows_end(&model->rows, PANE_FLOWS, &row->row);
	if (!model->counted[PANE_FLOWS])
		return;
	if (process) {
		rows_touch(&model->rows, PANE_PROCESSES, &process->row);
		row_count(&process->row, &process->rx_bytes, step->rx_bytes);
		row_count(&process->row, &process->tx_bytes, step->tx_bytes);
	}
	container_add_network(row->row.owner, step->rx_bytes, step->tx_bytes,
			      step->rx_packets, step->tx_packets, step->retransmits);
}

/*
 * One that nobody asked for has no row. What comes of it when somebody does may be
 * told as if it had, and is not that of whoever had its place before.
 */
static void flow_hide(struct model *model, uint32_t place)
{
	struct flow_row *row = rows_at(&model->rows, place);

	if (row)
		rows_set_place(&model->rows, row, 0);
}

void fold_flow(struct model *model, const struct flow_sample *sample)
{
	const struct step step = {
		.rx_bytes = sample->rx_bytes, .tx_bytes = sample->tx_bytes,
		.rx_packets = sample->rx_packets, .tx_packets = sample->tx_packets,
		.retransmits = sample->retransmits, .resets = sample->resets,
		.zero_windows = sample->zero_windows,
		.rtt_us = small_gauge(sample->rtt_us), .connect_us = small_gauge(sample->connect_us),
		.cwnd = small_gauge(sample->cwnd), .age_s = small_gauge(sample->age_s),
		.state = sample->state, .direction = sample->direction, .ended = sample->ended,
	};
	struct flow_row *row;

	if (sample->container->hidden) {
		flow_hide(model, sample->place);
		return;
	}
	row = flow_row_get(model, sample);
	flow_owner(&model->rows.flow_names, row, sample);
	if (sample->translated)
		flow_set_real_end(model, row, &sample->real);
	flow_set_process(model, row, sample);
	flow_step(model, row, &step);
}

/* The row of one that was told of may be gone: it was hidden, or its container ended. */
void fold_growth(struct model *model, const struct sample *sample,
		 const struct flow_growth *growth)
{
	const struct step step = {
		.rx_bytes = growth->rx_bytes, .tx_bytes = growth->tx_bytes,
		.rx_packets = growth->rx_packets, .tx_packets = growth->tx_packets,
		.retransmits = growth->retransmits, .resets = growth->resets,
		.zero_windows = growth->zero_windows,
		.rtt_us = growth->rtt_us, .connect_us = growth->connect_us,
		.cwnd = growth->cwnd, .age_s = growth->age_s,
		.state = growth->state, .direction = growth->direction, .ended = growth->ended,
	};
	struct flow_row *row = rows_at(&model->rows, growth->place);
	struct flow_sample flow;

	if (growth->told && row && row->row.container == growth->container &&
	    !growth->container->hidden) {
		flow_step(model, row, &step);
		return;
	}
	sample_complete_flow(sample, growth, &flow);
	fold_flow(model, &flow);
}
