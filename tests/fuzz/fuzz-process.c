/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status. */
#include <stdlib.h>

#include "fuzz.h"
#include "process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct process_sample said = { 0 };
	char *text = fuzz_text(data, size);

	if (!process_parse_status(text, &said) && !memchr(said.comm, '\0', sizeof(said.comm)))
		abort();
	free(text);
	return 0;
}
