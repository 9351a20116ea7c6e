/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports on standard output: text for people, CSV and JSON for programs.  Each
 * report is made in memory and written at once, so that a reader never waits
 * for the rest of one.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "csv.h"
#include "front.h"
#include "json.h"
#include "render.h"
#include "text.h"
#include "util.h"
#include "view.h"

#define TEXT_GAP 2			/* blanks between two columns of text */

/* Cells of one block of text, kept until the widest of each column is known. */
struct text_cell {
	char *text;			/* owned */
	enum align align;
	bool last;			/* of its line */
};

struct text_table {
	struct sink sink;		/* must stay the first member */
	struct text_cell *cells;
	size_t n_cells, cells_capacity;
};

struct batch {
	struct front front;		/* must stay the first member */
	const struct options *options;	/* borrowed, as source and out */
	const struct source *source;
	FILE *out;
	struct view views[PANE_COUNT];
	size_t n_views;
	bool chosen[PANE_COUNT];	/* the options say which columns */
	size_t n_reports;
};

/* ---- text */

static void table_cell(struct sink *sink, const char *text, unsigned int width, enum align align,
		       enum style style)
{
	struct text_table *table = (struct text_table *)sink;

	(void)width, (void)style;
	table->cells = array_reserve(table->cells, &table->cells_capacity, table->n_cells + 1,
				     sizeof(*table->cells));
	table->cells[table->n_cells++] = (struct text_cell){ xstrdup(text), align, false };
}

static void table_newline(struct sink *sink)
{
	struct text_table *table = (struct text_table *)sink;

	if (table->n_cells)
		table->cells[table->n_cells - 1].last = true;
}

static void table_done(struct text_table *table)
{
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	free(table->cells);
}

/* The width of each column, into new memory: as many as the longest line has cells. */
static size_t *table_widths(const struct text_table *table)
{
	size_t *widths = xcalloc(table->n_cells + 1, sizeof(*widths)), column = 0;

	for (size_t i = 0; i < table->n_cells; i++) {
		size_t width = text_width(table->cells[i].text);

		if (widths[column] < width)
			widths[column] = width;
		column = table->cells[i].last ? 0 : column + 1;
	}
	return widths;
}

static void table_print(const struct text_table *table, FILE *out)
{
	size_t *widths = table_widths(table), column = 0;
	size_t owed = 0;		/* blanks, written only before more text */

	for (size_t i = 0; i < table->n_cells; i++) {
		const struct text_cell *cell = &table->cells[i];
		size_t pad = widths[column++] - text_width(cell->text);

		if (cell->align == ALIGN_RIGHT)
			owed += pad;
		if (*cell->text)
			fprintf(out, "%*s%s", (int)owed, "", cell->text), owed = 0;
		owed += TEXT_GAP + (cell->align == ALIGN_LEFT ? pad : 0);
		if (cell->last) {
			putc('\n', out);
			owed = column = 0;
		}
	}
	free(widths);
}

static void put_text(struct text_table *table, const char *text)
{
	table_cell(&table->sink, text, 0, ALIGN_LEFT, STYLE_NORMAL);
}

/* One line on what follows: when, of how long, and what was lost meanwhile. */
static void print_summary(const struct model *model, bool total, FILE *out)
{
	static const struct pane_status any = { .available = true };
	struct text_table table = { .sink = { table_cell, table_newline } };
	struct timespec time = model_time(model);
	uint64_t ms = model_interval_ns(model) / 1000000;
	char text[64] = "";
	struct tm tm;

	if (localtime_r(&time.tv_sec, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &tm);
	put_text(&table, text);
	snprintf(text, sizeof(text), "interval %" PRIu64 ".%03" PRIu64 " s", ms / 1000, ms % 1000);
	put_text(&table, text);
	render_accuracy(model_accuracy(model, total), &any, 0, &table.sink);
	table_print(&table, out);
	table_done(&table);
}

/* Why a pane has no rows, or not all. */
static void print_missing(const struct view *view, const struct pane_status *status,
			  const struct accuracy *accuracy, FILE *out)
{
	struct text_table table = { .sink = { table_cell, table_newline } };

	put_text(&table, view->pane->name);
	render_accuracy(accuracy, status, 0, &table.sink);
	table_print(&table, out);
	table_done(&table);
}

static void print_text_view(const struct batch *batch, const struct view *view,
			    const struct model *model, FILE *out)
{
	const struct pane_status *status = &batch->source->status[view->pane - panes];
	struct text_table table = { .sink = { table_cell, table_newline } };

	if (!batch->options->quiet && (!status->available || status->reason[0]))
		print_missing(view, status, model_accuracy(model, view->total), out);
	if (!batch->options->quiet && status->available)
		render_heading(view, &table.sink);
	for (size_t i = 0; i < view->n_rows; i++)
		render_row(view, i, model_interval_ns(model), STYLE_NORMAL, &table.sink);
	table_print(&table, out);
	table_done(&table);
}

/* One block per pane; a blank line ahead of each but the very first line. */
static void print_text(struct batch *batch, const struct model *model, FILE *out)
{
	if (!batch->options->quiet) {
		if (batch->n_reports)
			putc('\n', out);
		print_summary(model, batch->options->accumulate, out);
	}
	for (size_t i = 0; i < batch->n_views; i++) {
		if (i || batch->n_reports || !batch->options->quiet)
			putc('\n', out);
		print_text_view(batch, &batch->views[i], model, out);
	}
}

/* ---- CSV */

/* For programs: all columns, unless they were chosen. */
static struct csv_columns csv_of(const struct batch *batch, const struct view *view)
{
	if (batch->chosen[view->pane - panes])
		return (struct csv_columns){ .pane = view->pane, .chosen = view->columns,
					     .n_chosen = view->n_columns };
	return (struct csv_columns){ .pane = view->pane };
}

static void print_csv(const struct batch *batch, const struct model *model, FILE *out)
{
	for (size_t i = 0; i < batch->n_views; i++) {
		const struct view *view = &batch->views[i];
		struct csv_columns columns = csv_of(batch, view);

		if (!batch->n_reports && !batch->options->quiet)
			csv_print_heading(&columns, out);
		for (size_t j = 0; j < view->n_rows; j++)
			csv_print_row(&columns, view->rows[j], view->total, model_time(model), out);
	}
}

/* ---- the front */

/* errno is stdio's of the write that failed. */
static int write_report(FILE *out, const char *text, size_t size)
{
	errno = 0;
	if (fwrite(text, 1, size, out) == size && fflush(out) == 0)
		return 0;
	return errno ? -errno : -EIO;
}

static int batch_show(struct front *front, const struct model *model)
{
	struct batch *batch = (struct batch *)front;
	char *text = NULL;
	size_t size = 0;
	FILE *report = open_memstream(&text, &size);
	int err;

	if (!report)
		return -errno;
	for (size_t i = 0; i < batch->n_views; i++)
		view_update(&batch->views[i], model);
	if (batch->options->format == OUTPUT_TEXT)
		print_text(batch, model, report);
	else if (batch->options->format == OUTPUT_CSV)
		print_csv(batch, model, report);
	else
		json_write(model, batch->source, batch->views, batch->n_views,
			   batch->options->accumulate, report);
	err = fclose(report) ? -ENOMEM : write_report(batch->out, text, size);
	free(text);
	batch->n_reports++;
	return err ? err : TODO_NOTHING;
}

static int batch_ignore(struct front *front, const struct model *model)
{
	(void)front, (void)model;
	return TODO_NOTHING;
}

static void batch_free(struct front *front)
{
	struct batch *batch = (struct batch *)front;

	for (size_t i = 0; i < batch->n_views; i++)
		view_done(&batch->views[i]);
	free(batch);
}

int batch_open(const struct options *options, const struct source *source, FILE *out,
	       struct front **ret_front, char **ret_error)
{
	enum pane_id chosen[PANE_COUNT];
	struct batch *batch;

	if (options_check_columns(options, ret_error))
		return -EINVAL;
	batch = xcalloc(1, sizeof(*batch));
	batch->front = (struct front){
		.input_fd = -1,
		.show = batch_show,
		.take_input = batch_ignore,
		.resize = batch_ignore,
		.free = batch_free,
	};
	batch->options = options;
	batch->source = source;
	batch->out = out;
	batch->n_views = options_panes(options, chosen);
	for (size_t i = 0; i < batch->n_views; i++) {
		struct view *view = &batch->views[i];

		view_init(view, &panes[chosen[i]]);
		options_apply(options, view);
		batch->front.wishes |= view_wishes(view);
		batch->chosen[chosen[i]] = options_choose_columns(options, chosen[i]);
	}
	*ret_front = &batch->front;
	return 0;
}
