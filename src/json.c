/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model as JSON: every pane's columns by name, plain integers, null for what is not known. */
#include "json.h"

#include "util.h"

/* null also for what jansson does not take as it is not UTF-8: the key must not be dropped. */
static json_t *json_text(const char *text)
{
	json_t *json = text ? json_string(text) : NULL;

	return json ? json : json_null();
}

static json_t *json_number(uint64_t number)
{
	if (number == UNKNOWN)
		return json_null();
	return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

static json_t *json_value(const struct value *value)
{
	char buffer[VALUE_TEXT_SIZE];

	switch (value->type) {
	case VALUE_COUNT:
	case VALUE_NUMBER:
		return json_number(value->number);
	case VALUE_TEXT:
		return json_text(value->text);
	case VALUE_ADDRESS:
		return json_text(value_plain(value, buffer));
	case VALUE_UNKNOWN:
		break;
	}
	return json_null();
}

json_t *json_row(const struct pane *pane, const void *row, bool total)
{
	json_t *object = json_object();

	for (size_t i = 0; i < pane->n_columns; i++) {
		const struct column *column = &pane->columns[i];
		struct value value = column_value(column, row, total);

		json_object_set_new_nocheck(object, column->name, json_value(&value));
	}
	return object;
}

static json_t *json_rows(const struct view *view, bool total)
{
	json_t *array = json_array();

	for (size_t i = 0; i < view->n_rows; i++)
		json_array_append_new(array, json_row(view->pane, view->rows[i], total));
	return array;
}

static json_t *json_accuracy(const struct accuracy *accuracy)
{
	json_t *object = json_object();

	for (size_t i = 0; i < ACCURACY_FIELDS; i++) {
		uint64_t number = accuracy_number(accuracy, &accuracy_fields[i]);

		json_object_set_new_nocheck(object, accuracy_fields[i].name, json_number(number));
	}
	return object;
}

/* Of all panes, also of those not listed: containers are counted by the hooks of the others. */
static json_t *json_panes(const struct source *source)
{
	json_t *object = json_object();

	for (size_t i = 0; i < PANE_COUNT; i++) {
		const struct pane_status *status = &source->status[i];
		json_t *pane = json_object();

		json_object_set_new_nocheck(pane, "available", json_boolean(status->available));
		json_object_set_new_nocheck(pane, "hook",
					    json_text(status->hook[0] ? status->hook : NULL));
		if (!status->available || status->reason[0])
			json_object_set_new_nocheck(pane, "reason", json_text(status->reason));
		json_object_set_new_nocheck(object, panes[i].name, pane);
	}
	return object;
}

/* Whole milliseconds: what a double holds of today's time with the digits that are printed. */
static double epoch_seconds(struct timespec time)
{
	return (double)time.tv_sec + (double)(time.tv_nsec / 1000000) / 1000;
}

json_t *json_begin(const struct model *model, const struct source *source)
{
	json_t *object = json_object();

	json_object_set_new(object, "schema", json_integer(JSON_SCHEMA));
	json_object_set_new(object, "time", json_real(epoch_seconds(model_time(model))));
	json_object_set_new(object, "interval",
			    json_real((double)model_interval_ns(model) / NSEC_PER_SEC));
	json_object_set_new(object, "host", json_text(source->host));
	return object;
}

json_t *json_report(const struct model *model, const struct source *source,
		    const struct view *views, size_t n_views, bool total)
{
	json_t *object = json_begin(model, source);

	if (total)
		json_object_set_new(object, "accumulated", json_true());
	for (size_t i = 0; i < n_views; i++)
		if (!views[i].pane->log)
			json_object_set_new(object, views[i].pane->name,
					    json_rows(&views[i], total));
	json_object_set_new(object, "accuracy", json_accuracy(model_accuracy(model, total)));
	json_object_set_new(object, "panes", json_panes(source));
	return object;
}

json_t *json_event(const struct event_row *row)
{
	json_t *object = json_object(), *members = json_row(&panes[PANE_EVENTS], row, false);
	double seconds = (double)(row->time_ns / 1000) / 1e6;

	json_object_set_new(object, "schema", json_integer(JSON_SCHEMA));
	json_object_set_new(object, "time", json_real(seconds));
	json_object_update_missing(object, members);
	json_decref(members);
	return object;
}

/* By its own order the last of the view is the oldest. */
static void write_events(const struct view *view, FILE *out)
{
	for (size_t i = view->n_rows; i-- > 0;) {
		json_t *event = json_event(view->rows[i]);

		json_dumpf(event, out, JSON_EVENT_FORMAT);
		putc('\n', out);
		json_decref(event);
	}
}

void json_write(const struct model *model, const struct source *source, const struct view *views,
		size_t n_views, bool total, FILE *out)
{
	json_t *report = json_report(model, source, views, n_views, total);

	for (size_t i = 0; i < n_views; i++)
		if (views[i].pane->log)
			write_events(&views[i], out);
	json_dumpf(report, out, JSON_FORMAT);
	putc('\n', out);
	json_decref(report);
}
