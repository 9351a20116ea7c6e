/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fuzzers share. Each is built by "make fuzz" (configure --enable-fuzzing). */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a string of its own, so that reading beyond its end is seen. The caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
