/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: what was taken must be what can be set. */
#include <stdlib.h>

#include "config.h"
#include "fuzz.h"
#include "pane.h"

static void check_section(struct config *config, const char *section)
{
	for (size_t i = 0; i < n_settings; i++) {
		const char *value = config_get(config, section, settings[i].name);
		char *copy;

		if (!value)
			continue;
		copy = xstrdup(value);
		if (config_set(config, section, settings[i].name, copy))
			abort();
		free(copy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	char *text = fuzz_text(data, size);
	size_t n;

	config_parse(config, "rc", text, size);
	check_section(config, CONFIG_GENERAL);
	for (size_t i = 0; i < PANE_COUNT; i++)
		check_section(config, panes[i].name);
	for (config_keys(config, &n); n; config_keys(config, &n))
		config_refuse_key(config, 0, "no such key");
	config_free(config);
	free(text);
	return 0;
}
