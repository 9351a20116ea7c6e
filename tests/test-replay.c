/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings: what is read is what was written, and what is wrong is said with its line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "source.h"
#include "util.h"

#define HEAD "{'schema':1,'time':10,'interval':1"

static char *data_path(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/tests/data/%s", srcdir ? srcdir : ".", name);
}

/*
 * A recording with this text, in which ' stands for ", in a file that is gone
 * when it is closed.
 */
static int open_text(const char *text, struct source **ret_source, char **ret_error)
{
	char path[] = "/tmp/contop-test-replay-XXXXXX";
	int fd = mkstemp(path), result;
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	for (; *text; text++)
		putc(*text == '\'' ? '"' : *text, file);
	assert_int_equal(fclose(file), 0);
	result = source_replay_open(path, ret_source, ret_error);
	unlink(path);
	return result;
}

static struct source *open_good_text(const char *text)
{
	struct source *source;
	char *error = NULL;

	if (open_text(text, &source, &error))
		fail_msg("%s", error);
	return source;
}

static struct model *model_of(const struct source *source)
{
	bool counted[PANE_COUNT];

	for (size_t i = 0; i < PANE_COUNT; i++)
		counted[i] = source->status[i].available;
	return model_new(counted);
}

/* The next interval as JSON, all panes; NULL when read fails, which says how. */
static json_t *next_report(struct source *source, struct model *model, int *ret_err)
{
	struct sample sample = { 0 };
	struct view views[PANE_COUNT];
	json_t *report = NULL;

	*ret_err = source->read(source, &sample);
	if (!*ret_err) {
		model_update(model, &sample, source->containers, 0);
		for (size_t i = 0; i < PANE_COUNT; i++) {
			view_init(&views[i], &panes[i]);
			view_update(&views[i], model);
		}
		report = json_report(model, source, views, PANE_COUNT, false);
		for (size_t i = 0; i < PANE_COUNT; i++)
			view_done(&views[i]);
	}
	sample_done(&sample);
	return report;
}

/* busy.json with only this pane, in memory. */
static char *recording_of(const char *pane)
{
	char *path = data_path("busy.json"), *line = NULL, *text = NULL;
	FILE *file = fopen(path, "re"), *out;
	size_t capacity = 0, size;

	assert_non_null(file);
	out = open_memstream(&text, &size);
	while (getline(&line, &capacity, file) > 0) {
		json_t *report = json_loads(line, 0, NULL);

		for (size_t i = 0; i < PANE_COUNT; i++)
			if (strcmp(panes[i].name, pane))
				json_object_del(report, panes[i].name);
		json_dumpf(report, out, JSON_FORMAT);
		putc('\n', out);
		json_decref(report);
	}
	fclose(out);
	fclose(file);
	free(line);
	free(path);
	return text;
}

/* A recording of one pane alone has all that pane needs. */
static void test_round_trip_of_one_pane(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		char *text = recording_of(panes[i].name), *save = NULL;
		struct source *source = open_good_text(text);
		struct model *model = model_of(source);
		int err;

		for (char *line = strtok_r(text, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save)) {
			json_t *want = json_loads(line, 0, NULL);
			json_t *got = next_report(source, model, &err);

			if (!panes[i].log && !json_equal(json_object_get(want, panes[i].name),
							 json_object_get(got, panes[i].name)))
				fail_msg("%s at %s", panes[i].name, line);
			json_decref(want);
			json_decref(got);
		}
		model_free(model);
		source->free(source);
		free(text);
	}
}

/* Every row of every pane and every header of the recording comes out as it went in. */
static void test_round_trip(void **state)
{
	char *path = data_path("busy.json"), *line = NULL, *error = NULL;
	FILE *file = fopen(path, "re");
	struct source *source;
	struct model *model;
	size_t capacity = 0, n = 0;
	json_t *want, *got;
	int err;

	(void)state;
	assert_non_null(file);
	assert_int_equal(source_replay_open(path, &source, &error), 0);
	model = model_of(source);
	for (; getline(&line, &capacity, file) > 0; n++) {
		const char *key;
		json_t *value;

		want = json_loads(line, 0, NULL);
		got = next_report(source, model, &err);
		assert_non_null(got);
		json_object_foreach(want, key, value)
			if (!json_equal(value, json_object_get(got, key)))
				fail_msg("line %zu: %s differs", n + 1, key);
		assert_int_equal(json_object_size(got), json_object_size(want));
		json_decref(want);
		json_decref(got);
	}
	assert_int_equal(n, 3);
	assert_null(next_report(source, model, &err));
	assert_int_equal(err, -ENODATA);
	assert_null(source->error);
	model_free(model);
	source->free(source);
	fclose(file);
	free(line);
	free(path);
}

/* One flow with this member; what it comes out as. */
static void check_flow_text(const char *key, const char *text)
{
	char *line = xasprintf(HEAD ",'flows':[{'container':'web','%s':'%s','rx_bytes':1}]}\n",
			       key, text);
	struct source *source = open_good_text(line);
	struct model *model = model_of(source);
	json_t *report, *flow;
	const char *got;
	int err;

	report = next_report(source, model, &err);
	flow = json_array_get(json_object_get(report, "flows"), 0);
	got = json_string_value(json_object_get(flow, key));
	if (!got || strcmp(got, text))
		fail_msg("%s: %s became %s", key, text, got ? got : "null");
	json_decref(report);
	model_free(model);
	source->free(source);
	free(line);
}

static void test_flow_words(void **state)
{
	static const char *const cases[][2] = {
		{ "state", "established" }, { "state", "syn-sent" }, { "state", "syn-recv" },
		{ "state", "fin-wait-1" }, { "state", "fin-wait-2" }, { "state", "time-wait" },
		{ "state", "closed" }, { "state", "close-wait" }, { "state", "last-ack" },
		{ "state", "listening" }, { "state", "closing" },
		{ "protocol", "tcp" }, { "protocol", "udp" }, { "protocol", "icmp" },
		{ "protocol", "icmp6" }, { "protocol", "132" },
		{ "direction", "in" }, { "direction", "out" },
		{ "local_address", "192.0.2.255" }, { "remote_address", "2001:db8::1" },
		{ "comm", "fifteen letters" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_flow_text(cases[i][0], cases[i][1]);
}

/* What the listed rows do not have is in the remainder, and no more than that. */
static void test_remainder(void **state)
{
	struct source *source = open_good_text(HEAD
		",'containers':[{'name':'a','id':'1','rx_bytes':100,'reads':3,'syscalls':9}]"
		",'flows':[{'container':'a','id':'1','rx_bytes':60}]"
		",'disks':[{'container':'a','id':'1','reads':3}]"
		",'syscalls':[{'container':'a','id':'1','nr':0,'count':10}]}\n");
	const struct remainder_sample *rest;
	struct sample sample = { 0 };

	(void)state;
	assert_int_equal(source->read(source, &sample), 0);
	assert_int_equal(sample.n_remainders, 1);
	rest = &sample.remainders[0];
	assert_ptr_equal(rest->container, sample.flows[0].container);
	assert_int_equal(rest->rx_bytes, 40);
	assert_int_equal(rest->disk_operations[DISK_READ], 0);
	assert_int_equal(rest->syscalls, 0);
	assert_true(rest->tx_bytes == UNKNOWN);
	sample_done(&sample);
	source->free(source);
}

static void test_unknown_is_not_zero(void **state)
{
	struct source *source = open_good_text(HEAD
		",'flows':[{'container':'a','rx_bytes':null,'tx_bytes':-1,"
		"'rx_packets':'7','pid':1.5}]"
		",'accuracy':{'lost_events':3}}\n");
	struct sample sample = { 0 };

	(void)state;
	assert_int_equal(source->read(source, &sample), 0);
	assert_true(sample.flows[0].rx_bytes == UNKNOWN);
	assert_true(sample.flows[0].tx_bytes == UNKNOWN);
	assert_true(sample.flows[0].rx_packets == UNKNOWN);
	assert_true(sample.flows[0].tx_packets == UNKNOWN);
	assert_true(sample.flows[0].pid == UNKNOWN);
	assert_true(sample.accuracy.missed_runs == UNKNOWN);
	assert_int_equal(sample.accuracy.lost_events, 3);
	sample_done(&sample);
	source->free(source);
}

/* Rows without id belong to the container of their name, rows of the host to the host. */
static void test_containers_without_id(void **state)
{
	struct source *source = open_good_text(HEAD
		",'containers':[{'name':'a','id':null,'runtime':'lxc'},"
		"{'name':'host','id':null,'runtime':'host'}]"
		",'syscalls':[{'container':'a','id':null,'nr':1,'count':1},"
		"{'container':'host','id':null,'nr':1,'count':1},"
		"{'container':'b','id':'b','nr':1,'count':1}]}\n");
	struct container *const *all;
	struct sample sample = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(source->read(source, &sample), 0);
	all = containers_all(source->containers, &n);
	assert_int_equal(n, 3);
	assert_ptr_equal(sample.syscalls[0].container, all[1]);
	assert_string_equal(all[1]->name, "a");
	assert_string_equal(all[1]->runtime, "lxc");
	assert_ptr_equal(sample.syscalls[1].container, all[0]);
	assert_ptr_equal(sample.syscalls[2].container, all[2]);
	sample_done(&sample);
	source->free(source);
}

/* A container is exited when its row says so, and when the list has it no more. */
static void test_exits(void **state)
{
	struct source *source = open_good_text(
		HEAD ",'containers':[{'name':'a','id':'1'},{'name':'b','id':'2'}]}\n"
		"{'schema':1,'time':11,'interval':1,'flows':[]}\n"
		"{'schema':1,'time':12,'interval':1,"
		"'containers':[{'name':'b','id':'2','state':'exited'}]}\n");
	struct container *a, *b;
	struct sample sample = { 0 };

	(void)state;
	assert_int_equal(source->read(source, &sample), 0);
	a = containers_add(source->containers, "1", NULL);
	b = containers_add(source->containers, "2", NULL);
	assert_int_equal(source->read(source, &sample), 0);
	assert_false(a->exited || b->exited);
	assert_int_equal(source->read(source, &sample), 0);
	assert_true(a->exited && b->exited);
	assert_true(a->exited_ns == sample.monotonic_ns && b->exited_ns == sample.monotonic_ns);
	assert_string_equal(b->state, "exited");
	assert_false(containers_add(source->containers, NULL, "host")->exited);
	sample_done(&sample);
	source->free(source);
}

static void test_pane_status(void **state)
{
	static const struct {
		const char *members;
		bool available;
		const char *hook, *reason;
	} cases[] = {
		{ ",'flows':[],'panes':{'flows':{'available':true,'hook':'cgroup_skb'}}",
		  true, "cgroup_skb", "" },
		{ ",'flows':[],'panes':{'flows':{'available':false,'reason':'no BTF'}}",
		  false, "", "no BTF" },
		{ ",'panes':{'flows':{'available':true,'hook':'cgroup_skb'}}",
		  true, "cgroup_skb", "" },
		{ ",'panes':{'flows':{}}", false, "", "not in this recording" },
		{ ",'flows':[]", true, "", "" },
		{ "", false, "", "not in this recording" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *line = xasprintf(HEAD "%s}\n", cases[i].members);
		struct source *source = open_good_text(line);
		const struct pane_status *status = &source->status[PANE_FLOWS];

		assert_int_equal(status->available, cases[i].available);
		assert_string_equal(status->hook, cases[i].hook);
		assert_string_equal(status->reason, cases[i].reason);
		source->free(source);
		free(line);
	}
}

static void test_time(void **state)
{
	struct source *source = open_good_text(
		"{'schema':1,'time':1700000000.9996,'interval':0.501,'host':'a\\u001bb'}\n");
	struct sample sample = { 0 };

	(void)state;
	assert_string_equal(source->host, "a?b");
	assert_int_equal(source->read(source, &sample), 0);
	assert_int_equal(sample.time.tv_sec, 1700000001);
	assert_int_equal(sample.time.tv_nsec, 0);
	assert_int_equal(sample.interval_ns, 501000000);
	sample_done(&sample);
	source->free(source);
}

/* All before a line that is wrong is delivered; then its number is said, again and again. */
static void test_wrong_lines(void **state)
{
#define GOOD HEAD ",'syscalls':[]}\n"
#define NOT_JSON "no whole JSON object: cut off, or not a recording"
	static const struct { const char *text; int good; const char *error; } cases[] = {
		{ GOOD GOOD HEAD ",'syscalls':[", 2, "line 3: " NOT_JSON },
		{ GOOD "\n\nnoise\n" GOOD, 1, "line 4: " NOT_JSON },
		{ GOOD "{'schema':2}\n", 1, "line 2: not a recording of contop with schema 1" },
		{ GOOD "{'event':1,'schema':1}\n" GOOD "{'schema':'1'}", 2,
		  "line 4: not a recording of contop with schema 1" },
		{ GOOD "{'schema':1,'interval':1}\n", 1,
		  "line 2: a recording needs \"time\" in seconds" },
		{ GOOD "{'schema':1,'time':-1,'interval':1}\n", 1,
		  "line 2: a recording needs \"time\" in seconds" },
		{ GOOD "{'schema':1,'time':1e300,'interval':1}\n", 1,
		  "line 2: a recording needs \"time\" in seconds" },
		{ GOOD "{'schema':1,'time':1,'interval':0}\n", 1,
		  "line 2: a recording needs \"interval\" in seconds" },
		{ GOOD HEAD ",'accumulated':true}\n", 1,
		  "line 2: written with -a: it has totals where a recording needs intervals" },
		{ "#!/bin/sh\n", 0, "line 1: " NOT_JSON },
		{ "[]\n", 0, "line 1: not a recording of contop with schema 1" },
		{ "[[[[[[[[\n", 0, "line 1: " NOT_JSON },
		{ "\377\376\n", 0, "line 1: " NOT_JSON },
		{ HEAD ",'host':'\300\200'}\n", 0, "line 1: " NOT_JSON },
		{ "", 0, "empty: not a recording" },
		{ "\n\n", 0, "empty: not a recording" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample sample = { 0 };
		struct source *source = NULL;
		char *error = NULL;
		int err = open_text(cases[i].text, &source, &error), good = 0;

		while (!err && !(err = source->read(source, &sample)))
			good++;
		if (source)
			assert_int_equal(source->read(source, &sample), err);
		if (!strstr(source ? source->error : error, cases[i].error))
			fail_msg("case %zu: %s", i, source ? source->error : error);
		assert_int_equal(good, cases[i].good);
		sample_done(&sample);
		if (source)
			source->free(source);
		free(error);
	}
}

/* A recording that was stopped between the object and its line feed is whole. */
static void test_last_line_without_end(void **state)
{
	struct source *source = open_good_text(GOOD HEAD "}");
	struct sample sample = { 0 };

	(void)state;
	assert_int_equal(source->read(source, &sample), 0);
	assert_int_equal(source->read(source, &sample), 0);
	assert_int_equal(source->read(source, &sample), -ENODATA);
	assert_int_equal(source->read(source, &sample), -ENODATA);
	sample_done(&sample);
	source->free(source);
}

static void test_files_that_are_none(void **state)
{
	static const struct { const char *path; int err; const char *error; } cases[] = {
		{ "/nowhere/a\033b.json", -ENOENT, "/nowhere/a?b.json: No such file or directory" },
		{ "/", -EIO, "/, line 1: Is a directory" },
		{ "/dev/null", -ENODATA, "/dev/null: empty: not a recording" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct source *source;
		char *error = NULL;

		assert_int_equal(source_replay_open(cases[i].path, &source, &error), cases[i].err);
		assert_string_equal(error, cases[i].error);
		free(error);
	}
}

/* Events are lines ahead of their report, and come out as they went in, once. */
static void check_event(const char *line)
{
	char *text = xasprintf("{'schema':1,'time':9.5,'event':'not yet known'}\n%s\n" HEAD
			       ",'containers':[{'name':'web','id':'w1','runtime':'docker'}]}\n" HEAD
			       "}\n", line);
	struct source *source = open_good_text(text);
	struct model *model = model_of(source);
	json_t *report, *event;
	char *got;
	void *const *rows;
	size_t n;
	int err;

	report = next_report(source, model, &err);
	assert_non_null(report);
	assert_null(json_object_get(report, "events"));
	json_decref(report);
	rows = model_touched_rows(model, PANE_EVENTS, &n);
	assert_int_equal(n, 1);
	event = json_event(rows[0]);
	got = json_dumps(event, JSON_EVENT_FORMAT);
	for (char *c = got; *c; c++)
		*c = *c == '"' ? '\'' : *c;
	assert_string_equal(got, line);
	free(got);
	json_decref(event);
	report = next_report(source, model, &err);
	assert_non_null(report);
	json_decref(report);
	model_touched_rows(model, PANE_EVENTS, &n);
	assert_int_equal(n, 0);
	model_free(model);
	source->free(source);
	free(text);
}

/* A slow operation, up to how long it took. */
#define SLOW_IO "{'schema':1,'time':1700000009.5,'event':'slow_io'," \
	"'container':'web','id':'w1','pid':7,'ppid':null,'parent':null,'uid':0," \
	"'user':null,'gid':null,'group':null,'comm':'dd','protocol':null," \
	"'family':null,'direction':null,'local_address':null,'local_port':null," \
	"'remote_address':null,'remote_port':null,'interface':null,'state':null," \
	"'rx_bytes':null," \
	"'tx_bytes':null,'rx_packets':null,'tx_packets':null,'duration_ms':null,"

static void test_events(void **state)
{
	(void)state;
	check_event("{'schema':1,'time':1700000009.123456,'event':'connect_failed',"
		"'container':'web','id':'w1','pid':7,'ppid':1,'parent':'sh','uid':0,"
		"'user':'root','gid':0,'group':'root','comm':'curl','protocol':'tcp',"
		"'family':'ipv4','direction':'out','local_address':'10.0.0.1','local_port':4000,"
		"'remote_address':'10.0.0.2','remote_port':80,'interface':'eth0',"
		"'state':'syn-sent','rx_bytes':null,"
		"'tx_bytes':1,'rx_packets':null,'tx_packets':null,'duration_ms':12,"
		"'latency_us':null,'operation':null,'bytes':null,'device':null,"
		"'path':null,'exit_code':null,'signal':null,'error':'ECONNREFUSED',"
		"'detail':'ECONNREFUSED 10.0.0.2:80, after 12ms'}");
	check_event(SLOW_IO
		"'latency_us':250000,'operation':'write','bytes':131072,'device':'nvme0n1p2',"
		"'path':null,'exit_code':null,'signal':null,'error':'EIO',"
		"'detail':'write 128K nvme0n1p2 250ms EIO'}");
	check_event(SLOW_IO
		"'latency_us':250000,'operation':'sync','bytes':null,'device':null,"
		"'path':'/srv/data','exit_code':null,'signal':null,'error':null,"
		"'detail':'sync 250ms /srv/data'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_of_one_pane),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_flow_words),
		cmocka_unit_test(test_remainder),
		cmocka_unit_test(test_unknown_is_not_zero),
		cmocka_unit_test(test_containers_without_id),
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_pane_status),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_last_line_without_end),
		cmocka_unit_test(test_files_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
