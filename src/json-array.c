/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays in JSON, one element after the other. */
#include "json-array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t skip_space(const char *text, size_t size, size_t at)
{
	while (at < size && strchr(" \t\r\n", text[at]) && text[at])
		at++;
	return at;
}

int json_array_visit(const char *text, size_t size,
		     int (*visit)(void *context, const json_t *element), void *context)
{
	const size_t flags = JSON_LENIENT | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY;
	size_t at = skip_space(text, size, 0);
	int error = 0;

	if (at == size || text[at] != '[')
		return -EBADMSG;
	at = skip_space(text, size, at + 1);
	if (at < size && text[at] == ']')
		return 0;
	for (;;) {
		size_t left = size - at;
		json_error_t end;
		json_t *element = json_loadb(text + at,
					     left < JSON_ELEMENT_MAX ? left : JSON_ELEMENT_MAX,
					     flags, &end);

		if (!element)
			return -EBADMSG;
		if (visit(context, element) < 0)
			error = -EBADMSG;
		json_decref(element);
		at = skip_space(text, size, at + (size_t)end.position);
		if (at == size || (text[at] != ',' && text[at] != ']'))
			return -EBADMSG;
		if (text[at++] == ']')
			return error;
	}
}

const char *json_text_get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return text && *text && json_string_length(value) <= JSON_TEXT_MAX ? text : NULL;
}

int64_t json_number_get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	double number = json_number_value(value);

	return json_is_number(value) && number >= 0 && number <= 0x1p53 ? (int64_t)number : -1;
}

int64_t json_text_number(const json_t *object, const char *key)
{
	const char *text = json_text_get(object, key);
	size_t digits = text ? strspn(text, "0123456789") : 0;

	return digits > 0 && digits < 10 && !text[digits] ? strtol(text, NULL, 10) : -1;
}
