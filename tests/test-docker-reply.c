/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What docker-reply.c makes of the daemon's replies: real ones, broken ones and hostile ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "docker.h"
#include "util.h"

/* The containers of the fixtures: a linked database, a pod's container that links to it. */
#define STORE "1e2d89e4a298ae7f4a8b0c7d4eab8cb45b7609a4ec12b57cba7968b44c46dae5"
#define WEB "38e643be9a879bae5fe026bb2208b8bf9c5221eeaa987dc2a27ac715be5e6413"
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* ---- helpers */

static char *fixture_read(const char *name, size_t *ret_size)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/tests/data/docker/%s", srcdir ? srcdir : ".", name);
	char *text = NULL;
	long size = read_file(AT_FDCWD, path, 1 << 20, &text);

	if (size < 0)
		fail_msg("%s: %s", path, strerror((int)-size));
	free(path);
	*ret_size = (size_t)size;
	return text;
}

static struct container *container_at(struct containers *containers, const char *id)
{
	return containers_add(containers, id, "docker");
}

static const char *name_at(struct containers *containers, const char *id)
{
	return container_at(containers, id)->name;
}

static bool equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A table with containers that nobody has named: A, and the two of the fixtures. */
static struct containers *containers_some(void)
{
	struct containers *containers = containers_new(NULL);

	container_at(containers, ID_A);
	container_at(containers, STORE);
	container_at(containers, WEB);
	return containers;
}

/* ---- replies of a real daemon (20.10) */

static void inspect_gives_name_and_image(void **state)
{
	struct containers *containers = containers_some();
	size_t size;
	char *text = fixture_read("inspect.json", &size);

	(void)state;
	assert_int_equal(docker_parse_inspect(containers, text, size), 0);
	assert_string_equal(name_at(containers, STORE), "store");
	assert_string_equal(container_at(containers, STORE)->image, "bb");
	assert_null(container_at(containers, STORE)->pod);
	assert_string_equal(container_at(containers, STORE)->network_mode, "bridge");
	assert_int_equal(container_at(containers, STORE)->started, 1795217788);
	assert_int_equal(container_at(containers, STORE)->restarts, 0);
	assert_null(container_at(containers, STORE)->compose_project);
	free(text);
	containers_free(containers);
}

static void inspect_prefers_names_of_kubernetes(void **state)
{
	struct containers *containers = containers_some();
	size_t size;
	char *text = fixture_read("inspect-kubernetes.json", &size);

	(void)state;
	assert_int_equal(docker_parse_inspect(containers, text, size), 0);
	assert_string_equal(name_at(containers, WEB), "nginx");
	assert_string_equal(container_at(containers, WEB)->pod, "web-7d4b9");
	assert_string_equal(container_at(containers, WEB)->namespace, "shop");
	free(text);
	containers_free(containers);
}

static void list_gives_names_but_not_those_of_links(void **state)
{
	struct containers *containers = containers_some();
	size_t size;
	char *text = fixture_read("list.json", &size);

	(void)state;
	assert_int_equal(docker_parse_list(containers, text, size), 0);
	assert_string_equal(name_at(containers, STORE), "store");
	assert_string_equal(container_at(containers, STORE)->image, "bb");
	assert_string_equal(name_at(containers, WEB), "nginx");
	assert_string_equal(container_at(containers, WEB)->pod, "web-7d4b9");
	free(text);
	containers_free(containers);
}

static void replies_tell_start_restarts_network_and_compose(void **state)
{
	static const struct {
		const char *reply;
		uint64_t started, restarts;
		const char *network_mode;
	} cases[] = {
		{ "", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"State\":{\"StartedAt\":\"0001-01-01T00:00:00Z\"}", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"State\":{\"StartedAt\":\"2023-11-14T22:13:20Z\"}", 1700000000, UINT64_MAX, NULL },
		{ ",\"State\":{\"StartedAt\":\"2023-11-14T23:13:20.999999999+01:00\"}", 1700000000,
		  UINT64_MAX, NULL },
		{ ",\"State\":{\"StartedAt\":\"2023-11-14T16:43:20.5-05:30\"}", 1700000000, UINT64_MAX,
		  NULL },
		{ ",\"State\":{\"StartedAt\":\"soon\"}", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"State\":{\"StartedAt\":1}", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"RestartCount\":4", UINT64_MAX, 4, NULL },
		{ ",\"RestartCount\":-1", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"RestartCount\":\"4\"", UINT64_MAX, UINT64_MAX, NULL },
		{ ",\"RestartCount\":0,\"Config\":{\"Labels\":{"
		  "\"annotation.io.kubernetes.container.restartCount\":\"7\"}}", UINT64_MAX, 7, NULL },
		{ ",\"HostConfig\":{\"NetworkMode\":\"host\"}", UINT64_MAX, UINT64_MAX, "host" },
		{ ",\"HostConfig\":{\"NetworkMode\":\"default\"}", UINT64_MAX, UINT64_MAX, "bridge" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct containers *containers = containers_some();
		const struct container *a = container_at(containers, ID_A);
		char *text = xasprintf("{\"Id\":\"" ID_A "\"%s}", cases[i].reply);

		assert_int_equal(docker_parse_inspect(containers, text, strlen(text)), 0);
		assert_true(a->started == cases[i].started);
		assert_true(a->restarts == cases[i].restarts);
		assert_true(equal(a->network_mode, cases[i].network_mode));
		free(text);
		containers_free(containers);
	}
}

static void compose_labels_count_in_all_replies(void **state)
{
#define LABELS "\"com.docker.compose.project\":\"shop\",\"com.docker.compose.service\":\"db\""
	static const struct {
		int (*parse)(struct containers *containers, const char *text, size_t size);
		const char *text;
	} cases[] = {
		{ docker_parse_inspect, "{\"Id\":\"" ID_A "\",\"Config\":{\"Labels\":{" LABELS "}}}" },
		{ docker_parse_list, "[{\"Id\":\"" ID_A "\",\"Labels\":{" LABELS "}}]" },
		{ docker_parse_event, "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\""
		  ID_A "\",\"Attributes\":{" LABELS "}}}" },
	};
#undef LABELS

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct containers *containers = containers_some();

		assert_int_equal(cases[i].parse(containers, cases[i].text, strlen(cases[i].text)), 0);
		assert_string_equal(container_at(containers, ID_A)->compose_project, "shop");
		assert_string_equal(container_at(containers, ID_A)->compose_service, "db");
		containers_free(containers);
	}
}

/* Name of the database after each line of events.jsonl: it was renamed by line 10. */
static void events_give_names_and_renames(void **state)
{
	struct containers *containers = containers_some();
	size_t size, line_number = 0;
	char *text = fixture_read("events.jsonl", &size);

	(void)state;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(docker_parse_event(containers, line, strlen(line)), 0);
		assert_string_equal(name_at(containers, STORE), ++line_number < 10 ? "db" : "store");
	}
	assert_int_equal(line_number, 16);
	assert_string_equal(name_at(containers, WEB), "nginx");
	assert_string_equal(container_at(containers, WEB)->namespace, "shop");
	assert_int_equal(container_at(containers, WEB)->started, 1795217788);
	free(text);
	containers_free(containers);
}

/* ---- replies of nobody sane */

enum parser { INSPECT, LIST_OF, EVENT };

#define EVENT_OF(type, action, id, attributes) "{\"Type\":" type ",\"Action\":" action \
	",\"Actor\":{\"ID\":\"" id "\",\"Attributes\":" attributes "}}"
#define LISTED_A "{\"Id\":\"" ID_A "\",\"Names\":[\"/a\"]}"

/* What parsers return, and what A is called then; NULL: as before. */
static const struct parse_case {
	enum parser parser;
	const char *text;
	int error;
	const char *name;
} parse_cases[] = {
	{ INSPECT, "", -EBADMSG, NULL },
	{ INSPECT, "null", -EBADMSG, NULL },
	{ INSPECT, "[]", -EBADMSG, NULL },
	{ INSPECT, "{}", -EBADMSG, NULL },
	{ INSPECT, "{\"message\":\"No such container\"}", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":1,\"Name\":\"/a\"}", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":\"../../etc\",\"Name\":\"/a\"}", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "a\",\"Name\":\"/a\"}", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\"", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\\xff\"}", -EBADMSG, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":7}", 0, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"\"}", 0, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/\"}", 0, NULL },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\",\"Config\":[]}", 0, "a" },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"a\",\"Config\":{\"Labels\":null}}", 0, "a" },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\",\"Config\":{\"Labels\":"
		   "{\"io.kubernetes.container.name\":{}}}}", 0, "a" },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\",\"n\":99999999999999999999}", 0, "a" },
	{ INSPECT, "{\"Id\":\"" ID_A "\",\"Name\":\"/a\",\"n\":\"\\u0000\"}", 0, "a" },
	{ LIST_OF, "", -EBADMSG, NULL },
	{ LIST_OF, "{}", -EBADMSG, NULL },
	{ LIST_OF, "[", -EBADMSG, NULL },
	{ LIST_OF, "[]", 0, NULL },
	{ LIST_OF, " [ ] ", 0, NULL },
	{ LIST_OF, " [ " LISTED_A " ] ", 0, "a" },
	{ LIST_OF, "[" LISTED_A, -EBADMSG, "a" },
	{ LIST_OF, "[" LISTED_A ",", -EBADMSG, "a" },
	{ LIST_OF, "[" LISTED_A ";" LISTED_A "]", -EBADMSG, "a" },
	{ LIST_OF, "[null,5,\"x\",[]," LISTED_A "]", -EBADMSG, "a" },
	{ LIST_OF, "[{\"Id\":\"" ID_A "\",\"Names\":null}]", 0, NULL },
	{ LIST_OF, "[{\"Id\":\"" ID_A "\",\"Names\":{\"a\":1}}]", 0, NULL },
	{ LIST_OF, "[{\"Id\":\"" ID_A "\",\"Names\":[3,null,\"/b/c\",\"/a\"]}]", 0, "a" },
	{ LIST_OF, "[{\"Id\":\"" ID_A "\",\"Names\":[\"/b/c\"]}]", 0, "b/c" },
	{ EVENT, "", -EBADMSG, NULL },
	{ EVENT, "{}", -EBADMSG, NULL },
	{ EVENT, "[]", -EBADMSG, NULL },
	{ EVENT, EVENT_OF("1", "\"create\"", ID_A, "{\"name\":\"a\"}"), -EBADMSG, NULL },
	{ EVENT, EVENT_OF("\"image\"", "\"create\"", ID_A, "{\"name\":\"a\"}"), 0, NULL },
	{ EVENT, EVENT_OF("\"container\"", "\"exec_die\"", ID_A, "{\"name\":\"a\"}"), 0, NULL },
	{ EVENT, EVENT_OF("\"container\"", "\"create\"", "x", "{\"name\":\"a\"}"), -EBADMSG, NULL },
	{ EVENT, EVENT_OF("\"container\"", "\"create\"", ID_A, "[]"), 0, NULL },
	{ EVENT, EVENT_OF("\"container\"", "\"create\"", ID_A, "{\"name\":\"a\"}"), 0, "a" },
	{ EVENT, EVENT_OF("\"container\"", "\"start\"", ID_A, "{\"name\":\"a\"}"), 0, "a" },
	{ EVENT, EVENT_OF("\"container\"", "\"rename\"", ID_A, "{\"name\":\"/a\"}"), 0, "a" },
	{ EVENT, EVENT_OF("\"container\"", "\"die\"", ID_A, "{\"name\":\"a\"}"), 0, "a" },
	{ EVENT, EVENT_OF("\"container\"", "\"destroy\"", ID_A, "{\"name\":\"a\"}"), 0, "a" },
};

static int parse(enum parser parser, struct containers *containers, const char *text, size_t size)
{
	switch (parser) {
	case INSPECT:
		return docker_parse_inspect(containers, text, size);
	case LIST_OF:
		return docker_parse_list(containers, text, size);
	case EVENT:
		break;
	}
	return docker_parse_event(containers, text, size);
}

static void parsers_take_what_they_can(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];
		struct containers *containers = containers_some();
		char *before = xstrdup(name_at(containers, ID_A));
		int error = parse(c->parser, containers, c->text, strlen(c->text));

		if (error != c->error || !equal(name_at(containers, ID_A), c->name ? c->name : before))
			fail_msg("case %zu: %s: %d, called %s", i, c->text, error,
				 name_at(containers, ID_A));
		free(before);
		containers_free(containers);
	}
}

/* In memory of its own size, so that a sanitizer sees any byte read beyond the end. */
static int parse_exactly(enum parser parser, const char *text, size_t size)
{
	struct containers *containers = containers_some();
	char *copy = xmalloc(size);
	int error;

	memcpy(copy, text, size);
	error = parse(parser, containers, copy, size);
	free(copy);
	containers_free(containers);
	return error;
}

static void parsers_refuse_every_truncation(void **state)
{
	static const struct { enum parser parser; const char *fixture; } cases[] = {
		{ INSPECT, "inspect-kubernetes.json" }, { LIST_OF, "list.json" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t size;
		char *text = fixture_read(cases[i].fixture, &size);

		while (strchr("\r\n ", text[size - 1]))
			size--;
		assert_int_equal(parse_exactly(cases[i].parser, text, size), 0);
		for (size_t n = 1; n < size; n++)
			assert_int_equal(parse_exactly(cases[i].parser, text, n), -EBADMSG);
		free(text);
	}
}

static void parsers_refuse_deep_nesting(void **state)
{
	size_t size = 1 << 20;
	char *deep = xmalloc(size);

	(void)state;
	memset(deep, '[', size);
	assert_int_equal(parse_exactly(INSPECT, deep, size), -EBADMSG);
	assert_int_equal(parse_exactly(LIST_OF, deep, size), -EBADMSG);
	assert_int_equal(parse_exactly(EVENT, deep, size), -EBADMSG);
	free(deep);
}

static void names_longer_than_any_real_one_are_not_known(void **state)
{
	struct containers *containers = containers_some();
	char *line, *name = xmalloc(100001);

	(void)state;
	memset(name, 'n', 100000);
	name[100000] = '\0';
	line = xasprintf(EVENT_OF("\"container\"", "\"start\"", ID_A, "{\"name\":\"%s\"}"), name);
	assert_int_equal(docker_parse_event(containers, line, strlen(line)), 0);
	assert_true(strlen(name_at(containers, ID_A)) < 100);
	free(line);
	free(name);
	containers_free(containers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inspect_gives_name_and_image),
		cmocka_unit_test(inspect_prefers_names_of_kubernetes),
		cmocka_unit_test(list_gives_names_but_not_those_of_links),
		cmocka_unit_test(replies_tell_start_restarts_network_and_compose),
		cmocka_unit_test(compose_labels_count_in_all_replies),
		cmocka_unit_test(events_give_names_and_renames),
		cmocka_unit_test(parsers_take_what_they_can),
		cmocka_unit_test(parsers_refuse_every_truncation),
		cmocka_unit_test(parsers_refuse_deep_nesting),
		cmocka_unit_test(names_longer_than_any_real_one_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
