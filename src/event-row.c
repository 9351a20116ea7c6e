/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of events: one for each, in the order they came in; the oldest go first. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event-row.h"
#include "text.h"
#include "util.h"
#include "word.h"

#define PATH_ROOM 120			/* bytes of a path in a detail */

static void event_ends(struct event_row *row, const struct flow_key *key)
{
	row->local_port = row->remote_port = UNKNOWN;
	if (!key->family)
		return;
	row->protocol = protocol_name(key->protocol);
	row->family = key->family == 6 ? "ipv6" : "ipv4";
	row->local_address.family = row->remote_address.family = key->family;
	memcpy(row->local_address.bytes, key->local_address, sizeof(key->local_address));
	memcpy(row->remote_address.bytes, key->remote_address, sizeof(key->remote_address));
	row->local_port = key->local_port;
	row->remote_port = key->remote_port;
}

static void event_owner(struct event_row *row, const struct event_sample *sample)
{
	row->pid = sample->pid;
	row->ppid = sample->ppid;
	row->uid = sample->uid;
	row->gid = sample->gid;
	task_name_set(&row->name, &row->comm, sample->comm);
	task_name_set(&row->parent_name, &row->parent, sample->parent);
	name_set(row->user_text, &row->user, sample->user);
	name_set(row->group_text, &row->group, sample->group);
}

/* Adds to the detail: there is room for all of the kinds below. */
static void __attribute__((format(printf, 2, 3))) say(struct event_row *row, const char *format,
						       ...)
{
	size_t n = strlen(row->detail_text);
	va_list args;

	va_start(args, format);
	vsnprintf(row->detail_text + n, sizeof(row->detail_text) - n, format, args);
	va_end(args);
}

/* The end of it, if there is no room for all. */
static void say_path(struct event_row *row, const char *path)
{
	size_t size = strlen(path);
	bool cut = size > PATH_ROOM;

	if (cut)
		path += size - PATH_ROOM;
	while ((*path & 0xc0) == 0x80)
		path++;
	say(row, " %s%s", cut ? "..." : "", path);
}

/* An operation: what, how much, on which device, how long, why it failed, on which file. */
static void tell_operation(struct event_row *row)
{
	struct value bytes = { .type = VALUE_NUMBER, .number = row->bytes };
	struct value latency = { .type = VALUE_NUMBER, .number = row->latency_us };
	char size[VALUE_TEXT_SIZE], time[VALUE_TEXT_SIZE];

	say(row, "%s ", row->operation ? row->operation : "operation");
	if (row->bytes != UNKNOWN || row->device)
		say(row, "%s ", value_human(&bytes, UNIT_BYTES, 0, size));
	if (row->device)
		say(row, "%s ", row->device);
	say(row, "%s", value_human(&latency, UNIT_MICROSECONDS, 0, time));
	if (row->error)
		say(row, " %s", row->error);
	if (row->path)
		say_path(row, row->path);
}

/* "to 10.0.0.2:80", "at 443 from [::1]:4711": who began it is the other end then. */
static void tell_ends(struct event_row *row)
{
	const struct value other = { .type = VALUE_ADDRESS, .address = &row->remote_address };
	bool v6 = row->remote_address.family == 6;
	char address[VALUE_TEXT_SIZE];

	if (row->error)
		say(row, "%s ", row->error);
	else if (row->direction == direction_name(FLOW_IN))
		say(row, "at %" PRIu64 " from ", row->local_port);
	else
		say(row, "%s", "to ");
	say(row, "%s%s%s:%" PRIu64, v6 ? "[" : "", value_plain(&other, address), v6 ? "]" : "",
		row->remote_port);
}

/* ", rx 1.2M", "" */
static void tell(struct event_row *row, const char *name, uint64_t number, enum unit unit)
{
	const struct value value = { .type = VALUE_NUMBER, .number = number };
	char buffer[VALUE_TEXT_SIZE];

	if (number != UNKNOWN)
		say(row, "%s%s", name, value_human(&value, unit, 0, buffer));
}

static void tell_duration(struct event_row *row, const char *name)
{
	if (row->duration_ms)
		tell(row, name, 1000 * row->duration_ms, UNIT_MICROSECONDS);
	else
		say(row, "%s<1ms", name);
}

static void tell_connection(struct event_row *row)
{
	tell_ends(row);
	if (!row->error) {
		tell(row, ", rx ", row->rx_bytes, UNIT_BYTES);
		tell(row, ", tx ", row->tx_bytes, UNIT_BYTES);
	}
	if (row->duration_ms != UNKNOWN)
		tell_duration(row, ", after ");
	else
		tell(row, " in ", row->latency_us, UNIT_MICROSECONDS);
}

static void tell_process(struct event_row *row, enum log_kind kind)
{
	tell(row, "status ", row->exit_code, UNIT_NONE);
	tell(row, "signal ", row->signal, UNIT_NONE);
	if (row->duration_ms != UNKNOWN)
		tell_duration(row, *row->detail_text ? " after " : "after ");
	if (kind == LOG_EXEC && row->parent && row->ppid != UNKNOWN)
		say(row, "by %s %" PRIu64, row->parent, row->ppid);
}

/* All there is to say about it, in the words of its kind. */
static void event_detail(struct event_row *row, const struct event_sample *sample)
{
	row->bytes = sample->bytes;
	row->operation = sample->operation;
	if (sample->path) {
		row->path = text_clean_dup(sample->path);
		tell_operation(row);
	} else if (sample->device[0]) {
		text_clean(row->device_text, sizeof(row->device_text), sample->device,
			   sizeof(sample->device));
		row->device = row->device_text;
		tell_operation(row);
	} else if (sample->key.family) {
		tell_connection(row);
	} else if (row->error) {
		say(row, "%s", row->error);
	} else {
		tell_process(row, sample->kind);
	}
	row->detail = *row->detail_text ? row->detail_text : NULL;
}

struct event_row *event_row_add(struct rows *rows, const struct event_sample *sample)
{
	const struct row_key key = { sample->container->serial, ++rows->n_events };
	struct event_row *row = rows_add(rows, PANE_EVENTS, sample->container, &key);

	rows_touch(rows, PANE_EVENTS, &row->row);
	row->row.active = true;
	row->time_ns = sample->time_ns;
	row->event = event_name(sample->kind);
	event_ends(row, &sample->key);
	row->direction = direction_name(sample->direction);
	row->state = sample->state ? tcp_state_name(sample->state) : NULL;
	row->error = error_name(sample->error);
	event_owner(row, sample);
	task_name_set(&row->interface_name, &row->interface, sample->interface);
	row->rx_bytes = sample->rx_bytes;
	row->tx_bytes = sample->tx_bytes;
	row->rx_packets = sample->rx_packets;
	row->tx_packets = sample->tx_packets;
	row->duration_ms = sample->duration_ms;
	row->latency_us = sample->latency_us;
	row->exit_code = sample->exit_code;
	row->signal = sample->signal;
	event_detail(row, sample);
	if (rows->newest)
		rows->newest->next = row;
	else
		rows->oldest = row;
	rows->newest = row;
	return row;
}

void event_rows_trim(struct rows *rows)
{
	while (rows->tables[PANE_EVENTS].n > EVENTS_KEPT) {
		struct event_row *row = rows->oldest;

		rows->oldest = row->next;
		rows_remove(rows, PANE_EVENTS, &row->row);
	}
}

/* The container goes: the row keeps what it shows of it. */
static void outlive(struct event_row *row)
{
	const struct container *container = row->row.container;
	struct container *late = xcalloc(1, sizeof(*late));

	late->serial = container->serial;
	late->hidden = container->hidden;
	late->exited = true;
	late->state = "exited";
	late->name = xstrdup(container->name);
	late->id = container->id ? xstrdup(container->id) : NULL;
	late->short_id = container->short_id ? xstrdup(container->short_id) : NULL;
	late->exited_ns = UINT64_MAX;
	row->late = row->row.container = late;
	row->row.owner = NULL;
}

void event_rows_outlive(struct rows *rows, uint64_t before_ns)
{
	for (struct event_row *row = rows->oldest; row; row = row->next)
		if (!row->late && row->row.container->exited &&
		    row->row.container->exited_ns < before_ns)
			outlive(row);
}
