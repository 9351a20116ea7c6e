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

static void disk_holders(struct disk_row *row, const struct disk_sample *sample)
{
	text_clean(row->holders_text, sizeof(row->holders_text), sample->holders,
		   sizeof(sample->holders));
	row->holders = row->holders_text[0] ? row->holders_text : NULL;
}

/* A number may be another volume's by and by. */
static void disk_volume(struct disk_row *row, const struct disk_sample *sample)
{
	char clean[3 * VOLUME_NAME_SIZE];

	text_clean(clean, sizeof(clean), sample->volume, sizeof(sample->volume));
	replace_string(&row->volume, *clean ? clean : NULL);
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

static void add_latency(struct latency_sum *sum, const struct disk_sample *sample)
{
	if (sample->timed != UNKNOWN && sample->latency_ns != UNKNOWN) {
		sum->timed = known_sum(sum->timed, sample->timed);
		sum->ns = known_sum(sum->ns, sample->latency_ns);
	}
	if (sample->timed)
		sum->max_ns = larger_known(sum->max_ns, sample->latency_max_ns);
	sum->given_p50_us = larger_known(sum->given_p50_us, sample->latency_p50_us);
	sum->given_p99_us = larger_known(sum->given_p99_us, sample->latency_p99_us);
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		sum->histogram[i] += sample->histogram[i];
}

static void add_queue(struct disk_row *row, const struct disk_sample *sample)
{
	if (!sample->queued || sample->queued == UNKNOWN || sample->queue_ns == UNKNOWN)
		return;
	row->queue_ns = known_sum(row->queue_ns, sample->queue_ns);
	row->queued = known_sum(row->queued, sample->queued);
	row->queue_max_ns = larger_known(row->queue_max_ns, sample->queue_max_ns);
}

/* Percentiles are off by part of a bucket: they do not go beyond what was seen. */
static uint64_t percentile(const struct latency_sum *sum, double share, uint64_t given,
			   uint64_t max_us)
{
	uint64_t us = given != UNKNOWN ? given : histogram_percentile(sum->histogram, share);

	return us != UNKNOWN && us > max_us ? max_us : us;
}

void latency_set(struct latency *latency, const struct latency_sum *sum)
{
	if (sum->timed)
		latency->avg_us = sum->ns / sum->timed / 1000;
	if (sum->max_ns != UNKNOWN)
		latency->max_us = sum->max_ns / 1000;
	latency->p50_us = percentile(sum, 0.50, sum->given_p50_us, latency->max_us);
	latency->p99_us = percentile(sum, 0.99, sum->given_p99_us, latency->max_us);
}

void disk_finish(struct disk_row *row)
{
	latency_set(&row->latency, &row->sum);
	if (row->queued)
		row->queue_avg_us = row->queue_ns / row->queued / 1000;
	if (row->queue_max_ns != UNKNOWN)
		row->queue_max_us = row->queue_max_ns / 1000;
}

void process_finish(struct process_row *row)
{
	if (row->disk_sum)
		latency_set(&row->disk_latency, row->disk_sum);
}

/* What it has moved is also its process's, where that is known. */
static void add_to_process(struct model *model, const struct disk_sample *sample)
{
	struct process_row *row;

	if (sample->pid == UNKNOWN || !model->counted[PANE_DISKS])
		return;
	row = process_row_get(model, sample->container, sample->pid);
	gauge_set(&row->uid, sample->uid);
	process_name(row, sample->comm);
	row_count(&row->row, &row->read_bytes, sample->bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, sample->bytes[DISK_WRITE]);
	row_count(&row->row, &row->reads, sample->operations[DISK_READ]);
	row_count(&row->row, &row->writes, sample->operations[DISK_WRITE]);
	if (!row->disk_sum) {
		row->disk_sum = xcalloc(1, sizeof(*row->disk_sum));
		process_row_begin(row);
	}
	add_latency(row->disk_sum, sample);
}

static void add_counts(struct disk_row *row, const struct disk_sample *sample)
{
	uint64_t written = sample->bytes[DISK_WRITE], late = sample->writeback_bytes;

	row_count(&row->row, &row->read_bytes, sample->bytes[DISK_READ]);
	row_count(&row->row, &row->write_bytes, written);
	row_count(&row->row, &row->writeback_bytes, late);
	if (written != UNKNOWN && late <= written)
		row_count(&row->row, &row->direct_write_bytes, written - late);
	row_count(&row->row, &row->discard_bytes, sample->bytes[DISK_DISCARD]);
	row_count(&row->row, &row->reads, sample->operations[DISK_READ]);
	row_count(&row->row, &row->writes, sample->operations[DISK_WRITE]);
	row_count(&row->row, &row->discards, sample->operations[DISK_DISCARD]);
	row_count(&row->row, &row->flushes, sample->operations[DISK_FLUSH]);
	row_count(&row->row, &row->io_errors, sample->errors);
}

void fold_disk(struct model *model, const struct disk_sample *sample)
{
	struct disk_row *row = disk_row_get(model, sample);

	row_touch_both(model, PANE_DISKS, &row->row);
	disk_name(row, sample);
	disk_holders(row, sample);
	disk_volume(row, sample);
	add_counts(row, sample);
	add_latency(&row->sum, sample);
	add_queue(row, sample);
	/* What it does is done for those that stand upon it, and counted there. */
	if (row->holders)
		return;
	add_to_process(model, sample);
	if (model->counted[PANE_DISKS])
		container_add_blocks(row->row.owner, sample->bytes, sample->operations);
}
