/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters: what an expression matches, and where a wrong one is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "filter.h"
#include "model.h"
#include "pane.h"
#include "util.h"

/* A flow as the rows of every case below have it; two seconds long. */
static char web_name[] = "Web-1", web_id[] = "0db0";
static struct container web = { .name = web_name, .id = web_id };
static const struct flow_row flow = {
	.row = { .container = &web },
	.protocol = "tcp", .family = "ipv4", .direction = "in", .state = "established",
	.key = {
		.local = { 4, { 172, 17, 0, 2 } }, .remote = { 4, { 10, 1, 2, 3 } },
		.local_port = 80, .remote_port = 51234,
	},
	.rx_bytes = { 4096, 1048576 }, .tx_bytes = { 0, 0 },
	.rx_packets = { 3000, 5000 }, .tx_packets = { UNKNOWN, UNKNOWN },
	.retransmits = { 3, 5 }, .resets = { 0, 0 },
	.rtt_us = 1500, .connect_us = UNKNOWN32, .pid = 4711, .uid = 0, .comm = "nginx",
};

/* The columns that the pane shows at first. */
static bool matches_total(const struct pane *pane, const char *text, const void *row, bool total)
{
	const struct column *columns[64];
	struct filter_look look = { columns, 0, 2 * NSEC_PER_SEC, total };
	struct filter_error error;
	struct filter *filter;
	bool matched;

	for (size_t i = 0; i < pane->n_columns; i++)
		if (!pane->columns[i].hidden)
			columns[look.n_columns++] = &pane->columns[i];
	if (filter_parse(pane, text, &filter, &error))
		fail_msg("%s: %s at %zu", text, error.text, error.offset);
	matched = filter_match(filter, row, &look);
	filter_free(filter);
	return matched;
}

static void check_flow(const char *text, bool want)
{
	if (matches_total(&panes[PANE_FLOWS], text, &flow, false) != want)
		fail_msg("%s: %s", text, want ? "matches not" : "matches");
}

static void matching_expressions(void **state)
{
	static const char *const cases[] = {
		"", "  ", "web", "WEB-1", "ngin", "10.1.2", "'web'", "\"eb-\"", "zzz or tcp",
		/* words that mean a column */
		"tcp", "TCP", "in", "ipv4", "retransmit", "tcp and in", "not udp", "!out", "! udp",
		/* texts */
		"container = web-1", "container=Web-1", "container == 'web-1'", "container != db",
		"container ~ ^web", "container ~ '^(web|db)-[0-9]$'", "comm ~ ^ng|^x", "comm !~ db",
		"COMMAND = nginx", "state = established", "comm > db", "id = 0db0",
		/* numbers */
		"local_port = 80", "lport = 80", "LPORT=80", "remote_port > 51K", "rport >= 51234",
		"rport <= 51234", "rport < 51235", "rport != 80", "rport ~ ^512", "uid = 0",
		"rport = 51.234k", "pid=4711",
		/* counts: per second */
		"rx = 2048", "rx = 2K", "rx=2k", "rx = 2KiB", "rx = 2kb", "rx >= .001M", "rx < 1M",
		"rx_bytes > 1.5K", "rx_packets = 1500", "rx_packets = 1.5K", "tx = 0", "rx < 1T",
		/* times */
		"rtt = 1500", "rtt_us = 1.5ms", "rtt < 1s", "rtt > 1400us", "rtt > 1400000ns",
		/* addresses */
		"remote_address = 10.1.2.3", "remote = 10.0.0.0/8", "remote = 10.1.2.3/32",
		"remote = 0.0.0.0/0", "remote = 10.1.2.2/31", "remote != 10.1.3.0/24",
		"remote != ::/0", "remote ~ '^10[.]'", "remote > 9.255.0.0", "local < 172.17.0.3",
		"remote != 10.1.2.3/0 or tcp",
		/* what is not known */
		"connect_us = -", "tx_packets=-", "peer = -", "rtt != -", "comm != -",
		"not connect_us > 5", "not peer = web",
		/* joints */
		"tcp and web and rx > 1K", "udp or web", "udp || web", "tcp && web", "tcp&&web",
		"udp and x or web", "web or x and udp", "(udp or tcp) and web", "not (udp or out)",
		"not not tcp", "!!tcp", "not udp and not out", "!(udp)and!(out)", "((((tcp))))",
		"tcp AND NOT udp", "local_port=80 and(rx>1)", "udp||tcp&&in",
		/* in quotes, words mean nothing else */
		"comm = \"nginx\" or 'and'", "comm ~ 'ng.*x'",
		/* many repetitions, one beside the other */
		"comm ~ '^n+g+i+n+x+[a-z]*([0-9]+|[+++++++++]+|(a+b+)+)*$'", "comm ~ '^.{1,200}$'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_flow(cases[i], true);
}

static void not_matching_expressions(void **state)
{
	static const char *const cases[] = {
		"db", "0db0", "established", "'tcpx'", "'and'",
		"udp", "out", "ipv6", "not tcp", "!web", "'retransmit'", "not retransmit", "close",
		"container = web", "container != WEB-1", "container ~ ^eb", "container !~ web",
		"comm = ''", "comm < db",
		"local_port = 8", "rport > 51234", "rport < 51234", "rport = 52K",
		"rx = 4096", "rx > 2K", "rx >= 2049", "rx_packets > 1.5K", "tx > 0", "rx = 2",
		"rtt > 2ms", "rtt = 1500ms", "rtt < 1500us",
		"remote = 10.1.2.4", "remote = 11.0.0.0/8", "remote = 10.1.2.4/31", "remote = ::/0",
		"remote != 10.0.0.0/8", "remote > 10.1.2.3",
		/* what is not known matches nothing but "= -" */
		"connect_us < 5", "connect_us >= 0", "connect_us != 5", "peer != web", "peer ~ .",
		"peer !~ .", "tx_packets = 0", "tx_packets < 1", "connect_us != -", "rtt = -",
		"peer = '-'", "peer = \"\"",
		"tcp and udp", "udp or out", "not (tcp and in)", "udp and x or out",
		"(udp or tcp) and out", "not udp and out",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_flow(cases[i], false);
}

static void totals(void **state)
{
	(void)state;
	assert_true(matches_total(&panes[PANE_FLOWS], "rx = 1M", &flow, true));
	assert_false(matches_total(&panes[PANE_FLOWS], "rx = 2K", &flow, true));
	assert_true(matches_total(&panes[PANE_FLOWS], "rx_packets = 5K", &flow, true));
}

/* Without a length the counts are compared as they are. */
static void no_interval(void **state)
{
	struct filter_look look = { 0 };
	struct filter_error error;
	struct filter *filter;

	(void)state;
	assert_int_equal(filter_parse(&panes[PANE_FLOWS], "rx = 4K", &filter, &error), 0);
	assert_true(filter_match(filter, &flow, &look));
	filter_free(filter);
}

/* Words are looked for in what is shown, hidden columns when they are shown. */
static void words_look_at_what_is_shown(void **state)
{
	const struct column *column = pane_column(&panes[PANE_FLOWS], "id", 2);
	struct filter_look look = { &column, 1, 1, false };
	struct filter_error error;
	struct filter *filter;

	(void)state;
	assert_int_equal(filter_parse(&panes[PANE_FLOWS], "0db", &filter, &error), 0);
	assert_true(filter_match(filter, &flow, &look));
	filter_free(filter);
	assert_int_equal(filter_parse(&panes[PANE_FLOWS], "web", &filter, &error), 0);
	assert_false(filter_match(filter, &flow, &look));
	filter_free(filter);
}

/* The name of a container is "container" in every pane. */
static void container_in_every_pane(void **state)
{
	static const struct container_row row = { .row = { .container = &web } };

	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct filter_error error;
		struct filter *filter;

		assert_int_equal(filter_parse(&panes[i], "container ~ ^web", &filter, &error), 0);
		filter_free(filter);
	}
	assert_true(matches_total(&panes[PANE_CONTAINERS], "container ~ ^web", &row, false));
	assert_false(matches_total(&panes[PANE_CONTAINERS], "container ~ ^db", &row, false));
	/* There are no flows here: a word like any other. */
	assert_false(matches_total(&panes[PANE_CONTAINERS], "tcp", &row, false));
}

/* An IPv6 prefix that ends within a byte. */
static void ipv6_prefix(void **state)
{
	static const struct { const char *text; bool want; } cases[] = {
		{ "remote = 2001:db8::1", true }, { "remote = 2001:DB8:0::/33", true },
		{ "remote = 2001:db8:8000::/33", false }, { "remote = 2001:db8::/128", false },
		{ "remote = ::/0", true }, { "remote = 0.0.0.0/0", false },
		{ "remote = 2001:db8::0/127", true }, { "remote ~ ^2001:db8::1$", true },
	};
	struct flow_row row = flow;

	(void)state;
	row.key.remote = (struct address){ 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (matches_total(&panes[PANE_FLOWS], cases[i].text, &row, false) != cases[i].want)
			fail_msg("%s", cases[i].text);
}

static void nanoseconds(void **state)
{
	static const char *const cases[] = {
		"latency_avg_ns = 1500", "avg = 1.5us", "avg < 1ms", "avg > 1499ns",
	};
	struct syscall_row row = { .row = { .container = &web }, .syscall = "read",
				   .latency_avg_ns = { 1500, 1500 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_true(matches_total(&panes[PANE_SYSCALLS], cases[i], &row, false));
}

static void check_error(const char *text, int want, size_t offset, const char *what)
{
	struct filter *filter = NULL;
	struct filter_error error;
	int err = filter_parse(&panes[PANE_FLOWS], text, &filter, &error);

	if (err != want)
		fail_msg("%s: gives %d", text, err);
	if (error.offset != offset || strcmp(error.text, what))
		fail_msg("%s: \"%s\" at %zu", text, error.text, error.offset);
	assert_null(filter);
}

static void wrong_expressions(void **state)
{
#define TEST "a word or a comparison is missing here"
#define VALUE "a value is missing here"
#define JOINT "\"and\" or \"or\" is missing here"
#define ADDRESS "not an address or a prefix such as 10.0.0.0/8"
	static const struct { const char *text; size_t offset; const char *what; } cases[] = {
		{ "=", 0, TEST }, { "tcp and", 7, TEST }, { "tcp and ", 8, TEST },
		{ "and", 0, TEST }, { "tcp or or in", 7, TEST }, { "()", 1, TEST },
		{ "not", 3, TEST }, { "!", 1, TEST }, { "!~ x", 0, TEST }, { "tcp &&", 6, TEST },
		{ "rx >", 4, VALUE }, { "rx > ", 5, VALUE }, { "(rx >)", 5, VALUE },
		{ "tcp udp", 4, JOINT }, { "rx > 1 M", 7, JOINT }, { "'a' 'b'", 4, JOINT },
		{ "tcp & in", 4, JOINT }, { "tcp | in", 4, JOINT },
		{ "(tcp", 0, "a parenthesis without its end" },
		{ "tcp and (in or (out)", 8, "a parenthesis without its end" },
		{ "tcp)", 3, "a parenthesis without its beginning" },
		{ "comm = 'x", 7, "a quote without its end" },
		{ "\"", 0, "a quote without its end" },
		{ "tcp and speed > 5", 8, "speed: no such column" },
		{ "\033[1m = 5", 0, "?[1m: no such column" },
		{ "rx > fast", 5, "fast: not a number" },
		{ "rx > 5Q", 5, "5Q: not a size, use K, M, G or T" },
		{ "rx > -5", 5, "-5: not a number" },
		{ "rx > 5ms", 5, "5ms: not a size, use K, M, G or T" },
		{ "rx > 5KK", 5, "5KK: not a size, use K, M, G or T" },
		{ "rx_packets > 5KB", 13, "5KB: not a number, use K, M, G or T" },
		{ "rx > 1e5", 5, "1e5: not a size, use K, M, G or T" },
		{ "rx > 0x10", 5, "0x10: not a size, use K, M, G or T" },
		{ "rx > .", 5, ".: not a number" },
		{ "rtt > 5M", 6, "5M: not a time, use us, ms or s" },
		{ "remote = web", 9, "web: " ADDRESS },
		{ "remote = 10.0.0.0/33", 9, "10.0.0.0/33: " ADDRESS },
		{ "remote = 10.0.0.0/", 9, "10.0.0.0/: " ADDRESS },
		{ "remote = ::/129", 9, "::/129: " ADDRESS },
		{ "remote = 10.0.0.0/-1", 9, "10.0.0.0/-1: " ADDRESS },
		{ "remote > 10.0.0.0/8", 9, "10.0.0.0/8: a prefix is only = or !=" },
		{ "comm ~ '('", 8, "(: not a regular expression" },
		{ "comm ~ [a", 7, "[a: not a regular expression" },
		{ "comm ~ '(a)\\1'", 8, "(a)\\1: no back-references in regular expressions" },
		{ "comm ~ a{1024}", 7, "a{1024}: too many repetitions in a regular expression" },
		{ "comm ~ '((a{100}){100}){100}'", 8,
		  "((a{100}){100}){100}: too many repetitions in a regular expression" },
		{ "comm ~ a{99999999999999999999}", 7,
		  "a{99999999999999999999}: too many repetitions in a regular expression" },
		{ "comm ~ a+++++++++++", 7,
		  "a+++++++++++: too many repetitions in a regular expression" },
		{ "comm ~ a?????+", 7, "a?????+: too many repetitions in a regular expression" },
		{ "comm ~ '(((((a?)?)?|b)*c)?)?'", 8,
		  "(((((a?)?)?|b)*c)?)?: too many repetitions in a regular expression" },
		{ "comm ~ '((((((((((a+)+)+)+)+)+)+)+)+)+)'", 8,
		  "((((((((((a+)+)+)+)+)+)+)+)+)+): too many repetitions in a regular expression" },
		{ "comm ~ '(a+++++[(]b)+++++'", 8,
		  "(a+++++[(]b)+++++: too many repetitions in a regular expression" },
		{ "comm ~ '(a+++++[])[:a:]]b)+++++'", 8,
		  "(a+++++[])[:a:]]b)+++++: too many repetitions in a regular expression" },
		{ "comm ~ '(a+++++\\)b)+++++'", 8,
		  "(a+++++\\)b)+++++: too many repetitions in a regular expression" },
		{ "comm ~ '((((((((((((((((((((((((((((((((a'", 8,
		  "((((((((((((((((((((((((((((((((a: too many parentheses in a regular expression" },
		{ "rx ~ 5", 5, "5: ~ is for texts, addresses and plain numbers" },
		{ "rtt !~ 5", 7, "5: ~ is for texts, addresses and plain numbers" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_error(cases[i].text, -EINVAL, cases[i].offset, cases[i].what);
}

/* Right for other panes: not the same as wrong. */
static void columns_of_other_panes(void **state)
{
	(void)state;
	check_error("device = sda", -ENOENT, 0, "device: no column of this pane");
	check_error("tcp and syscalls > 5", -ENOENT, 8, "syscalls: no column of this pane");
	check_error("tcp and (calls > 5", -ENOENT, 9, "calls: no column of this pane");
}

/* Whatever the text, memory and recursion are bounded. */
static void sizes(void **state)
{
	char text[FILTER_TEXT_MAX + 2] = "";
	struct filter_error error;
	struct filter *filter;

	(void)state;
	memset(text, 'a', FILTER_TEXT_MAX);
	assert_int_equal(filter_parse(&panes[PANE_FLOWS], text, &filter, &error), 0);
	filter_free(filter);
	memset(text, 'a', FILTER_TEXT_MAX + 1);
	check_error(text, -EINVAL, FILTER_TEXT_MAX, "too long");
	memset(text, '!', FILTER_TEXT_MAX);
	check_error(text, -EINVAL, FILTER_TEXT_MAX, "too long");
	text[FILTER_TEXT_MAX] = '\0';
	check_error(text, -EINVAL, 32, "too deep");
	memset(text, '(', FILTER_TEXT_MAX);
	check_error(text, -EINVAL, 32, "too deep");
	for (size_t i = 0; i + 5 <= FILTER_TEXT_MAX; i += 5)
		memcpy(text + i, "a or ", 5);
	check_error(text, -EINVAL, 642, "too many conditions");
	memset(text, ' ', FILTER_TEXT_MAX);
	memcpy(text, "comm ~ ", 7);
	memset(text + 7, 'a', 257);
	check_error(text, -EINVAL, 7, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: "
		    "a regular expression too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching_expressions),
		cmocka_unit_test(not_matching_expressions),
		cmocka_unit_test(totals),
		cmocka_unit_test(no_interval),
		cmocka_unit_test(words_look_at_what_is_shown),
		cmocka_unit_test(container_in_every_pane),
		cmocka_unit_test(ipv6_prefix),
		cmocka_unit_test(nanoseconds),
		cmocka_unit_test(wrong_expressions),
		cmocka_unit_test(columns_of_other_panes),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
