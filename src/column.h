/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A column is one line of data: the screen, sorting, batch output, JSON and the manual read it. */
#ifndef COLUMN_H
#define COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "value.h"

#define COLUMN_TITLE_SIZE 24
#define COLUMN_TEXT_WIDTH 15		/* of a text of no given width, unless it is last */

/* What costs something and is done only while a column asks for it. */
enum column_wish {
	WISH_LATENCY = 1,		/* system calls are timed */
	WISH_PROCESSES = 2,		/* system calls have rows for each process */
	WISH_PRESSURE = 4,		/* the pressure of cgroups is read */
	WISH_FAULTS = 8,		/* major page faults are counted */
};

struct column {
	const char *name;		/* in -s, -F, CSV and JSON: never renamed */
	const char *title;		/* above the column; "/s" at its end is of rates alone */
	const char *help;		/* one line, also in the manual */
	const char *metric;		/* in metrics, behind the pane's prefix; of a text: the label.
					   NULL: not there */
	enum unit unit;
	unsigned int width;		/* cells on a line of 80; 0: the last takes what is left */
	unsigned int most;		/* cells it grows to where there is room; 0: never grows */
	bool has_tree;			/* the lines of a tree are ahead of it */
	bool hidden;			/* not shown unless asked for; always in JSON */
	unsigned int from;		/* but on screens of so many cells, if columns were not chosen */
	bool keep_end;			/* of what is cut, the end says more than the beginning */
	unsigned int wishes;		/* what showing it takes: a set of enum column_wish */
	enum value_type type;		/* these six are set by FIELD and OWNER_FIELD */
	bool small;			/* a number of 32 bits */
	size_t offset;			/* of the member in the row, or in what owner points to */
	size_t total;			/* in the member: of the part that is of all intervals */
	bool by_owner;
	size_t owner;			/* of the row's pointer to what has the member */
};

#define FIELD_TYPE(expression)							\
	_Generic((expression),							\
		struct count: VALUE_COUNT,					\
		uint64_t: VALUE_NUMBER, uint32_t: VALUE_NUMBER,			\
		struct measure: VALUE_NUMBER, struct wording: VALUE_TEXT,	\
		char *: VALUE_TEXT, const char *: VALUE_TEXT,			\
		struct address: VALUE_ADDRESS)

#define FIELD_TOTAL(expression)							\
	_Generic((expression),							\
		struct count: offsetof(struct count, total),			\
		struct measure: offsetof(struct measure, total),		\
		struct wording: offsetof(struct wording, total), default: 0)

/* Numbers of 32 bits have UNKNOWN32. */
#define FIELD_SMALL(expression) _Generic((expression), uint32_t: true, default: false)

/*
 * Where a column finds its value. The member's own type picks the value's type,
 * so a member that no value can hold does not compile.
 */
#define FIELD(row, member)							\
	.type = FIELD_TYPE(((struct row *)0)->member), .offset = offsetof(struct row, member), \
	.total = FIELD_TOTAL(((struct row *)0)->member),				\
	.small = FIELD_SMALL(((struct row *)0)->member)

/* The same for what a row's pointer leads to: names that may still change. */
#define OWNER_FIELD(row, pointer, owned, member)				\
	.type = FIELD_TYPE(((struct owned *)0)->member), .offset = offsetof(struct owned, member), \
	.small = FIELD_SMALL(((struct owned *)0)->member),			\
	.by_owner = true, .owner = offsetof(struct row, pointer)

/* The title as it stands above rates or (total) above counts since the start. Returns out. */
const char *column_title(const struct column *column, bool total, char out[COLUMN_TITLE_SIZE]);

/* Cells it takes at least: its width, or that of its title. */
unsigned int column_width(const struct column *column);

/* Whether its values stand on the right: numbers do. */
bool column_is_number(const struct column *column);

/* The value a column has in a row; counts and the like as totals or of the interval. */
struct value column_value(const struct column *column, const void *row, bool total);

#endif
