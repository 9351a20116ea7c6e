/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns: the one place where a value is taken out of a row. */
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "util.h"

const char *column_title(const struct column *column, bool total, char out[COLUMN_TITLE_SIZE])
{
	size_t size = strlen(column->title);

	if (total && size > 2 && !strcmp(column->title + size - 2, "/s"))
		size -= 2;
	snprintf(out, COLUMN_TITLE_SIZE, "%.*s", (int)size, column->title);
	return out;
}

unsigned int column_width(const struct column *column)
{
	unsigned int width = column->width ? column->width : COLUMN_TEXT_WIDTH;
	size_t title = strlen(column->title);

	return width > title ? width : (unsigned int)title;
}

bool column_is_number(const struct column *column)
{
	return column->type == VALUE_COUNT || column->type == VALUE_NUMBER;
}

static struct value number_value(enum value_type type, uint64_t number)
{
	if (number == UNKNOWN)
		return (struct value){ .type = VALUE_UNKNOWN };
	return (struct value){ .type = type, .number = number };
}

static struct value text_value(const char *text)
{
	if (!text)
		return (struct value){ .type = VALUE_UNKNOWN };
	return (struct value){ .type = VALUE_TEXT, .text = text };
}

static struct value address_value(const struct address *address)
{
	if (!address->family)
		return (struct value){ .type = VALUE_UNKNOWN };
	return (struct value){ .type = VALUE_ADDRESS, .address = address };
}

struct value column_value(const struct column *column, const void *row, bool total)
{
	const char *base = row;
	const void *member;

	if (column->by_owner)
		base = *(const char *const *)(const void *)(base + column->owner);
	if (!base)
		return (struct value){ .type = VALUE_UNKNOWN };
	member = base + column->offset + (total ? column->total : 0);
	switch (column->type) {
	case VALUE_COUNT:
	case VALUE_NUMBER:
		return number_value(column->type, column->small ? known_small(*(const uint32_t *)member) :
						  *(const uint64_t *)member);
	case VALUE_TEXT:
		return text_value(*(const char *const *)member);
	case VALUE_ADDRESS:
		return address_value(member);
	case VALUE_UNKNOWN:
		break;
	}
	return (struct value){ .type = VALUE_UNKNOWN };
}
