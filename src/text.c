/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside made safe to show, and how wide it is on a terminal.
 * All that knows UTF-8 and Unicode (libunistring) is here.
 */
#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#include "util.h"

#define ENCODING "UTF-8"	/* whatever the locale: how uc_width takes ambiguous characters */
#define UTF8_MAX 4		/* bytes of the longest character */

static const uint8_t *bytes(const char *text)
{
	return (const uint8_t *)text;
}

/*
 * Format characters (Cf) are those without a glyph that steer what is around
 * them: bidirectional controls, zero-width joiners, tags. With line and
 * paragraph separators they make one text look like another.
 */
static bool is_unsafe(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf |
						UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

/* Takes the next character off text; a byte that begins none counts as U+FFFD. */
static size_t next_clean(ucs4_t *ret_c, const char *text, size_t n)
{
	int used = u8_mbtoucr(ret_c, bytes(text), n);

	if (used <= 0) {
		*ret_c = 0xfffd;
		return 1;
	}
	if (is_unsafe(*ret_c))
		*ret_c = '?';
	return (size_t)used;
}

size_t text_clean(char *out, size_t out_size, const char *text, size_t n)
{
	size_t in = 0, size = 0;

	if (!out_size)
		return 0;
	while (in < n && text[in]) {
		uint8_t utf8[UTF8_MAX];
		ucs4_t c;
		int used;

		in += next_clean(&c, text + in, n - in);
		used = u8_uctomb(utf8, c, sizeof(utf8));
		if (used < 0 || (size_t)used >= out_size - size)
			break;
		memcpy(out + size, utf8, (size_t)used);
		size += (size_t)used;
	}
	out[size] = '\0';
	return size;
}

char *text_clean_dup(const char *text)
{
	size_t n, size;
	char *clean;

	if (!text)
		return NULL;
	n = strlen(text);
	clean = xmalloc(3 * n + 1);	/* each byte broken: three of U+FFFD */
	size = text_clean(clean, 3 * n + 1, text, n);
	return xreallocarray(clean, size + 1, 1);
}

size_t text_width(const char *clean)
{
	size_t cells;

	text_fit(clean, SIZE_MAX, &cells);
	return cells;
}

size_t text_fit(const char *clean, size_t width, size_t *ret_cells)
{
	size_t n = strlen(clean), used = 0, cells = 0;

	while (used < n) {
		ucs4_t c;
		size_t size = next_clean(&c, clean + used, n - used);
		int w = uc_width(c, ENCODING);

		if (w > 0 && (size_t)w > width - cells)
			break;
		used += size;
		cells += w > 0 ? (size_t)w : 0;
	}
	*ret_cells = cells;
	return used;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* A screen of 100,000 rows is searched at every key: most texts are short, as is what it takes. */
bool text_has(const char *text, const char *word)
{
	for (; *text; text++) {
		size_t i = 0;

		while (word[i] && lower(text[i]) == lower(word[i]))
			i++;
		if (!word[i])
			return true;
	}
	return !*word;
}
