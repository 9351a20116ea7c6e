# SPDX-License-Identifier: GPL-2.0-or-later

# CONTOP_BPF: the compiler for BPF objects, bpftool for their skeletons.
AC_DEFUN([CONTOP_BPF], [
	AC_REQUIRE([AC_CANONICAL_HOST])
	AC_ARG_VAR([BPF_CLANG], [clang that compiles the BPF programs])
	AC_ARG_VAR([BPFTOOL], [bpftool that generates their skeletons])
	AC_PATH_PROGS([BPF_CLANG], [clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14])
	AS_IF([test -z "$BPF_CLANG"], [AC_MSG_ERROR([clang not found: it compiles the BPF programs])])
	# Debian keeps bpftool in /usr/sbin, which is not in everybody's PATH.
	AC_PATH_PROG([BPFTOOL], [bpftool], [], [$PATH:/usr/sbin:/sbin])
	AS_IF([test -z "$BPFTOOL"], [AC_MSG_ERROR([bpftool not found: it generates BPF skeletons])])

	AS_CASE([$host_cpu],
		[x86_64], [BPF_ARCH=x86],
		[aarch64], [BPF_ARCH=arm64],
		[AC_MSG_ERROR([contop knows the registers of x86-64 and arm64 only, not of $host_cpu])])
	AC_SUBST([BPF_ARCH])

	# With -target bpf, clang leaves out the directory where Debian keeps asm/types.h.
	AC_MSG_CHECKING([for the headers that the BPF programs need])
	BPF_CPPFLAGS=
	for contop_dir in `$BPF_CLANG -v -E - </dev/null 2>&1 | sed -n '/<...> search starts here:/,/End of search list/ { s/^ //p; }'`; do
		BPF_CPPFLAGS="$BPF_CPPFLAGS -idirafter $contop_dir"
	done
	AC_MSG_RESULT([$BPF_CPPFLAGS])
	AC_SUBST([BPF_CPPFLAGS])
])

# CONTOP_ADD_FLAGS(VARIABLE, FLAGS): those of the flags that the compiler and linker take.
AC_DEFUN([CONTOP_ADD_FLAGS], [
	contop_saved_cflags=$CFLAGS
	for contop_flag in m4_normalize([$2]); do
		AC_MSG_CHECKING([whether $CC takes $contop_flag])
		# clang only warns of a warning that it does not know.
		CFLAGS="$contop_saved_cflags -Werror $contop_flag"
		# The header is where _FORTIFY_SOURCE is looked at.
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [])],
			[AC_MSG_RESULT([yes]); $1="$$1 $contop_flag"],
			[AC_MSG_RESULT([no])])
	done
	CFLAGS=$contop_saved_cflags
	AC_SUBST([$1])
])
