/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options say of panes: columns, order and filters, with the configuration below them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "options.h"
#include "text.h"
#include "util.h"
#include "view.h"

/* ---- columns by name */

size_t options_panes(const struct options *options, enum pane_id ret[PANE_COUNT])
{
	size_t n = 0;

	for (; n < options->n_panes; n++)
		ret[n] = options->panes[n];
	if (n)
		return n;
	for (size_t i = 0; i < PANE_COUNT; i++)
		if (panes[i].by_default)
			ret[n++] = (enum pane_id)i;
	return n;
}

bool options_want_metrics(const struct options *options)
{
	return options->listen || options->textfile;
}

static bool pane_is_chosen(const struct options *options, enum pane_id pane)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen);

	for (size_t i = 0; i < n; i++)
		if (chosen[i] == pane)
			return true;
	return false;
}

bool options_lack_peers(const struct options *options)
{
	return options->n_peers && (!options_want_metrics(options) ||
				    !pane_is_chosen(options, PANE_FLOWS));
}

bool options_want_events(const struct options *options)
{
	/* A recording has all panes, and an export is made of what happens to flows. */
	return pane_is_chosen(options, PANE_EVENTS) || options->check || options->record ||
	       options->export;
}

bool options_want_hints(const struct options *options)
{
	return options->hints || pane_is_chosen(options, PANE_HINTS) || options->check;
}

bool options_want_listeners(const struct options *options)
{
	return pane_is_chosen(options, PANE_LISTENERS) || options->check;
}

bool options_want_files(const struct options *options)
{
	return pane_is_chosen(options, PANE_FILES) || options->record;
}

static bool any_pane_has(const struct options *options, const char *name, size_t size)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen);

	for (size_t i = 0; i < n; i++)
		if (pane_column(&panes[chosen[i]], name, size))
			return true;
	return false;
}

static char *complain_column(const char *option, const char *name, size_t size)
{
	char *word = xstrndup(name, size), *clean = text_clean_dup(word);
	char *error = xasprintf("-%s %s: no such column, -%s help lists them", option, clean,
				option);

	free(word);
	free(clean);
	return error;
}

int options_check_columns(const struct options *options, char **ret_error)
{
	const char *sort = options->sort, *name = options->fields;

	if (sort) {
		sort += *sort == '-';
		if (!any_pane_has(options, sort, strlen(sort))) {
			*ret_error = complain_column("s", sort, strlen(sort));
			return -EINVAL;
		}
	}
	while (name) {
		size_t size = strcspn(name, ",");

		if (!any_pane_has(options, name, size)) {
			*ret_error = complain_column("F", name, size);
			return -EINVAL;
		}
		name = name[size] ? name + size + 1 : NULL;
	}
	return 0;
}

/* Those names of the list that the pane has, into new memory; empty when none. */
static char *fields_of_pane(const struct pane *pane, const char *list)
{
	char *names = xmalloc(strlen(list) + 2), *end = names;

	for (;;) {
		size_t size = strcspn(list, ",");

		if (pane_column(pane, list, size)) {
			if (end > names)
				*end++ = ',';
			memcpy(end, list, size);
			end += size;
		}
		if (!list[size])
			break;
		list += size + 1;
	}
	*end = '\0';
	return names;
}

/* A column to sort by, '-' ahead of it or not; NULL when the pane has none such. */
static const struct column *sort_column(const struct pane *pane, const char *name,
					bool *ret_reverse)
{
	*ret_reverse = *name == '-';
	name += *ret_reverse;
	return pane_column(pane, name, strlen(name));
}

static void set_fields(struct view *view, const char *list)
{
	char *names = fields_of_pane(view->pane, list);
	const char *bad;
	size_t bad_size;

	if (*names)
		view_set_columns(view, names, &bad, &bad_size);
	free(names);
}

static void apply_config(const struct config *config, struct view *view, bool *ret_reverse)
{
	const char *section = view->pane->name;
	const char *fields = config_get(config, section, "fields");
	const char *sort = config_get(config, section, "sort");

	if (fields)
		set_fields(view, fields);
	if (sort)
		view->sort = sort_column(view->pane, sort, ret_reverse);
	*ret_reverse ^= config_is(config, section, "reverse");
}

void options_apply(const struct options *options, struct view *view)
{
	const struct column *sort;
	bool reverse = false, minus;

	if (options->config)
		apply_config(options->config, view, &reverse);
	if (options->fields)
		set_fields(view, options->fields);
	sort = options->sort ? sort_column(view->pane, options->sort, &minus) : NULL;
	if (sort) {
		view->sort = sort;
		reverse = minus;
	}
	if (view->sort)
		view_set_sort(view, view->sort, reverse != options->reverse);
	view->total = options->accumulate;
	view->filter = options->filters[view->pane - panes];
}

unsigned int options_wishes(const struct options *options)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen);
	unsigned int wishes = 0;

	for (size_t i = 0; i < n; i++) {
		struct view view;

		view_init(&view, &panes[chosen[i]]);
		options_apply(options, &view);
		wishes |= view_wishes(&view);
		view_done(&view);
	}
	return wishes;
}

bool options_choose_columns(const struct options *options, enum pane_id pane)
{
	char *names;
	bool any;

	if (options->config && config_get(options->config, panes[pane].name, "fields"))
		return true;
	if (!options->fields)
		return false;
	names = fields_of_pane(&panes[pane], options->fields);
	any = *names;
	free(names);
	return any;
}

/* ---- filters */

const char *options_filter_text(const struct options *options, enum pane_id pane)
{
	if (!options->filters[pane])
		return NULL;
	if (options->filter)
		return options->filter;
	return config_get(options->config, panes[pane].name, "filter");
}

/* "-f rx >: a value is missing here (character 5)" */
static char *complain_filter(const char *text, const struct filter_error *error)
{
	char *clean = text_clean_dup(text), *complaint;
	size_t character = 1;

	for (size_t i = 0; i < error->offset; i++)
		character += (text[i] & 0xc0) != 0x80;
	complaint = xasprintf("-f %s: %s (character %zu)", clean, error->text, character);
	free(clean);
	return complaint;
}

/* One pane that can have the filter is enough. Of errors, one in the expression itself is told. */
static int check_filter(const struct options *options, const int results[PANE_COUNT],
			const struct filter_error errors[PANE_COUNT], char **ret_error)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen), worst = 0;

	for (size_t i = 0; i < n; i++) {
		if (!results[chosen[i]])
			return 0;
		if (results[chosen[i]] == -EINVAL && results[chosen[worst]] != -EINVAL)
			worst = i;
	}
	*ret_error = complain_filter(options->filter, &errors[chosen[worst]]);
	return -EINVAL;
}

int options_make_filters(struct options *options, char **ret_error)
{
	struct filter_error errors[PANE_COUNT];
	int results[PANE_COUNT] = { 0 };

	for (size_t i = 0; i < PANE_COUNT; i++) {
		const char *text = options->filter;

		if (!text)
			text = config_get(options->config, panes[i].name, "filter");
		if (text)
			results[i] = filter_parse(&panes[i], text, &options->filters[i], &errors[i]);
	}
	return options->filter ? check_filter(options, results, errors, ret_error) : 0;
}

/* ---- the configuration */

int options_read_config(const struct options *options, struct config **ret_config,
			char **ret_error)
{
	char *path = options->config_path ? xstrdup(options->config_path) :
		     options->batch ? NULL : config_default_path();
	int err = 0;

	*ret_config = config_new();
	if (path)
		err = config_read(*ret_config, path);
	/* Most people have none. */
	if (err && !options->config_path) {
		if (err != -ENOENT && err != -ENOTDIR)
			config_warn_file(*ret_config, path, err);
		err = 0;
	}
	if (err) {
		char *clean = text_clean_dup(path);

		*ret_error = xasprintf("--config %s: %s", clean, strerror(-err));
		free(clean);
		config_free(*ret_config);
	}
	free(path);
	return err;
}

static const struct option_entry *entry_by_name(const char *name)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (!strcmp(option_table[i].name, name))
			return &option_table[i];
	return NULL;
}

void options_take_config(struct options *options)
{
	for (size_t i = 0; i < n_settings; i++) {
		const char *name = settings[i].name;
		const struct option_entry *entry = settings[i].of_pane ? NULL : entry_by_name(name);
		const char *value = config_get(options->config, CONFIG_GENERAL, name);
		char *reason = NULL;

		if (!entry || !value)
			continue;
		if (!entry->argument)
			*(bool *)((char *)options + entry->field) = !strcmp(value, "yes");
		else if (option_set(entry, options, value, &reason))
			config_refuse(options->config, CONFIG_GENERAL, name, reason);
		free(reason);
	}
}
