/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of columns: one way to compare them, one way to write them. */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample.h"

/* A counter as a row has it. Both UNKNOWN when nobody counted. */
struct count {
	uint64_t interval;		/* in the last interval */
	uint64_t total;			/* since contop started */
};

/* A number that is no rate, and a text, that differ as a count does. UNKNOWN; NULL. */
struct measure {
	uint64_t interval, total;
};

struct wording {
	const char *interval, *total;	/* borrowed */
};

struct address {
	uint8_t family;			/* 4, 6; 0: not known */
	uint8_t bytes[16];		/* network order; IPv4 in the first four */
};

enum value_type { VALUE_UNKNOWN = 0, VALUE_COUNT, VALUE_NUMBER, VALUE_TEXT, VALUE_ADDRESS };

/*
 * What a number counts: decides how it is written for people. UNIT_CLOCK: nanoseconds
 * since 1970, written as the local time of day.
 */
enum unit { UNIT_NONE, UNIT_BYTES, UNIT_EVENTS, UNIT_MICROSECONDS, UNIT_NANOSECONDS, UNIT_CLOCK };

struct value {
	enum value_type type;		/* VALUE_UNKNOWN for whatever is not known */
	uint32_t tie;			/* for who sorts values: decides between equals, else 0 */
	union {
		uint64_t number;	/* VALUE_COUNT (interval or total, as asked) and VALUE_NUMBER */
		const char *text;	/* borrowed, clean */
		const struct address *address;	/* borrowed */
	};
};

/* Three-way comparison of two values of one column. What is unknown is least. */
int value_compare(const struct value *a, const struct value *b);

#define VALUE_TEXT_SIZE 64

/*
 * Writes a value for people into buffer, at most six cells for numbers: "-" for
 * unknown, rates per second where interval_ns is not 0 and the value is a count
 * (1.5K, 12M; powers of 1024 for bytes, of 1000 for events), microseconds and
 * nanoseconds with a fitting unit (950us, 1.2ms). Returns buffer, or the value's own text.
 */
const char *value_human(const struct value *value, enum unit unit, uint64_t interval_ns,
			char buffer[VALUE_TEXT_SIZE]);

/* Writes a value for programs: plain integers, nothing for unknown. Returns as value_human. */
const char *value_plain(const struct value *value, char buffer[VALUE_TEXT_SIZE]);

#endif
