/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of filters: values with their units, and how rows compare with them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter-test.h"
#include "text.h"
#include "util.h"

/*
 * regcomp of glibc copies what a repetition repeats, also for +: of a{999}{999} or
 * an "a" with forty of them behind it comes more than any memory. Repetitions of
 * repetitions that may be empty, as in a????+, take it exponential time. So both
 * are limited, beside the length.
 */
#define REGEX_SIZE_MAX 256
#define REGEX_DEPTH_MAX 32
#define REGEX_NODES_MAX 1024
#define REGEX_NESTED_MAX 4

#define DIGITS_MAX 40			/* of a number */

/* ---- numbers */

struct number_unit {
	const char *name;
	double factor;
};

/* A decimal number, as a whole one over a power of 10. Returns what comes after it, or NULL. */
static const char *parse_decimal(const char *p, double *ret, double *ret_divisor)
{
	bool fraction = false;
	int digits = 0;

	*ret = 0;
	*ret_divisor = 1;
	for (;; p++) {
		if (*p == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		*ret = *ret * 10 + (*p - '0');
		*ret_divisor *= fraction ? 10 : 1;
		digits++;
	}
	return digits && digits <= DIGITS_MAX ? p : NULL;
}

/* Factor of a unit of time, in the column's own unit of so many ns; 0: it is none. */
static double time_factor(const char *name, double own)
{
	static const struct number_unit units[] = {
		{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
	};

	if (!*name)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcasecmp(name, units[i].name))
			return units[i].factor / own;
	return 0;
}

/* Factor of K, M, ... (with B or iB for bytes); 0: it is none. */
static double size_factor(const char *name, bool bytes)
{
	static const char prefixes[] = "KMGTPE";
	const char *prefix = strchr(prefixes, *name & ~0x20);	/* either case */
	double factor = 1;

	if (*name && prefix && *prefix) {
		for (const char *p = prefixes; p <= prefix; p++)
			factor *= bytes ? 1024 : 1000;
		name++;
	}
	if (bytes && factor > 1 && *name == 'i')
		name++;
	if (bytes && (*name == 'B' || *name == 'b'))
		name++;
	return *name ? 0 : factor;
}

static const char *init_number(struct filter_test *test)
{
	double factor = 0, divisor;
	const char *unit = parse_decimal(test->text, &test->number, &divisor);
	const char *reason = "not a number";

	if (!unit)
		return reason;
	switch (test->column->unit) {
	case UNIT_MICROSECONDS:
		factor = time_factor(unit, 1e3);
		reason = "not a time, use us, ms or s";
		break;
	case UNIT_NANOSECONDS:
		factor = time_factor(unit, 1);
		reason = "not a time, use ns, us, ms or s";
		break;
	case UNIT_BYTES:
		factor = size_factor(unit, true);
		reason = "not a size, use K, M, G or T";
		break;
	case UNIT_EVENTS:
	case UNIT_CLOCK:
	case UNIT_NONE:
		factor = size_factor(unit, false);
		reason = "not a number, use K, M, G or T";
		break;
	}
	test->kind = FILTER_NUMBER;
	test->number = test->number * factor / divisor;
	return factor > 0 ? NULL : reason;
}

/* ---- addresses */

static bool parse_prefix(const char *text, unsigned int most, unsigned int *ret)
{
	unsigned int bits = 0;

	if (!*text || strlen(text) > 3)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		bits = bits * 10 + (unsigned int)(*text - '0');
	}
	*ret = bits;
	return bits <= most;
}

static const char *init_address(struct filter_test *test)
{
	static const char reason[] = "not an address or a prefix such as 10.0.0.0/8";
	char text[INET6_ADDRSTRLEN] = "";
	size_t size = strcspn(test->text, "/");
	unsigned int most;

	if (size >= sizeof(text))
		return reason;
	memcpy(text, test->text, size);
	if (inet_pton(AF_INET, text, test->address.bytes) == 1)
		test->address.family = 4;
	else if (inet_pton(AF_INET6, text, test->address.bytes) == 1)
		test->address.family = 6;
	else
		return reason;
	most = test->address.family == 4 ? 32 : 128;
	test->prefix = most;
	if (test->text[size] && !parse_prefix(test->text + size + 1, most, &test->prefix))
		return reason;
	if (test->operator >= FILTER_MORE && test->prefix < most)
		return "a prefix is only = or !=";
	test->kind = FILTER_PREFIX;
	return NULL;
}

static bool address_within(const struct filter_test *test, const struct address *address)
{
	size_t bytes = test->prefix / 8;
	unsigned int rest = test->prefix % 8;
	uint8_t mask = (uint8_t)(0xff00U >> rest);

	if (address->family != test->address.family ||
	    memcmp(address->bytes, test->address.bytes, bytes))
		return false;
	return !rest || !((address->bytes[bytes] ^ test->address.bytes[bytes]) & mask);
}

/* ---- regular expressions */

/* The larger bound of "{2,5}" at p; of what is no bound at all regcomp complains. */
static unsigned long repeat_bound(const char *p)
{
	char *end;
	unsigned long first = strtoul(p + 1, &end, 10), second = 0;

	if (*end == ',')
		second = strtoul(end + 1, NULL, 10);
	first = first > second ? first : second;
	first = first < REGEX_NODES_MAX ? first : REGEX_NODES_MAX;
	return first + 1;
}

/* The end of a bracket expression, "[^]a[:alpha:]]", that begins at p; or of the pattern. */
static const char *brackets_end(const char *p)
{
	p++;
	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']') {
		const char kind = p[1], end[] = { kind, ']', '\0' };

		if (*p == '[' && kind && strchr(":.=", kind)) {
			p = strstr(p + 2, end);
			if (!p)
				return "";
			p++;
		}
		p++;
	}
	return p;
}

/* What regcomp makes of a part of a pattern. */
struct regex_cost {
	unsigned long nodes;		/* with copies of all that is repeated */
	unsigned int nested;		/* repetitions of repetitions */
};

/* The same up to some place: before each open parenthesis, since it, and of the last atom. */
struct regex_costs {
	struct regex_cost before[REGEX_DEPTH_MAX], since, last;
	size_t depth;
};

static struct regex_cost cost_sum(struct regex_cost a, struct regex_cost b)
{
	return (struct regex_cost){ a.nodes + b.nodes, a.nested > b.nested ? a.nested : b.nested };
}

/* Adds the character at p, or the whole of what begins there. Returns where that ends. */
static const char *regex_add(struct regex_costs *costs, const char *p)
{
	static const struct regex_cost one = { 1, 0 }, none = { 0, 0 };

	if (*p == '(' && costs->depth < REGEX_DEPTH_MAX) {
		costs->before[costs->depth++] = cost_sum(costs->since, costs->last);
		costs->since = costs->last = none;
	} else if (*p == ')' && costs->depth > 0) {
		costs->last = cost_sum(cost_sum(costs->since, costs->last), one);
		costs->since = costs->before[--costs->depth];
	} else if (strchr("*?+{", *p)) {
		costs->last.nodes *= *p == '{' ? repeat_bound(p) : *p == '+' ? 2 : 1;
		costs->last.nodes++;
		costs->last.nested++;
	} else {
		costs->since = cost_sum(costs->since, costs->last);
		costs->last = one;
		if (*p == '[')
			p = brackets_end(p);
		else if (*p == '\\' && p[1])
			p++;
	}
	return p;
}

/* Why a pattern would cost more than it should, or NULL. */
static const char *regex_costs(const char *pattern)
{
	struct regex_costs costs = { .depth = 0 };

	if (strlen(pattern) > REGEX_SIZE_MAX)
		return "a regular expression too long";
	for (const char *p = pattern; *p; p += *p != '\0') {
		if (*p == '\\' && p[1] >= '1' && p[1] <= '9')
			return "no back-references in regular expressions";
		p = regex_add(&costs, p);
		if (costs.depth == REGEX_DEPTH_MAX)
			return "too many parentheses in a regular expression";
		if (costs.last.nested > REGEX_NESTED_MAX ||
		    costs.since.nodes + costs.last.nodes > REGEX_NODES_MAX)
			return "too many repetitions in a regular expression";
	}
	return NULL;
}

static const char *init_regex(struct filter_test *test)
{
	const char *reason = regex_costs(test->text);

	if (reason)
		return reason;
	test->regex = xmalloc(sizeof(*test->regex));
	if (regcomp(test->regex, test->text, REG_EXTENDED | REG_ICASE | REG_NOSUB)) {
		free(test->regex);
		return "not a regular expression";
	}
	test->kind = FILTER_REGEX;
	return NULL;
}

/* ---- tests */

static const char *init_value(struct filter_test *test, bool quoted)
{
	bool like = test->operator == FILTER_LIKE || test->operator == FILTER_UNLIKE;

	if (!test->column) {
		test->kind = FILTER_TEXT;
		return NULL;
	}
	if (!quoted && test->operator <= FILTER_UNEQUAL && !strcmp(test->text, "-")) {
		test->kind = FILTER_UNKNOWN;
		return NULL;
	}
	/* The numbers that people see of other columns are rounded, or rates. */
	if (like && column_is_number(test->column) &&
	    (test->column->type == VALUE_COUNT || test->column->unit != UNIT_NONE))
		return "~ is for texts, addresses and plain numbers";
	if (like)
		return init_regex(test);
	if (test->column->type == VALUE_ADDRESS)
		return init_address(test);
	if (column_is_number(test->column))
		return init_number(test);
	test->kind = FILTER_TEXT;
	return NULL;
}

const char *filter_test_init(struct filter_test *test, const struct column *column,
			     enum filter_operator operator, const struct filter_value *value)
{
	const char *reason;

	*test = (struct filter_test){ .column = column, .operator = operator };
	test->text = xstrndup(value->text, value->size);
	reason = init_value(test, value->quoted);
	if (reason) {
		free(test->text);
		*test = (struct filter_test){ 0 };
	}
	return reason;
}

void filter_test_done(struct filter_test *test)
{
	if (test->kind == FILTER_REGEX) {
		regfree(test->regex);
		free(test->regex);
	}
	free(test->text);
}

static bool has_order(enum filter_operator operator, int order)
{
	switch (operator) {
	case FILTER_MORE:
		return order > 0;
	case FILTER_LEAST:
		return order >= 0;
	case FILTER_LESS:
		return order < 0;
	case FILTER_MOST:
		return order <= 0;
	case FILTER_EQUAL:
	case FILTER_LIKE:
		return order == 0;
	case FILTER_UNEQUAL:
	case FILTER_UNLIKE:
		break;
	}
	return order != 0;
}

/* The number that people see. */
static int compare_number(const struct filter_test *test, const struct value *value,
			  const struct filter_look *look)
{
	double number = (double)value->number;

	if (value->type == VALUE_COUNT && !look->total && look->interval_ns)
		number = number * (double)NSEC_PER_SEC / (double)look->interval_ns;
	return COMPARE(number, test->number);
}

static int compare_address(const struct filter_test *test, const struct value *value)
{
	struct value other = { .type = VALUE_ADDRESS, .address = &test->address };

	if (test->operator <= FILTER_UNEQUAL)
		return !address_within(test, value->address);
	return value_compare(value, &other);
}

static int compare_text(const struct filter_test *test, const struct value *value)
{
	struct value other = { .type = VALUE_TEXT, .text = test->text };

	if (test->operator <= FILTER_UNEQUAL)
		return strcasecmp(value->text, test->text);
	return value_compare(value, &other);
}

static bool match_column(const struct filter_test *test, const void *row,
			 const struct filter_look *look)
{
	struct value value = column_value(test->column, row, look->total);
	char buffer[VALUE_TEXT_SIZE];
	int order = 0;

	if (test->kind == FILTER_UNKNOWN)
		return has_order(test->operator, value.type != VALUE_UNKNOWN);
	if (value.type == VALUE_UNKNOWN)
		return false;
	switch (test->kind) {
	case FILTER_TEXT:
		order = compare_text(test, &value);
		break;
	case FILTER_NUMBER:
		order = compare_number(test, &value, look);
		break;
	case FILTER_PREFIX:
		order = compare_address(test, &value);
		break;
	case FILTER_REGEX:
		order = regexec(test->regex, value_plain(&value, buffer), 0, NULL, 0);
		break;
	case FILTER_UNKNOWN:
		break;
	}
	return has_order(test->operator, order);
}

static bool match_word(const char *word, const void *row, const struct filter_look *look)
{
	bool in_address = !word[strspn(word, "0123456789abcdefABCDEF.:")];
	char buffer[VALUE_TEXT_SIZE];

	for (size_t i = 0; i < look->n_columns; i++) {
		struct value value = column_value(look->columns[i], row, look->total);

		if (value.type != VALUE_TEXT && !(value.type == VALUE_ADDRESS && in_address))
			continue;
		if (text_has(value_plain(&value, buffer), word))
			return true;
	}
	return false;
}

bool filter_test_match(const struct filter_test *test, const void *row,
		       const struct filter_look *look)
{
	if (!test->column)
		return match_word(test->text, row, look);
	return match_column(test, row, look);
}
