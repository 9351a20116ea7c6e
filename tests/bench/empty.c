/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaches some of the empty programs, named by how they begin, and holds them
 * until standard input ends: empty CGROUP2 exit_only; empty CGROUP2 packet_.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "empty.skel.h"

static int attach(struct empty_bpf *skeleton, const char *begin, int cgroup)
{
	struct bpf_program *program;
	struct bpf_link *link;

	bpf_object__for_each_program(program, skeleton->obj) {
		if (strncmp(bpf_program__name(program), begin, strlen(begin)))
			continue;
		link = bpf_program__type(program) == BPF_PROG_TYPE_CGROUP_SKB ?
		       bpf_program__attach_cgroup(program, cgroup) : bpf_program__attach(program);
		if (!link)
			return -errno;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct empty_bpf *skeleton;
	int cgroup, error;
	char byte;

	if (argc != 3)
		return 2;
	cgroup = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	skeleton = empty_bpf__open_and_load();
	error = skeleton ? attach(skeleton, argv[2], cgroup) : -errno;
	if (error) {
		fprintf(stderr, "empty: %s: %s\n", argv[2], strerror(-error));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	empty_bpf__destroy(skeleton);
	return 0;
}
