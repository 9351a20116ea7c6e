/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block I/O by container and device, its latency, and the sums over it. */
#include <stdio.h>

#include "fold.h"
#include "text.h"
#include "util.h"

static void disk_name(struct disk_row *row, const struct disk_sample *sample)
{
	if (sample->name[0])
		text_clean(row->device_text, sizeof(row->device_text), sample->name,
			   sizeof(sample->name));
	else if (!row->device)
		snprintf(row->device_text, sizeof(row->device_text), "%llu:%llu",
			 (unsigned long long)row->major, (unsigned long long)row->minor);
	row->device = row->device_text;
}

static struct disk_row *disk_row_get(struct model *model, const struct disk_sample *sample)
{
	const struct row_key key = { sample->container->serial, sample->device };
	struct disk_row *row = rows_find(&model->rows, PANE_DISKS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_DISKS, sample->container, &key);
	row->major = sample->device >> DISK_MINOR_BITS;
	row->minor = sample->device & ((1u << DISK_MINOR_BITS) - 1);
	disk_row_begin(row);
	return row;
}

static uint64_t larger_known(uint64_t a, uint64_t b)
{
	if (a == UNKNOWN || b == UNKNOWN)
		return a == UNKNOWN ? b : a;
	return a > b ? a : b;
}

static void disk_add_latency(struct disk_row *row, const struct disk_sample *sample)
{
	if (sample->timed != UNKNOWN && sample->latency_ns != UNKNOWN) {
		row->timed = known_sum(row->timed, sample->timed);
		row->latency_ns = known_sum(row->latency_ns, sample->latency_ns);
	}
	if (sample->timed)
		row->max_ns = larger_known(row->max_ns, sample->latency_max_ns);
	row->given_p50_us = larger_known(row->given_p50_us, sample->latency_p50_us);
	row->given_p99_us = larger_known(row->given_p99_us, sample->latency_p99_us);
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		row->histogram[i] += sample->histogram[i];
}

/* Percentiles are off by part of a bucket: they do not go beyond what was seen. */
static uint64_t disk_percentile(const struct disk_row *row, double share, uint64_t given)
{
	uint64_t us = given != UNKNOWN ? given : histogram_percentile(row->histogram, share);

	return us != UNKNOWN && us > row->latency_max_us ? row->latency_max_us : us;
}

void disk_finish(struct disk_row *row)
{
	if (row->timed)
		row->latency_avg_us = row->latency_ns / row->timed / 1000;
	if (row->max_ns != UNKNOWN)
		row->latency_max_us = row->max_ns / 1000;
	row->latency_p50_us = disk_percentile(row, 0.50, row->given_p50_us);
	row->latency_p99_us = disk_percentile(row, 0.99, row->given_p99_us);
}

void fold_disk(struct model *model, const struct disk_sample *sample)
{
	struct disk_row *row = disk_row_get(model, sample);
	struct container_row *const sums[] = { row->row.owner, &model->total };

	row_touch_both(model, PANE_DISKS, &row->row);
	disk_name(row, sample);
	row_count(&row->row, &row->read_bytes, sample->bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, sample->bytes[DISK_WRITE]);
	row_count(&row->row, &row->reads, sample->operations[DISK_READ]);
	row_count(&row->row, &row->writes, sample->operations[DISK_WRITE]);
	row_count(&row->row, &row->discards, sample->operations[DISK_DISCARD]);
	row_count(&row->row, &row->flushes, sample->operations[DISK_FLUSH]);
	row_count(&row->row, &row->io_errors, sample->errors);
	disk_add_latency(row, sample);
	for (size_t i = 0; i < ARRAY_SIZE(sums) && model->counted[PANE_DISKS]; i++)
		container_add_blocks(sums[i], sample->bytes, sample->operations);
}
