/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views as lines of cells.  Columns have the widths that fit a line of 80; on a
 * wider one, those that can use more grow, from left to right.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "text.h"
#include "util.h"

#define CUT_MARK "+"			/* at the end of a text that was cut */

const char *const scheme_names[SCHEME_COUNT] = {
	[SCHEME_DEFAULT] = "default", [SCHEME_DARK] = "dark", [SCHEME_LIGHT] = "light",
	[SCHEME_MONO] = "mono",
};

/* Walks along a line, column by column. */
struct layout {
	const struct view *view;
	size_t column;			/* the current one */
	unsigned int width;		/* of the current one; 0: all that is left, not limited */
	unsigned int left;		/* cells from the current column on */
	unsigned int spare;		/* cells to grow into */
};

static bool layout_is_last(const struct layout *layout)
{
	return layout->column + 1 == layout->view->n_columns;
}

/* Texts at the end of the line need no padding and no limit but the line's. */
static void layout_measure(struct layout *layout)
{
	const struct column *column = layout->view->columns[layout->column];
	unsigned int width = column_width(column), grow = 0;

	if (column->most > width)
		grow = column->most - width < layout->spare ? column->most - width : layout->spare;
	layout->spare -= grow;
	layout->width = width + grow;
	if (layout_is_last(layout) && !column_is_number(column))
		layout->width = layout->left;
}

static void layout_begin(struct layout *layout, const struct view *view)
{
	unsigned int sum = 0, spare, last = 0;

	for (size_t i = 0; i < view->n_columns; i++) {
		last = column_width(view->columns[i]);
		sum += last + (i > 0);
	}
	spare = view->line_width > sum ? view->line_width - sum : 0;
	/* The last text takes what is left; others grow when there is enough for it. */
	if (view->n_columns && !column_is_number(view->columns[view->n_columns - 1])) {
		unsigned int most = view->columns[view->n_columns - 1]->most;
		unsigned int wish = most > last ? most - last : 0;

		spare -= wish < spare ? wish : spare;
	}
	*layout = (struct layout){ .view = view, .left = view->line_width, .spare = spare };
	if (view->n_columns)
		layout_measure(layout);
}

static void layout_next(struct layout *layout)
{
	unsigned int used = layout->width + 1;

	if (layout->left)	/* one cell stays: 0 is no limit */
		layout->left = layout->left > used ? layout->left - used : 1;
	layout->column++;
	if (layout->column < layout->view->n_columns)
		layout_measure(layout);
}

/* What fits of a text and a mark, in new memory; NULL when it fits as it is. */
static char *cut_text(const char *text, unsigned int width, bool keep_end)
{
	size_t room = width - strlen(CUT_MARK), cells, size = text_fit(text, width, &cells);

	if (!text[size])
		return NULL;
	if (!keep_end)
		return xasprintf("%.*s" CUT_MARK, (int)text_fit(text, room, &cells), text);
	size = text_fit(text, text_width(text) - room, &cells);
	while (text_width(text + size) > room)	/* half of a wide character has to go */
		size += text_fit(text + size, 2, &cells);
	return xasprintf(CUT_MARK "%s", text + size);
}

static void put_cell(const struct layout *layout, const char *text, enum style style,
		     struct sink *sink)
{
	const struct column *column = layout->view->columns[layout->column];
	bool number = column_is_number(column);
	bool limited = layout->view->line_width && layout->width && !number;
	char *cut = limited ? cut_text(text, layout->width, column->keep_end) : NULL;

	sink->cell(sink, cut ? cut : text, layout_is_last(layout) && !number ? 0 : layout->width,
		   number ? ALIGN_RIGHT : ALIGN_LEFT, style);
	free(cut);
}

void render_heading(const struct view *view, struct sink *sink)
{
	char title[COLUMN_TITLE_SIZE];
	struct layout layout;

	for (layout_begin(&layout, view); layout.column < view->n_columns; layout_next(&layout)) {
		const struct column *column = view->columns[layout.column];

		put_cell(&layout, column_title(column, view->total, title),
			 column == view->sort ? STYLE_SORTED : STYLE_HEADING, sink);
	}
	sink->newline(sink);
}

/* What is over steps back, unless the row has a style of its own. */
static enum style row_style(const struct row *row, enum style style)
{
	bool over = row->ended || (row->container && row->container->exited);

	return style == STYLE_NORMAL && over ? STYLE_DIM : style;
}

/* All digits of a count or a rate. */
static const char *exact(const struct value *value, uint64_t interval_ns,
			 char buffer[VALUE_TEXT_SIZE])
{
	struct value rate = *value;

	if (value->type == VALUE_COUNT && interval_ns)
		rate.number = (uint64_t)((double)value->number * (double)NSEC_PER_SEC /
					 (double)interval_ns + 0.5);
	return value_plain(&rate, buffer);
}

/* Only flows have ports. */
static const char *port_name(const struct column *column, const void *row,
			     const struct services *services)
{
	const struct flow_row *flow = row;

	if (column->offset == offsetof(struct flow_row, key.local_port))
		return service_name(services, flow->key.local_port, flow->protocol);
	if (column->offset == offsetof(struct flow_row, key.remote_port))
		return service_name(services, flow->key.remote_port, flow->protocol);
	return NULL;
}

/* As ps(1) has it where there is no command line, or it is not known. */
static const char *instead_of_command(const struct view *view, const struct column *column,
				      const void *row, char buffer[VALUE_TEXT_SIZE])
{
	const struct process_row *process = row;

	if (view->pane != &panes[PANE_PROCESSES] || column->by_owner || !process->comm ||
	    column->offset != offsetof(struct process_row, command))
		return NULL;
	snprintf(buffer, VALUE_TEXT_SIZE, "[%s]", process->comm);
	return buffer;
}

const char *render_value(const struct view *view, const struct column *column, const void *row,
			 const struct render_look *look, char buffer[VALUE_TEXT_SIZE])
{
	struct value value = column_value(column, row, view->total);
	uint64_t interval_ns = view->total ? 0 : look->interval_ns;
	enum unit unit = column->unit;
	const char *name = NULL;

	if (look->services && view->pane == &panes[PANE_FLOWS] && !column->by_owner)
		name = port_name(column, row, look->services);
	if (name && text_width(name) <= column_width(column))
		return name;
	name = value.type == VALUE_UNKNOWN ? instead_of_command(view, column, row, buffer) : NULL;
	if (look->resolver && value.type == VALUE_ADDRESS)
		name = resolver_name(look->resolver, value.address);
	if (name)
		return name;
	if (look->units == UNITS_EXACT && value.type == VALUE_COUNT)
		return exact(&value, interval_ns, buffer);
	if (look->units == UNITS_DECIMAL && unit == UNIT_BYTES)
		unit = UNIT_EVENTS;
	return value_human(&value, unit, interval_ns, buffer);
}

/* The branch that a row hangs from, ahead of the name. */
static void put_in_tree(const struct layout *layout, size_t row, const char *text, bool ascii,
			enum style style, struct sink *sink)
{
	char branch[TREE_TEXT_SIZE];
	char *whole = xasprintf("%s%s", tree_text(&layout->view->tree.branches[row], ascii, branch),
				text);

	put_cell(layout, whole, style, sink);
	free(whole);
}

void render_row_as(const struct view *view, size_t row, const struct render_look *look,
		   enum style style, struct sink *sink)
{
	const void *shown = view->rows[row];
	char buffer[VALUE_TEXT_SIZE];
	struct layout layout;

	style = row_style(shown, style);
	for (layout_begin(&layout, view); layout.column < view->n_columns; layout_next(&layout)) {
		const struct column *column = view->columns[layout.column];
		const char *text = render_value(view, column, shown, look, buffer);

		if (view->is_tree && column->has_tree)
			put_in_tree(&layout, row, text, look->ascii, style, sink);
		else
			put_cell(&layout, text, style, sink);
	}
	sink->newline(sink);
}

void render_row(const struct view *view, size_t row, uint64_t interval_ns, enum style style,
		struct sink *sink)
{
	const struct render_look look = { .interval_ns = interval_ns };

	render_row_as(view, row, &look, style, sink);
}

unsigned int render_column_width(const struct view *view, size_t index)
{
	struct layout layout;

	for (layout_begin(&layout, view); layout.column < index; layout_next(&layout))
		;
	return layout.width;
}

size_t render_column_at(const struct view *view, unsigned int cell)
{
	struct layout layout;
	unsigned int end = 0;

	for (layout_begin(&layout, view); layout.column < view->n_columns; layout_next(&layout)) {
		end += layout.width;
		if (cell <= end || layout_is_last(&layout))
			break;
		end++;
	}
	return cell < view->line_width ? layout.column : view->n_columns;
}

/*
 * What was lost, or what else is to be known, in words that follow its number;
 * UNKNOWN and 0 are passed over. Returns whether there was any.
 */
static bool write_numbers(const struct accuracy *accuracy, bool notes, bool any, FILE *out)
{

	for (size_t i = 0; i < ACCURACY_FIELDS; i++) {
		struct value value = { .type = VALUE_NUMBER,
			.number = accuracy_number(accuracy, &accuracy_fields[i]) };
		char buffer[VALUE_TEXT_SIZE];

		if (!value.number || value.number == UNKNOWN || accuracy_fields[i].is_note != notes)
			continue;
		fprintf(out, "%s%s %s", any ? ", " : "",
			value_human(&value, UNIT_EVENTS, 0, buffer),
			accuracy_fields[i].words);
		any = true;
	}
	return any;
}

void render_accuracy(const struct accuracy *accuracy, const struct pane_status *status,
		     unsigned int most, struct sink *sink)
{
	static const char by[] = "; counted by ";
	enum style style = STYLE_NORMAL;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();	/* out of memory, as xmalloc has it */
	if (!status->available) {
		fprintf(out, "not available: %s", status->reason);
		style = STYLE_WARNING;
	} else {
		if (write_numbers(accuracy, false, false, out))
			style = STYLE_WARNING;
		else
			fputs("nothing lost", out);
		write_numbers(accuracy, true, true, out);
		if (status->reason[0]) {
			fprintf(out, "; %s", status->reason);
			style = STYLE_WARNING;
		}
		fflush(out);
		if (status->hook[0] && (!most || size + strlen(by) + strlen(status->hook) <= most))
			fprintf(out, "%s%s", by, status->hook);
	}
	fclose(out);
	sink->cell(sink, text, 0, ALIGN_LEFT, style);
	sink->newline(sink);
	free(text);
}
