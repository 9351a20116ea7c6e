/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in packets of TLS and DNS, whole, cut off, and made up to harm. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hint-parse.h"
#include "util.h"

/* ---- TLS */

struct bytes {
	uint8_t data[4096];
	size_t size;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
}

static void put16(struct bytes *bytes, size_t n)
{
	put(bytes, (uint8_t[]){ (uint8_t)(n >> 8), (uint8_t)n }, 2);
}

/* An extension that is nothing but long. */
static void put_padding(struct bytes *bytes, size_t size)
{
	put16(bytes, 21);
	put16(bytes, size);
	memset(bytes->data + bytes->size, 0, size);
	bytes->size += size;
}

static void put_server_name(struct bytes *bytes, const char *name)
{
	size_t size = strlen(name);

	put16(bytes, 0);
	put16(bytes, size + 5);
	put16(bytes, size + 3);
	put(bytes, "", 1);
	put16(bytes, size);
	put(bytes, name, size);
}

/* A ClientHello with so much ahead of the name; NULL: no name. */
static void make_hello(struct bytes *ret, size_t padding, const char *name)
{
	struct bytes extensions = { .size = 0 }, body = { .size = 0 };

	if (padding)
		put_padding(&extensions, padding);
	if (name)
		put_server_name(&extensions, name);
	put16(&body, 0x303);
	body.size += 32;
	put(&body, "\x20", 1);
	body.size += 32;
	put16(&body, 4);
	put(&body, "\x13\x01\x13\x02", 4);
	put(&body, "\x01", 2);
	put16(&body, extensions.size);
	put(&body, extensions.data, extensions.size);
	*ret = (struct bytes){ .size = 0 };
	put(ret, "\x16\x03\x01", 3);
	put16(ret, body.size + 4);
	put(ret, "\x01", 2);
	put16(ret, body.size);
	put(ret, body.data, body.size);
}

static void hello_names(void **state __attribute__((unused)))
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "www.example.org", "www.example.org" },
		{ "WWW.Example.ORG", "www.example.org" },
		{ "a", "a" },
		{ "[::1]", "[::1]" },
		{ "(other)", "\\(other\\)" },
		{ "a b\n\x1b[31m\xff", "a\\032b\\010\\027[31m\\255" },
		{ NULL, "" },
	};
	char name[HINT_NAME_SIZE];
	struct bytes hello;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t padding = 0; padding < 3000; padding += 1500) {
			make_hello(&hello, padding, cases[i].name);
			assert_int_equal(hint_parse_hello(hello.data, hello.size, name), 0);
			assert_string_equal(name, cases[i].text);
		}
}

/* As long as the name has not come, there is more to come. */
static void hello_in_parts(void **state __attribute__((unused)))
{
	char name[HINT_NAME_SIZE];
	struct bytes hello;

	make_hello(&hello, 1500, "www.example.org");
	for (size_t i = 0; i < hello.size; i++) {
		uint8_t *part = xmalloc(i + 1);	/* so that what is beyond it is found */

		memcpy(part, hello.data, i);
		assert_int_equal(hint_parse_hello(part, i, name), -EAGAIN);
		free(part);
	}
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), 0);
}

static void hello_not(void **state __attribute__((unused)))
{
	char name[HINT_NAME_SIZE], long_name[300];
	struct bytes hello;

	make_hello(&hello, 0, "example.org");
	hello.data[0] = 0x17;
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), -EINVAL);
	make_hello(&hello, 0, "example.org");
	hello.data[5] = 2;
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), -EINVAL);
	/* Lengths that go beyond what they are in. */
	for (size_t i = 3; i < hello.size; i++) {
		make_hello(&hello, 0, "example.org");
		hello.data[i] = 0xff;
		hint_parse_hello(hello.data, hello.size, name);
	}
	make_hello(&hello, 0, "example.org");
	hello.data[4]--;
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), -EINVAL);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	make_hello(&hello, 0, long_name);
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), -EINVAL);
	long_name[255] = '\0';
	make_hello(&hello, 0, long_name);
	assert_int_equal(hint_parse_hello(hello.data, hello.size, name), 0);
	assert_string_equal(name, long_name);
}

/* ---- DNS */

#define QUERY "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define ANSWER "\x12\x34\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00"
#define IN_A "\x00\x00\x01\x00\x01"
#define MESSAGE(text) (const uint8_t *)(text), sizeof(text) - 1

static void dns_names(void **state __attribute__((unused)))
{
	struct dns_message message;

	assert_int_equal(hint_parse_dns(MESSAGE(QUERY "\3www\7Example\3org" IN_A), &message), 0);
	assert_int_equal(message.id, 0x1234);
	assert_false(message.is_answer);
	assert_int_equal(message.error, 0);
	assert_string_equal(message.name, "www.example.org");
	assert_int_equal(hint_parse_dns(MESSAGE(ANSWER "\3www\7example\3org" IN_A), &message), 0);
	assert_true(message.is_answer);
	assert_int_equal(message.error, 3);
	assert_true(message.has_name);
	assert_int_equal(hint_parse_dns(MESSAGE(QUERY IN_A), &message), 0);
	assert_string_equal(message.name, ".");
	assert_int_equal(hint_parse_dns(MESSAGE(QUERY "\5a.b\\(\2\x80\n" IN_A), &message), 0);
	assert_string_equal(message.name, "a\\.b\\\\\\(.\\128\\010");
	/* What answers leave out. */
	assert_int_equal(hint_parse_dns(MESSAGE("\1\2\x81\5\0\0\0\0\0\0\0\0"), &message), 0);
	assert_int_equal(message.error, 5);
	assert_false(message.has_name);
}

static void dns_not(void **state __attribute__((unused)))
{
	static const char whole[] = QUERY "\3www\7example\3org" IN_A;
	struct dns_message message;
	uint8_t data[400] = QUERY;

	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		uint8_t *part = xmalloc(i + 1);
		int err;

		memcpy(part, whole, i);
		err = hint_parse_dns(part, i, &message);
		assert_int_equal(err, i < 12 + 17 ? -EINVAL : 0);
		free(part);
	}
	/* A name that refers to itself, a label that is too long, and no question. */
	assert_int_equal(hint_parse_dns(MESSAGE(QUERY "\xc0\x0c" IN_A), &message), -EINVAL);
	assert_int_equal(hint_parse_dns(MESSAGE(QUERY "\x40" IN_A), &message), -EINVAL);
	assert_int_equal(hint_parse_dns(MESSAGE("\1\2\1\0\0\0\0\0\0\0\0\0"), &message), -EINVAL);
	/* An update of a zone. */
	assert_int_equal(hint_parse_dns(MESSAGE("\1\2\x28\0\0\1\0\0\0\0\0\0" IN_A), &message),
			 -EINVAL);
	/* 255 bytes are the most. */
	for (size_t i = 0; i < 256; i += 2)
		memcpy(data + 12 + i, "\1\xff", 2);
	data[12 + 254] = 0;
	assert_int_equal(hint_parse_dns(data, sizeof(data), &message), 0);
	assert_int_equal(strlen(message.name), 127 * 5 - 1);
	data[12 + 254] = 1;
	data[12 + 256] = 0;
	assert_int_equal(hint_parse_dns(data, sizeof(data), &message), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_names),
		cmocka_unit_test(hello_in_parts),
		cmocka_unit_test(hello_not),
		cmocka_unit_test(dns_names),
		cmocka_unit_test(dns_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
