# SPDX-License-Identifier: GPL-2.0-or-later
# CONTOP_SONAME(NAME, STEM, LIBS, FUNCTION): defines NAME as the file of the library called
# STEM that a program loads which is linked with LIBS and calls FUNCTION: "libcurl.so.4".
AC_DEFUN([CONTOP_SONAME], [
	AC_CHECK_TOOL([READELF], [readelf], [no])
	AS_IF([test "x$READELF" = xno], [AC_MSG_ERROR([readelf not found: install binutils])])
	AC_MSG_CHECKING([which file $2 is])
	contop_libs=$LIBS
	LIBS="$3"
	contop_soname=
	AC_LINK_IFELSE([AC_LANG_CALL([], [$4])], [
		contop_soname=`LC_ALL=C $READELF -d conftest$EXEEXT |
			sed -n 's/.*(NEEDED).*\@<:@\($2@<:@^@:>@@:>@*\)@:>@.*/\1/p'`
	])
	LIBS=$contop_libs
	AS_IF([test -z "$contop_soname"], [AC_MSG_ERROR([cannot link with $3])])
	AC_MSG_RESULT([$contop_soname])
	AC_DEFINE_UNQUOTED([$1], ["$contop_soname"], [the file of $2])
])
