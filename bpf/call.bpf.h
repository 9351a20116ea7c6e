/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that are more than a number: what they do, and their arguments. */
#ifndef CALL_BPF_H
#define CALL_BPF_H

#include "kernel.bpf.h"

/*
 * What there is to do about a call beyond counting it; most need nothing.  What it
 * does with descriptors: CALL_SENDS from its second to its first, CALL_COPIES from
 * its first to its third.
 */
enum call_kind {
	CALL_PLAIN, CALL_READS, CALL_WRITES, CALL_SENDS, CALL_COPIES,
	CALL_FORKS,			/* the child returns from it, too */
	CALL_ACCEPTS,			/* a connection */
	CALL_SYNCS,			/* waits until what was written is on its disk */
};

/* read, pread64, readv, preadv, preadv2; the same that write; sendfile; splice, copy_file_range;
 * fork, vfork, clone, clone3; accept, accept4; fsync, fdatasync, sync_file_range, syncfs */
#ifdef __TARGET_ARCH_x86
static const __u8 native_kinds[512] = {
	[0] = CALL_READS, [17] = CALL_READS, [19] = CALL_READS, [295] = CALL_READS,
	[327] = CALL_READS,
	[1] = CALL_WRITES, [18] = CALL_WRITES, [20] = CALL_WRITES, [296] = CALL_WRITES,
	[328] = CALL_WRITES,
	[40] = CALL_SENDS, [275] = CALL_COPIES, [326] = CALL_COPIES,
	[56] = CALL_FORKS, [57] = CALL_FORKS, [58] = CALL_FORKS, [435] = CALL_FORKS,
	[43] = CALL_ACCEPTS, [288] = CALL_ACCEPTS,
	[74] = CALL_SYNCS, [75] = CALL_SYNCS, [277] = CALL_SYNCS, [306] = CALL_SYNCS,
};
static const __u8 compat_kinds[512] = {
	[3] = CALL_READS, [180] = CALL_READS, [145] = CALL_READS, [333] = CALL_READS,
	[378] = CALL_READS,
	[4] = CALL_WRITES, [181] = CALL_WRITES, [146] = CALL_WRITES, [334] = CALL_WRITES,
	[379] = CALL_WRITES,
	[187] = CALL_SENDS, [239] = CALL_SENDS, [313] = CALL_COPIES, [377] = CALL_COPIES,
	[2] = CALL_FORKS, [120] = CALL_FORKS, [190] = CALL_FORKS, [435] = CALL_FORKS,
	[364] = CALL_ACCEPTS,
	[118] = CALL_SYNCS, [148] = CALL_SYNCS, [314] = CALL_SYNCS, [344] = CALL_SYNCS,
};
#define ARGUMENT_0(regs, compat) ((compat) ? (regs)->bx : (regs)->di)
#define ARGUMENT_1(regs, compat) ((compat) ? (regs)->cx : (regs)->si)
#define ARGUMENT_2(regs, compat) ((regs)->dx)
#else
static const __u8 native_kinds[512] = {
	[63] = CALL_READS, [65] = CALL_READS, [67] = CALL_READS, [69] = CALL_READS,
	[286] = CALL_READS,
	[64] = CALL_WRITES, [66] = CALL_WRITES, [68] = CALL_WRITES, [70] = CALL_WRITES,
	[287] = CALL_WRITES,
	[71] = CALL_SENDS, [76] = CALL_COPIES, [285] = CALL_COPIES,
	[220] = CALL_FORKS, [435] = CALL_FORKS,
	[202] = CALL_ACCEPTS, [242] = CALL_ACCEPTS,
	[82] = CALL_SYNCS, [83] = CALL_SYNCS, [84] = CALL_SYNCS, [267] = CALL_SYNCS,
};
static const __u8 compat_kinds[512] = {
	[3] = CALL_READS, [180] = CALL_READS, [145] = CALL_READS, [361] = CALL_READS,
	[392] = CALL_READS,
	[4] = CALL_WRITES, [181] = CALL_WRITES, [146] = CALL_WRITES, [362] = CALL_WRITES,
	[393] = CALL_WRITES,
	[187] = CALL_SENDS, [239] = CALL_SENDS, [340] = CALL_COPIES, [391] = CALL_COPIES,
	[2] = CALL_FORKS, [120] = CALL_FORKS, [190] = CALL_FORKS, [435] = CALL_FORKS,
	[285] = CALL_ACCEPTS, [366] = CALL_ACCEPTS,
	[118] = CALL_SYNCS, [148] = CALL_SYNCS, [341] = CALL_SYNCS, [373] = CALL_SYNCS,
};
#define ARGUMENT_0(regs, compat) ((regs)->orig_x0)
#define ARGUMENT_1(regs, compat) ((regs)->regs[1])
#define ARGUMENT_2(regs, compat) ((regs)->regs[2])
#endif

static __always_inline enum call_kind call_kind(__u32 nr)
{
	if (nr < sizeof(native_kinds))
		return native_kinds[nr];
	nr &= ~SYSCALL_COMPAT;
	return nr < sizeof(compat_kinds) ? compat_kinds[nr] : CALL_PLAIN;
}

#endif
