/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rows of a pane are shown: the expressions of -f and of the filter line.
 *
 *	expression:  "and" and "&&", "or" and "||", "not" and "!", parentheses
 *	comparison:  column OPERATOR value, with = != ~ !~ > >= < <=
 *	word:        any other word: in any text or address that is shown
 *
 * FILTER EXPRESSIONS in the manual says what they mean.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_TEXT_MAX 1024		/* bytes of an expression */

struct column;
struct filter;
struct pane;

/* What is wrong with an expression. */
struct filter_error {
	size_t offset;			/* byte of the text where it is wrong */
	char text[160];			/* one clean line, without the offset */
};

/* How the rows are shown that a filter looks at. */
struct filter_look {
	const struct column *const *columns;	/* those shown: words are looked for in them */
	size_t n_columns;
	uint64_t interval_ns;		/* counts compare as rates per second */
	bool total;			/* counts compare as totals */
};

/*
 * Compiles an expression for a pane; a blank one gives NULL, which matches all.
 * -ENOENT: it is right so far, but names a column that only other panes have;
 * -EINVAL: it is wrong. *ret_error is set on failure.
 */
int filter_parse(const struct pane *pane, const char *text, struct filter **ret_filter,
		 struct filter_error *ret_error);
void filter_free(struct filter *filter);

/* What the columns it compares need: a set of enum column_wish. */
unsigned int filter_wishes(const struct filter *filter);

/* Whether a row of the pane matches. */
bool filter_match(const struct filter *filter, const void *row, const struct filter_look *look);

#endif
