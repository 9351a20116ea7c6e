/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Docker's API says, each time as every kind of reply. */
#include <stdlib.h>

#include "docker.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct containers *containers = containers_new(NULL);
	char *text = fuzz_text(data, size);

	containers_add(containers,
		       "3f4e1a9c0b7d5e2f8a6c4b1d9e0f7a5c3b2d1e4f6a8c9b0d7e5f3a1c2b4d6e8f", "docker");
	docker_parse_inspect(containers, text, size);
	docker_parse_list(containers, text, size);
	docker_parse_event(containers, text, size);
	containers_free(containers);
	free(text);
	return 0;
}
