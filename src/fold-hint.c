/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containers ask for and are asked for, by method. */
#include "fold.h"
#include "word.h"

static struct hint_row *hint_row_get(struct model *model, const struct hint_sample *sample)
{
	const struct row_key key = {
		sample->container->serial, (uint64_t)sample->direction << 8 | sample->method,
	};
	struct hint_row *row = rows_find(&model->rows, PANE_HINTS, &key);

	if (row)
		return row;
	row = row_add(model, PANE_HINTS, sample->container, &key);
	row->kind = "http";
	row->what = http_method_name(sample->method);
	row->direction = direction_name(sample->direction);
	return row;
}

void fold_hint(struct model *model, const struct hint_sample *sample)
{
	struct hint_row *row = hint_row_get(model, sample);

	row_touch_both(model, PANE_HINTS, &row->row);
	row_count(&row->row, &row->count, sample->count);
}
