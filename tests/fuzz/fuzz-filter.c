/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters: parsed for every pane, and asked about a row of each kind, known and not. */
#include <stdlib.h>

#include "column.h"
#include "filter.h"
#include "fuzz.h"
#include "model.h"

union any_row {
	struct row row;
	struct container_row container;
	struct flow_row flow;
	struct disk_row disk;
	struct syscall_row syscall;
	struct process_row process;
};

static void match(const struct pane *pane, const struct filter *filter)
{
	static char name[] = "web-1";
	struct container container = { .name = name, .processes = UNKNOWN };
	const struct column *columns[64];
	struct filter_look look = { columns, 0, NSEC_PER_SEC, false };
	union any_row row;

	for (size_t i = 0; i < pane->n_columns && i < ARRAY_SIZE(columns); i++)
		columns[look.n_columns++] = &pane->columns[i];
	memset(&row, 0, sizeof(row));
	row.row.container = &container;
	if (pane == &panes[PANE_FLOWS]) {
		row.flow.protocol = "tcp";
		row.flow.comm = "a name, rather long";
		row.flow.key.remote = (struct address){ 6, { 0x20, 1 } };
		row.flow.key.local = (struct address){ 4, { 127, 0, 0, 1 } };
		row.flow.rx_bytes = (struct count){ UNKNOWN, UNKNOWN };
	}
	filter_match(filter, &row, &look);
	look.total = true;
	filter_match(filter, &row, &look);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct filter_error error = { 0 };
		struct filter *filter;

		if (!filter_parse(&panes[i], text, &filter, &error)) {
			match(&panes[i], filter);
			filter_free(filter);
		} else if (error.offset > strlen(text) || !*error.text) {
			abort();
		}
	}
	free(text);
	return 0;
}
