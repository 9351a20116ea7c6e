/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of every pane over time: an update folds a sample in (fold-*.c), and
 * takes out what has ended and who is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "event-row.h"
#include "fold.h"
#include "util.h"

static void accuracy_add(struct accuracy *sum, const struct accuracy *accuracy)
{
	const uint64_t *from = (const uint64_t *)accuracy;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(*to) == 0, "accuracy is all uint64_t");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] = known_sum(to[i], from[i]);
}

/* ---- containers that are gone */

static bool container_is_due(const struct container *container, uint64_t before_ns)
{
	return container->exited && container->exited_ns < before_ns;
}

/*
 * The moment before which containers that exited are to go: none that was not
 * shown as exited yet, or had something in this sample, may have exited before it.
 */
static uint64_t reap_moment(struct model *model, uint64_t before_ns)
{
	struct row_table *table = &model->rows.tables[PANE_CONTAINERS];

	for (size_t i = 0; i < table->n; i++) {
		struct container_row *row = table->rows[i];
		const struct container *container = row->row.container;
		bool keep = container->exited && (!row->shown_exited || row->row.active);

		if (keep && container->exited_ns < before_ns)
			before_ns = container->exited_ns;
		row->shown_exited = container->exited;
	}
	return before_ns;
}

static bool any_due(const struct model *model, uint64_t before_ns)
{
	const struct row_table *table = &model->rows.tables[PANE_CONTAINERS];

	for (size_t i = 0; i < table->n; i++)
		if (container_is_due(((const struct row *)table->rows[i])->container, before_ns))
			return true;
	return false;
}

/* From the last row down, so that taking rows out moves none that is still to come. */
static void remove_due(struct model *model, enum pane_id pane, uint64_t before_ns)
{
	struct row_table *table = &model->rows.tables[pane];

	for (size_t i = table->n; i-- > 0;) {
		struct row *row = table->rows[i];

		if (container_is_due(row->container, before_ns))
			rows_remove(&model->rows, pane, row);
	}
}

/* Flows go before the processes they point to, everything before the containers' own rows. */
static void reap(struct model *model, struct containers *containers, uint64_t before_ns)
{
	before_ns = reap_moment(model, before_ns);
	if (any_due(model, before_ns)) {
		for (size_t i = PANE_FLOWS; i < PANE_COUNT; i++)
			if (i != PANE_EVENTS)
				remove_due(model, i, before_ns);
		event_rows_outlive(&model->rows, before_ns);
		remove_due(model, PANE_CONTAINERS, before_ns);
	}
	containers_reap(containers, before_ns);
}

/* ---- the model */

struct model *model_new(const bool counted[PANE_COUNT])
{
	struct model *model = xcalloc(1, sizeof(*model));

	memcpy(model->counted, counted, sizeof(model->counted));
	container_row_init(model, &model->total);
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	rows_done(&model->rows);
	free(model);
}

static void begin_interval(struct model *model, const struct sample *sample)
{
	model->time = sample->time;
	model->interval_ns = sample->interval_ns;
	model->accuracy = sample->accuracy;
	accuracy_add(&model->accuracy_total, &sample->accuracy);
	row_begin(PANE_CONTAINERS, &model->total.row);
	rows_reset(&model->rows);
	event_rows_trim(&model->rows);
	faults_begin(model, sample->faults_counted);
}

static void fold_flows(struct model *model, const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_flows; i++)
		fold_flow(model, &sample->flows[i]);
	for (size_t i = 0; i < sample->n_growths; i++) {
		if (i + AHEAD < sample->n_growths)
			rows_expect(&model->rows, sample->growths[i + AHEAD].place);
		fold_growth(model, sample, &sample->growths[i]);
	}
}

static void fold_sample(struct model *model, const struct sample *sample)
{
	fold_flows(model, sample);
	for (size_t i = 0; i < sample->n_disks; i++)
		if (!sample->disks[i].container->hidden)
			fold_disk(model, &sample->disks[i]);
	for (size_t i = 0; i < sample->n_syscalls; i++)
		if (!sample->syscalls[i].container->hidden)
			fold_syscall(model, sample, &sample->syscalls[i]);
	for (size_t i = 0; i < sample->n_files; i++)
		if (!sample->files[i].container->hidden)
			fold_file(model, &sample->files[i]);
	for (size_t i = 0; i < sample->n_processes; i++)
		if (!sample->processes[i].container->hidden)
			fold_process(model, &sample->processes[i]);
	for (size_t i = 0; i < sample->n_faults; i++)
		if (!sample->faults[i].container->hidden)
			fold_fault(model, &sample->faults[i]);
	for (size_t i = 0; i < sample->n_listeners; i++)
		if (!sample->listeners[i].container->hidden)
			fold_listener(model, &sample->listeners[i]);
	for (size_t i = 0; i < sample->n_hints; i++)
		if (!sample->hints[i].container->hidden)
			fold_hint(model, &sample->hints[i]);
	if (sample->listeners_listed)
		listeners_finish(model);
	for (size_t i = 0; i < sample->n_events; i++)
		if (!sample->events[i].container->hidden)
			fold_event(model, &sample->events[i]);
	for (size_t i = 0; i < sample->n_remainders; i++)
		if (!sample->remainders[i].container->hidden)
			fold_remainder(model, &sample->remainders[i]);
}

static void finish_interval(struct model *model, const struct sample *sample)
{
	const struct row_table *containers = &model->rows.tables[PANE_CONTAINERS];
	const struct row_table *disks = &model->rows.tables[PANE_DISKS];
	const struct row_table *processes = &model->rows.tables[PANE_PROCESSES];

	rows_settle(&model->rows);
	for (size_t i = 0; i < containers->n_touched; i++)
		row_add_up(PANE_CONTAINERS, &model->total.row, containers->rows[i]);
	for (size_t i = 0; i < disks->n_touched; i++)
		disk_finish(disks->rows[i]);
	syscalls_finish(model);
	if (sample->merged)
		processes_lose_calls(model);
	for (size_t i = 0; i < processes->n_touched; i++)
		process_finish(processes->rows[i]);
}

void model_update(struct model *model, const struct sample *sample,
		  struct containers *containers, uint64_t linger_ns)
{
	struct container *const *all;
	size_t n;

	begin_interval(model, sample);
	all = containers_all(containers, &n);
	for (size_t i = 0; i < n; i++)
		container_row_get(model, all[i]);
	fold_sample(model, sample);
	finish_interval(model, sample);
	reap(model, containers,
	     sample->monotonic_ns > linger_ns ? sample->monotonic_ns - linger_ns : 0);
	rows_trim(&model->rows);
}

void *const *model_rows(const struct model *model, enum pane_id pane, size_t *ret_n)
{
	*ret_n = model->rows.tables[pane].n;
	return model->rows.tables[pane].rows;
}

void *const *model_touched_rows(const struct model *model, enum pane_id pane, size_t *ret_n)
{
	*ret_n = model->rows.tables[pane].n_touched;
	return model->rows.tables[pane].rows;
}

const struct container_row *model_total(const struct model *model)
{
	return &model->total;
}

struct timespec model_time(const struct model *model)
{
	return model->time;
}

uint64_t model_interval_ns(const struct model *model)
{
	return model->interval_ns;
}

const struct accuracy *model_accuracy(const struct model *model, bool total)
{
	return total ? &model->accuracy_total : &model->accuracy;
}
