/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in packets: parts of TLS and DNS, read within bounds. */
#include "hint-parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

#define LABEL_MOST 63
#define DNS_NAME_MOST 255		/* bytes on the wire */

/* ---- names */

/* One byte of a name at text, as text: 4 characters at most. Returns how many. */
static size_t put_byte(char *text, uint8_t byte)
{
	if (byte <= ' ' || byte >= 0x7f)
		return (size_t)sprintf(text, "\\%03u", byte);
	if (strchr("\"().;\\@$", byte)) {
		text[0] = '\\';
		text[1] = (char)byte;
		return 2;
	}
	text[0] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : (char)byte;
	return 1;
}

/* ---- TLS */

/* What was got of a structure that is longer, perhaps. */
struct cursor {
	const uint8_t *data;
	size_t at, size;		/* of what was got */
	size_t end;			/* of the structure, or what it is in */
};

/* Passes n bytes over. -EINVAL: the structure ends before that; -EAGAIN: what was got does. */
static int skip(struct cursor *cursor, size_t n)
{
	if (n > cursor->end - cursor->at)
		return -EINVAL;
	if (cursor->at + n > cursor->size)
		return -EAGAIN;
	cursor->at += n;
	return 0;
}

/* A number of so many bytes. */
static int take(struct cursor *cursor, size_t bytes, size_t *ret)
{
	const uint8_t *from = cursor->data + cursor->at;
	int err = skip(cursor, bytes);

	if (err)
		return err;
	for (*ret = 0; bytes; bytes--)
		*ret = *ret << 8 | *from++;
	return 0;
}

/* Passes a field over that its length, a number of so many bytes, is ahead of. */
static int skip_field(struct cursor *cursor, size_t bytes)
{
	size_t size = 0;
	int err = take(cursor, bytes, &size);

	return err ? err : skip(cursor, size);
}

/* What is in such a field ends where it does. */
static int enter_field(struct cursor *cursor, size_t bytes)
{
	size_t size = 0;
	int err = take(cursor, bytes, &size);

	if (!err && size > cursor->end - cursor->at)
		return -EINVAL;
	if (!err)
		cursor->end = cursor->at + size;
	return err;
}

/* The first of type host_name, of which there is one at most. */
static int take_server_name(struct cursor *cursor, char name[HINT_NAME_SIZE])
{
	size_t type = 0, size = 0;
	int err = enter_field(cursor, 2);

	if (!err)
		err = take(cursor, 1, &type);
	if (!err)
		err = take(cursor, 2, &size);
	if (err || type || size > DNS_NAME_MOST)
		return err ? err : -EINVAL;
	err = skip(cursor, size);
	for (size_t i = cursor->at - size; !err && i < cursor->at; i++) {
		if (cursor->data[i] == '.')
			*name++ = '.';
		else
			name += put_byte(name, cursor->data[i]);
	}
	*name = '\0';
	return err;
}

/* All that is ahead of the extensions. Some clients of old have none. */
static int enter_extensions(struct cursor *cursor)
{
	size_t type = 0;
	int err = take(cursor, 1, &type);

	if (!err && type != 22)		/* handshake */
		err = -EINVAL;
	if (!err)
		err = skip(cursor, 2);
	if (!err)
		err = enter_field(cursor, 2);
	if (!err)
		err = take(cursor, 1, &type);
	if (!err && type != 1)		/* ClientHello */
		err = -EINVAL;
	if (!err)
		err = skip(cursor, 3 + 2 + 32);	/* its length, version and random */
	if (!err)
		err = skip_field(cursor, 1);	/* session */
	if (!err)
		err = skip_field(cursor, 2);	/* ciphers */
	if (!err)
		err = skip_field(cursor, 1);	/* compression */
	if (!err && cursor->at < cursor->end)
		err = enter_field(cursor, 2);
	return err;
}

int hint_parse_hello(const uint8_t *data, size_t size, char ret_name[HINT_NAME_SIZE])
{
	struct cursor cursor = { .data = data, .size = size, .end = SIZE_MAX };
	int err = enter_extensions(&cursor);

	ret_name[0] = '\0';
	while (!err && cursor.at < cursor.end) {
		size_t type = 0;

		err = take(&cursor, 2, &type);
		if (!err && type == 0) {	/* server_name */
			err = enter_field(&cursor, 2);
			return err ? err : take_server_name(&cursor, ret_name);
		}
		if (!err)
			err = skip_field(&cursor, 2);
	}
	return err;
}

/* ---- DNS */

/* Where the name ends; 0: it does not, or refers to another one, as no question does. */
static size_t take_name(const uint8_t *data, size_t size, char *text)
{
	size_t at = 0;

	if (size && !data[0])
		*text++ = '.';
	while (at < size && data[at]) {
		size_t label = data[at++];

		if (label > LABEL_MOST || at + label >= size || at + label >= DNS_NAME_MOST)
			return 0;
		if (at > 1)
			*text++ = '.';
		for (; label; label--)
			text += put_byte(text, data[at++]);
	}
	*text = '\0';
	return at < size ? at + 1 : 0;
}

int hint_parse_dns(const uint8_t *data, size_t size, struct dns_message *ret)
{
	enum { HEADER = 12 };
	size_t questions;

	if (size < HEADER || (data[2] & 0x78))	/* OPCODE: QUERY */
		return -EINVAL;
	ret->id = (uint16_t)(data[0] << 8 | data[1]);
	ret->is_answer = data[2] & 0x80;
	ret->error = ret->is_answer ? data[3] & 0x0f : 0;
	questions = (size_t)(data[4] << 8 | data[5]);
	ret->name[0] = '\0';
	ret->has_name = questions == 1 && take_name(data + HEADER, size - HEADER, ret->name);
	/* What is asked is told, and in whole. */
	return ret->has_name || (ret->is_answer && !questions) ? 0 : -EINVAL;
}
