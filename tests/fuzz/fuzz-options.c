/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: a word on each line. */
#include <stdlib.h>

#include "fuzz.h"
#include "options.h"

#define WORDS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *save = NULL, *error = NULL, *printed = NULL;
	char name[] = "contop", *words[WORDS_MAX + 1] = { name };
	struct options options;
	size_t printed_size;
	FILE *out = open_memstream(&printed, &printed_size);
	int n = 1;

	for (char *word = strtok_r(text, "\n", &save); word && n < WORDS_MAX;
	     word = strtok_r(NULL, "\n", &save))
		words[n++] = word;
	words[n] = NULL;
	if (options_parse(n, words, out, &options, &error) == OPTIONS_WRONG && !error)
		abort();
	options_done(&options);
	fclose(out);
	free(printed);
	free(error);
	free(text);
	return 0;
}
