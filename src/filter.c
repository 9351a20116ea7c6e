/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters: the grammar, from a text to a tree of tests.  The text is of bounded
 * length, and so are the tree and the depth of all recursion.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter-test.h"
#include "pane.h"
#include "text.h"
#include "util.h"

#define DEPTH_MAX 32			/* of parentheses and "not" */
#define NODES_MAX 256
#define BLANKS " \t\r\n\v\f"

struct filter_node {
	enum node_kind { NODE_TEST, NODE_NOT, NODE_AND, NODE_OR } kind;
	size_t left, right;		/* nodes before this one */
	struct filter_test test;
};

struct filter {
	struct filter_node *nodes;	/* owned */
	size_t n_nodes, capacity;	/* the last one is the whole */
};

struct parser {
	const struct pane *pane;
	const char *text, *next;
	unsigned int depth;
	struct filter *filter;
	struct filter_error *error;
};

static const struct {
	const char *text;
	enum filter_operator operator;
} operators[] = {			/* the longer ones first */
	{ "!=", FILTER_UNEQUAL }, { "!~", FILTER_UNLIKE }, { ">=", FILTER_LEAST },
	{ "<=", FILTER_MOST }, { "==", FILTER_EQUAL }, { "=", FILTER_EQUAL },
	{ "~", FILTER_LIKE }, { ">", FILTER_MORE }, { "<", FILTER_LESS },
};

/*
 * Words that mean a value of a column, in the panes that have it: themselves, or of
 * a count that there were any; in quotes they are just words.
 */
static const struct {
	const char *word, *column;
} short_words[] = {
	{ "tcp", "protocol" }, { "udp", "protocol" }, { "in", "direction" },
	{ "out", "direction" }, { "ipv4", "family" }, { "ipv6", "family" },
	{ "connect", "event" }, { "accept", "event" }, { "close", "event" },
	{ "connect_failed", "event" }, { "retransmit", "event" }, { "exec", "event" },
	{ "exit", "event" }, { "oom", "event" }, { "start", "event" }, { "stop", "event" },
	{ "retransmit", "retransmits" },
};

/* ---- errors */

static int fail_at(struct parser *parser, const char *where, int err, const char *reason)
{
	parser->error->offset = (size_t)(where - parser->text);
	snprintf(parser->error->text, sizeof(parser->error->text), "%s", reason);
	return err;
}

/* With a part of the expression: at most some 40 characters of it. */
static int fail_word(struct parser *parser, const char *where, size_t size, int err,
		     const char *reason)
{
	char word[41];

	text_clean(word, sizeof(word), where, size);
	parser->error->offset = (size_t)(where - parser->text);
	snprintf(parser->error->text, sizeof(parser->error->text), "%s: %s", word, reason);
	return err;
}

/* ---- words */

static void skip_blanks(struct parser *parser)
{
	parser->next += strspn(parser->next, BLANKS);
}

static bool is_joint(const char *p)
{
	return (*p == '&' || *p == '|') && p[1] == *p;
}

/* Length of the word at p: a value may have in it what ends a name. */
static size_t word_size(const char *p, bool value)
{
	const char *start = p, *ends = value ? "()" BLANKS : "()=!~<>" BLANKS;

	while (*p && !strchr(ends, *p) && !is_joint(p))
		p++;
	return (size_t)(p - start);
}

/* The word or quoted text that comes next. 0 or -EINVAL. */
static int take_word(struct parser *parser, bool value, struct filter_value *ret)
{
	const char *start = parser->next, *end;

	if (*start != '"' && *start != '\'') {
		*ret = (struct filter_value){ start, word_size(start, value), false };
		parser->next += ret->size;
		return 0;
	}
	end = strchr(start + 1, *start);
	if (!end)
		return fail_at(parser, start, -EINVAL, "a quote without its end");
	*ret = (struct filter_value){ start + 1, (size_t)(end - start - 1), true };
	parser->next = end + 1;
	return 0;
}

static bool word_is(const struct filter_value *word, const char *text)
{
	return !word->quoted && strlen(text) == word->size &&
	       !strncasecmp(word->text, text, word->size);
}

/* Takes a joint, "and" or "&&", when it comes next. */
static bool take_joint(struct parser *parser, const char *name, const char *sign)
{
	const char *p;

	skip_blanks(parser);
	p = parser->next;
	if (!strncmp(p, sign, 2)) {
		parser->next += 2;
		return true;
	}
	if (!word_is(&(struct filter_value){ p, word_size(p, false), false }, name))
		return false;
	parser->next += strlen(name);
	return true;
}

static bool take_operator(struct parser *parser, enum filter_operator *ret)
{
	skip_blanks(parser);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		size_t size = strlen(operators[i].text);

		if (strncmp(parser->next, operators[i].text, size))
			continue;
		parser->next += size;
		*ret = operators[i].operator;
		return true;
	}
	return false;
}

/* ---- columns */

/* A column by its name, or by its title, without "/s" and in either case. */
static const struct column *find_column(const struct pane *pane, const struct filter_value *name)
{
	const struct column *column = pane_column(pane, name->text, name->size);

	for (size_t i = 0; !column && i < pane->n_columns; i++) {
		char title[COLUMN_TITLE_SIZE];

		if (word_is(name, column_title(&pane->columns[i], true, title)))
			column = &pane->columns[i];
	}
	/* Other panes call it so: one expression is to do for all. */
	if (!column && pane == &panes[PANE_CONTAINERS] && word_is(name, "container"))
		column = pane_column(pane, "name", 4);
	return column;
}

static int fail_column(struct parser *parser, const struct filter_value *name)
{
	for (size_t i = 0; i < PANE_COUNT; i++)
		if (find_column(&panes[i], name))
			return fail_word(parser, name->text, name->size, -ENOENT,
					 "no column of this pane");
	return fail_word(parser, name->text, name->size, -EINVAL, "no such column");
}

/* ---- the tree */

static int add_node(struct parser *parser, enum node_kind kind, size_t left, size_t right)
{
	struct filter *filter = parser->filter;

	if (filter->n_nodes == NODES_MAX)
		return fail_at(parser, parser->next, -EINVAL, "too many conditions");
	filter->nodes = array_reserve(filter->nodes, &filter->capacity, filter->n_nodes + 1,
				      sizeof(*filter->nodes));
	filter->nodes[filter->n_nodes++] = (struct filter_node){
		.kind = kind, .left = left, .right = right,
	};
	return 0;
}

static int add_test(struct parser *parser, const struct column *column,
		    enum filter_operator operator, const struct filter_value *value)
{
	struct filter_test test;
	const char *reason = filter_test_init(&test, column, operator, value);
	int err;

	if (reason)
		return fail_word(parser, value->text, value->size, -EINVAL, reason);
	err = add_node(parser, NODE_TEST, 0, 0);
	if (err)
		filter_test_done(&test);
	else
		parser->filter->nodes[parser->filter->n_nodes - 1].test = test;
	return err;
}

static size_t last_node(const struct parser *parser)
{
	return parser->filter->n_nodes - 1;
}

/* ---- the grammar, one function for each level */

static int parse_plain(struct parser *parser, const struct filter_value *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(short_words); i++) {
		const char *name = short_words[i].column;
		const struct column *column;

		if (!word_is(word, short_words[i].word))
			continue;
		column = pane_column(parser->pane, name, strlen(name));
		if (column && column->type == VALUE_COUNT)
			return add_test(parser, column, FILTER_MORE,
					&(struct filter_value){ "0", 1, false });
		if (column)
			return add_test(parser, column, FILTER_EQUAL, word);
	}
	return add_test(parser, NULL, FILTER_EQUAL, word);
}

static int parse_test(struct parser *parser)
{
	const char *start = parser->next;
	enum filter_operator operator;
	struct filter_value name, value;
	const struct column *column;
	int err = take_word(parser, false, &name);

	if (err)
		return err;
	if (!name.size || word_is(&name, "and") || word_is(&name, "or"))
		return fail_at(parser, start, -EINVAL, "a word or a comparison is missing here");
	if (name.quoted || !take_operator(parser, &operator))
		return parse_plain(parser, &name);
	column = find_column(parser->pane, &name);
	if (!column)
		return fail_column(parser, &name);
	skip_blanks(parser);
	start = parser->next;
	err = take_word(parser, true, &value);
	if (err)
		return err;
	if (!value.size && !value.quoted)
		return fail_at(parser, start, -EINVAL, "a value is missing here");
	return add_test(parser, column, operator, &value);
}

static int parse_or(struct parser *parser);

static int parse_group(struct parser *parser)
{
	const char *start = parser->next++;
	int err = parse_or(parser);

	if (err)
		return err;
	skip_blanks(parser);
	if (*parser->next != ')')
		return fail_at(parser, start, -EINVAL, "a parenthesis without its end");
	parser->next++;
	return 0;
}

static bool take_not(struct parser *parser)
{
	const char *p = parser->next;

	if (*p == '!' && p[1] != '=' && p[1] != '~') {
		parser->next++;
		return true;
	}
	if (!word_is(&(struct filter_value){ p, word_size(p, false), false }, "not"))
		return false;
	parser->next += 3;
	return true;
}

static int parse_one(struct parser *parser)
{
	int err;

	skip_blanks(parser);
	if (parser->depth == DEPTH_MAX)
		return fail_at(parser, parser->next, -EINVAL, "too deep");
	parser->depth++;
	if (take_not(parser)) {
		err = parse_one(parser);
		if (!err)
			err = add_node(parser, NODE_NOT, last_node(parser), 0);
	} else if (*parser->next == '(')
		err = parse_group(parser);
	else
		err = parse_test(parser);
	parser->depth--;
	return err;
}

static int parse_and(struct parser *parser)
{
	int err = parse_one(parser);

	while (!err && take_joint(parser, "and", "&&")) {
		size_t left = last_node(parser);

		err = parse_one(parser);
		if (!err)
			err = add_node(parser, NODE_AND, left, last_node(parser));
	}
	return err;
}

static int parse_or(struct parser *parser)
{
	int err = parse_and(parser);

	while (!err && take_joint(parser, "or", "||")) {
		size_t left = last_node(parser);

		err = parse_and(parser);
		if (!err)
			err = add_node(parser, NODE_OR, left, last_node(parser));
	}
	return err;
}

static int parse_all(struct parser *parser)
{
	int err = parse_or(parser);

	if (err)
		return err;
	skip_blanks(parser);
	if (!*parser->next)
		return 0;
	if (*parser->next == ')')
		return fail_at(parser, parser->next, -EINVAL, "a parenthesis without its beginning");
	return fail_at(parser, parser->next, -EINVAL, "\"and\" or \"or\" is missing here");
}

int filter_parse(const struct pane *pane, const char *text, struct filter **ret_filter,
		 struct filter_error *ret_error)
{
	struct parser parser = { .pane = pane, .text = text, .next = text, .error = ret_error };
	int err;

	if (strnlen(text, FILTER_TEXT_MAX + 1) > FILTER_TEXT_MAX)
		return fail_at(&parser, text + FILTER_TEXT_MAX, -EINVAL, "too long");
	if (!text[strspn(text, BLANKS)]) {
		*ret_filter = NULL;
		return 0;
	}
	parser.filter = xcalloc(1, sizeof(*parser.filter));
	err = parse_all(&parser);
	if (err)
		filter_free(parser.filter);
	else
		*ret_filter = parser.filter;
	return err;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->n_nodes; i++)
		filter_test_done(&filter->nodes[i].test);
	free(filter->nodes);
	free(filter);
}

unsigned int filter_wishes(const struct filter *filter)
{
	unsigned int wishes = 0;

	for (size_t i = 0; filter && i < filter->n_nodes; i++)
		if (filter->nodes[i].kind == NODE_TEST && filter->nodes[i].test.column)
			wishes |= filter->nodes[i].test.column->wishes;
	return wishes;
}

/* ---- rows */

static bool match_node(const struct filter *filter, size_t i, const void *row,
		       const struct filter_look *look)
{
	const struct filter_node *node = &filter->nodes[i];

	switch (node->kind) {
	case NODE_NOT:
		return !match_node(filter, node->left, row, look);
	case NODE_AND:
		return match_node(filter, node->left, row, look) &&
		       match_node(filter, node->right, row, look);
	case NODE_OR:
		return match_node(filter, node->left, row, look) ||
		       match_node(filter, node->right, row, look);
	case NODE_TEST:
		break;
	}
	return filter_test_match(&node->test, row, look);
}

bool filter_match(const struct filter *filter, const void *row, const struct filter_look *look)
{
	return !filter || match_node(filter, filter->n_nodes - 1, row, look);
}
