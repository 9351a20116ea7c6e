/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of events: one for each, in the order they came in; the oldest go first. */
#ifndef EVENT_ROW_H
#define EVENT_ROW_H

#include "rows.h"

/* Adds one, active in this interval; its owner is the caller's to set. */
struct event_row *event_row_add(struct rows *rows, const struct event_sample *sample);

/* Before new ones come: however many there were in the last interval, EVENTS_KEPT stay. */
void event_rows_trim(struct rows *rows);

/* Containers that exited before this moment go: their events keep what they show of them. */
void event_rows_outlive(struct rows *rows, uint64_t before_ns);

#endif
