/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of columns: one way to compare them, one to write them for people, one for programs. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util.h"
#include "value.h"

static int compare_addresses(const struct address *a, const struct address *b)
{
	int order = COMPARE(a->family, b->family);

	return order ? order : memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Numbers within a text count as numbers: web-2 comes before web-10. */
int value_compare(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_UNKNOWN || b->type == VALUE_UNKNOWN)
		return COMPARE(a->type != VALUE_UNKNOWN, b->type != VALUE_UNKNOWN);
	switch (a->type) {
	case VALUE_TEXT:
		return strverscmp(a->text, b->text);
	case VALUE_ADDRESS:
		return compare_addresses(a->address, b->address);
	default:
		return COMPARE(a->number, b->number);
	}
}

/* Filters and searches look at 100,000 of these at a key: inet_ntop takes ten times as long. */
static const char *write_ipv4(const uint8_t bytes[4], char buffer[VALUE_TEXT_SIZE])
{
	char *end = buffer;

	for (int i = 0; i < 4; i++) {
		unsigned int n = bytes[i];

		if (n >= 100)
			*end++ = (char)('0' + n / 100);
		if (n >= 10)
			*end++ = (char)('0' + n / 10 % 10);
		*end++ = (char)('0' + n % 10);
		*end++ = '.';
	}
	end[-1] = '\0';
	return buffer;
}

static const char *write_address(const struct address *address, char buffer[VALUE_TEXT_SIZE])
{
	_Static_assert(VALUE_TEXT_SIZE >= INET6_ADDRSTRLEN, "addresses fit");
	if (address->family == 4)
		return write_ipv4(address->bytes, buffer);
	return inet_ntop(AF_INET6, address->bytes, buffer, VALUE_TEXT_SIZE);
}

static const char *write_integer(uint64_t number, char buffer[VALUE_TEXT_SIZE])
{
	snprintf(buffer, VALUE_TEXT_SIZE, "%" PRIu64, number);
	return buffer;
}

/* One decimal where it makes two digits (1.5); none that says nothing, unless forced. */
static const char *write_digits(double x, bool force, const char *unit,
				char buffer[VALUE_TEXT_SIZE])
{
	unsigned int tenths = x < 9.95 ? (unsigned int)(x * 10 + 0.5) : 0;
	bool decimal = x < 9.95 && (force || tenths % 10);

	snprintf(buffer, VALUE_TEXT_SIZE, "%.*f%s", decimal, x, unit);
	return buffer;
}

/* At most five cells, six for what is beyond all reason. */
static const char *write_scaled(double x, double base, char buffer[VALUE_TEXT_SIZE])
{
	static const char *const prefixes[] = { "", "K", "M", "G", "T", "P", "E", "Z", "Y" };
	size_t i = 0;

	/* Little is not nothing. */
	if (x > 0 && x < 0.05)
		return strcpy(buffer, "<0.1");
	for (; x >= base - 0.5 && i + 1 < ARRAY_SIZE(prefixes); i++)
		x /= base;
	return write_digits(x, i > 0, prefixes[i], buffer);
}

#define SECONDS 3			/* their place among the units */

static const char *write_time(double x, size_t unit, char buffer[VALUE_TEXT_SIZE])
{
	static const char *const units[] = { "ns", "us", "ms", [SECONDS] = "s" };
	size_t i = unit;

	for (; x >= 999.5 && i < SECONDS; i++)
		x /= 1000;
	if (x >= 9999.5)
		return strcpy(buffer, ">9999s");
	return write_digits(x, i > unit, units[i], buffer);
}

static const char *write_clock(uint64_t ns, char buffer[VALUE_TEXT_SIZE])
{
	time_t seconds = (time_t)(ns / NSEC_PER_SEC);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return strcpy(buffer, "-");
	snprintf(buffer, VALUE_TEXT_SIZE, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (unsigned int)(ns % NSEC_PER_SEC / 1000000));
	return buffer;
}

static const char *write_number(const struct value *value, enum unit unit, uint64_t interval_ns,
				char buffer[VALUE_TEXT_SIZE])
{
	double x = (double)value->number;

	if (value->type == VALUE_COUNT && interval_ns)
		x = x * (double)NSEC_PER_SEC / (double)interval_ns;
	switch (unit) {
	case UNIT_BYTES:
		return write_scaled(x, 1024, buffer);
	case UNIT_EVENTS:
		return write_scaled(x, 1000, buffer);
	case UNIT_MICROSECONDS:
		return write_time(x, 1, buffer);
	case UNIT_NANOSECONDS:
		return write_time(x, 0, buffer);
	case UNIT_CLOCK:
		return write_clock(value->number, buffer);
	case UNIT_NONE:
		break;
	}
	return write_integer(value->number, buffer);
}

const char *value_human(const struct value *value, enum unit unit, uint64_t interval_ns,
			char buffer[VALUE_TEXT_SIZE])
{
	if (value->type == VALUE_UNKNOWN)
		return strcpy(buffer, "-");
	if (value->type == VALUE_COUNT || value->type == VALUE_NUMBER)
		return write_number(value, unit, interval_ns, buffer);
	return value_plain(value, buffer);
}

const char *value_plain(const struct value *value, char buffer[VALUE_TEXT_SIZE])
{
	switch (value->type) {
	case VALUE_COUNT:
	case VALUE_NUMBER:
		return write_integer(value->number, buffer);
	case VALUE_TEXT:
		return value->text;
	case VALUE_ADDRESS:
		return write_address(value->address, buffer);
	case VALUE_UNKNOWN:
		break;
	}
	return strcpy(buffer, "");
}
