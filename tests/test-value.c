/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values: their order, how people and how programs read them; columns that fetch them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <string.h>

#include "column.h"
#include "text.h"
#include "util.h"
#include "value.h"

#define SECOND NSEC_PER_SEC

static struct value number(enum value_type type, uint64_t n)
{
	return (struct value){ .type = n == UNKNOWN ? VALUE_UNKNOWN : type, .number = n };
}

static void human_numbers(void **state)
{
	static const struct {
		enum value_type type;
		uint64_t number;
		enum unit unit;
		uint64_t interval_ns;
		const char *text;
	} cases[] = {
		/* bytes since the start, powers of 1024 */
		{ VALUE_COUNT, 0, UNIT_BYTES, 0, "0" },
		{ VALUE_COUNT, 1023, UNIT_BYTES, 0, "1023" },
		{ VALUE_COUNT, 1024, UNIT_BYTES, 0, "1.0K" },
		{ VALUE_COUNT, 1536, UNIT_BYTES, 0, "1.5K" },
		{ VALUE_COUNT, 10188, UNIT_BYTES, 0, "9.9K" },
		{ VALUE_COUNT, 10190, UNIT_BYTES, 0, "10K" },
		{ VALUE_COUNT, 1023 << 10, UNIT_BYTES, 0, "1023K" },
		{ VALUE_COUNT, (1 << 20) - 1, UNIT_BYTES, 0, "1.0M" },
		{ VALUE_COUNT, 12 << 20, UNIT_BYTES, 0, "12M" },
		{ VALUE_COUNT, UNKNOWN - 1, UNIT_BYTES, 0, "16E" },
		/* events, powers of 1000 */
		{ VALUE_COUNT, 999, UNIT_EVENTS, 0, "999" },
		{ VALUE_COUNT, 1000, UNIT_EVENTS, 0, "1.0K" },
		{ VALUE_COUNT, 999499, UNIT_EVENTS, 0, "999K" },
		{ VALUE_COUNT, 999500, UNIT_EVENTS, 0, "1.0M" },
		/* rates */
		{ VALUE_COUNT, 5, UNIT_EVENTS, SECOND, "5" },
		{ VALUE_COUNT, 5, UNIT_EVENTS, SECOND + SECOND / 1000, "5" },
		{ VALUE_COUNT, 3, UNIT_EVENTS, 2 * SECOND, "1.5" },
		{ VALUE_COUNT, 1, UNIT_EVENTS, 10 * SECOND, "0.1" },
		{ VALUE_COUNT, 1, UNIT_EVENTS, 60 * SECOND, "<0.1" },
		{ VALUE_COUNT, 0, UNIT_EVENTS, 60 * SECOND, "0" },
		{ VALUE_COUNT, 1024, UNIT_BYTES, SECOND / 10, "10K" },
		{ VALUE_COUNT, UNKNOWN - 1, UNIT_EVENTS, 1, "18447Y" },
		/* what is no count is no rate */
		{ VALUE_NUMBER, 17, UNIT_EVENTS, 2 * SECOND, "17" },
		{ VALUE_NUMBER, 4194304, UNIT_NONE, 2 * SECOND, "4194304" },
		/* times */
		{ VALUE_NUMBER, 0, UNIT_MICROSECONDS, SECOND, "0us" },
		{ VALUE_NUMBER, 950, UNIT_MICROSECONDS, SECOND, "950us" },
		{ VALUE_NUMBER, 1234, UNIT_MICROSECONDS, SECOND, "1.2ms" },
		{ VALUE_NUMBER, 999999, UNIT_MICROSECONDS, SECOND, "1.0s" },
		{ VALUE_NUMBER, 9999000000, UNIT_MICROSECONDS, SECOND, "9999s" },
		{ VALUE_NUMBER, 10000000000, UNIT_MICROSECONDS, SECOND, ">9999s" },
		{ VALUE_NUMBER, 87, UNIT_NANOSECONDS, SECOND, "87ns" },
		{ VALUE_NUMBER, 28600, UNIT_NANOSECONDS, SECOND, "29us" },
		{ VALUE_NUMBER, 3000000, UNIT_NANOSECONDS, 2 * SECOND, "3.0ms" },
		{ VALUE_COUNT, 3000000, UNIT_NANOSECONDS, 2 * SECOND, "1.5ms" },
		{ VALUE_COUNT, 3000000, UNIT_NANOSECONDS, 0, "3.0ms" },
		/* not known */
		{ VALUE_COUNT, UNKNOWN, UNIT_BYTES, SECOND, "-" },
		{ VALUE_NUMBER, UNKNOWN, UNIT_NONE, 0, "-" },
	};
	char buffer[VALUE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value value = number(cases[i].type, cases[i].number);

		assert_string_equal(value_human(&value, cases[i].unit, cases[i].interval_ns,
						buffer),
				    cases[i].text);
	}
}

/* A column of six cells holds them all. */
static void human_numbers_take_six_cells(void **state)
{
	static const enum unit units[] = {
		UNIT_BYTES, UNIT_EVENTS, UNIT_MICROSECONDS, UNIT_NANOSECONDS,
	};
	char buffer[VALUE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		for (uint64_t n = 1; n < UNKNOWN / 3; n = n * 2 + n / 7) {
			struct value value = number(VALUE_COUNT, n);

			assert_true(strlen(value_human(&value, units[i], 0, buffer)) <= 6);
			assert_true(strlen(value_human(&value, units[i], 3 * SECOND, buffer)) <= 6);
		}
}

static void plain_values(void **state)
{
	static const struct address v4 = { 4, { 192, 168, 0, 1 } };
	static const struct address v6 = { 6, { [0] = 0xfe, 0x80, [15] = 1 } };
	static const struct {
		struct value value;
		const char *text, *human;
	} cases[] = {
		{ { .type = VALUE_COUNT, .number = 1536 }, "1536", "768" },
		{ { .type = VALUE_NUMBER, .number = UNKNOWN - 1 }, "18446744073709551614", "16E" },
		{ { .type = VALUE_TEXT, .text = "web" }, "web", "web" },
		{ { .type = VALUE_ADDRESS, .address = &v4 }, "192.168.0.1", "192.168.0.1" },
		{ { .type = VALUE_ADDRESS, .address = &v6 }, "fe80::1", "fe80::1" },
		{ { .type = VALUE_UNKNOWN }, "", "-" },
	};
	char buffer[VALUE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(value_plain(&cases[i].value, buffer), cases[i].text);
		assert_string_equal(value_human(&cases[i].value, UNIT_BYTES, 2 * SECOND, buffer),
				    cases[i].human);
	}
}

/* Every number that a part of an IPv4 address can be, as inet_ntop writes it. */
static void addresses_are_as_inet_ntop_has_them(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 256; n++) {
		const struct address address = { 4, { (uint8_t)n, (uint8_t)(255 - n), 0, (uint8_t)n } };
		const struct value value = { .type = VALUE_ADDRESS, .address = &address };
		char buffer[VALUE_TEXT_SIZE], expected[VALUE_TEXT_SIZE];

		assert_string_equal(value_plain(&value, buffer),
				    inet_ntop(AF_INET, address.bytes, expected, sizeof(expected)));
	}
}

#define TEXT(t) { .type = VALUE_TEXT, .text = t }
#define COUNT(n) { .type = VALUE_COUNT, .number = n }
#define ADDRESS(...) { .type = VALUE_ADDRESS, .address = &(const struct address){ __VA_ARGS__ } }

/* Each value comes before the next. */
static void values_compare(void **state)
{
	const struct value texts[] = { { .type = VALUE_UNKNOWN }, TEXT(""), TEXT("db"),
				       TEXT("web-2"), TEXT("web-10"), TEXT("xen") };
	const struct value counts[] = { { .type = VALUE_UNKNOWN }, COUNT(0), COUNT(1),
					COUNT(UINT32_MAX), COUNT(1ULL << 33), COUNT(UNKNOWN - 1) };
	const struct value addresses[] = { { .type = VALUE_UNKNOWN }, ADDRESS(4, { 9 }),
					   ADDRESS(4, { 10, 0, 0, 1 }), ADDRESS(4, { 10, 0, 1 }),
					   ADDRESS(6, { 0 }), ADDRESS(6, { [15] = 1 }) };
	const struct value *const rows[] = { texts, counts, addresses };

	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++)
		for (size_t i = 0; i < 6; i++)
			for (size_t j = 0; j < 6; j++) {
				int order = value_compare(&rows[r][i], &rows[r][j]);

				assert_int_equal(COMPARE(order, 0), COMPARE(i, j));
			}
}

/* ---- columns */

struct owned { char *name; uint64_t size; };
struct test_row {
	struct owned *owner;
	struct count count;
	uint64_t number;
	const char *text;
	struct address address;
};

static const struct column columns[] = {
	{ .name = "count", .title = "COUNT/s", FIELD(test_row, count) },
	{ .name = "number", .title = "N", FIELD(test_row, number) },
	{ .name = "text", .title = "TEXT", FIELD(test_row, text) },
	{ .name = "address", .title = "ADDR", FIELD(test_row, address) },
	{ .name = "name", .title = "NAME", OWNER_FIELD(test_row, owner, owned, name) },
	{ .name = "size", .title = "SIZE", OWNER_FIELD(test_row, owner, owned, size) },
};

static void columns_fetch_values(void **state)
{
	char name[] = "web";
	struct owned owner = { name, 3 };
	struct test_row row = { &owner, { 5, 7 }, 9, "text", { 4, { 1 } } };
	static const char *const interval[] = { "5", "9", "text", "1.0.0.0", "web", "3" };
	static const char *const total[] = { "7", "9", "text", "1.0.0.0", "web", "3" };
	char buffer[VALUE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		struct value value = column_value(&columns[i], &row, false);

		assert_int_equal(value.type, columns[i].type);
		assert_string_equal(value_plain(&value, buffer), interval[i]);
		value = column_value(&columns[i], &row, true);
		assert_string_equal(value_plain(&value, buffer), total[i]);
	}
}

static void columns_know_what_is_not_known(void **state)
{
	struct owned nobody = { NULL, UNKNOWN };
	struct test_row rows[] = {
		{ NULL, { UNKNOWN, UNKNOWN }, UNKNOWN, NULL, { 0 } },
		{ &nobody, { UNKNOWN, UNKNOWN }, UNKNOWN, NULL, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			assert_int_equal(column_value(&columns[i], &rows[j], false).type,
					 VALUE_UNKNOWN);
			assert_int_equal(column_value(&columns[i], &rows[j], true).type,
					 VALUE_UNKNOWN);
		}
}

static void titles_of_totals_are_no_rates(void **state)
{
	char title[COLUMN_TITLE_SIZE];

	(void)state;
	assert_string_equal(column_title(&columns[0], false, title), "COUNT/s");
	assert_string_equal(column_title(&columns[0], true, title), "COUNT");
	assert_string_equal(column_title(&columns[2], true, title), "TEXT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(human_numbers),
		cmocka_unit_test(human_numbers_take_six_cells),
		cmocka_unit_test(plain_values),
		cmocka_unit_test(addresses_are_as_inet_ntop_has_them),
		cmocka_unit_test(values_compare),
		cmocka_unit_test(columns_fetch_values),
		cmocka_unit_test(columns_know_what_is_not_known),
		cmocka_unit_test(titles_of_totals_are_no_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
