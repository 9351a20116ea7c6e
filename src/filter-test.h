/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One test of a filter: a word, or a column compared with a value. */
#ifndef FILTER_TEST_H
#define FILTER_TEST_H

#include <regex.h>

#include "column.h"
#include "filter.h"

enum filter_operator {
	FILTER_EQUAL, FILTER_UNEQUAL, FILTER_LIKE, FILTER_UNLIKE,
	FILTER_MORE, FILTER_LEAST, FILTER_LESS, FILTER_MOST,
};

struct filter_test {
	const struct column *column;	/* NULL: a word for every text that is shown */
	enum filter_operator operator;
	enum filter_kind {		/* of what it is compared with */
		FILTER_TEXT, FILTER_NUMBER, FILTER_PREFIX, FILTER_REGEX, FILTER_UNKNOWN,
	} kind;
	char *text;			/* owned */
	double number;
	struct address address;
	unsigned int prefix;		/* bits of the address that count */
	regex_t *regex;			/* owned */
};

/* A value as it stands in the expression, without its quotes. */
struct filter_value {
	const char *text;
	size_t size;
	bool quoted;
};

/*
 * Makes the test; filter_test_done frees what it owns. Returns NULL, or why the
 * value cannot be: a static string, and nothing is owned.
 */
const char *filter_test_init(struct filter_test *test, const struct column *column,
			     enum filter_operator operator, const struct filter_value *value);
void filter_test_done(struct filter_test *test);

bool filter_test_match(const struct filter_test *test, const void *row,
		       const struct filter_look *look);

#endif
