/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers ask for and are asked for, by method or name. */
#include <stdlib.h>

#include "fold.h"
#include "hint-table.h"
#include "text.h"
#include "word.h"

static struct hint_row *hint_row_find(struct model *model, const struct container *container,
				      uint64_t number)
{
	const struct row_key key = { container->serial, number };

	return rows_find(&model->rows, PANE_HINTS, &key);
}

static struct hint_row *hint_row_get(struct model *model, struct container *container,
				     uint64_t number, const struct hint_sample *sample,
				     const char *what)
{
	const struct row_key key = { container->serial, number };
	struct hint_row *row = hint_row_find(model, container, number);

	if (row)
		return row;
	row = row_add(model, PANE_HINTS, container, &key);
	row->kind = hint_kind_name(sample->kind);
	row->direction = direction_name(sample->direction);
	if (sample->kind == HINT_HTTP)
		row->what = row->method = http_method_name(http_method(what));
	else
		row->what = row->name = text_clean_dup(what);
	hint_row_begin(row);
	return row;
}

/* Its row goes, and what it has counted is among the others from now on. */
static void fold_ended(struct model *model, const struct hint_sample *sample)
{
	struct hint_row *row = hint_row_find(model, sample->container, sample->number), *other;

	if (!row)
		return;
	other = hint_row_get(model, sample->container,
			     hint_number_other(sample->kind, sample->direction), sample,
			     NAMES_OTHER);
	row_touch_both(model, PANE_HINTS, &other->row);
	other->count.total = known_sum(other->count.total, row->count.total);
	other->errors.total = known_sum(other->errors.total, row->errors.total);
	other->unanswered.total = known_sum(other->unanswered.total, row->unanswered.total);
	rows_end(&model->rows, PANE_HINTS, &row->row);
}

void fold_hint(struct model *model, const struct hint_sample *sample)
{
	struct hint_row *row;

	if (sample->ended) {
		fold_ended(model, sample);
		return;
	}
	row = hint_row_get(model, sample->container, sample->number, sample, sample->what);
	row_touch_both(model, PANE_HINTS, &row->row);
	row_count(&row->row, &row->count, sample->count);
	row_count(&row->row, &row->errors, sample->errors);
	row_count(&row->row, &row->unanswered, sample->unanswered);
	row->sum = sample->latency;
	latency_set(&row->latency, &row->sum);
	if (sample->error)
		row->error = dns_error_name(sample->error);
}
