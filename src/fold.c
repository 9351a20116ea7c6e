/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding samples into rows: the parts that all kinds share, and what has no file of its own. */
#include "event-row.h"
#include "fold.h"
#include "util.h"

static const struct count NOTHING = { 0, 0 };

void container_row_init(const struct model *model, struct container_row *row)
{
	row_forget(PANE_CONTAINERS, &row->row);
	if (model->counted[PANE_FLOWS])
		row->rx_bytes = row->tx_bytes = row->rx_packets = row->tx_packets =
			row->retransmits = NOTHING;
	if (model->counted[PANE_DISKS])
		row->read_bytes = row->write_bytes = row->reads = row->writes = NOTHING;
	if (model->counted[PANE_FILES])
		row->file_read_bytes = row->file_write_bytes = row->file_reads = row->file_writes =
			NOTHING;
	if (model->faults_counted)
		row->major_faults = NOTHING;
	if (model->counted[PANE_SYSCALLS])
		row->syscalls = row->errors = NOTHING;
}

struct container_row *container_row_get(struct model *model, struct container *container)
{
	const struct row_key key = { .serial = container->serial };
	struct container_row *row = rows_find(&model->rows, PANE_CONTAINERS, &key);

	if (row)
		return row;
	row = rows_add(&model->rows, PANE_CONTAINERS, container, &key);
	row->row.owner = row;
	container_row_init(model, row);
	return row;
}

void container_add_network(struct container_row *row, uint64_t rx_bytes, uint64_t tx_bytes,
				  uint64_t rx_packets, uint64_t tx_packets, uint64_t retransmits)
{
	row_count(&row->row, &row->rx_bytes, rx_bytes);
	row_count(&row->row, &row->tx_bytes, tx_bytes);
	row_count(&row->row, &row->rx_packets, rx_packets);
	row_count(&row->row, &row->tx_packets, tx_packets);
	row_count(&row->row, &row->retransmits, retransmits);
}

void container_add_blocks(struct container_row *row, const uint64_t bytes[DISK_OPERATIONS],
				 const uint64_t operations[DISK_OPERATIONS])
{
	row_count(&row->row, &row->read_bytes, bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, bytes[DISK_WRITE]);
	row_count(&row->row, &row->reads, operations[DISK_READ]);
	row_count(&row->row, &row->writes, operations[DISK_WRITE]);
}

void container_add_files(struct container_row *row, uint64_t read_bytes, uint64_t write_bytes,
			 uint64_t reads, uint64_t writes)
{
	row_count(&row->row, &row->file_read_bytes, read_bytes);
	row_count(&row->row, &row->file_write_bytes, write_bytes);
	row_count(&row->row, &row->file_reads, reads);
	row_count(&row->row, &row->file_writes, writes);
}

void container_add_calls(struct container_row *row, uint64_t count, uint64_t errors)
{
	row_count(&row->row, &row->syscalls, count);
	row_count(&row->row, &row->errors, errors);
}

void *row_add(struct model *model, enum pane_id pane, struct container *container,
		     const void *key)
{
	struct row *row = rows_add(&model->rows, pane, container, key);

	row->owner = container_row_get(model, container);
	return row;
}

void row_touch_both(struct model *model, enum pane_id pane, struct row *row)
{
	rows_touch(&model->rows, pane, row);
	rows_touch(&model->rows, PANE_CONTAINERS, &row->owner->row);
}

void gauge_set(uint64_t *gauge, uint64_t n)
{
	if (n != UNKNOWN)
		*gauge = n;
}

void fold_event(struct model *model, const struct event_sample *sample)
{
	struct container_row *owner = container_row_get(model, sample->container);

	rows_touch(&model->rows, PANE_CONTAINERS, &owner->row);
	event_row_add(&model->rows, sample)->row.owner = owner;
}

void fold_remainder(struct model *model, const struct remainder_sample *sample)
{
	struct container_row *row = container_row_get(model, sample->container);

	rows_touch(&model->rows, PANE_CONTAINERS, &row->row);
	if (model->counted[PANE_FLOWS])
		container_add_network(row, sample->rx_bytes, sample->tx_bytes, sample->rx_packets,
				      sample->tx_packets, sample->retransmits);
	if (model->counted[PANE_DISKS])
		container_add_blocks(row, sample->disk_bytes, sample->disk_operations);
	if (model->counted[PANE_SYSCALLS])
		container_add_calls(row, sample->syscalls, sample->errors);
	if (model->counted[PANE_FILES])
		container_add_files(row, sample->file_read_bytes, sample->file_write_bytes,
				    sample->file_reads, sample->file_writes);
	if (model->faults_counted)
		row_count(&row->row, &row->major_faults, sample->major_faults);
}
