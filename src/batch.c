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
	render_accuracy(model_accuracy(model, total), &any, &table.sink);
	table_print(&table, out);
	table_done(&table);
}

/* Why a pane has no rows. */
static void print_not_available(const struct view *view, const struct pane_status *status,
				const struct accuracy *accuracy, FILE *out)
{
	struct text_table table = { .sink = { table_cell, table_newline } };

	put_text(&table, view->pane->name);
	render_accuracy(accuracy, status, &table.sink);
	table_print(&table, out);
	table_done(&table);
}

static void print_text_view(const struct batch *batch, const struct view *view,
			    const struct model *model, FILE *out)
{
	const struct pane_status *status = &batch->source->status[view->pane - panes];
	struct text_table table = { .sink = { table_cell, table_newline } };

	if (!batch->options->quiet && status->available)
		render_heading(view, &table.sink);
	else if (!batch->options->quiet)
		print_not_available(view, status, model_accuracy(model, view->total), out);
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

/* A field as RFC 4180 has it: in quotes when it must be. */
static void print_csv_field(const char *text, FILE *out)
{
	putc(',', out);
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

/* The columns of CSV, one by one; NULL behind the last. For programs: all, unless they were chosen. */
static const struct column *csv_column(const struct batch *batch, const struct view *view, size_t i)
{
	bool chosen = batch->chosen[view->pane - panes];
	size_t n = chosen ? view->n_columns : view->pane->n_columns;

	for (size_t j = 0; j < n; j++) {
		const struct column *column = chosen ? view->columns[j] : &view->pane->columns[j];

		/* The time of an event is in the first column of all. */
		if (column->unit != UNIT_CLOCK && i-- == 0)
			return column;
	}
	return NULL;
}

static void print_csv_heading(const struct batch *batch, const struct view *view, FILE *out)
{
	const struct column *column;

	fputs("time,pane", out);
	for (size_t i = 0; (column = csv_column(batch, view, i)); i++)
		print_csv_field(column->name, out);
	putc('\n', out);
}

static void print_csv_row(const struct batch *batch, const struct view *view, const void *row,
			  struct timespec time, FILE *out)
{
	const struct event_row *event = row;
	const struct column *column;
	char buffer[VALUE_TEXT_SIZE];

	if (view->pane == &panes[PANE_EVENTS])
		fprintf(out, "%" PRIu64 ".%06" PRIu64, event->time_ns / 1000 / 1000000,
			event->time_ns / 1000 % 1000000);
	else
		fprintf(out, "%lld.%03ld", (long long)time.tv_sec, time.tv_nsec / 1000000);
	fprintf(out, ",%s", view->pane->name);
	for (size_t i = 0; (column = csv_column(batch, view, i)); i++) {
		struct value value = column_value(column, row, view->total);

		print_csv_field(value_plain(&value, buffer), out);
	}
	putc('\n', out);
}

static void print_csv(const struct batch *batch, const struct model *model, FILE *out)
{
	for (size_t i = 0; i < batch->n_views; i++) {
		const struct view *view = &batch->views[i];

		if (!batch->n_reports && !batch->options->quiet)
			print_csv_heading(batch, view, out);
		for (size_t j = 0; j < view->n_rows; j++)
			print_csv_row(batch, view, view->rows[j], model_time(model), out);
	}
}

/* ---- JSON */

/* Events are lines of their own, from the last of the view: by its own order the oldest. */
static void print_json_events(const struct view *view, FILE *out)
{
	for (size_t i = view->n_rows; i-- > 0;) {
		json_t *event = json_event(view->rows[i]);

		json_dumpf(event, out, JSON_EVENT_FORMAT);
		putc('\n', out);
		json_decref(event);
	}
}

static void print_json(const struct batch *batch, const struct model *model, FILE *out)
{
	json_t *report = json_report(model, batch->source, batch->views, batch->n_views,
				     batch->options->accumulate);

	for (size_t i = 0; i < batch->n_views; i++)
		if (batch->views[i].pane->log)
			print_json_events(&batch->views[i], out);
	json_dumpf(report, out, JSON_FORMAT);
	putc('\n', out);
	json_decref(report);
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
		print_json(batch, model, report);
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
