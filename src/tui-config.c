/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full screen and its configuration: what is taken from it, and what W writes to it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "term.h"
#include "tui.h"
#include "tui-action.h"
#include "util.h"

static const char *const names_names[NAMES_COUNT] = {
	[NAMES_NONE] = "no", [NAMES_PORTS] = "yes", [NAMES_ALL] = "all",
};

static const char *const units_names[UNITS_COUNT] = {
	[UNITS_BINARY] = "binary", [UNITS_DECIMAL] = "decimal", [UNITS_EXACT] = "exact",
};

/* "x", "^X", "F5" or a name; 0: no key. */
static int parse_key(const char *text)
{
	static const struct { const char *name; int code; } named[] = {
		{ "Space", ' ' }, { "Tab", '\t' }, { "Enter", TERM_KEY_ENTER },
		{ "Esc", ESCAPE }, { "Backspace", TERM_KEY_BACKSPACE },
		{ "Del", TERM_KEY_DELETE }, { "Up", TERM_KEY_UP }, { "Down", TERM_KEY_DOWN },
		{ "Left", TERM_KEY_LEFT }, { "Right", TERM_KEY_RIGHT },
		{ "PgUp", TERM_KEY_PAGE_UP }, { "PgDn", TERM_KEY_PAGE_DOWN },
		{ "Home", TERM_KEY_HOME }, { "End", TERM_KEY_END },
	};
	size_t size = strlen(text);
	int n = 0;

	if (size == 1 && *text > ' ' && *text < 0x7f)
		return *text;
	if (size == 2 && *text == '^' && text[1] >= 'A' && text[1] <= 'Z')
		return CONTROL(text[1]);
	for (size_t i = 1; *text == 'F' && i < size && i < 3; i++)
		n = text[i] >= '0' && text[i] <= '9' ? 10 * n + text[i] - '0' : 99;
	if (n >= 1 && n <= 12 && size <= 3)
		return FUNCTION(n);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (!strcmp(named[i].name, text))
			return named[i].code;
	return 0;
}

/* What cannot be is said among the configuration's warnings. */
static void take_keys(struct tui *tui, struct config *config)
{
	size_t n, i = 0;
	const struct config_key *keys = config_keys(config, &n);

	tui->remaps = xcalloc(n + 1, sizeof(*tui->remaps));
	while (i < n) {
		int from = parse_key(keys[i].key), to = tui_action_code(keys[i].action);

		if (from && to) {
			tui->remaps[tui->n_remaps++] = (struct tui_remap){ from, to };
			i++;
			continue;
		}
		config_refuse_key(config, i, to ? "no such key, use x, ^X, F5 or a name like Tab" :
				  "no such action");
		keys = config_keys(config, &n);
	}
}

/* Which of so many words the setting is; 0, the first, when it is not set. */
static size_t word_of(const struct config *config, const char *name, const char *const *words,
		      size_t n)
{
	const char *value = config_get(config, CONFIG_GENERAL, name);

	for (size_t i = 0; value && i < n; i++)
		if (!strcmp(words[i], value))
			return i;
	return 0;
}

void tui_take_config(struct tui *tui)
{
	struct config *config = tui->options->config;

	if (!config)
		return;
	take_keys(tui, config);
	tui->units = (enum render_units)word_of(config, "units", units_names, UNITS_COUNT);
	tui->scheme = (enum scheme)word_of(config, "scheme", scheme_names, SCHEME_COUNT);
	tui_set_names(tui, (enum tui_names)word_of(config, "names", names_names, NAMES_COUNT));
	for (size_t i = 0; i < PANE_COUNT; i++) {
		const char *widths = config_get(config, panes[i].name, "widths");

		if (config_get(config, panes[i].name, "all-rows"))
			tui->panes[i].view.all_rows = config_is(config, panes[i].name, "all-rows");
		if (widths)
			pane_parse_widths(&panes[i], widths, tui->panes[i].widths);
	}
	tui->panes[PANE_PROCESSES].view.is_tree = config_is(config, CONFIG_GENERAL, "tree");
	if (config_is(config, CONFIG_GENERAL, "split"))
		action_split(tui, 'v');
	tui_tell_warning(tui);
}

void tui_tell_warning(struct tui *tui)
{
	const char *const *warnings;
	char *text;
	size_t n;

	if (!tui->options->config)
		return;
	warnings = config_warnings(tui->options->config, &n);
	if (tui->n_told >= n)
		return;
	text = xasprintf("%s%s", warnings[tui->n_told],
			 tui->n_told + 1 < n ? " (a key: the next)" : "");
	tui->n_told++;
	tui_say(tui, text);
	free(text);
}

/* ---- saving */

static char *column_list(const struct view *view)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < view->n_columns; i++) {
		char *longer = xasprintf("%s%s%s", list, i ? "," : "", view->columns[i]->name);

		free(list);
		list = longer;
	}
	return list;
}

static void put_widths(struct config *config, const struct tui_pane *pane)
{
	const struct pane *of = pane->view.pane;
	char *list = xstrdup("");

	for (size_t i = 0; i < of->n_columns; i++) {
		char *longer;

		if (!pane->widths[i])
			continue;
		longer = xasprintf("%s%s%s:%u", list, *list ? "," : "", of->columns[i].name,
				   pane->widths[i]);
		free(list);
		list = longer;
	}
	config_set(config, of->name, "widths", list);
	free(list);
}

static void put_pane(struct config *config, const struct tui_pane *pane)
{
	const struct view *view = &pane->view;
	const char *section = view->pane->name;
	bool natural = view->ascending != column_is_number(view->sort);
	char *list = column_list(view);

	config_set(config, section, "fields", pane->chosen || pane->command_lines ? list : NULL);
	put_widths(config, pane);
	config_set(config, section, "sort", view->sort->name);
	config_set(config, section, "reverse", natural ? NULL : "yes");
	config_set(config, section, "filter", pane->filter_text);
	config_set(config, section, "all-rows", view->all_rows == view->pane->every_row ? NULL :
		   view->all_rows ? "yes" : "no");
	free(list);
}

/* The panes with the one shown ahead, as -P takes them. */
static void put_general(struct config *config, const struct tui *tui)
{
	char *delay = xasprintf("%.10g", (double)tui->delay_ns / NSEC_PER_SEC);

	config_set(config, CONFIG_GENERAL, "delay", delay);
	config_set(config, CONFIG_GENERAL, "pane", panes[tui->split ? tui->lower : tui->pane].name);
	config_set(config, CONFIG_GENERAL, "split", tui->split ? "yes" : NULL);
	config_set(config, CONFIG_GENERAL, "accumulate",
		   tui->counts == COUNTS_TOTAL ? "yes" : NULL);
	config_set(config, CONFIG_GENERAL, "tree",
		   tui->panes[PANE_PROCESSES].view.is_tree ? "yes" : NULL);
	config_set(config, CONFIG_GENERAL, "names",
		   tui_names(tui) ? names_names[tui_names(tui)] : NULL);
	config_set(config, CONFIG_GENERAL, "units", tui->units ? units_names[tui->units] : NULL);
	config_set(config, CONFIG_GENERAL, "scheme",
		   tui->scheme ? scheme_names[tui->scheme] : NULL);
	free(delay);
}

int tui_save_config(struct tui *tui, char **ret_path)
{
	struct config *config = tui->options->config;
	char *path = tui->options->config_path ? xstrdup(tui->options->config_path) :
						 config_default_path();
	int err;

	if (!config || !path) {
		free(path);
		return -ENOENT;
	}
	for (size_t i = 0; i < PANE_COUNT; i++)
		put_pane(config, &tui->panes[i]);
	put_general(config, tui);
	err = config_save(config, path);
	if (err)
		free(path);
	else
		*ret_path = path;
	return err;
}
