/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading JSON that others wrote: arrays an element at a time, texts of bounded length. */
#ifndef JSON_ARRAY_H
#define JSON_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define JSON_ELEMENT_MAX (1U << 20)	/* bytes of one element */
#define JSON_TEXT_MAX 1024		/* bytes of a name or image; longer is no real one */

/*
 * NUL in a string and integers beyond 64 bits are odd, but no reason to lose a
 * reply: integers become real numbers.
 */
#define JSON_LENIENT (JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)

/*
 * Calls visit for each element of an array: as a whole, a long one would take
 * many times its size in memory, and be lost for one bad element. Returns 0, or
 * -EBADMSG when it is no array, is cut short or visit returned less than 0: the
 * elements before (with the last, also those behind) were visited even so.
 */
int json_array_visit(const char *text, size_t size,
		     int (*visit)(void *context, const json_t *element), void *context);

/* A text of an object, neither empty nor too long, or NULL. Borrowed. */
const char *json_text_get(const json_t *object, const char *key);

/* A number of an object without its fraction, up to 2^53; -1: it has none, or a negative one. */
int64_t json_number_get(const json_t *object, const char *key);

/* The same for a text of at most nine digits. */
int64_t json_text_number(const json_t *object, const char *key);

#endif
